/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The account's lock file is not what it should be, or is removed while it is in use. */
#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test-files.h"
#include "test-process.h"
#include "victim.h"

#define BEFORE "nobody may touch this\n"

static char *
ledger_path (World *world)
{
  g_autofree char *id = victim_get_id (world, "a");

  return g_build_filename (g_get_user_state_dir (), "krsecret", id, NULL);
}

static void
make_symlink (const char *path, const char *target)
{
  test_file_write (target, BEFORE, -1, 0600);
  g_assert_cmpint (symlink (target, path), ==, 0);
}

static void
make_dangling (const char *path, const char *target)
{
  g_assert_cmpint (symlink (target, path), ==, 0);
}

static void
make_fifo (const char *path, const char *target)
{
  g_assert_cmpint (mkfifo (path, 0600), ==, 0);
}

static void
make_directory (const char *path, const char *target)
{
  g_assert_cmpint (g_mkdir (path, 0700), ==, 0);
}

static void
make_open_to_all (const char *path, const char *target)
{
  test_file_write (path, "", 0, 0666);
}

static void
make_hard_link (const char *path, const char *target)
{
  test_file_write (target, BEFORE, -1, 0600);
  g_assert_cmpint (link (target, path), ==, 0);
}

static void
make_of_other (const char *path, const char *target)
{
  test_file_write (path, "", 0, 0600);
  g_assert_cmpint (chown (path, 12345, 12345), ==, 0);
}

static const struct
{
  const char *name;
  void (*make) (const char *path, const char *target);
} attacks[] = {
  { "symlink", make_symlink },
  { "symlink to nothing", make_dangling },
  { "fifo", make_fifo },
  { "directory", make_directory },
  { "mode 0666", make_open_to_all },
  { "hard link", make_hard_link },
  { "other owner", make_of_other }, /* the last: only root can */
};

/* Nothing that needs the lock is done, and the target of the path is unchanged. */
static void
check_refused (World *world, const char *what, const char *target)
{
  static const char *const commands[]
      = { "token", "header", "refresh", "revoke", "forget", "remove" };
  g_autofree char *left = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      g_autoptr (TestRun) ran = tool (world, ANY_STATUS, commands[i], "a");

      if (ran->status != 12)
        test_fail ("%s, %s: exit status %d: %s", what, commands[i], ran->status, ran->err);
      g_assert_cmpstr (ran->out, ==, "");
    }
  if (g_file_get_contents (target, &left, NULL, NULL))
    g_assert_cmpstr (left, ==, BEFORE);
  g_assert_cmpuint (test_simulator_count (world->simulator, "kis", "connections"), ==, 0);
}

static void
test_refused (World *world, gconstpointer data)
{
  g_autofree char *target = g_build_filename (g_get_tmp_dir (), "target", NULL);
  g_autofree char *path = NULL;
  guint n = G_N_ELEMENTS (attacks) - (geteuid () == 0 ? 0 : 1);

  add_unverified (world, "kis", 0, "a");
  path = ledger_path (world);
  for (guint i = 0; i < n; i++)
    {
      g_assert_cmpint (g_remove (path), ==, 0);
      attacks[i].make (path, target);
      check_refused (world, attacks[i].name, target);
      if (attacks[i].make == make_dangling)
        g_assert_false (g_file_test (target, G_FILE_TEST_EXISTS));
      g_assert_true (g_remove (target) == 0 || errno == ENOENT);
    }
  /* Everything works again once the obstacle is gone. */
  g_assert_cmpint (g_remove (path), ==, 0);
  tool_ends (world, 0, "token", "a");
}

/* Starts an issue at a slow broker; when this returns, the request is there. */
static GSubprocess *
start_issue (World *world)
{
  g_autoptr (GSubprocessLauncher) launcher
      = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  g_autoptr (GError) error = NULL;
  GSubprocess *process;

  g_subprocess_launcher_set_environ (launcher, world->env);
  process = g_subprocess_launcher_spawn (launcher, &error, g_getenv ("KR_TEST_TOOL"), "token", "a",
                                         NULL);
  g_assert_no_error (error);
  test_wait_until (test_simulator_count (world->simulator, "kis", "connections") > 0);
  return process;
}

static void
take_away (const char *path)
{
  g_assert_cmpint (unlink (path), ==, 0);
}

static void
move_away (const char *path)
{
  g_autofree char *other = g_strconcat (path, ".away", NULL);

  g_assert_cmpint (rename (path, other), ==, 0);
}

/* The next program still waits for the helper at work, or creates the file again. */
static void
check_while_held (World *world, void (*attack) (const char *path))
{
  g_autofree char *path = NULL;
  g_autofree char *stored = NULL;
  g_autoptr (GSubprocess) first = NULL;
  g_autofree char *out = NULL;

  add_unverified (world, "kis", 0, "a");
  path = ledger_path (world);
  test_simulator_set (world->simulator, "kis", "'latency_ms':1500");
  first = start_issue (world);
  attack (path);
  {
    g_autoptr (TestRun) second = tool (world, ANY_STATUS, "token", "a");

    out = test_finish (first);
    stored = stored_token (world, "a");
    g_assert_cmpstr (g_strchomp (out), ==, stored);
    if (second->status != 0)
      test_fail ("the second ended with %d: %s", second->status, second->err);
    g_assert_cmpstr (g_strchomp (second->out), ==, stored);
  }
  g_assert_cmpuint (test_simulator_count (world->simulator, "kis", "issue"), ==, 1);
}

static void
test_unlinked_while_held (World *world, gconstpointer data)
{
  check_while_held (world, take_away);
}

static void
test_renamed_while_held (World *world, gconstpointer data)
{
  check_while_held (world, move_away);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  FAULT_TEST ("/ledger/what-is-not-a-private-file-is-refused", NULL, test_refused);
  FAULT_TEST ("/ledger/unlinked-while-held", NULL, test_unlinked_while_held);
  FAULT_TEST ("/ledger/renamed-while-held", NULL, test_renamed_while_held);
  return g_test_run ();
}
