/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* remove: the way to get rid of a whole account on this machine. */

#include "tool.h"

#include <string.h>

#include "test-keyring.h"

/* And remove, which begins with it, erases nothing. */
static void
test_remove_unclear (World *world, gconstpointer data)
{
  guint items;

  add_account (world, "ls", 0, "a", "paper");
  items = test_keyring_count (NULL, NULL);
  test_simulator_fault (world->simulator, "ls", "'fault':'server-error'");
  tool_ends (world, 8, "remove", "a");
  test_simulator_fault (world->simulator, "ls", "'fault':'html200'");
  tool_ends (world, 13, "remove", "a");
  g_assert_cmpuint (test_keyring_count (NULL, NULL), ==, items);
}

static void
test_remove (World *world, gconstpointer data)
{
  add_account (world, "ls", 0, "a", "paper");
  add_account (world, "ls", 1, "b", "paper");
  {
    g_autoptr (TestRun) ran = tool (world, 0, "remove", "a");

    /* The remaining accounts. */
    test_assert_contains (ran->err, "1 account");
  }
  g_assert_cmpuint (test_simulator_count (world->simulator, "ls", "revoke"), ==, 1);
  g_assert_cmpuint (count_accounts (world), ==, 1);
  tool_ends (world, 3, "show", "a");
  tool_ends (world, 0, "show", "b");
  add_account (world, "ls", 0, "a", "paper");
}

static void
test_remove_keep_token (World *world, gconstpointer data)
{
  add_account (world, "ls", 0, "a", "paper");
  tool_ends (world, 0, "remove", "a", "--keep-token");
  g_assert_cmpuint (test_simulator_count (world->simulator, "ls", "revoke"), ==, 0);
  g_assert_cmpuint (test_keyring_count (NULL, NULL), ==, 0);
}

static void
test_remove_when_down (World *world, gconstpointer data)
{
  g_autofree char *token = NULL;

  add_account (world, "ls", 0, "a", "paper");
  token = stored_token (world, "a");
  test_simulator_stop (world->simulator);
  {
    guint items = test_keyring_count (NULL, NULL);
    g_autoptr (TestRun) ran = tool (world, 8, "remove", "a", "--json");
    G_GNUC_UNUSED g_autoptr (JsonObject) error = failure_beside (ran, "unreachable", "results");
    g_autofree char *still = stored_token (world, "a");

    g_assert_cmpstr (still, ==, token);
    g_assert_cmpuint (test_keyring_count (NULL, NULL), ==, items);
  }
  {
    g_autoptr (TestRun) ran = tool (world, 0, "remove", "a", "--force");

    /* A token that can no longer be revoked is worth a warning. */
    test_assert_contains (ran->err, "token stays valid");
  }
  g_assert_cmpuint (test_keyring_count (NULL, NULL), ==, 0);
}

/* The line that says what to do next. */
static void
test_remove_names_force (World *world, gconstpointer data)
{
  add_account (world, "ls", 0, "a", "paper");
  test_simulator_stop (world->simulator);
  {
    g_autoptr (TestRun) ran = tool (world, 8, "remove", "a");

    test_assert_contains (ran->err, "--force");
  }
}

/* It stops at the first one that cannot be reached. */
static void
test_remove_several_when_down (World *world, gconstpointer data)
{
  add_account (world, "ls", 0, "a", "paper");
  add_account (world, "ls", 1, "b", "paper");
  test_simulator_stop (world->simulator);
  tool_ends (world, 8, "remove", "a", "b");
  g_assert_cmpuint (count_accounts (world), ==, 2);
}

static void
test_remove_without_token (World *world, gconstpointer data)
{
  add_account (world, "ls", 0, "a", "paper");
  tool_ends (world, 0, "revoke", "a");
  test_simulator_stop (world->simulator);
  /* There is nothing to revoke, so the broker need not be reachable. */
  tool_ends (world, 0, "remove", "a");
  g_assert_cmpuint (test_keyring_count (NULL, NULL), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  WORLD_TEST ("remove/unclear-answer-erases-nothing", NULL, test_remove_unclear);
  WORLD_TEST ("remove/revokes-erases-and-says-what-is-left", NULL, test_remove);
  WORLD_TEST ("remove/keep-token-does-not-revoke", NULL, test_remove_keep_token);
  WORLD_TEST ("remove/broker-down-erases-nothing-unless-forced", NULL, test_remove_when_down);
  WORLD_TEST ("remove/broker-down-names-the-way-out", NULL, test_remove_names_force);
  WORLD_TEST ("remove/broker-down-erases-none-of-several", NULL, test_remove_several_when_down);
  WORLD_TEST ("remove/without-a-token-needs-no-broker", NULL, test_remove_without_token);
  return g_test_run ();
}
