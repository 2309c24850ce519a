/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* help: of each command, and where nothing else is there. */

#include "tool.h"

static void
test_help (World *world, gconstpointer data)
{
  const char *const commands[]
      = { "add",        "edit",    "rename",  "list",       "show",   "token",   "header",
          "credential", "exec",    "refresh", "reject",     "wait",   "revoke",  "forget",
          "remove",     "monitor", "brokers", "import",     "backup", "restore", "lock",
          "unlock",     "session", "doctor",  "completion", "help",   "version" };
  g_autoptr (TestRun) help = tool (world, 0, "help");
  g_autoptr (TestRun) option = tool (world, 0, "--help");

  g_assert_cmpstr (help->out, ==, option->out);
  g_assert_cmpstr (help->err, ==, "");
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      g_autoptr (TestRun) one = tool (world, 0, "help", commands[i]);
      g_autoptr (TestRun) other = tool (world, 0, commands[i], "--help");

      test_assert_contains (help->out, commands[i]);
      test_assert_contains (one->out, commands[i]);
      g_assert_cmpstr (one->out, ==, other->out);
      g_assert_cmpstr (one->err, ==, "");
      g_assert_cmpstr (other->err, ==, "");
    }
  tool_ends (world, 2, "help", "dance");
}

static void
test_unknown_commands (World *world, gconstpointer data)
{
  const char *const unknown[] = { "dance", "tokens", "Token", "-", "" };

  for (guint i = 0; i < G_N_ELEMENTS (unknown); i++)
    {
      g_autoptr (TestRun) ran = tool (world, ANY_STATUS, unknown[i], "--json");

      g_assert_cmpint (ran->status, ==, 2);
    }
}

/* These need neither a keyring nor a broker. */
static void
test_work_without_anything (World *world, gconstpointer data)
{
  world_hide_bus (world);
  test_simulator_stop (world->simulator);
  tool_ends (world, 0, "brokers");
  tool_ends (world, 0, "brokers", "show", "ls");
  tool_ends (world, 0, "help");
  tool_ends (world, 0, "version");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  WORLD_TEST ("help/of-each-command", NULL, test_help);
  WORLD_TEST ("help/unknown-commands", NULL, test_unknown_commands);
  WORLD_TEST ("help/needs-neither-keyring-nor-broker", NULL, test_work_without_anything);
  return g_test_run ();
}
