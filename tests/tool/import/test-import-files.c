/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* import: which files it reads, and which it destroys. */

#include "import.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "terminal.h"
#include "test-keyring.h"

static void
test_shred (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) home = import_home_new (world);
  g_autofree char *path = import_write_yaml (home);
  g_autofree char *secret = kis_secret (1);
  int fd = open (path, O_RDONLY | O_CLOEXEC);
  struct stat st;

  {
    g_autoptr (TestRun) ran = import (world, 0, "--json", "-y", "--shred", path);
    g_autoptr (JsonObject) whole = document (ran);

    g_assert_true (json_object_get_boolean_member (whole, "shredded"));
    /* It says what it cannot promise. */
    test_assert_contains (ran->err, "backups");
    test_assert_contains (ran->err, "2 other settings");
  }
  import_check_stored (world, "kis", KIS_KEY, secret);
  g_assert_false (import_is_there (path));
  /* A program that had it open has nothing left either. */
  g_assert_cmpint (fstat (fd, &st), ==, 0);
  g_assert_cmpint (st.st_size, ==, 0);
  g_assert_cmpint (st.st_nlink, ==, 0);
  close (fd);
}

static void
test_shred_what_is_there (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) home = import_home_new (world);
  g_autofree char *path = import_write_env (home);

  import_ends (world, 0, path);
  import_ends (world, 0, "--shred", "-y", path);
  g_assert_false (import_is_there (path));
  import_check_stored (world, "kiwoom", KIWOOM_KEY, KIWOOM_SECRET);
}

static void
test_shred_read_only (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) home = import_home_new (world);
  g_autofree char *path = import_write_env (home);

  g_assert_cmpint (g_chmod (path, 0400), ==, 0);
  import_ends (world, 0, "--shred", "-y", path);
  g_assert_false (import_is_there (path));
}

static void
test_shred_wants_a_yes (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) home = import_home_new (world);
  g_autofree char *path = import_write_env (home);
  g_autoptr (TestRun) ran = import (world, 10, "--json", "--shred", path);
  G_GNUC_UNUSED g_autoptr (JsonObject) error = failure (ran, "declined");

  g_assert_true (import_is_there (path));
  g_assert_cmpuint (test_keyring_count (NULL, NULL), ==, 0);
}

/* Detected before anything is stored. */
static void
test_shred_loses_nothing (World *world, gconstpointer data)
{
  const char *const rests[] = {
    "LS_APPKEY=" KIS_KEY "\n",                                         /* a half */
    "APP_KEY=" KIS_KEY "\n",                                           /* whose? */
    "LS_APPKEY=\"a b c d e f\"\nLS_APPSECRETKEY=0123456789abcdef\n",   /* cannot be stored */
    "KIWOOM_APPKEY_2=" KIWOOM_KEY "\nKIWOOM_SECRETKEY_2=0123456789\n", /* the same, but not */
  };
  g_autoptr (TestDirectory) home = import_home_new (world);

  for (guint i = 0; i < G_N_ELEMENTS (rests); i++)
    {
      g_autofree char *text = g_strconcat (
          "KIWOOM_APPKEY=" KIWOOM_KEY "\nKIWOOM_SECRETKEY=" KIWOOM_SECRET "\n", rests[i], NULL);
      g_autofree char *path = import_write (home, ".env", text);
      g_autoptr (TestRun) ran = import (world, 1, "-y", "--shred", path);

      test_assert_contains (ran->err, "would not be in the keyring");
      g_assert_true (import_is_there (path));
    }
  g_assert_cmpuint (test_keyring_count (NULL, NULL), ==, 0);
}

static void
test_shred_hard_link (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) home = import_home_new (world);
  g_autofree char *path = import_write_env (home);
  g_autofree char *other = g_build_filename (home, "other", NULL);

  g_assert_cmpint (link (path, other), ==, 0);
  import_ends (world, 12, "-y", "--shred", path);
  g_assert_cmpuint (test_keyring_count (NULL, NULL), ==, 0);
  /* Reading it is fine. */
  import_ends (world, 0, path);
  g_assert_true (import_is_there (path));
}

/* While the question was still open. */
static void
test_shred_changed (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) home = import_home_new (world);
  g_autofree char *path = import_write_env (home);
  g_autoptr (Terminal) terminal
      = terminal_start (world, TERMINAL_ALL, "import", "--shred", path, NULL);
  g_autofree char *text = NULL;

  terminal_expect (terminal, "then destroy");
  g_free (import_write (home, ".env", "KIWOOM_APPKEY=another\n"));
  terminal_type (terminal, "y\n");
  g_assert_cmpint (terminal_end (terminal), ==, 1);
  test_assert_contains (terminal->seen->str, "has changed since");
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "KIWOOM_APPKEY=another\n");
  import_check_stored (world, "kiwoom", KIWOOM_KEY, KIWOOM_SECRET);
}

static void
test_links (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) home = import_home_new (world);
  g_autofree char *path = import_write_env (home);
  g_autofree char *other = g_build_filename (home, "link", NULL);

  g_assert_cmpint (symlink (path, other), ==, 0);
  import_ends (world, 12, other);
  import_ends (world, 12, "-y", "--shred", other);
  g_assert_true (import_is_there (path));
  g_assert_cmpuint (test_keyring_count (NULL, NULL), ==, 0);
}

static void
test_no_files (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) home = import_home_new (world);
  g_autofree char *fifo = g_build_filename (home, "fifo", NULL);
  g_autofree char *missing = g_build_filename (home, "missing", NULL);
  g_autofree char *below = g_build_filename (home, "missing", "file", NULL);
  g_autoptr (TestRun) ran = import (world, 2, "--json", missing);
  G_GNUC_UNUSED g_autoptr (JsonObject) error = failure (ran, "usage");

  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  import_ends (world, 2, below);
  import_ends (world, 2, "");
  import_ends (world, 2, home);
  import_ends (world, 2, fifo);
  import_ends (world, 2, "/dev/zero");
}

/* Both report the same mistake in the same way. */
static void
check_same_words (World *world, const char *path, int status, const char *why)
{
  const char *const commands[] = { "import", "restore" };

  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      g_autoptr (TestRun) ran = tool (world, status, commands[i], path);
      g_auto (GStrv) lines = g_strsplit (ran->err, "\n", -1);

      g_assert_cmpuint (g_strv_length (lines), ==, 4);
      g_assert_true (g_str_has_prefix (lines[1], why));
      g_assert_true (g_str_has_suffix (lines[2], "give the name of a file that you can read"));
    }
}

static void
test_same_words_as_restore (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) home = import_home_new (world);
  g_autofree char *path = import_write_env (home);
  g_autofree char *missing = g_build_filename (home, "missing", NULL);
  g_autofree char *below = g_build_filename (path, "file", NULL);
  g_autofree char *name = g_strnfill (300, 'x');
  g_autofree char *long_one = g_build_filename (home, name, NULL);

  check_same_words (world, missing, 2, "  it cannot be opened: No such file");
  check_same_words (world, below, 2, "  it cannot be opened: Not a directory");
  check_same_words (world, long_one, 2, "  it cannot be opened: File name too long");
  /* A program can never read the first byte of its own memory; without root it cannot even get
   * there. */
  check_same_words (world, "/proc/self/mem", 1, "  it cannot be ");
}

static void
test_other_user (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) home = import_home_new (world);
  g_autofree char *path = import_write_env (home);

  if (geteuid () != 0)
    {
      g_assert_cmpint (g_chmod (path, 0), ==, 0);
      import_ends (world, 1, path);
      import_ends (world, 12, "/etc/passwd");
      return;
    }
  g_assert_cmpint (chown (path, 65534, 65534), ==, 0);
  import_ends (world, 12, path);
  g_assert_cmpuint (test_keyring_count (NULL, NULL), ==, 0);
}

static void
test_writable_by_others (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) home = import_home_new (world);
  g_autofree char *path = import_write_env (home);

  g_assert_cmpint (g_chmod (path, 0622), ==, 0);
  {
    g_autoptr (TestRun) ran = import (world, 0, path);
    test_assert_contains (ran->err, "others may write");
  }
}

static void
test_contents (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) home = import_home_new (world);
  g_autofree char *large = g_strnfill (1024 * 1024 + 1, '\n');
  const struct
  {
    const char *name;
    const char *text;
    gssize length;
    const char *reason;
  } rows[] = {
    { "large.env", large, -1, "1 MiB" },
    { "empty.env", "", 0, "empty" },
    { "nul.env", "KIS_APPKEY=" KIS_KEY "\0x\n", 50, "NUL" },
    { "cp949.env", "# \xB8\xF0\xC0\xC7\nKIS_APPKEY=" KIS_KEY "\n", -1, "UTF-8" },
    { "cache.pkl", "\x80\x04\x95\x05\0\0\0\0\0\0\0}\x94.", 14, "pickle" },
    { "token.dat", "KIS_APPKEY=" KIS_KEY "\n", -1, "pickle" },
    { "twice.json", "{\"appkey\": \"" KIS_KEY "\", \"appkey\": \"b\"}", -1, "twice" },
    { "twice.yaml", "my_app: " KIS_KEY "\nmy_app: b\n", -1, "twice" },
    { "alias.yaml", "a: &a " KIS_KEY "\nb: *a\n", -1, "aliases" },
    { "tag.yaml", "a: !!python/name:os.system " KIS_KEY "\n", -1, "tag" },
    { "two.yaml", "my_app: " KIS_KEY "\n---\nmy_app: b\n", -1, "second document" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *path = import_write (home, rows[i].name, "");
      g_autoptr (TestRun) ran = NULL;

      test_file_write (path, rows[i].text, rows[i].length, 0600);
      ran = import (world, 2, "-y", "--shred", path);
      test_assert_contains (ran->err, rows[i].reason);
      g_assert_true (import_is_there (path));
    }
  g_assert_cmpuint (test_keyring_count (NULL, NULL), ==, 0);
}

/* Control characters in names do not reach the terminal. */
static void
test_names_are_harmless (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) home = import_home_new (world);
  g_autofree char *path = import_write (home, "a\033[31m\nb.env",
                                        "KIWOOM\033]0;x\007_APPKEY=" KIWOOM_KEY "\n"
                                        "KIWOOM\xE2\x80\xAE_APPKEY_2=" KIWOOM_KEY "\n");
  g_autoptr (TestRun) ran = import (world, 2, path);

  test_assert_lacks (ran->err, "\033");
  test_assert_lacks (ran->err, "\007");
  test_assert_lacks (ran->err, "\xE2\x80\xAE");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  WORLD_TEST ("import/shred-destroys-the-file", NULL, test_shred);
  WORLD_TEST ("import/shred-when-all-is-there-already", NULL, test_shred_what_is_there);
  WORLD_TEST ("import/shred-a-read-only-file", NULL, test_shred_read_only);
  WORLD_TEST ("import/shred-wants-a-yes", NULL, test_shred_wants_a_yes);
  WORLD_TEST ("import/shred-never-loses-a-key", NULL, test_shred_loses_nothing);
  WORLD_TEST ("import/shred-refuses-a-hard-link", NULL, test_shred_hard_link);
  WORLD_TEST ("import/shred-leaves-what-was-changed", NULL, test_shred_changed);
  WORLD_TEST ("import/symbolic-link-is-refused", NULL, test_links);
  WORLD_TEST ("import/what-is-no-file-is-refused", NULL, test_no_files);
  WORLD_TEST ("import/what-is-no-file-is-told-as-by-restore", NULL, test_same_words_as_restore);
  WORLD_TEST ("import/file-of-another-user-is-refused", NULL, test_other_user);
  WORLD_TEST ("import/file-that-others-may-write-is-a-warning", NULL, test_writable_by_others);
  WORLD_TEST ("import/contents-that-are-refused", NULL, test_contents);
  WORLD_TEST ("import/names-are-printed-harmless", NULL, test_names_are_harmless);
  return g_test_run ();
}
