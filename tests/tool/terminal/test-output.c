/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Output: with -q, and on a disk that is full. */

#include "tool.h"

static void
test_quiet (World *world, gconstpointer data)
{
  g_autofree char *key = test_simulator_get_key_lines ("kis", 0);
  g_autoptr (TestRun) add = tool_fed (world, 0, key, "-q", ADD (world, "kis", "a"));
  g_autoptr (TestRun) revoke = tool (world, 0, "revoke", "a", "-q");
  g_autoptr (TestRun) forget = tool (world, 0, "forget", "a", "--quiet");
  g_autoptr (TestRun) remove = tool (world, 0, "remove", "a", "-q");
  g_autoptr (TestRun) error = tool (world, 3, "show", "a", "-q");

  g_assert_cmpstr (add->err, ==, "");
  g_assert_cmpstr (revoke->err, ==, "");
  g_assert_cmpstr (forget->err, ==, "");
  g_assert_cmpstr (remove->err, ==, "");
  test_assert_contains (error->err, "[not-found]");
}

static void
test_full_disk (World *world, gconstpointer data)
{
  const char *const commands[]
      = { "list", "token a", "header a", "brokers", "help", "version", "list --json", "show a" };

  add_account (world, "ls", 0, "a", "paper");
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      g_autofree char *line
          = g_strdup_printf ("exec '%s' %s > /dev/full", g_getenv ("KR_TEST_TOOL"), commands[i]);
      const char *const argv[] = { "sh", "-c", line, NULL };
      g_autoptr (TestRun) ran = test_run (world->env, argv, NULL, -1);

      if (ran->status != 1)
        test_fail ("%s > /dev/full ended with %d", commands[i], ran->status);
      test_assert_contains (ran->err, "kr-secret-tool");
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  WORLD_TEST ("options/quiet", NULL, test_quiet);
  WORLD_TEST ("output/full-disk-is-an-error", NULL, test_full_disk);
  return g_test_run ();
}
