/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* backup: accounts go into a file that only the passphrase opens, and that replaces no other
 * file. */

#include "backups.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test-files.h"
#include "test-keyring.h"

static void
test_backup_document (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) folder = test_directory_new ();
  g_autofree char *path = backups_path (folder, "백업=a");

  add_unverified (world, "ls", 0, "a");
  add_unverified (world, "ls", 1, "b");
  {
    g_autoptr (TestRun) ran
        = tool_fd (world, 0, 7, BACKUPS_LINE, "backup", path, "--json", "--passphrase-fd", "7");
    g_autoptr (JsonObject) whole = document (ran);

    check_members (whole, "format_version file accounts");
    g_assert_cmpstr (json_object_get_string_member (whole, "file"), ==, path);
    g_assert_cmpint (json_object_get_int_member (whole, "accounts"), ==, 2);
  }
  test_run_free (
      tool_fd (world, 0, 7, BACKUPS_LINE, "restore", path, "--json", "--passphrase-fd", "7"));
}

/* From one machine to the next, without a file. */
static void
test_through_a_pipe (World *world, gconstpointer data)
{
  g_autofree char *before = NULL;
  g_autoptr (TestDirectory) folder = test_directory_new ();
  g_autofree char *path = backups_path (folder, "piped");

  add_unverified (world, "ls", 0, "a");
  before = backups_dump_keyring (world);
  world_setenv (world, "FILE", path);
  test_run_free (
      tool_shell (world, 0, "echo 'a passphrase' | \"$KR_TEST_TOOL\" backup - >\"$FILE\""));
  test_keyring_clear ();
  test_run_free (tool_shell (world, 0,
                             "echo 'a passphrase' >\"$FILE.pass\";"
                             "cat \"$FILE\" | \"$KR_TEST_TOOL\" restore - --passphrase-fd 3"
                             " 3<\"$FILE.pass\""));
  backups_check_keyring (world, before);
  /* In that case the passphrase cannot come from there. */
  tool_ends (world, 2, "restore", "-");
  tool_ends (world, 2, "backup", "-", "--json");
}

/* No backup is reported if there is none. */
static void
test_full_pipe (World *world, gconstpointer data)
{
  add_unverified (world, "ls", 0, "a");
  {
    g_autoptr (TestRun) ran
        = tool_shell (world, 1, "echo 'a passphrase' | \"$KR_TEST_TOOL\" backup - >/dev/full");

    test_assert_contains (ran->err, "standard output");
    test_assert_lacks (ran->err, "backed up");
  }
}

static void
test_backup_is_not_for_a_terminal (World *world, gconstpointer data)
{
  g_autoptr (Terminal) terminal = NULL;

  add_unverified (world, "ls", 0, "a");
  terminal = terminal_start (world, TERMINAL_ALL, "backup", "-", NULL);
  g_assert_cmpint (terminal_end (terminal), ==, 2);
  test_assert_lacks (terminal->seen->str, "kr-secret-backup");
}

static void
test_nothing_to_back_up (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) folder = test_directory_new ();
  g_autofree char *path = backups_path (folder, "f");
  g_autoptr (TestRun) ran = tool_fed (world, 3, BACKUPS_LINE, "backup", path, "--json");
  G_GNUC_UNUSED g_autoptr (JsonObject) error = failure (ran, "not-found");

  g_assert_cmpuint (backups_count_files (folder), ==, 0);
}

/* A missing account would be noticed only when the backup is needed. */
static void
test_damaged_account (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) folder = test_directory_new ();
  g_autofree char *path = backups_path (folder, "f");
  g_autofree char *id = NULL;
  g_autofree char *start = NULL;

  add_unverified (world, "ls", 0, "a");
  add_unverified (world, "ls", 1, "b");
  id = account_id (world, "b");
  start = g_strndup (id, 8);
  test_keyring_overwrite (id, BACKUPS_ACCOUNT, "torn", -1);
  {
    g_autoptr (TestRun) ran = backups_save (world, 12, path);

    test_assert_contains (ran->err, start);
  }
  g_assert_cmpuint (backups_count_files (folder), ==, 0);
}

static void
check_not_replaced (World *world, const char *path, const char *what)
{
  struct stat before, after;

  g_assert_cmpint (lstat (path, &before), ==, 0);
  {
    /* There is no input: a command that asks for a passphrase first would fail differently. */
    g_autoptr (TestRun) ran = tool (world, 2, "backup", path);

    test_assert_contains (ran->err, what);
  }
  g_assert_cmpint (lstat (path, &after), ==, 0);
  g_assert_cmpuint (before.st_ino, ==, after.st_ino);
  g_assert_cmpint (before.st_size, ==, after.st_size);
  g_assert_cmpint (before.st_mtim.tv_nsec, ==, after.st_mtim.tv_nsec);
}

static void
test_nothing_is_replaced (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) folder = test_directory_new ();
  g_autofree char *file = backups_path (folder, "file");
  g_autofree char *link = backups_path (folder, "link");
  g_autofree char *dangling = backups_path (folder, "dangling");
  g_autofree char *directory = backups_path (folder, "directory");
  g_autofree char *pipe = backups_path (folder, "pipe");
  g_autofree char *nowhere = backups_path (folder, "nowhere");

  add_unverified (world, "ls", 0, "a");
  test_file_write (file, "mine", -1, 0600);
  g_assert_cmpint (symlink (file, link), ==, 0);
  g_assert_cmpint (symlink (nowhere, dangling), ==, 0);
  g_assert_cmpint (g_mkdir (directory, 0700), ==, 0);
  g_assert_cmpint (mkfifo (pipe, 0600), ==, 0);
  check_not_replaced (world, file, "a file");
  check_not_replaced (world, link, "a symbolic link");
  check_not_replaced (world, dangling, "a symbolic link");
  check_not_replaced (world, directory, "a folder");
  check_not_replaced (world, pipe, "something");
  g_assert_false (g_file_test (nowhere, G_FILE_TEST_EXISTS));
  g_assert_cmpuint (backups_count_files (folder), ==, 5);
}

/* Nor is a file that appeared while the passphrase was typed. */
static void
test_what_came_meanwhile_is_not_replaced (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) folder = test_directory_new ();
  g_autofree char *path = backups_path (folder, "f");
  g_autofree char *found = NULL;
  g_autoptr (Terminal) terminal = NULL;

  add_unverified (world, "ls", 0, "a");
  terminal = terminal_start (world, TERMINAL_ALL, "backup", path, NULL);
  terminal_expect (terminal, "passphrase");
  test_file_write (path, "mine", -1, 0600);
  terminal_wait_for_no_echo (terminal);
  terminal_type (terminal, BACKUPS_LINE);
  terminal_expect (terminal, "again");
  terminal_wait_for_no_echo (terminal);
  terminal_type (terminal, BACKUPS_LINE);
  g_assert_cmpint (terminal_end (terminal), ==, 2);
  test_assert_contains (terminal->seen->str, "a file of this name");
  found = backups_read (path, NULL);
  g_assert_cmpstr (found, ==, "mine");
  g_assert_cmpuint (backups_count_files (folder), ==, 1);
}

static void
test_places_that_cannot_be (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) folder = test_directory_new ();
  g_autofree char *file = backups_path (folder, "file");
  g_autofree char *below = backups_path (file, "f");
  g_autofree char *nowhere = g_build_filename (folder, "nowhere", "f", NULL);
  g_autofree char *slash = backups_path (folder, "f/");
  g_autofree char *closed = backups_path (folder, "closed");
  g_autofree char *inside = backups_path (closed, "f");

  add_unverified (world, "ls", 0, "a");
  test_file_write (file, "mine", -1, 0600);
  tool_ends (world, 2, "backup", below);
  tool_ends (world, 2, "backup", nowhere);
  tool_ends (world, 2, "backup", slash);
  tool_ends (world, 2, "backup", "");
  test_run_free (backups_save (world, 2, "/proc/no-file-can-be-here"));
  /* Modes do not stop root. */
  g_assert_cmpint (g_mkdir (closed, 0500), ==, 0);
  if (geteuid () != 0)
    tool_ends (world, 2, "backup", inside);
  g_assert_cmpuint (backups_count_files (folder), ==, 2);
}

static void
test_mode_and_nothing_beside (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) folder = test_directory_new ();
  g_autofree char *path = backups_path (folder, "f");
  struct stat made;

  add_unverified (world, "ls", 0, "a");
  world_setenv (world, "FILE", path);
  test_run_free (
      tool_shell (world, 0, "umask 0; echo 'a passphrase' | \"$KR_TEST_TOOL\" backup \"$FILE\""));
  g_assert_cmpint (stat (path, &made), ==, 0);
  g_assert_cmpuint (made.st_mode, ==, S_IFREG | 0600);
  g_assert_cmpuint (made.st_nlink, ==, 1);
  g_assert_cmpuint (backups_count_files (folder), ==, 1);
}

/* A full disk, as far as a program can see. */
static void
test_half_a_file_is_none (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) folder = test_directory_new ();
  g_autofree char *path = backups_path (folder, "f");

  add_unverified (world, "ls", 0, "a");
  world_setenv (world, "FILE", path);
  test_run_free (tool_shell (world, 1,
                             "trap '' XFSZ; ulimit -f 0;"
                             "echo 'a passphrase' | \"$KR_TEST_TOOL\" backup \"$FILE\""));
  g_assert_cmpuint (backups_count_files (folder), ==, 0);
}

/* The secret as it is, in hex, and in base64 at any alignment. */
static void
check_lacks_secret (const char *data, gsize length, const char *secret)
{
  gsize secret_length = strlen (secret);
  g_autoptr (GString) hex = g_string_new (NULL);
  g_autoptr (GPtrArray) forms = g_ptr_array_new_with_free_func (g_free);

  for (gsize i = 0; i < secret_length; i++)
    g_string_append_printf (hex, "%02x", (guchar) secret[i]);
  g_ptr_array_add (forms, g_strdup (secret));
  g_ptr_array_add (forms, g_strdup (hex->str));
  g_ptr_array_add (forms, g_ascii_strup (hex->str, -1));
  for (gsize skip = 0; skip < 3; skip++)
    g_ptr_array_add (
        forms, g_base64_encode ((const guchar *) secret + skip, (secret_length - skip) / 3 * 3));
  for (guint i = 0; i < forms->len; i++)
    {
      g_assert_cmpuint (strlen (forms->pdata[i]), >=, 8);
      g_assert_null (memmem (data, length, forms->pdata[i], strlen (forms->pdata[i])));
    }
}

static void
test_secrets_are_nowhere (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) folder = test_directory_new ();
  g_autofree char *path = backups_path (folder, "f");
  g_autofree char *appkey = test_simulator_get_key ("ls", 0, "appkey");
  g_autofree char *appsecret = test_simulator_get_key ("ls", 0, "appsecret");
  const char *const secrets[] = { appkey, appsecret, BACKUPS_PASSPHRASE, "alias-in-the-file" };
  gsize length;

  add_unverified (world, "ls", 0, "alias-in-the-file");
  {
    g_autoptr (TestRun) made = tool_fed (world, 0, BACKUPS_LINE, "backup", path, "-v", "--json");
    g_autofree char *file = backups_read (path, &length);
    g_autoptr (TestRun) planned = tool_fed (world, 0, BACKUPS_LINE, "restore", "-n", "-v", path);
    g_autoptr (TestRun) wrong = tool_fed (world, 12, appsecret, "restore", path, "-v", "--json");
    g_autoptr (TestRun) restored = NULL;

    test_keyring_clear ();
    restored = tool_fed (world, 0, BACKUPS_LINE, "restore", path, "-v", "--json");
    for (guint i = 0; i < G_N_ELEMENTS (secrets); i++)
      {
        const TestRun *const runs[] = { made, planned, wrong, restored };

        check_lacks_secret (file, length, secrets[i]);
        for (guint j = 0; j < G_N_ELEMENTS (runs) && i < 3; j++)
          {
            check_lacks_secret (runs[j]->out, strlen (runs[j]->out), secrets[i]);
            check_lacks_secret (runs[j]->err, strlen (runs[j]->err), secrets[i]);
          }
      }
  }
}

static void
test_passphrase_is_typed_twice (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) folder = test_directory_new ();
  g_autofree char *path = backups_path (folder, "f");

  add_unverified (world, "ls", 0, "a");
  {
    g_autoptr (Terminal) terminal = terminal_start (world, TERMINAL_ALL, "backup", path, NULL);

    backups_type (terminal, "passphrase", BACKUPS_LINE);
    backups_type (terminal, "again", "something else\n");
    g_assert_cmpint (terminal_end (terminal), ==, 2);
    g_assert_cmpuint (backups_count_files (folder), ==, 0);
  }
  {
    g_autoptr (Terminal) terminal = terminal_start (world, TERMINAL_ALL, "backup", path, NULL);

    backups_type (terminal, "passphrase", "짧은 것\n");
    backups_type (terminal, "again", "짧은 것\n");
    terminal_expect (terminal, "short");
    g_assert_cmpint (terminal_end (terminal), ==, 0);
    test_assert_lacks (terminal->seen->str, "짧은 것");
  }
  test_run_free (tool_fed (world, 0, "짧은 것\n", "restore", path));
}

/* A sufficient length is not called short. */
static void
test_long_passphrase (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) folder = test_directory_new ();
  g_autofree char *short_one = backups_path (folder, "short");
  g_autofree char *long_one = backups_path (folder, "long");

  add_unverified (world, "ls", 0, "a");
  {
    g_autoptr (TestRun) seven = tool_fed (world, 0, "일곱글자입니다\n", "backup", short_one);
    g_autoptr (TestRun) eight = tool_fed (world, 0, "여덟 글자입니다\n", "backup", long_one);

    test_assert_contains (seven->err, "short");
    test_assert_lacks (eight->err, "short");
  }
}

/* The line ending does not count, whichever it is. */
static void
test_longest_passphrase (World *world, gconstpointer data)
{
  const char *const ends[] = { "", "\n", "\r\n" };
  g_autoptr (TestDirectory) folder = test_directory_new ();
  g_autofree char *longest = g_strnfill (1024, 'x');

  add_unverified (world, "ls", 0, "a");
  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    {
      g_autofree char *name = g_strdup_printf ("f%u", i);
      g_autofree char *path = backups_path (folder, name);
      g_autofree char *good = g_strconcat (longest, ends[i], NULL);
      g_autofree char *bad = g_strconcat (longest, "x", ends[i], NULL);
      g_autoptr (TestRun) refused = tool_fed (world, 2, bad, "backup", path);
      G_GNUC_UNUSED g_autoptr (TestRun) taken = tool_fed (world, 0, good, "backup", path);

      test_assert_contains (refused->err, "too long");
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  WORLD_TEST ("backup/document", NULL, test_backup_document);
  WORLD_TEST ("backup/through-a-pipe", NULL, test_through_a_pipe);
  WORLD_TEST ("backup/what-cannot-be-written-is-no-backup", NULL, test_full_pipe);
  WORLD_TEST ("backup/not-for-a-terminal", NULL, test_backup_is_not_for_a_terminal);
  WORLD_TEST ("backup/nothing-to-back-up", NULL, test_nothing_to_back_up);
  WORLD_TEST ("backup/damaged-account", NULL, test_damaged_account);
  WORLD_TEST ("backup/nothing-is-replaced", NULL, test_nothing_is_replaced);
  WORLD_TEST ("backup/what-came-meanwhile-is-not-replaced", NULL,
              test_what_came_meanwhile_is_not_replaced);
  WORLD_TEST ("backup/places-that-cannot-be", NULL, test_places_that_cannot_be);
  WORLD_TEST ("backup/mode-and-nothing-beside", NULL, test_mode_and_nothing_beside);
  WORLD_TEST ("backup/half-a-file-is-none", NULL, test_half_a_file_is_none);
  WORLD_TEST ("backup/secrets-are-nowhere", NULL, test_secrets_are_nowhere);
  WORLD_TEST ("backup/passphrase-is-typed-twice", NULL, test_passphrase_is_typed_twice);
  WORLD_TEST ("backup/long-passphrase", NULL, test_long_passphrase);
  WORLD_TEST ("backup/longest-passphrase", NULL, test_longest_passphrase);
  return g_test_run ();
}
