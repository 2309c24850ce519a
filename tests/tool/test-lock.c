/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* lock, and what is unlocked again afterwards. Runs with a password. */

#include "tool.h"

#include "locking.h"
#include "test-keyring.h"
#include "test-process.h"

static void
test_locked_for_all (World *world, gconstpointer data)
{
  add_account (world, "ls", 0, "a", "paper");
  tool_ends (world, 0, "lock");
  tool_ends (world, 5, "token", "a");
  tool_ends (world, 5, "list");
  /* It is the requested state. */
  tool_ends (world, 0, "lock");
  locking_unlock_ends (world, 0, locking_get_password ());
  tool_ends (world, 0, "token", "a", "--no-issue");
}

/* A running program notices, and gets its tokens again afterwards. */
static void
test_seen_by_running_programs (World *world, gconstpointer data)
{
  add_account (world, "ls", 0, "a", "paper");
  {
    g_autoptr (Running) monitor = tool_start (world, "monitor", "--json");
    g_autofree char *attention = NULL;
    g_autofree char *changed = NULL;

    running_expect (monitor, "watching");
    tool_ends (world, 0, "lock");
    attention = running_next_line (monitor);
    test_assert_contains (attention, "\"attention\"");
    locking_unlock_ends (world, 0, locking_get_password ());
    tool_ends (world, 0, "rename", "a", "b");
    changed = running_next_line (monitor);
    test_assert_contains (changed, "\"account-changed\"");
    running_signal (monitor, SIGTERM);
    running_end (monitor);
  }
}

static void
check_document (TestRun *ran, const char *state)
{
  g_autoptr (JsonObject) whole = document (ran);

  check_members (whole, "format_version keyring");
  g_assert_cmpstr (json_object_get_string_member (whole, "keyring"), ==, state);
}

static void
test_documents (World *world, gconstpointer data)
{
  g_autoptr (TestRun) lock = tool (world, 0, "lock", "--json");
  g_autoptr (TestRun) again = tool (world, 0, "lock", "--json");
  g_autoptr (TestRun) unlock = locking_unlock (world, 0, locking_get_password (), "--json");
  g_autoptr (TestRun) open = tool (world, 0, "unlock", "--json");

  check_document (lock, "locked");
  check_document (again, "locked");
  check_document (unlock, "unlocked");
  check_document (open, "unlocked");
}

static void
test_words (World *world, gconstpointer data)
{
  g_autoptr (TestRun) lock = tool (world, 0, "lock");
  g_autoptr (TestRun) unlock = locking_unlock (world, 0, locking_get_password (), NULL);
  g_autoptr (TestRun) quiet_lock = tool (world, 0, "lock", "-q");
  g_autoptr (TestRun) quiet_unlock = locking_unlock (world, 0, locking_get_password (), "-q");

  g_assert_cmpstr (lock->out, ==, "");
  test_assert_contains (lock->err, "locked");
  g_assert_cmpstr (unlock->out, ==, "");
  test_assert_contains (unlock->err, "unlocked");
  g_assert_cmpstr (quiet_lock->err, ==, "");
  g_assert_cmpstr (quiet_unlock->err, ==, "");
}

static void
test_no_keyring (World *world, gconstpointer data)
{
  world_hide_bus (world);
  {
    g_autoptr (TestRun) lock = tool (world, 6, "lock", "--json");
    g_autoptr (TestRun) unlock = locking_unlock (world, 6, locking_get_password (), "--json");
    G_GNUC_UNUSED g_autoptr (JsonObject) first = failure (lock, "no-keyring");
    G_GNUC_UNUSED g_autoptr (JsonObject) second = failure (unlock, "no-keyring");
  }
}

static void
test_keyring_stopped (World *world, gconstpointer data)
{
  test_pause (test_keyring_get_pid ());
  {
    g_autoptr (TestRun) lock = tool (world, ANY_STATUS, "lock", "--timeout", "1");
    g_autoptr (TestRun) unlock
        = locking_unlock (world, ANY_STATUS, locking_get_password (), "--timeout=1");

    test_resume (test_keyring_get_pid ());
    g_assert_cmpint (lock->status, ==, 9);
    g_assert_cmpint (unlock->status, ==, 9);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  WORLD_TEST ("lock/locked-for-all", NULL, test_locked_for_all);
  WORLD_TEST ("lock/seen-by-running-programs", NULL, test_seen_by_running_programs);
  WORLD_TEST ("lock/documents", NULL, test_documents);
  WORLD_TEST ("lock/words", NULL, test_words);
  WORLD_TEST ("lock/no-keyring", NULL, test_no_keyring);
  WORLD_TEST ("lock/keyring-stopped", NULL, test_keyring_stopped);
  return g_test_run ();
}
