/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* reject: conditions in which it cannot work, and in which nothing is forgotten. */

#include "reject.h"

#include <unistd.h>

#include "test-files.h"
#include "test-keyring.h"

static const Command reject = { { "reject" }, STRANGER "\n" };

static void
test_lock_held (World *world, gconstpointer data)
{
  g_autofree char *token = NULL;
  int lock;

  add_account (world, "ls", 0, "a", "paper");
  token = stored_token (world, "a");
  lock = hold_lock (world, "a");
  {
    g_autoptr (TestRun) ran = tool_fed (world, 9, token, "reject", "a", "--timeout", "1", "--json");
    G_GNUC_UNUSED g_autoptr (JsonObject) error = failure (ran, "deadline");

    g_assert_cmpint (ran->took, <, 5000);
  }
  close (lock);
  assert_stored (world, "a", token);
}

/* A pipe that is neither written to nor closed. */
static void
test_mute_pipe (World *world, gconstpointer data)
{
  add_account (world, "ls", 0, "a", "paper");
  {
    g_autoptr (TestRun) ran = tool_shell (
        world, 9,
        "mkfifo \"$TMPDIR/mute\" && exec 3<> \"$TMPDIR/mute\" && rm \"$TMPDIR/mute\" && "
        "timeout 8 \"$KR_TEST_TOOL\" reject a --json --timeout 1 <&3");
    G_GNUC_UNUSED g_autoptr (JsonObject) error = failure (ran, "deadline");
  }
}

static void
test_odd_streams (World *world, gconstpointer data)
{
  add_account (world, "ls", 0, "a", "paper");
  test_run_free (tool_shell (world, 2, "\"$KR_TEST_TOOL\" reject a <&-"));
  test_run_free (tool_shell (world, 2, "\"$KR_TEST_TOOL\" reject a </"));
  test_run_free (tool_shell (world, 2, "\"$KR_TEST_TOOL\" reject a </dev/null"));
  {
    g_autoptr (TestRun) full
        = tool_shell (world, 1, "echo stranger | \"$KR_TEST_TOOL\" reject a --json >/dev/full");
    g_autoptr (TestRun) closed
        = tool_shell (world, 1, "echo stranger | \"$KR_TEST_TOOL\" reject a --json >&-");

    test_assert_contains (full->err, "[failed]");
    test_assert_contains (closed->err, "[failed]");
  }
  test_run_free (tool_shell (world, 0, "echo stranger | \"$KR_TEST_TOOL\" reject a >/dev/full"));
}

static void
test_damaged (World *world, gconstpointer data)
{
  g_autofree char *id = NULL;

  add_account (world, "ls", 0, "a", "paper");
  id = account_id (world, "a");
  test_keyring_overwrite (id, "krsecret-token", "krsecret 1 token 5", -1);
  {
    g_autoptr (TestRun) ran = tool_fed (world, ANY_STATUS, STRANGER, "reject", "a", "--json");
    G_GNUC_UNUSED g_autoptr (JsonObject) whole = document (ran);

    /* Whatever it was, it was not this one. */
    g_assert_true (ran->status == 0 || ran->status == 12);
    g_assert_cmpuint (test_keyring_count (id, "krsecret-token"), ==, 1);
  }
}

static void
test_unsafe_state (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) state = NULL;

  add_account (world, "ls", 0, "a", "paper");
  state = world_expose_ledger (world);
  check_fails (world, 12, "damaged", &reject, "a");
}

static void
test_wrong_use (World *world, gconstpointer data)
{
  check_wrong_use (world, &reject);
  tool_ends (world, 2, "reject");
  tool_ends (world, 2, "reject", "a", "--fd");
  tool_ends (world, 2, "reject", "a", "--force");
  tool_ends (world, 2, "reject", "");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  WORLD_TEST ("reject/lock-held-by-another-is-9", NULL, test_lock_held);
  WORLD_TEST ("reject/mute-pipe-is-9", NULL, test_mute_pipe);
  WORLD_TEST ("reject/odd-streams", NULL, test_odd_streams);
  WORLD_TEST ("reject/damaged-token-is-not-erased", NULL, test_damaged);
  WORLD_TEST ("reject/unsafe-state-directory-is-12", NULL, test_unsafe_state);
  WORLD_TEST ("reject/wrong-use-is-2", NULL, test_wrong_use);
  add_command_tests ("reject", &reject);
  return g_test_run ();
}
