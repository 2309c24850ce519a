/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* show: it looks, and asks no one. */

#include "accounts.h"

#include <string.h>

static void
test_show_json (World *world, gconstpointer data)
{
  g_autofree char *appkey = test_simulator_get_key ("kis", 0, "appkey");
  g_autofree char *appsecret = test_simulator_get_key ("kis", 0, "appsecret");
  g_autofree char *hint = g_strndup (appkey, 4);
  g_autofree char *token = NULL;

  add_account (world, "kis", 0, "a", "paper");
  token = stored_token (world, "a");
  {
    g_autoptr (TestRun) ran = tool (world, 0, "show", "a", "--json");
    g_autoptr (TestRun) text = tool (world, 0, "show", "a");
    g_autoptr (JsonObject) whole = document (ran);

    check_members (whole, "format_version appkey_hint " ACCOUNT);
    accounts_check (whole, "a", test_simulator_get_uri (world->simulator, "kis"));
    accounts_check_token (whole);
    g_assert_cmpstr (json_object_get_string_member (whole, "appkey_hint"), ==, hint);
    test_assert_contains (text->out, hint);
    test_assert_lacks (text->out, appkey + 1);
    test_assert_lacks (text->out, appkey + strlen (appkey) - 6);
    test_assert_lacks (text->out, appsecret);
    test_assert_lacks (text->out, token);
    test_assert_lacks (ran->out, token);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  WORLD_TEST ("show/json-without-secrets", NULL, test_show_json);
  return g_test_run ();
}
