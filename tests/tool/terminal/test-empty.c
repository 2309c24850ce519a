/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A Secret Service without a keyring so far: a fresh machine. Runs with KR_TEST_EMPTY=1. */

#include "tool.h"

static void
test_add (World *world, gconstpointer data)
{
  g_autofree char *key = test_simulator_get_key_lines ("ls", 0);
  g_autoptr (TestRun) ran = tool_fed (world, 6, key, "--json", ADD (world, "ls", "a"));
  G_GNUC_UNUSED g_autoptr (JsonObject) error = failure (ran, "no-keyring");
  G_GNUC_UNUSED g_autoptr (TestRun) early
      = tool_fed (world, 6, "not even a field\n", ADD (world, "ls", "a"));

  g_assert_cmpint (ran->took, <, 10000);
  g_assert_cmpuint (test_simulator_count (world->simulator, "ls", "connections"), ==, 0);
}

/* Reading commands do not need one: whether the status is 0 or 6, it comes at once and without a
 * prompt. */
static void
test_look (World *world, gconstpointer data)
{
  g_autoptr (TestRun) list = tool (world, ANY_STATUS, "list", "--json");
  g_autoptr (TestRun) token = tool (world, ANY_STATUS, "token", "a", "--json");
  G_GNUC_UNUSED g_autoptr (JsonObject) first = document (list);
  G_GNUC_UNUSED g_autoptr (JsonObject) second = document (token);

  g_assert_true (list->status == 0 || list->status == 6);
  g_assert_true (token->status == 3 || token->status == 6);
  g_assert_cmpint (list->took, <, 10000);
}

/* There is nothing to lock, and nothing that a password could open. */
static void
test_lock (World *world, gconstpointer data)
{
  g_autoptr (TestRun) lock = tool (world, 6, "lock", "--json");
  g_autoptr (TestRun) unlock = tool (world, 6, "unlock", "--json");
  g_autoptr (TestRun) password = tool_fd (world, 6, 3, "any", "unlock", "--fd", "3", "--json");
  G_GNUC_UNUSED g_autoptr (JsonObject) first = failure (lock, "no-keyring");
  G_GNUC_UNUSED g_autoptr (JsonObject) second = failure (unlock, "no-keyring");
  G_GNUC_UNUSED g_autoptr (JsonObject) third = failure (password, "no-keyring");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  WORLD_TEST ("empty/add-is-6-before-it-asks", NULL, test_add);
  WORLD_TEST ("empty/looking-ends-at-once", NULL, test_look);
  WORLD_TEST ("empty/lock-and-unlock-are-6", NULL, test_lock);
  return g_test_run ();
}
