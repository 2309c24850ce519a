/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* import: which files it reads, which it destroys, and what it says about token caches. */

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
    /* What it cannot promise is said. */
    test_assert_contains (ran->err, "backups");
    test_assert_contains (ran->err, "2 other settings");
  }
  import_check_stored (world, "kis", KIS_KEY, secret);
  g_assert_false (import_is_there (path));
  /* Who had it open has nothing left either. */
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

/* Found before anything is stored. */
static void
test_shred_loses_nothing (World *world, gconstpointer data)
{
  const char *const rests[] = {
    "LS_APPKEY=" KIS_KEY "\n",                                         /* a half */
    "APP_KEY=" KIS_KEY "\n",                                           /* of whom? */
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
  /* To read it is fine. */
  import_ends (world, 0, path);
  g_assert_true (import_is_there (path));
}

/* While the question was open. */
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
  test_assert_contains (terminal->seen->str, "was changed since");
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

/* The same mistake is told in the same way by both. */
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
  /* Of its own memory a program gets the first byte never; who is not root gets not even there. */
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

/* Files that keep tokens, and some that only look so. */
static void
write_caches (const char *home)
{
  const char *const names[] = {
    "KIS/config/KIS20250131",
    "KIS/config/KIS_20250201_0a1b2c3d.token",
    ".pykis/token_0a1b.json",
    ".cache/mojito2/token.dat",
    "KIS/config/kis_devlp.yaml",
    "KIS/config/KIS20250131.xlsx",
    "KIS/config/KIS",
    ".pykis/other.json",
    ".cache/mojito2/other.dat",
    "elsewhere",
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_free (import_write (home, names[i], "token: x\n"));
  {
    g_autofree char *target = g_build_filename (home, "elsewhere", NULL);
    g_autofree char *name = g_build_filename (home, ".pykis", "token_link.json", NULL);
    g_assert_cmpint (symlink (target, name), ==, 0);
  }
}

/* How many files are in the places where caches are. */
static guint
count_files (const char *home)
{
  const char *const folders[] = { "KIS/config", ".pykis", ".cache/mojito2", "." };
  guint n = 0;

  for (guint i = 0; i < G_N_ELEMENTS (folders); i++)
    {
      g_autofree char *path = g_build_filename (home, folders[i], NULL);
      g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
      const char *name;

      while ((name = g_dir_read_name (dir)) != NULL)
        {
          g_autofree char *file = g_build_filename (path, name, NULL);
          n += g_file_test (file, G_FILE_TEST_IS_REGULAR);
        }
    }
  return n;
}

static void
test_caches_are_named (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) home = import_home_new (world);
  g_autofree char *path = import_write_env (home);
  const char *const arguments[] = { "-n", "-y", "-q", "--no-input" };
  guint n;

  write_caches (home);
  n = count_files (home);
  for (guint i = 0; i < G_N_ELEMENTS (arguments); i++)
    {
      g_autoptr (TestRun) ran = import (world, 0, "--json", arguments[i], path);
      g_autoptr (JsonObject) whole = document (ran);
      JsonArray *caches = json_object_get_array_member (whole, "caches");

      g_assert_cmpuint (json_array_get_length (caches), ==, 4);
      g_assert_true (g_str_has_suffix (json_array_get_string_element (caches, 0), "token.dat"));
      g_assert_cmpint (json_object_get_int_member (whole, "caches_removed"), ==, 0);
      g_assert_cmpuint (count_files (home), ==, n);
    }
}

static void
test_caches_are_removed (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) home = import_home_new (world);
  g_autofree char *path = import_write_env (home);
  guint n;

  write_caches (home);
  n = count_files (home);
  {
    g_autoptr (TestRun) dry = import (world, 0, "-n", "--caches", path);
    g_assert_cmpuint (count_files (home), ==, n);
  }
  {
    g_autoptr (TestRun) ran = import (world, 0, "--json", "--caches", path);
    g_autoptr (JsonObject) whole = document (ran);

    g_assert_cmpint (json_object_get_int_member (whole, "caches_removed"), ==, 3);
    test_assert_contains (ran->err, "good until they expire");
  }
  g_assert_cmpuint (count_files (home), ==, n - 3);
}

/* Named as caches are, but with a key in them, or with what nobody can tell. */
static void
test_caches_with_keys (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) home = import_home_new (world);
  g_autofree char *path = import_write_env (home);
  g_autofree char *secret = kis_secret (1);
  g_autofree char *text
      = g_strdup_printf ("{\"appkey\": \"" KIS_KEY "\", \"secretkey\": \"%s\"}", secret);
  g_autofree char *pickle = import_write (home, ".cache/mojito2/token.dat", "");
  g_autofree char *key = import_write (home, ".pykis/token_mine.json", text);
  g_autofree char *torn = import_write (home, "KIS/config/KIS20250131", "token: \"x\n");
  const char *const paths[] = { pickle, key, torn };

  test_file_write (pickle, "\x80\x04\x95\x05\0\0\0\0\0\0\0}\x94.", 14, 0600);
  {
    g_autoptr (TestRun) ran = import (world, 0, "--caches", path);

    for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
      {
        test_assert_contains (ran->err, paths[i]);
        g_assert_true (import_is_there (paths[i]));
      }
    test_assert_contains (ran->err, "3 files of other programs may hold keys");
    test_assert_contains (ran->err, "kr-secret-tool add");
  }
}

/* One that cannot be removed does not keep the others. */
static void
test_caches_that_stay (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) home = import_home_new (world);
  g_autofree char *path = import_write_env (home);
  g_autofree char *first = import_write (home, "KIS/config/KIS20250131", "token: x\n");
  g_autofree char *second = import_write (home, "KIS/config/KIS20250201", "token: x\n");
  g_autofree char *other = g_build_filename (home, "other", NULL);

  g_assert_cmpint (link (first, other), ==, 0);
  {
    g_autoptr (TestRun) ran = import (world, 12, "--caches", path);

    test_assert_contains (ran->err, first);
  }
  g_assert_true (import_is_there (first));
  g_assert_false (import_is_there (second));
  import_check_stored (world, "kiwoom", KIWOOM_KEY, KIWOOM_SECRET);
}

static void
test_caches_behind_links (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) home = import_home_new (world);
  g_autoptr (TestDirectory) other = test_directory_new ();
  g_autofree char *path = import_write_env (home);
  g_autofree char *cache = import_write (other, "token_1.json", "x");
  g_autofree char *name = g_build_filename (home, ".pykis", NULL);

  g_assert_cmpint (symlink (other, name), ==, 0);
  import_ends (world, 0, "--caches", path);
  g_assert_true (import_is_there (cache));
}

static void
test_person_is_asked_about_caches (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) home = import_home_new (world);
  g_autofree char *path = import_write_env (home);
  guint n;

  write_caches (home);
  n = count_files (home);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (Terminal) terminal = terminal_start (world, TERMINAL_ALL, "import", path, NULL);

      if (i == 0)
        {
          terminal_expect (terminal, "Store 1 account?");
          terminal_type (terminal, "y\n");
        }
      terminal_expect (terminal, "Remove them?");
      terminal_type (terminal, i == 0 ? "\n" : "y\n");
      g_assert_cmpint (terminal_end (terminal), ==, 0);
      g_assert_cmpuint (count_files (home), ==, i == 0 ? n : n - 3);
    }
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
  WORLD_TEST ("import/token-caches-are-named", NULL, test_caches_are_named);
  WORLD_TEST ("import/token-caches-are-removed-on-request", NULL, test_caches_are_removed);
  WORLD_TEST ("import/token-caches-that-may-hold-a-key-are-left", NULL, test_caches_with_keys);
  WORLD_TEST ("import/token-cache-that-stays-keeps-no-other", NULL, test_caches_that_stay);
  WORLD_TEST ("import/token-caches-behind-a-link-are-left", NULL, test_caches_behind_links);
  WORLD_TEST ("import/person-is-asked-about-token-caches", NULL, test_person_is_asked_about_caches);
  return g_test_run ();
}
