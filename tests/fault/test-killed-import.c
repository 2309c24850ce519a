/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An import that is killed at any of its system calls, or whose disk fails: at each moment, each
 * key of the file is in the file or in the keyring. */
#include <string.h>

#include "import.h"
#include "killer.h"

#define TOOL "kr-secret-tool"

static const char *home; /* of the test that runs */

/* The text of a file, or NULL if it is gone. */
static char *
read_text (const char *path, gsize *out_length)
{
  char *text = NULL;

  g_file_get_contents (path, &text, out_length, NULL);
  return text;
}

static void
forget_all (World *world)
{
  const char *const aliases[] = { "kis", "kis-paper" };

  for (guint i = 0; i < G_N_ELEMENTS (aliases); i++)
    tool_ends (world, 0, "remove", "-y", "--keep-token", aliases[i]);
}

static gboolean
try_import (Killer *killer, Victim *victim, const char *program, guint at)
{
  g_autofree char *path = import_write_yaml (home);
  guint accounts = count_accounts (victim->world);
  gsize length, length_after = 0;
  g_autofree char *before = read_text (path, &length);
  g_autoptr (TestRun) ran = import_checked (
      killer_run (killer, victim->world, program, at, NULL, "import", "-y", "--shred", path, NULL));
  gboolean killed = killer->control->killed;
  g_autofree char *after = read_text (path, &length_after);
  g_autofree char *secret = kis_secret (1);
  g_autofree char *paper_secret = kis_secret (2);

  g_assert_true (killed || ran->status == 0);
  if (after != NULL && length == length_after && memcmp (before, after, length) == 0)
    import_ends (victim->world, 0, "-y", "--shred", path);
  g_assert_true (!import_is_there (path) || length_after < length
                 || memcmp (before, after, length) != 0);
  import_check_stored (victim->world, "kis", KIS_KEY, secret);
  import_check_stored (victim->world, "kis-paper", KIS_PAPER_KEY, paper_secret);
  g_assert_cmpuint (count_accounts (victim->world), ==, accounts + 2);
  forget_all (victim->world);
  return killed;
}

static void
test_killed (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) directory = import_home_new (world);

  home = directory;
  killer_sweep (world, "kiwoom", TOOL, 50, try_import);
}

/* Before anything else is done to the file it is overwritten, and the overwrite is synced;
 * otherwise the file stays. */
static void
test_failing_sync (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) directory = import_home_new (world);
  g_autofree char *path = import_write_yaml (directory);
  g_autofree char *order = import_write (directory, "order", "fsync 5");
  g_autofree char *disk = g_strdup_printf ("%s:%s", order, path);
  gsize length, length_after;
  g_autofree char *before = read_text (path, &length);
  g_autofree char *after = NULL;

  world_setenv (world, "KR_TEST_DISK", disk);
  world_setenv (world, "LD_PRELOAD", g_getenv ("KR_TEST_FAILING_DISK"));
  {
    g_autoptr (TestRun) ran = import (world, 1, "--json", "-y", "--shred", path);
    g_autoptr (JsonObject) whole = document (ran);
    JsonObject *error = json_object_get_object_member (whole, "error");
    g_autofree char *results = import_results (whole);

    g_assert_cmpstr (results, ==, "kis=stored kis-paper=stored");
    g_assert_false (json_object_get_boolean_member (whole, "shredded"));
    test_assert_contains (json_object_get_string_member (error, "message"), "was not destroyed");
  }
  world_unsetenv (world, "LD_PRELOAD");
  after = read_text (path, &length_after);
  g_assert_cmpuint (length_after, ==, length);
  for (gsize i = 0; i + 16 <= length; i++)
    g_assert_null (memmem (after, length, before + i, 16));
  forget_all (world);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  FAULT_TEST ("/killed-import/at-any-point", NULL, test_killed);
  FAULT_TEST ("/killed-import/disk-that-does-not-sync", NULL, test_failing_sync);
  return g_test_run ();
}
