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

/* The offsets of the version and of the memory that opening takes. */
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

static void
test_round_trip (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) folder = test_directory_new ();
  g_autofree char *path = NULL;
  g_autofree char *before = NULL;

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
  backups_check_keyring (world, before);
  /* The broker was not asked so far, and the key is good. */
  g_assert_cmpuint (test_simulator_count (world->simulator, "ls", "connections"), ==, 0);
  tool_ends (world, 0, "token", "모의 계좌");
}

/* Keys that a later version has added to an account come back with it. */
static void
test_unknown_keys_are_kept (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) folder = test_directory_new ();
  g_autofree char *path = NULL;
  g_autofree char *before = NULL;
  g_autofree char *id = NULL;

  add_unverified (world, "ls", 0, "a");
  id = account_id (world, "a");
  test_item_change (id, BACKUPS_ACCOUNT, "colour", "red=\\n");
  test_item_change (id, BACKUPS_ACCOUNT, "secret.pin", "0000");
  before = backups_dump_keyring (world);
  test_assert_contains (before, "colour=red=\\n\nsecret.pin=0000\n");
  path = backups_make (world, folder);
  test_keyring_clear ();
  test_run_free (backups_restore (world, 0, path));
  backups_check_keyring (world, before);
  tool_ends (world, 0, "token", "a");
}

/* The new machine may not have the plugins yet. */
static void
test_without_plugins (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) folder = test_directory_new ();
  g_autofree char *plugins = backups_path (folder, "plugins");
  g_autofree char *path = NULL;
  g_autofree char *before = NULL;

  add_unverified (world, "ls", 0, "a");
  before = backups_dump_keyring (world);
  g_assert_cmpint (g_mkdir (plugins, 0700), ==, 0);
  world_setenv (world, "KR_SECRET_PLUGIN_DIR", plugins);
  path = backups_make (world, folder);
  test_keyring_clear ();
  test_run_free (backups_restore (world, 0, path));
  backups_check_keyring (world, before);
}

/* One descriptor cannot provide both; this is not an error in the passphrase. */
static void
test_both_from_standard_input (World *world, gconstpointer data)
{
  g_autoptr (TestRun) ran
      = tool_fed (world, 2, BACKUPS_LINE, "--json", "restore", "-", "--passphrase-fd", "0");
  G_GNUC_UNUSED g_autoptr (JsonObject) error = failure (ran, "usage");

  test_assert_contains (ran->err, "standard input");
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

    check_members (error, "code exit reason message");
    g_assert_cmpstr (json_object_get_string_member (error, "reason"), ==, "passphrase");
    test_assert_contains (json_object_get_string_member (error, "message"), "passphrase");
    test_assert_contains (ran->err, "try again with the passphrase");
  }
  test_run_free (tool_fed (world, 2, "", "restore", path));
  test_run_free (tool_fed (world, 2, "\n", "restore", path));
  g_assert_cmpuint (count_accounts (world), ==, 0);
}

/* Files from other systems may have other line endings. */
static void
test_passphrase_with_crlf (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) folder = test_directory_new ();
  g_autofree char *path = NULL;
  g_autofree char *other = backups_path (folder, "other");

  add_unverified (world, "ls", 0, "a");
  path = backups_make (world, folder);
  test_run_free (tool_fed (world, 0, BACKUPS_PASSPHRASE "\r\n", "restore", "-n", path));
  test_run_free (tool_fed (world, 0, BACKUPS_PASSPHRASE "\r\n", "backup", other));
  test_run_free (backups_restore (world, 0, other));
  /* One, and only before a newline; otherwise it belongs to the passphrase. */
  test_run_free (tool_fed (world, 12, BACKUPS_PASSPHRASE "\r\r\n", "restore", "-n", path));
  test_run_free (tool_fed (world, 12, BACKUPS_PASSPHRASE "\r", "restore", "-n", path));
  test_run_free (tool_fed (world, 2, "\r\n", "restore", "-n", path));
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

/* test-vault.c tries each byte and each length; here are some, through the whole tool. */
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
  {
    g_autoptr (TestRun) ran = tool (world, 12, "restore", other, "--json");
    g_autoptr (JsonObject) error = failure (ran, "damaged");

    g_assert_cmpstr (json_object_get_string_member (error, "reason"), ==, "damaged");
    test_assert_contains (ran->err, "another copy");
  }
  /* Altered deliberately, with a correct checksum. */
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
  file[AT_VERSION + 3] = 3;
  mend_checksum (file, length);
  check_data_refused (world, other, file, length, 2, "newer");
  file[AT_VERSION + 3] = 0;
  mend_checksum (file, length);
  check_data_refused (world, other, file, length, 2, "not a backup");
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
      {
        g_autoptr (TestRun) ran = tool (world, 2, commands[i], "one", "--passphrase-fd", "77");

        test_assert_contains (ran->err, "--passphrase-fd is not open");
        test_assert_contains (ran->err, "--passphrase-fd 3 3<FILE");
        test_assert_lacks (ran->err, "--fd");
      }
      tool_ends (world, 2, commands[i], "one", "--passphrase-fd", "1");
      tool_ends (world, 2, commands[i], "one", "--passphrase", "secret");
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  WORLD_TEST ("restore/round-trip", NULL, test_round_trip);
  WORLD_TEST ("restore/unknown-keys-are-kept", NULL, test_unknown_keys_are_kept);
  WORLD_TEST ("restore/without-plugins", NULL, test_without_plugins);
  WORLD_TEST ("restore/both-from-standard-input", NULL, test_both_from_standard_input);
  WORLD_TEST ("restore/wrong-passphrase", NULL, test_wrong_passphrase);
  WORLD_TEST ("restore/passphrase-with-crlf", NULL, test_passphrase_with_crlf);
  WORLD_TEST ("restore/damaged-files-are-refused-whole", NULL,
              test_damaged_files_are_refused_whole);
  WORLD_TEST ("restore/hostile-header", NULL, test_hostile_header);
  WORLD_TEST ("restore/what-is-no-backup", NULL, test_what_is_no_backup);
  WORLD_TEST ("restore/keyring-out-of-reach", NULL, test_keyring_out_of_reach);
  WORLD_TEST ("restore/wrong-use", NULL, test_wrong_use);
  return g_test_run ();
}
