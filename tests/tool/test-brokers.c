/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* brokers, help, version; and the options, names and output that all commands share. */

#include "tool.h"

static void
test_brokers_json (World *world, gconstpointer data)
{
  g_autoptr (TestRun) ran = tool (world, 0, "brokers", "--json");
  g_autoptr (JsonObject) whole = document (ran);
  JsonArray *brokers = json_object_get_array_member (whole, "brokers");
  const char *const ids[] = { "kis", "kiwoom", "ls" };
  const char *const names[] = { "한국투자증권", "키움증권", "LS증권" };

  check_members (whole, "format_version brokers failed");
  g_assert_cmpuint (json_array_get_length (brokers), ==, 3);
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (whole, "failed")), ==, 0);
  for (guint i = 0; i < 3; i++)
    {
      JsonObject *broker = json_array_get_object_element (brokers, i);
      g_autofree char *file = g_strdup_printf ("/%s.so", ids[i]);

      check_members (broker, "id name name_ko environments fields traits path");
      g_assert_cmpstr (json_object_get_string_member (broker, "id"), ==, ids[i]);
      g_assert_cmpstr (json_object_get_string_member (broker, "name_ko"), ==, names[i]);
      g_assert_cmpuint (
          json_array_get_length (json_object_get_array_member (broker, "environments")), ==, 2);
      g_assert_true (g_str_has_suffix (json_object_get_string_member (broker, "path"), file));
      g_assert_true (JSON_NODE_HOLDS_ARRAY (json_object_get_member (broker, "fields")));
    }
}

static void
test_brokers_show (World *world, gconstpointer data)
{
  g_autoptr (TestRun) text = tool (world, 0, "brokers", "show", "kiwoom");
  g_autoptr (TestRun) json = tool (world, 0, "brokers", "show", "kiwoom", "--json");
  g_autoptr (JsonObject) whole = document (json);

  test_assert_contains (text->out, "kiwoom");
  g_assert_cmpstr (json_object_get_string_member (whole, "id"), ==, "kiwoom");
  tool_ends (world, 3, "brokers", "show", "nobody");
  tool_ends (world, 2, "brokers", "show");
  tool_ends (world, 2, "brokers", "shown");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  WORLD_TEST ("brokers/json", NULL, test_brokers_json);
  WORLD_TEST ("brokers/show", NULL, test_brokers_show);
  return g_test_run ();
}
