/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* forget: the way to get rid of a token on this machine. */

#include "tool.h"

#include <string.h>

/* Whether the broker still accepts the token. */
static gboolean
is_alive (World *world, const char *token)
{
  g_autofree char *bearer = g_strdup_printf ("authorization: Bearer %s", token);
  g_autofree char *uri
      = g_strconcat (test_simulator_get_uri (world->simulator, "ls"), "/stock/market-data", NULL);
  const char *const argv[] = { "curl",      "-sS",
                               "--noproxy", "*",
                               "-H",        bearer,
                               "-H",        "tr_cd: t1102",
                               "-H",        "content-type: application/json",
                               "-d",        "{}",
                               uri,         NULL };
  g_autoptr (TestRun) ran = test_run (world->env, argv, NULL, -1);

  g_assert_cmpint (ran->status, ==, 0);
  return strstr (ran->out, "IGW0012") == NULL;
}

static void
test_forget_is_here_only (World *world, gconstpointer data)
{
  g_autofree char *curl = g_find_program_in_path ("curl");
  g_autofree char *token = NULL;

  add_account (world, "ls", 0, "a", "paper");
  token = stored_token (world, "a");
  tool_ends (world, 0, "forget", "a");
  g_assert_null (stored_token (world, "a"));
  g_assert_cmpuint (test_simulator_count (world->simulator, "ls", "revoke"), ==, 0);
  g_assert_cmpuint (test_simulator_count (world->simulator, "ls", "connections"), ==, 1);
  if (curl == NULL)
    g_test_skip ("curl is not installed");
  else
    g_assert_true (is_alive (world, token));
}

/* Even if the broker is gone; and the key stays. */
static void
test_forget_all (World *world, gconstpointer data)
{
  add_account (world, "ls", 0, "r", "real");
  add_account (world, "kis", 0, "p", "paper");
  test_simulator_stop (world->simulator);
  tool_ends (world, 0, "forget", "--all");
  g_assert_null (stored_token (world, "r"));
  g_assert_null (stored_token (world, "p"));
  g_assert_cmpuint (count_accounts (world), ==, 2);
  /* Nothing left to forget is not an error. */
  tool_ends (world, 0, "forget", "--all");
  tool_ends (world, 0, "forget", "r");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  WORLD_TEST ("forget/broker-still-takes-the-token", NULL, test_forget_is_here_only);
  WORLD_TEST ("forget/all-without-the-broker", NULL, test_forget_all);
  return g_test_run ();
}
