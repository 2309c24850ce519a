/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* restore: accounts come back from a backup as they were, all of them or none. */

#include "backups.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test-files.h"
#include "test-keyring.h"
#include "test-record.h"

/* Where the file has its version and the memory that opening it takes. */
#define AT_VERSION 16
#define AT_MEMORY 20
#define CHECKSUM 32

/* An account on the broker's own host, whose key was not tried. */
static void
add_real (World *world, const char *broker, guint n, const char *alias)
{
  g_autofree char *key = test_simulator_get_key_lines (broker, n);

  test_run_free (tool_fed (world, 0, key, "add", broker, alias, "--env", "real", "--no-verify"));
}

/* The one account of a document with this alias. */
static JsonObject *
find_account (JsonObject *whole, const char *alias)
{
  JsonArray *accounts = json_object_get_array_member (whole, "accounts");

  for (guint i = 0; i < json_array_get_length (accounts); i++)
    {
      JsonObject *account = json_array_get_object_element (accounts, i);

      if (g_str_equal (json_object_get_string_member (account, "alias"), alias))
        return account;
    }
  test_fail ("no account '%s' in the document", alias);
}

static void
check_result (JsonObject *whole, const char *alias, const char *result, const char *conflict_with)
{
  JsonObject *account = find_account (whole, alias);

  check_members (account, "id alias broker environment result conflict_with");
  g_assert_cmpstr (json_object_get_string_member (account, "result"), ==, result);
  if (conflict_with == NULL)
    g_assert_true (json_object_get_null_member (account, "conflict_with"));
  else
    g_assert_cmpstr (json_object_get_string_member (account, "conflict_with"), ==, conflict_with);
}

static void
test_round_trip (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) folder = test_directory_new ();
  g_autofree char *path = NULL;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;

  add_unverified (world, "ls", 0, "모의 계좌");
  add_unverified (world, "kiwoom", 0, "k");
  add_real (world, "kis", 0, "real-kis");
  before = backups_dump_keyring (world);
  path = backups_make (world, folder);
  test_keyring_clear ();
  g_assert_cmpuint (count_accounts (world), ==, 0);
  {
    g_autoptr (TestRun) ran = backups_restore (world, 0, path);

    g_assert_cmpstr (ran->out, ==, "");
    test_assert_contains (ran->err, "3 accounts");
  }
  after = backups_dump_keyring (world);
  g_assert_cmpstr (after, ==, before);
  /* Nothing was asked of a broker till now, and the key is good. */
  g_assert_cmpuint (test_simulator_count (world->simulator, "ls", "connections"), ==, 0);
  tool_ends (world, 0, "token", "모의 계좌");
}

/* The machine one moves to may not have the plugins yet. */
static void
test_without_plugins (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) folder = test_directory_new ();
  g_autofree char *plugins = backups_path (folder, "plugins");
  g_autofree char *path = NULL;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;

  add_unverified (world, "ls", 0, "a");
  before = backups_dump_keyring (world);
  g_assert_cmpint (g_mkdir (plugins, 0700), ==, 0);
  world_setenv (world, "KR_SECRET_PLUGIN_DIR", plugins);
  path = backups_make (world, folder);
  test_keyring_clear ();
  test_run_free (backups_restore (world, 0, path));
  after = backups_dump_keyring (world);
  g_assert_cmpstr (after, ==, before);
}

/* Twice is as good as once, and what is gone meanwhile comes back. */
static void
test_what_is_there_stays (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) folder = test_directory_new ();
  g_autofree char *path = NULL;
  g_autofree char *before = NULL;

  add_unverified (world, "ls", 0, "a");
  add_unverified (world, "ls", 1, "b");
  path = backups_make (world, folder);
  before = backups_dump_keyring (world);
  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *after = NULL;
      g_autoptr (TestRun) ran = tool_fed (world, 0, BACKUPS_LINE, "restore", path, "--json");
      g_autoptr (JsonObject) whole = document (ran);

      check_members (whole, "format_version accounts");
      check_result (whole, "a", "present", NULL);
      check_result (whole, "b", i == 0 ? "present" : "restored", NULL);
      after = backups_dump_keyring (world);
      g_assert_cmpstr (after, ==, before);
      if (i == 0)
        tool_ends (world, 0, "remove", "b", "--keep-token");
    }
}

static void
test_dry_run_changes_nothing (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) folder = test_directory_new ();
  g_autofree char *path = NULL;

  add_unverified (world, "ls", 0, "a");
  add_unverified (world, "ls", 1, "b");
  path = backups_make (world, folder);
  tool_ends (world, 0, "remove", "b", "--keep-token");
  {
    g_autoptr (TestRun) json = tool_fed (world, 0, BACKUPS_LINE, "restore", "-n", "--json", path);
    g_autoptr (JsonObject) whole = document (json);
    g_autoptr (TestRun) text = tool_fed (world, 0, BACKUPS_LINE, "restore", "-n", path);

    check_result (whole, "a", "present", NULL);
    check_result (whole, "b", "planned", NULL);
    test_assert_contains (text->out, "already there");
    test_assert_contains (text->out, "new");
  }
  g_assert_cmpuint (count_accounts (world), ==, 1);
}

static void
test_wrong_passphrase (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) folder = test_directory_new ();
  g_autofree char *path = NULL;

  add_unverified (world, "ls", 0, "a");
  path = backups_make (world, folder);
  test_keyring_clear ();
  {
    g_autoptr (TestRun) ran = tool_fed (world, 12, "guess\n", "restore", path, "--json");
    g_autoptr (JsonObject) error = failure (ran, "damaged");

    test_assert_contains (json_object_get_string_member (error, "message"), "passphrase");
  }
  test_run_free (tool_fed (world, 2, "", "restore", path));
  test_run_free (tool_fed (world, 2, "\n", "restore", path));
  g_assert_cmpuint (count_accounts (world), ==, 0);
}

static void
mend_checksum (char *data, gsize length)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  gsize size = CHECKSUM;

  g_checksum_update (checksum, (const guchar *) data, (gssize) (length - CHECKSUM));
  g_checksum_get_digest (checksum, (guint8 *) data + length - CHECKSUM, &size);
}

/* Refused, and before a passphrase is asked for. */
static void
check_refused (World *world, const char *path, int status, const char *why)
{
  g_autoptr (TestRun) ran = tool (world, status, "restore", path, "-y");

  test_assert_contains (ran->err, why);
  g_assert_cmpstr (ran->out, ==, "");
}

static void
check_data_refused (
    World *world, const char *path, const char *data, gsize length, int status, const char *why)
{
  test_file_write (path, data, (gssize) length, 0600);
  check_refused (world, path, status, why);
}

/* Each byte and each length is in test-vault.c; here some, through all of the tool. */
static void
test_damaged_files_are_refused_whole (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) folder = test_directory_new ();
  g_autofree char *path = NULL;
  g_autofree char *other = backups_path (folder, "other");
  g_autofree char *file = NULL;
  g_autofree char *longer = NULL;
  gsize length;

  add_unverified (world, "ls", 0, "a");
  path = backups_make (world, folder);
  test_keyring_clear ();
  file = backups_read (path, &length);
  for (gsize i = AT_MEMORY; i < length; i += 37)
    {
      file[i] ^= 1;
      check_data_refused (world, other, file, length, 12, "damaged");
      file[i] ^= 1;
    }
  for (gsize i = AT_MEMORY; i < length; i += 37)
    check_data_refused (world, other, file, i, 12, "damaged");
  check_data_refused (world, other, file, length - 1, 12, "damaged");
  longer = g_strnfill (length + 1, '\n');
  memcpy (longer, file, length);
  check_data_refused (world, other, longer, length + 1, 12, "damaged");
  /* Altered by somebody who knows how. */
  file[length - CHECKSUM - 20] ^= 1;
  mend_checksum (file, length);
  test_file_write (other, file, (gssize) length, 0600);
  test_run_free (backups_restore (world, 12, other));
  g_assert_cmpuint (count_accounts (world), ==, 0);
}

/* Refused at once: there is not that much memory or time. */
static void
test_hostile_header (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) folder = test_directory_new ();
  g_autofree char *path = NULL;
  g_autofree char *other = backups_path (folder, "other");
  g_autofree char *file = NULL;
  gsize length;

  add_unverified (world, "ls", 0, "a");
  path = backups_make (world, folder);
  file = backups_read (path, &length);
  memset (file + AT_MEMORY, 0xff, 8);
  mend_checksum (file, length);
  check_data_refused (world, other, file, length, 12, "memory or time");
}

static void
test_what_is_no_backup (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) folder = test_directory_new ();
  g_autofree char *path = NULL;
  g_autofree char *other = backups_path (folder, "other");
  g_autofree char *large = backups_path (folder, "large");
  g_autofree char *pipe = backups_path (folder, "pipe");
  g_autofree char *nowhere = backups_path (folder, "nowhere");
  g_autofree char *file = NULL;
  gsize length;

  add_unverified (world, "ls", 0, "a");
  path = backups_make (world, folder);
  file = backups_read (path, &length);
  file[AT_VERSION + 3] = 2;
  mend_checksum (file, length);
  check_data_refused (world, other, file, length, 2, "newer");
  check_data_refused (world, other, "appkey: x\n", 10, 2, "not a backup");
  check_data_refused (world, other, "", 0, 2, "not a backup");
  test_file_write (large, "kr-secret-backup", -1, 0600);
  g_assert_cmpint (truncate (large, 17 * 1024 * 1024), ==, 0);
  check_refused (world, large, 2, "too large");
  g_assert_cmpint (mkfifo (pipe, 0600), ==, 0);
  check_refused (world, pipe, 2, "regular");
  check_refused (world, folder, 2, "regular");
  check_refused (world, nowhere, 2, "No such file");
}

/* A conflict: the account b, which could be restored, is not either. */
static void
check_conflict (World *world, const char *path, const char *why)
{
  g_autofree char *id = account_id (world, "in-the-way");
  g_autofree char *before = backups_dump_keyring (world);
  g_autofree char *after = NULL;

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (TestRun) ran
          = tool_fed (world, 2, BACKUPS_LINE, "restore", path, "--json", i == 0 ? "-n" : "-y");
      g_autoptr (JsonObject) whole = document (ran);

      check_members (whole, "format_version accounts error");
      check_result (whole, "a", "conflict", id);
      check_result (whole, "b", "planned", NULL);
      test_assert_contains (ran->err, why);
    }
  {
    g_autoptr (TestRun) quiet = tool_fed (world, 2, BACKUPS_LINE, "restore", path, "-q");

    g_assert_cmpstr (quiet->out, ==, "");
    test_assert_contains (quiet->err, why);
  }
  after = backups_dump_keyring (world);
  g_assert_cmpstr (after, ==, before);
}

/* A backup of a and b; b is gone. */
static char *
back_up_two (World *world, const char *folder)
{
  char *path;

  add_unverified (world, "ls", 0, "a");
  add_unverified (world, "ls", 1, "b");
  path = backups_make (world, folder);
  tool_ends (world, 0, "remove", "b", "--keep-token");
  return path;
}

static void
test_key_under_another_alias (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) folder = test_directory_new ();
  g_autofree char *path = back_up_two (world, folder);

  tool_ends (world, 0, "remove", "a", "--keep-token");
  add_unverified (world, "ls", 0, "in-the-way");
  check_conflict (world, path, "its key is there already, as 'in-the-way'");
}

static void
test_id_with_another_key (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) folder = test_directory_new ();
  g_autofree char *path = back_up_two (world, folder);
  g_autofree char *id = account_id (world, "a");

  test_item_change (id, BACKUPS_ACCOUNT, "secret.field.appkey",
                    "another-key-altogether-0123456789");
  tool_ends (world, 0, "rename", "a", "in-the-way");
  check_conflict (world, path, "its id");
}

/* The same name for something else cannot be called in-the-way. */
static void
test_alias_of_another_key (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) folder = test_directory_new ();
  g_autofree char *path = back_up_two (world, folder);
  g_autofree char *id = NULL;

  tool_ends (world, 0, "remove", "a", "--keep-token");
  add_unverified (world, "kis", 0, "a");
  id = account_id (world, "a");
  {
    g_autoptr (TestRun) ran = tool_fed (world, 2, BACKUPS_LINE, "restore", path, "--json");
    g_autoptr (JsonObject) whole = document (ran);

    check_result (whole, "a", "conflict", id);
    check_result (whole, "b", "planned", NULL);
  }
  g_assert_cmpuint (count_accounts (world), ==, 1);
}

/* Which of the two is the good one is not for us to say. */
static void
test_key_with_another_secret (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) folder = test_directory_new ();
  g_autofree char *path = back_up_two (world, folder);
  g_autofree char *id = account_id (world, "a");
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;

  test_item_change (id, BACKUPS_ACCOUNT, "secret.field.appsecret", "another-secret-0123456789");
  before = backups_dump_keyring (world);
  {
    g_autoptr (TestRun) ran = backups_restore (world, 2, path);

    test_assert_contains (ran->err, "another secret");
  }
  after = backups_dump_keyring (world);
  g_assert_cmpstr (after, ==, before);
}

/* Every one that is in the way is named at once. */
static void
test_all_conflicts_are_shown (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) folder = test_directory_new ();
  g_autofree char *path = back_up_two (world, folder);

  tool_ends (world, 0, "rename", "a", "first");
  add_unverified (world, "ls", 1, "second");
  {
    g_autoptr (TestRun) ran = backups_restore (world, 2, path);

    test_assert_contains (ran->err, "as 'first'");
    test_assert_contains (ran->err, "as 'second'");
    test_assert_contains (ran->err, "2 accounts are in conflict");
  }
}

static void
test_keyring_out_of_reach (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) folder = test_directory_new ();
  g_autofree char *path = NULL;
  g_autofree char *other = backups_path (folder, "other");

  add_unverified (world, "ls", 0, "a");
  path = backups_make (world, folder);
  test_keyring_lock ();
  {
    g_autoptr (TestRun) saved
        = tool_fed (world, ANY_STATUS, BACKUPS_LINE, "backup", other, "--json");
    g_autoptr (TestRun) restored
        = tool_fed (world, ANY_STATUS, BACKUPS_LINE, "restore", path, "--json");

    test_keyring_unlock ();
    g_assert_cmpint (saved->status, ==, 5);
    g_assert_cmpint (restored->status, ==, 5);
  }
  world_hide_bus (world);
  test_run_free (backups_save (world, 6, other));
  test_run_free (backups_restore (world, 6, path));
  g_assert_false (g_file_test (other, G_FILE_TEST_EXISTS));
}

static void
test_wrong_use (World *world, gconstpointer data)
{
  const char *const commands[] = { "backup", "restore" };

  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      tool_ends (world, 2, commands[i]);
      tool_ends (world, 2, commands[i], "one", "two");
      tool_ends (world, 2, commands[i], "one", "--passphrase-fd", "x");
      tool_ends (world, 2, commands[i], "one", "--passphrase-fd", "77");
      tool_ends (world, 2, commands[i], "one", "--passphrase", "secret");
    }
}

static void
restore_at_terminal (World *world, const char *path, const char *answer, int status, guint accounts)
{
  /* The plan is there with -q too: who is asked has seen it. */
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
  g_autofree char *path = NULL;

  add_unverified (world, "ls", 0, "a");
  add_unverified (world, "ls", 1, "b");
  path = backups_make (world, folder);
  test_keyring_clear ();
  restore_at_terminal (world, path, "n\n", 10, 0);
  restore_at_terminal (world, path, "\n", 10, 0);
  restore_at_terminal (world, path, "y\n", 0, 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  WORLD_TEST ("restore/round-trip", NULL, test_round_trip);
  WORLD_TEST ("restore/without-plugins", NULL, test_without_plugins);
  WORLD_TEST ("restore/what-is-there-stays", NULL, test_what_is_there_stays);
  WORLD_TEST ("restore/dry-run-changes-nothing", NULL, test_dry_run_changes_nothing);
  WORLD_TEST ("restore/wrong-passphrase", NULL, test_wrong_passphrase);
  WORLD_TEST ("restore/damaged-files-are-refused-whole", NULL,
              test_damaged_files_are_refused_whole);
  WORLD_TEST ("restore/hostile-header", NULL, test_hostile_header);
  WORLD_TEST ("restore/what-is-no-backup", NULL, test_what_is_no_backup);
  WORLD_TEST ("restore/key-under-another-alias", NULL, test_key_under_another_alias);
  WORLD_TEST ("restore/id-with-another-key", NULL, test_id_with_another_key);
  WORLD_TEST ("restore/alias-of-another-key", NULL, test_alias_of_another_key);
  WORLD_TEST ("restore/key-with-another-secret", NULL, test_key_with_another_secret);
  WORLD_TEST ("restore/all-conflicts-are-shown", NULL, test_all_conflicts_are_shown);
  WORLD_TEST ("restore/keyring-out-of-reach", NULL, test_keyring_out_of_reach);
  WORLD_TEST ("restore/wrong-use", NULL, test_wrong_use);
  WORLD_TEST ("restore/a-person-is-asked", NULL, test_a_person_is_asked);
  return g_test_run ();
}
