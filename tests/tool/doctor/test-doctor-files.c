/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* doctor: files that others can access, or that should not be there. Each time the fix, pasted into
 * a shell, works. */

#include "checkup.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test-files.h"
#include "test-keyring.h"

/* It is reported with these words, and the fix works. */
static void
check_mended (const char *where, World *world, int status, const char *path, const char *word)
{
  g_autoptr (JsonObject) whole = checkup_at (where, world, status);
  g_autoptr (JsonObject) after = NULL;

  finding_at (where, whole, "files", status == 0 ? "warning" : "failure", path, path);
  finding_at (where, whole, "files", status == 0 ? "warning" : "failure", word, "");
  mend_at (where, world, whole, "files", "");
  after = checkup_at (where, world, 0);
  finding_at (where, after, "files", "ok", "", NULL);
}
#define mended(world, status, path, word) check_mended (G_STRLOC, world, status, path, word)

/* The test's own state directory, with a blank in its name; it holds the ledger of the account
 * 'a'. */
static char *
make_ledger (World *world, const char *directory)
{
  g_autofree char *state = g_build_filename (directory, "my state", NULL);
  g_autofree char *id = NULL;

  world_setenv (world, "XDG_STATE_HOME", state);
  add_unverified (world, "ls", 0, "a");
  id = account_id (world, "a");
  return g_build_filename (state, "krsecret", id, NULL);
}

static void
test_ledger_modes (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) directory = test_directory_new ();
  g_autofree char *file = make_ledger (world, directory);
  g_autofree char *folder = g_path_get_dirname (file);
  struct stat st;

  g_assert_cmpint (g_chmod (folder, 0755), ==, 0);
  mended (world, 12, folder, "0700");
  g_assert_cmpint (g_stat (folder, &st), ==, 0);
  g_assert_cmpint (st.st_mode & 0777, ==, 0700);

  g_assert_cmpint (g_chmod (file, 0644), ==, 0);
  mended (world, 12, file, "0600");
  g_assert_cmpint (g_stat (file, &st), ==, 0);
  g_assert_cmpint (st.st_mode & 0777, ==, 0600);
  /* And the library accepts it again. */
  tool_ends (world, 0, "token", "a");
}

static void
test_ledger_kinds (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) directory = test_directory_new ();
  g_autofree char *file = make_ledger (world, directory);
  g_autofree char *away = g_build_filename (directory, "away", NULL);
  G_GNUC_UNUSED g_autofree char *second = g_strconcat (file, "-2", NULL);

  g_assert_cmpint (g_rename (file, away), ==, 0);
  g_assert_cmpint (symlink (away, file), ==, 0);
  mended (world, 12, file, "symbolic link");
  /* The link is gone, not its target. */
  g_assert_true (g_file_test (away, G_FILE_TEST_EXISTS));
  g_assert_false (g_file_test (file, G_FILE_TEST_IS_SYMLINK));

  g_assert_cmpint (mkfifo (file, 0600), ==, 0);
  mended (world, 12, file, "is not a regular file");

  g_assert_cmpint (g_rename (away, file), ==, 0);
  g_assert_cmpint (link (file, away), ==, 0);
  mended (world, 12, file, "hard link");
}

/* Anything in the place of a file of ours is moved, never deleted; anything next to them is the
 * user's. */
static void
test_ledger_keeps_folders (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) directory = test_directory_new ();
  g_autofree char *file = make_ledger (world, directory);
  g_autofree char *folder = g_path_get_dirname (file);
  g_autofree char *notes = g_build_filename (folder, "notes", NULL);
  g_autofree char *diary = g_build_filename (file, "diary", NULL);
  g_autofree char *moved = g_strconcat (file, "~", NULL);
  g_autofree char *moved_diary = g_build_filename (moved, "diary", NULL);
  g_autoptr (JsonObject) whole = NULL;

  g_assert_cmpint (g_mkdir (notes, 0755), ==, 0);
  whole = checkup (world, 0);
  finding (whole, "files", "ok", "", NULL);

  g_assert_cmpint (g_unlink (file), ==, 0);
  g_assert_cmpint (g_mkdir (file, 0700), ==, 0);
  test_file_write (diary, "dear", -1, 0600);
  mended (world, 12, file, "is not a regular file");
  g_assert_true (g_file_test (moved_diary, G_FILE_TEST_IS_REGULAR));
  g_assert_true (g_file_test (notes, G_FILE_TEST_IS_DIR));
  tool_ends (world, 0, "token", "a");
}

/* One mistake, reported once and not a hundred times. */
static void
test_many_files (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) directory = test_directory_new ();
  g_autofree char *file = make_ledger (world, directory);
  g_autofree char *folder = g_path_get_dirname (file);

  for (guint i = 0; i < 100; i++)
    {
      g_autofree char *name = g_strdup_printf ("00000000-0000-4000-8000-%012u", i);
      g_autofree char *path = g_build_filename (folder, name, NULL);

      test_file_write (path, "", 0, 0644);
    }
  {
    g_autoptr (TestRun) ran = tool (world, 12, "doctor");
    g_auto (GStrv) lines = g_strsplit (ran->out, "\n", -1);

    g_assert_cmpuint (g_strv_length (lines), <, 40);
    test_assert_contains (ran->out, "and 93 more");
  }
}

static void
test_keyring_modes (World *world, gconstpointer data)
{
  g_autofree char *folder = g_build_filename (g_getenv ("XDG_DATA_HOME"), "keyrings", NULL);
  g_autofree char *file = g_build_filename (folder, "login.keyring", NULL);

  g_assert_cmpint (g_chmod (folder, 0755), ==, 0);
  mended (world, 0, folder, "0700");
  g_assert_cmpint (g_chmod (folder, 0770), ==, 0);
  mended (world, 12, folder, "written by others");
  g_assert_cmpint (g_chmod (file, 0644), ==, 0);
  mended (world, 0, file, "0600");
  g_assert_cmpint (g_chmod (file, 0666), ==, 0);
  mended (world, 12, file, "written by others");
}

/* A directory for plugins with copies of the good ones. */
static TestDirectory *
copy_plugins (World *world)
{
  TestDirectory *directory = test_directory_new ();
  const char *const names[] = { "kis.so", "kiwoom.so", "ls.so" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *from = g_build_filename (g_getenv ("KR_SECRET_PLUGIN_DIR"), names[i], NULL);
      g_autofree char *to = g_build_filename (directory, names[i], NULL);

      test_file_copy (from, to);
      g_assert_cmpint (g_chmod (to, 0755), ==, 0);
    }
  world_setenv (world, "KR_SECRET_PLUGIN_DIR", directory);
  return directory;
}

static void
test_plugin_modes (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) directory = copy_plugins (world);
  g_autofree char *plugin = g_build_filename (directory, "kis.so", NULL);

  json_object_unref (checkup (world, 0));
  g_assert_cmpint (g_chmod (plugin, 0777), ==, 0);
  {
    g_autoptr (JsonObject) whole = checkup (world, 11);

    finding (whole, "plugins", "failure", plugin, "install");
  }
  mended (world, 11, plugin, "written by others");

  g_assert_cmpint (g_chmod (directory, 0777), ==, 0);
  mended (world, 11, directory, "written by others");
}

/* Code that the library refuses never passes here, and the library's own words describe it. */
static void
test_plugin_kinds (World *world, gconstpointer data)
{
  static const char *const words[] = { "is a symbolic link; a regular file is expected",
                                       "is not a regular file", "Permission denied" };
  /* Root can read everything. */
  const guint n = geteuid () == 0 ? 2 : G_N_ELEMENTS (words);
  g_autoptr (TestDirectory) directory = copy_plugins (world);
  g_autofree char *plugin = g_build_filename (directory, "kis.so", NULL);
  g_autofree char *away = g_build_filename (directory, "away", NULL);

  g_assert_cmpint (g_rename (plugin, away), ==, 0);
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *all = g_strconcat (plugin, ": ", words[i], NULL);
      g_autoptr (JsonObject) whole = NULL;

      if (i == 0)
        g_assert_cmpint (symlink (away, plugin), ==, 0);
      else if (i == 1)
        g_assert_cmpint (mkfifo (plugin, 0600), ==, 0);
      else
        test_file_write (plugin, "", 0, 0111);
      whole = checkup (world, 11);
      finding (whole, "files", "failure", all, i < 2 ? "install libkrsecret again" : "chmod a+r");
      finding (whole, "plugins", "failure", all, "install");
      g_assert_cmpint (g_unlink (plugin), ==, 0);
    }
}

/* The target of a link to the directory counts. */
static void
test_plugin_directory_link (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) directory = copy_plugins (world);
  g_autoptr (TestDirectory) elsewhere = test_directory_new ();
  g_autofree char *link = g_build_filename (elsewhere, "plugins", NULL);

  g_assert_cmpint (symlink (directory, link), ==, 0);
  world_setenv (world, "KR_SECRET_PLUGIN_DIR", link);
  json_object_unref (checkup (world, 0));
  g_assert_cmpint (g_chmod (directory, 0777), ==, 0);
  mended (world, 11, link, "written by others");
}

/* The library looks for its helper next to itself. */
static void
test_helper_modes (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) directory = test_directory_new ();
  g_autofree char *folder = g_build_filename (directory, "helper", NULL);
  g_autofree char *helper = g_build_filename (folder, "kr-secret-helper", NULL);
  g_autofree char *library = g_build_filename (directory, "libkrsecret-1.so.0", NULL);
  g_autofree char *built = g_path_get_dirname (g_getenv ("KR_TEST_LIBRARY"));
  g_autofree char *built_helper = g_build_filename (built, "helper", "kr-secret-helper", NULL);

  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
  test_file_copy (g_getenv ("KR_TEST_LIBRARY"), library);
  test_file_copy (built_helper, helper);
  g_assert_cmpint (g_chmod (helper, 0755), ==, 0);
  world_setenv (world, "LD_LIBRARY_PATH", directory);
  json_object_unref (checkup (world, 0));
  g_assert_cmpint (g_chmod (helper, 0757), ==, 0);
  mended (world, 11, helper, "written by others");
}

static void
test_plugin_bad (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) directory = copy_plugins (world);
  g_autofree char *plugin = g_build_filename (directory, "evil.so", NULL);

  test_file_write (plugin, "#!/bin/sh\necho hello\n", -1, 0755);
  {
    g_autoptr (JsonObject) whole = checkup (world, 11);

    finding (whole, "plugins", "failure", plugin, "remove that file");
    finding (whole, "files", "ok", "", NULL);
  }
}

#define KEY "PSabcdefghijklmnopqrstuvwxyz0123456789"
#define SECRET "SEabcdefghijklmnopqrstuvwxyz0123456789"
#define YAML "my_app: \"" KEY "\"\nmy_sec: \"" SECRET "\"\n"
#define JSON "{\"appkey\": \"" KEY "\", \"secretkey\": \"" SECRET "\""
#define TOKEN_YAML "token: " KEY "." KEY "\nvalid-date: 2025-02-01 09:00:00\n"
#define TOKEN_JSON "{\"type\": \"Bearer\", \"token\": \"" KEY "." KEY "\"}"

static char *
leave_file (const char *home, const char *name, const char *data)
{
  g_autofree char *path = g_build_filename (home, name, NULL);
  g_autofree char *folder = g_path_get_dirname (path);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  test_file_write (path, data, -1, 0600);
  return g_steal_pointer (&path);
}

static void
test_plain_files (World *world, gconstpointer data)
{
  const struct
  {
    const char *name;
    const char *fix;
    const char *text;
  } rows[] = {
    { "kis_devlp.yaml", "kr-secret-tool import", YAML },
    { "KIS/config/kis_devlp.yaml", "kr-secret-tool import", YAML },
    { ".pykis/secret.json", "kr-secret-tool import", JSON ", \"virtual\": true}" },
    { ".pykis/a b.json", "kr-secret-tool import --from pykis", JSON "}" },
    { ".pykis/token_a b.json", "kr-secret-tool import --from pykis", JSON "}" },
    { "KIS/config/KIS20250131", "kr-secret-tool import", YAML },
    { "KIS/config/KIS20250131", "shred", TOKEN_YAML },
    { "KIS/config/KISvps20261119", "shred", TOKEN_YAML },
    { "KIS/config/KIS_20250201_0a1b2c3d.token", "shred", TOKEN_YAML },
    { ".pykis/token_a b.json", "shred", TOKEN_JSON },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (TestDirectory) home = test_directory_new ();
      g_autofree char *path = leave_file (home, rows[i].name, rows[i].text);

      world_setenv (world, "HOME", home);
      {
        g_autoptr (JsonObject) whole = checkup (world, 0);
        g_autoptr (TestRun) ran = tool (world, 0, "doctor");

        finding (whole, "plain-files", "warning", path, rows[i].fix);
        finding (whole, "plain-files", "warning", path, path);
        finding_lacks (whole, "plain-files",
                       g_str_equal (rows[i].fix, "shred") ? "import" : "shred -u");
        test_assert_lacks (ran->out, KEY);
        test_assert_lacks (ran->out, SECRET);
        test_assert_contains (ran->err, "1 warning");
        mend_with (world, whole, "plain-files", g_str_equal (rows[i].fix, "shred") ? "" : " -y");
        g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
        /* The keys are in the keyring now. */
        g_assert_cmpuint (count_accounts (world), ==, g_str_equal (rows[i].fix, "shred") ? 0 : 1);
        test_keyring_clear ();
      }
    }
}

/* A file that may hold a key and cannot be imported is for a user to look at. */
static void
test_unknown_files (World *world, gconstpointer data)
{
  const char *const names[]
      = { ".cache/mojito2/token.dat", "KIS/config/KIS20250131", ".pykis/other", "kis_devlp.yaml" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (TestDirectory) home = test_directory_new ();
      g_autofree char *path = leave_file (home, names[i], "(dp0\nVapi_key\np1\nV" KEY "\np2\ns.");

      world_setenv (world, "HOME", home);
      {
        g_autoptr (JsonObject) whole = checkup (world, 0);

        finding (whole, "plain-files", "warning", path, "kr-secret-tool add");
        finding_lacks (whole, "plain-files", "shred");
      }
    }
}

/* The file in the broker's own sample holds no key yet; other files are not our business. */
static void
test_no_plain_files (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) home = test_directory_new ();
  G_GNUC_UNUSED g_autofree char *sample = leave_file (
      home, "kis_devlp.yaml",
      "my_app: \"앱키\"\nmy_sec: \"앱키 시크릿\"\n"
      "prod: \"https://openapi.koreainvestment.com:9443\"\nmy_agent: \"Mozilla/5.0\"\n");
  G_GNUC_UNUSED g_autofree char *other = leave_file (home, "notes.txt", KEY "\n");
  G_GNUC_UNUSED g_autofree char *config = leave_file (home, "KIS/config/README", KEY "\n");

  world_setenv (world, "HOME", home);
  {
    g_autoptr (JsonObject) whole = checkup (world, 0);

    finding (whole, "plain-files", "ok", "", NULL);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  WORLD_TEST ("doctor/files/ledger-modes", NULL, test_ledger_modes);
  WORLD_TEST ("doctor/files/ledger-links-and-fifos", NULL, test_ledger_kinds);
  WORLD_TEST ("doctor/files/ledger-keeps-folders", NULL, test_ledger_keeps_folders);
  WORLD_TEST ("doctor/files/many-of-one-kind-are-counted", NULL, test_many_files);
  WORLD_TEST ("doctor/files/keyring-modes", NULL, test_keyring_modes);
  WORLD_TEST ("doctor/files/plugin-modes", NULL, test_plugin_modes);
  WORLD_TEST ("doctor/files/plugins-that-the-library-refuses", NULL, test_plugin_kinds);
  WORLD_TEST ("doctor/files/plugin-directory-behind-a-link", NULL, test_plugin_directory_link);
  WORLD_TEST ("doctor/files/helper-modes", NULL, test_helper_modes);
  WORLD_TEST ("doctor/files/bad-plugin-is-11", NULL, test_plugin_bad);
  WORLD_TEST ("doctor/files/plain-keys-and-tokens-are-found", NULL, test_plain_files);
  WORLD_TEST ("doctor/files/what-may-hold-a-key-is-not-destroyed", NULL, test_unknown_files);
  WORLD_TEST ("doctor/files/samples-without-keys-are-let-be", NULL, test_no_plain_files);
  return g_test_run ();
}
