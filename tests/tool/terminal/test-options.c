/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Options: where they may stand, and what is refused. */

#include "tool.h"

static void
test_options_anywhere (World *world, gconstpointer data)
{
  add_account (world, "ls", 0, "a", "paper");
  {
    g_autoptr (TestRun) before = tool (world, 0, "--json", "--timeout", "20", "token", "a");
    g_autoptr (TestRun) between = tool (world, 0, "token", "--json", "--timeout=20", "a");
    g_autoptr (TestRun) after = tool (world, 0, "token", "a", "--timeout", "20", "--json");

    g_assert_cmpstr (before->out, ==, between->out);
    g_assert_cmpstr (before->out, ==, after->out);
  }
  tool_ends (world, 0, "-q", "-v", "-y", "--no-input", "--color", "auto", "list");
  tool_ends (world, 0, "-qy", "list");
  tool_ends (world, 0, "token", "--", "a");
  tool_ends (world, 2, "token", "--", "--json");
}

static void
test_wrong_options (World *world, gconstpointer data)
{
  const char *const arguments[][4] = {
    { NULL },
    { "--nonsense" },
    { "-Z" },
    { "list", "--nonsense" },
    { "list", "-Z" },
    { "list", "--timeout" },
    { "list", "--timeout", "x" },
    { "list", "--timeout", "-1" },
    { "list", "--timeout", "0x5" },
    { "list", "--timeout", "" },
    { "list", "--timeout", "99999999999999999999" },
    { "list", "--no-issue" },
    { "version", "stray" },
    { "show", "--reveal", "a" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (arguments); i++)
    {
      g_autoptr (TestRun) ran = tool (world, 2, arguments[i][0], arguments[i][1], arguments[i][2]);

      g_assert_cmpstr (ran->out, ==, "");
      test_assert_contains (ran->err, "kr-secret-tool");
    }
}

/* --yes=no is not a yes. */
static void
test_value_for_a_switch (World *world, gconstpointer data)
{
  add_account (world, "ls", 0, "r", "real");
  tool_ends (world, 2, "revoke", "r", "--yes=no");
  tool_ends (world, 2, "remove", "r", "-y", "--force=false");
  tool_ends (world, 2, "list", "--json=false");
  g_assert_cmpuint (test_simulator_count (world->simulator, "ls", "revoke"), ==, 0);
  g_assert_cmpuint (count_accounts (world), ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  WORLD_TEST ("options/before-and-after-the-command", NULL, test_options_anywhere);
  WORLD_TEST ("options/wrong-ones-are-refused", NULL, test_wrong_options);
  WORLD_TEST ("options/switches-take-no-value", NULL, test_value_for_a_switch);
  return g_test_run ();
}
