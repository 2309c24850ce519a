/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* restore when accounts are in the keyring already, or appear there meanwhile. */
#include "backups.h"

#include <string.h>

#include "test-files.h"
#include "test-keyring.h"
#include "test-record.h"

/* A backup of a and b, which are there. */
static char *
back_up_two (World *world, const char *folder)
{
  add_unverified (world, "ls", 0, "a");
  add_unverified (world, "ls", 1, "b");
  return backups_make (world, folder);
}

/* The same, but b is gone. */
static char *
back_up_and_lose_one (World *world, const char *folder)
{
  char *path = back_up_two (world, folder);

  tool_ends (world, 0, "remove", "b", "--keep-token");
  return path;
}

/* Restoring twice is the same as once, and an account that was removed in between comes back. */
static void
test_what_is_there_stays (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) folder = test_directory_new ();
  g_autofree char *path = back_up_two (world, folder);
  g_autofree char *before = backups_dump_keyring (world);

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (TestRun) ran = tool_fed (world, 0, BACKUPS_LINE, "restore", path, "--json");
      g_autoptr (JsonObject) whole = document (ran);

      check_members (whole, "format_version accounts");
      backups_check_result (whole, "a", "present", NULL);
      backups_check_result (whole, "b", i == 0 ? "present" : "restored", NULL);
      backups_check_keyring (world, before);
      if (i == 0)
        tool_ends (world, 0, "remove", "b", "--keep-token");
    }
}

static void
test_dry_run_changes_nothing (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) folder = test_directory_new ();
  g_autofree char *path = back_up_and_lose_one (world, folder);

  {
    g_autoptr (TestRun) json = tool_fed (world, 0, BACKUPS_LINE, "restore", "-n", "--json", path);
    g_autoptr (JsonObject) whole = document (json);
    g_autoptr (TestRun) text = tool_fed (world, 0, BACKUPS_LINE, "restore", "-n", path);

    backups_check_result (whole, "a", "present", NULL);
    backups_check_result (whole, "b", "planned", NULL);
    test_assert_contains (text->out, "already there");
    test_assert_contains (text->out, "new");
  }
  g_assert_cmpuint (count_accounts (world), ==, 1);
}

/* A conflict: the account b, which could be restored, is not restored either. */
static void
check_conflict (World *world, const char *path, const char *why)
{
  g_autofree char *id = account_id (world, "in-the-way");
  g_autofree char *before = backups_dump_keyring (world);

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (TestRun) ran
          = tool_fed (world, 2, BACKUPS_LINE, "restore", path, "--json", i == 0 ? "-n" : "-y");
      g_autoptr (JsonObject) whole = document (ran);

      check_members (whole, "format_version accounts error");
      backups_check_result (whole, "a", "conflict", id);
      backups_check_result (whole, "b", "planned", NULL);
      test_assert_contains (ran->err, why);
    }
  {
    g_autoptr (TestRun) quiet = tool_fed (world, 2, BACKUPS_LINE, "restore", path, "-q");

    g_assert_cmpstr (quiet->out, ==, "");
    test_assert_contains (quiet->err, why);
  }
  backups_check_keyring (world, before);
}

static void
test_key_under_another_alias (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) folder = test_directory_new ();
  g_autofree char *path = back_up_and_lose_one (world, folder);

  tool_ends (world, 0, "remove", "a", "--keep-token");
  add_unverified (world, "ls", 0, "in-the-way");
  check_conflict (world, path, "its key is there already, as 'in-the-way'");
}

/* It is the same account: its new name stays, and another account may have its old one. */
static void
test_renamed_account (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) folder = test_directory_new ();
  g_autofree char *path = back_up_and_lose_one (world, folder);
  g_autofree char *id = account_id (world, "a");
  g_autofree char *id_now = NULL;

  tool_ends (world, 0, "rename", "a", "now");
  add_unverified (world, "ls", 2, "a");
  {
    g_autoptr (TestRun) ran = backups_restore (world, 0, path);

    test_assert_contains (ran->err, "now called 'now'");
  }
  id_now = account_id (world, "now");
  g_assert_cmpstr (id_now, ==, id);
  g_assert_cmpuint (count_accounts (world), ==, 3);
}

static void
test_id_with_another_key (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) folder = test_directory_new ();
  g_autofree char *path = back_up_and_lose_one (world, folder);
  g_autofree char *id = account_id (world, "a");

  test_item_change (id, BACKUPS_ACCOUNT, "secret.field.appkey",
                    "another-key-altogether-0123456789");
  tool_ends (world, 0, "rename", "a", "in-the-way");
  check_conflict (world, path, "its id");
}

/* A name that stands for something else cannot be called in-the-way. */
static void
test_alias_of_another_key (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) folder = test_directory_new ();
  g_autofree char *path = back_up_and_lose_one (world, folder);
  g_autofree char *id = NULL;

  tool_ends (world, 0, "remove", "a", "--keep-token");
  add_unverified (world, "kis", 0, "a");
  id = account_id (world, "a");
  {
    g_autoptr (TestRun) ran = tool_fed (world, 2, BACKUPS_LINE, "restore", path, "--json");
    g_autoptr (JsonObject) whole = document (ran);

    backups_check_result (whole, "a", "conflict", id);
    backups_check_result (whole, "b", "planned", NULL);
  }
  g_assert_cmpuint (count_accounts (world), ==, 1);
}

/* We cannot decide which of the two is right. */
static void
test_key_with_another_secret (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) folder = test_directory_new ();
  g_autofree char *path = back_up_and_lose_one (world, folder);
  g_autofree char *id = account_id (world, "a");
  g_autofree char *before = NULL;

  test_item_change (id, BACKUPS_ACCOUNT, "secret.field.appsecret", "another-secret-0123456789");
  before = backups_dump_keyring (world);
  {
    g_autoptr (TestRun) ran = backups_restore (world, 2, path);

    test_assert_contains (ran->err, "another secret");
  }
  backups_check_keyring (world, before);
}

/* The purpose of a backup. The message says how to go on, and that works. */
static void
test_account_that_is_damaged (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) folder = test_directory_new ();
  g_autofree char *path = back_up_and_lose_one (world, folder);
  g_autofree char *id = account_id (world, "a");
  G_GNUC_UNUSED g_autofree char *start = g_strndup (id, 8);
  g_autofree char *remove = g_strconcat ("kr-secret-tool remove --force ", id, NULL);

  test_keyring_overwrite (id, BACKUPS_ACCOUNT, "torn", -1);
  {
    g_autoptr (TestRun) ran = tool_fed (world, 2, BACKUPS_LINE, "restore", path, "--json");
    g_autoptr (JsonObject) whole = document (ran);

    backups_check_result (whole, "a", "conflict", id);
    test_assert_contains (ran->err, "damaged");
    test_assert_contains (ran->err, remove);
    test_assert_lacks (ran->err, "another key");
  }
  g_assert_cmpuint (count_accounts (world), ==, 1);
  tool_ends (world, 0, "remove", "--force", "-y", id);
  test_run_free (backups_restore (world, 0, path));
  g_assert_cmpuint (count_accounts (world), ==, 2);
  tool_ends (world, 0, "show", "a");
}

/* It stays as it is, and the output says so. */
static void
test_another_endpoint (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) folder = test_directory_new ();
  g_autofree char *path = back_up_two (world, folder);
  g_autofree char *before = NULL;

  tool_ends (world, 0, "edit", "a", "--endpoint", "http://127.0.0.1:9");
  before = backups_dump_keyring (world);
  {
    g_autoptr (TestRun) ran = tool_fed (world, 0, BACKUPS_LINE, "restore", path, "--json");
    g_autoptr (JsonObject) whole = document (ran);
    const char *first;

    backups_check_result (whole, "a", "present", NULL);
    first = strstr (ran->err, "already there, with another endpoint");
    g_assert_nonnull (first);
    g_assert_null (
        strstr (first + strlen ("already there, with another endpoint"), "another endpoint"));
  }
  backups_check_keyring (world, before);
}

/* All accounts that are in the way are named at once. */
static void
test_all_conflicts_are_shown (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) folder = test_directory_new ();
  g_autofree char *path = back_up_and_lose_one (world, folder);

  tool_ends (world, 0, "remove", "a", "--keep-token");
  add_unverified (world, "ls", 0, "first");
  add_unverified (world, "ls", 1, "second");
  {
    g_autoptr (TestRun) ran = backups_restore (world, 2, path);

    test_assert_contains (ran->err, "as 'first'");
    test_assert_contains (ran->err, "as 'second'");
    test_assert_contains (ran->err, "2 accounts are in conflict");
  }
}

static void
restore_at_terminal (World *world, const char *path, const char *answer, int status, guint accounts)
{
  /* The plan is shown with -q too: the user needs it to answer the question. */
  g_autoptr (Terminal) terminal
      = terminal_start (world, TERMINAL_ALL, "restore", path, status == 0 ? NULL : "-q", NULL);

  backups_type (terminal, "passphrase", BACKUPS_LINE);
  terminal_expect (terminal, "ALIAS");
  terminal_expect (terminal, "[y/N]");
  terminal_type (terminal, answer);
  g_assert_cmpint (terminal_end (terminal), ==, status);
  test_assert_lacks (terminal->seen->str, BACKUPS_PASSPHRASE);
  g_assert_cmpuint (count_accounts (world), ==, accounts);
}

static void
test_a_person_is_asked (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) folder = test_directory_new ();
  g_autofree char *path = back_up_two (world, folder);

  test_keyring_clear ();
  restore_at_terminal (world, path, "n\n", 10, 0);
  restore_at_terminal (world, path, "\n", 10, 0);
  restore_at_terminal (world, path, "y\n", 0, 2);
}

/* Into an empty keyring; it waits for an answer. */
static Terminal *
restore_till_asked (World *world, const char *path)
{
  Terminal *terminal;

  test_keyring_clear ();
  terminal = terminal_start (world, TERMINAL_ALL, "restore", path, NULL);
  backups_type (terminal, "passphrase", BACKUPS_LINE);
  terminal_expect (terminal, "[y/N]");
  return terminal;
}

/* Another program stores the same meanwhile. */
static void
test_another_was_faster (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) folder = test_directory_new ();
  g_autofree char *path = back_up_two (world, folder);
  g_autofree char *before = backups_dump_keyring (world);
  g_autoptr (Terminal) terminal = NULL;

  terminal = restore_till_asked (world, path);
  test_run_free (backups_restore (world, 0, path));
  terminal_type (terminal, "y\n");
  terminal_expect (terminal, "2 accounts were there already");
  g_assert_cmpint (terminal_end (terminal), ==, 0);
  backups_check_keyring (world, before);
}

/* An account that appeared meanwhile is in the way: this is a conflict like any other, and names
 * it. */
static void
test_another_came_meanwhile (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) folder = test_directory_new ();
  g_autofree char *path = back_up_two (world, folder);
  g_autoptr (Terminal) terminal = NULL;

  terminal = restore_till_asked (world, path);
  add_unverified (world, "ls", 1, "meanwhile");
  terminal_type (terminal, "y\n");
  terminal_expect (terminal, "its key is there already, as 'meanwhile'");
  g_assert_cmpint (terminal_end (terminal), ==, 2);
  g_assert_cmpuint (count_accounts (world), ==, 1);
}

/* All of them succeed, and every account is there once. */
static void
test_four_at_once (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) folder = test_directory_new ();
  g_autofree char *path = NULL;
  g_autofree char *before = NULL;

  add_unverified (world, "ls", 0, "a");
  add_unverified (world, "ls", 1, "b");
  add_unverified (world, "ls", 2, "c");
  path = backups_make (world, folder);
  before = backups_dump_keyring (world);
  test_keyring_clear ();
  world_setenv (world, "FILE", path);
  test_run_free (tool_shell (world, 0,
                             "echo '" BACKUPS_PASSPHRASE "' >\"$FILE.pass\";"
                             "for i in 1 2 3 4; do"
                             " \"$KR_TEST_TOOL\" restore \"$FILE\" <\"$FILE.pass\" & p=\"$p $!\";"
                             "done;"
                             "s=0; for i in $p; do wait \"$i\" || s=$?; done; exit $s"));
  backups_check_keyring (world, before);
  g_assert_cmpuint (test_keyring_count (NULL, BACKUPS_ACCOUNT), ==, 3);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  WORLD_TEST ("restore-plan/what-is-there-stays", NULL, test_what_is_there_stays);
  WORLD_TEST ("restore-plan/dry-run-changes-nothing", NULL, test_dry_run_changes_nothing);
  WORLD_TEST ("restore-plan/key-under-another-alias", NULL, test_key_under_another_alias);
  WORLD_TEST ("restore-plan/renamed-account-is-there", NULL, test_renamed_account);
  WORLD_TEST ("restore-plan/id-with-another-key", NULL, test_id_with_another_key);
  WORLD_TEST ("restore-plan/alias-of-another-key", NULL, test_alias_of_another_key);
  WORLD_TEST ("restore-plan/key-with-another-secret", NULL, test_key_with_another_secret);
  WORLD_TEST ("restore-plan/account-that-is-damaged", NULL, test_account_that_is_damaged);
  WORLD_TEST ("restore-plan/another-endpoint", NULL, test_another_endpoint);
  WORLD_TEST ("restore-plan/all-conflicts-are-shown", NULL, test_all_conflicts_are_shown);
  WORLD_TEST ("restore-plan/a-person-is-asked", NULL, test_a_person_is_asked);
  WORLD_TEST ("restore-plan/another-was-faster", NULL, test_another_was_faster);
  WORLD_TEST ("restore-plan/another-came-meanwhile", NULL, test_another_came_meanwhile);
  WORLD_TEST ("restore-plan/four-at-once", NULL, test_four_at_once);
  return g_test_run ();
}
