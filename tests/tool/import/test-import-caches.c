/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* import: its output about token caches of other programs, and which of them it removes. */

#include "import.h"

#include <unistd.h>

#include "terminal.h"

/* Files that contain tokens, and some that only look like it. */
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

/* How many files are in the places of caches. */
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
    G_GNUC_UNUSED g_autoptr (TestRun) dry = import (world, 0, "-n", "--caches", path);
    g_assert_cmpuint (count_files (home), ==, n);
  }
  {
    g_autoptr (TestRun) ran = import (world, 0, "--json", "--caches", path);
    g_autoptr (JsonObject) whole = document (ran);

    g_assert_cmpint (json_object_get_int_member (whole, "caches_removed"), ==, 3);
    test_assert_contains (ran->err, "valid until they expire");
  }
  g_assert_cmpuint (count_files (home), ==, n - 3);
}

/* Named like caches, but with a key or unrecognisable contents. */
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

/* A cache that cannot be removed does not protect the others. */
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
  WORLD_TEST ("import/caches/are-named", NULL, test_caches_are_named);
  WORLD_TEST ("import/caches/are-removed-on-request", NULL, test_caches_are_removed);
  WORLD_TEST ("import/caches/that-may-hold-a-key-are-left", NULL, test_caches_with_keys);
  WORLD_TEST ("import/caches/one-that-stays-keeps-no-other", NULL, test_caches_that_stay);
  WORLD_TEST ("import/caches/behind-a-link-are-left", NULL, test_caches_behind_links);
  WORLD_TEST ("import/caches/person-is-asked-about-token-caches", NULL,
              test_person_is_asked_about_caches);
  return g_test_run ();
}
