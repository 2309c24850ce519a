/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "place.h"
#include "terminal.h"
#include "test-files.h"
#include "test-process.h"

/* session, where there is no bus and no keyring but its own: that of tools/with-keyring is hidden,
 * and only ends what a test that fails has left. */

#define COUNT_INTERRUPTS "--count-interrupts"

static void
first_use_makes_the_keyring (Place *place, gconstpointer data)
{
  g_autofree char *path = in_place (place, "home/.local/share/keyrings/login.keyring");
  g_autofree char *content = NULL;
  g_autoptr (TestRun) ran = session (place, 0, "echo \"runs with $DBUS_SESSION_BUS_ADDRESS\"");
  gsize length;
  struct stat st;

  test_assert_contains (ran->out, "runs with unix:path=");
  test_assert_contains (ran->err, "made the keyring");
  g_assert_true (g_file_get_contents (path, &content, &length, NULL));
  g_assert_cmpint (g_stat (path, &st), ==, 0);
  g_assert_cmpint (st.st_mode & 0777, ==, 0600);
  /* It is encrypted. */
  g_assert_true (g_str_has_prefix (content, "GnomeKeyring"));
  check_all_gone (place);
}

static void
what_was_added_is_there_the_next_time (Place *place, gconstpointer data)
{
  g_autofree char *add = adding ("a", 1);

  session_ends (place, 0, add);
  check_all_gone (place);
  {
    g_autoptr (TestRun) ran = session (place, 0, "\"$KR_TEST_TOOL\" list --json");
    g_autoptr (JsonObject) whole = document (ran);
    JsonArray *accounts = json_object_get_array_member (whole, "accounts");

    g_assert_cmpuint (json_array_get_length (accounts), ==, 1);
    test_assert_lacks (ran->err, "made the keyring");
  }
  check_all_gone (place);
}

static void
a_wrong_passphrase_runs_nothing (Place *place, gconstpointer data)
{
  session_ends (place, 0, "true");
  {
    g_autoptr (TestRun) ran = tool_fd (&place->world, 125, 3, "another\n", "session",
                                       "--passphrase-fd", "3", "--", "echo", place->directory);
    g_autoptr (TestRun) json = tool_fd (&place->world, 125, 3, "another\n", "--json", "session",
                                        "--passphrase-fd", "3", "--", "echo", place->directory);
    g_autoptr (JsonObject) error = failure (json, "locked");

    g_assert_cmpstr (ran->out, ==, "");
    test_assert_contains (ran->err, "[locked]");
  }
  check_all_gone (place);
  session_ends (place, 0, "true");
}

static void
the_first_line_of_a_descriptor_is_the_passphrase (Place *place, gconstpointer data)
{
  g_autoptr (TestRun) ran
      = tool_fd (&place->world, 0, 3, PASSPHRASE "\nnot this\n", "session", "--passphrase-fd", "3",
                 "--", "sh", "-c", "test ! -e /proc/self/fd/3", place->directory);

  session_ends (place, 0, "true");
}

static void
standard_input_is_the_commands (Place *place, gconstpointer data)
{
  g_autofree char *text = g_strnfill (200000, 'x');
  g_autoptr (TestRun) all = run_tool (G_STRLOC, &place->world, 0, -1, text, BY_CREDENTIAL, "sh",
                                      "-c", "cat", place->directory, NULL);
  g_autoptr (TestRun) rest
      = tool_fed (&place->world, 0, PASSPHRASE "\nline\nline", "session", "--passphrase-fd", "0",
                  "--", "sh", "-c", "cat", place->directory);

  g_assert_cmpstr (all->out, ==, text);
  g_assert_cmpstr (rest->out, ==, "line\nline");
}

static void
the_commands_status_is_passed_on (Place *place, gconstpointer data)
{
  const int statuses[] = { 0, 1, 5, 125, 126, 255 };

  for (gsize i = 0; i < G_N_ELEMENTS (statuses); i++)
    {
      g_autofree char *script = g_strdup_printf ("exit %d", statuses[i]);
      g_autoptr (TestRun) ran = session (place, statuses[i], script);

      test_assert_lacks (ran->err, "kr-secret-tool:");
    }
  session_ends (place, 128 + SIGKILL, "kill -KILL $$");
  session_ends (place, 128 + SIGTERM, "kill -TERM $$");
}

static void
signals_are_passed_on (Place *place, gconstpointer data)
{
  const int numbers[] = { SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1 };

  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      g_autoptr (Running) running = start_session (
          place, "for s in TERM INT HUP QUIT USR1; do trap \"echo got $s; exit 42\" $s; done;"
                 "echo ready; while :; do sleep 0.02; done");
      g_autofree char *ready = running_next_line (running);

      running_signal (running, numbers[i]);
      g_assert_cmpint (running_end (running), ==, 42);
      test_assert_contains (running_get_out (running), "got ");
    }
  check_all_gone (place);
}

static void
a_command_that_cannot_be_run_says_why (Place *place, gconstpointer data)
{
  g_autoptr (TestRun) missing
      = tool (&place->world, 127, "--json", BY_CREDENTIAL, "no-such-program", place->directory);
  g_autoptr (JsonObject) not_found = failure (missing, "not-found");
  g_autoptr (TestRun) refused
      = tool (&place->world, 126, "--json", BY_CREDENTIAL, "/etc/passwd", place->directory);
  g_autoptr (JsonObject) failed = failure (refused, "failed");

  check_all_gone (place);
}

static void
wrong_use_is_125 (Place *place, gconstpointer data)
{
  World *world = &place->world;

  tool_ends (world, 125, "session");
  tool_ends (world, 125, "session", "--");
  tool_ends (world, 125, "session", "true");
  tool_ends (world, 125, "session", "--no-such", "--", "true");
  tool_ends (world, 125, "session", "--passphrase-fd", "x", "--", "true");
  tool_ends (world, 125, "session", "--passphrase-fd", "77", "--", "true");
  tool_ends (world, 125, "session", "--passphrase-fd", "1", "--", "true");
  tool_ends (world, 125, "session", "--credential", "a/b", "--", "true");
  tool_ends (world, 125, "session", "--credential", "..", "--", "true");
  tool_ends (world, 125, "session", "--credential", "a", "--passphrase-fd", "0", "--", "true");
  {
    g_autoptr (TestRun) nobody = tool (world, 125, "session", "--", "true", place->directory);

    test_assert_contains (nobody->err, "--passphrase-fd");
  }
  world_unsetenv (world, "HOME");
  {
    g_autoptr (TestRun) homeless = session (place, 125, "true");

    test_assert_contains (homeless->err, "HOME is not set");
  }
  check_all_gone (place);
}

static void
a_credential_is_a_plain_file (Place *place, gconstpointer data)
{
  World *world = &place->world;
  g_autofree char *link = in_place (place, "credentials/link");
  g_autofree char *empty = in_place (place, "credentials/empty");
  g_autofree char *exact = in_place (place, "credentials/exact");

  g_assert_cmpint (symlink ("keyring-passphrase", link), ==, 0);
  test_file_write (empty, "\n", -1, 0400);
  test_file_write (exact, PASSPHRASE, -1, 0400);
  session_ends (place, 0, "true");
  tool_ends (world, 0, "session", "--credential", "exact", "--", "true", place->directory);
  tool_ends (world, 125, "session", "--credential", "link", "--", "true", place->directory);
  tool_ends (world, 125, "session", "--credential", "empty", "--", "true", place->directory);
  tool_ends (world, 125, "session", "--credential", "missing", "--", "true", place->directory);
  world_unsetenv (world, "CREDENTIALS_DIRECTORY");
  {
    g_autoptr (TestRun) ran = session (place, 125, "true");

    test_assert_contains (ran->err, "CREDENTIALS_DIRECTORY");
  }
}

static void
a_person_is_asked (Place *place, gconstpointer data)
{
  g_autoptr (Terminal) first = terminal_start (&place->world, TERMINAL_ALL, "session", "--", "echo",
                                               "it runs", place->directory, NULL);

  terminal_expect (first, "new passphrase");
  terminal_wait_for_no_echo (first);
  terminal_type (first, PASSPHRASE "\n");
  terminal_expect (first, "again");
  terminal_type (first, PASSPHRASE "\n");
  terminal_expect (first, "it runs");
  g_assert_cmpint (terminal_end (first), ==, 0);
  {
    g_autoptr (Terminal) second = terminal_start (&place->world, TERMINAL_ALL, "session", "--",
                                                  "echo", "it runs", place->directory, NULL);

    terminal_expect (second, "passphrase of the keyring");
    terminal_wait_for_no_echo (second);
    terminal_type (second, "another\n");
    terminal_expect (second, "not the passphrase");
    terminal_expect (second, "passphrase of the keyring");
    terminal_wait_for_no_echo (second);
    terminal_type (second, PASSPHRASE "\n");
    terminal_expect (second, "it runs");
    g_assert_cmpint (terminal_end (second), ==, 0);
  }
  check_all_gone (place);
}

static volatile sig_atomic_t n_interrupts, told_to_end;

static void
on_interrupt (int number)
{
  n_interrupts++;
}

static void
on_end (int number)
{
  told_to_end = 1;
}

/* This program as the command of a session. A shell would take two interrupts for one. */
static int
count_interrupts (void)
{
  gboolean said = FALSE;

  signal (SIGINT, on_interrupt);
  signal (SIGTERM, on_end);
  puts ("ready");
  fflush (stdout);
  while (!told_to_end)
    {
      if (n_interrupts > 0 && !said)
        {
          puts ("interrupted");
          fflush (stdout);
          said = TRUE;
        }
      g_usleep (1000);
    }
  printf ("%d in all\n", (int) n_interrupts);
  return 9;
}

static void
ctrl_c_reaches_the_command_once (Place *place, gconstpointer data)
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autoptr (Terminal) terminal = terminal_start (&place->world, TERMINAL_ALL, BY_CREDENTIAL, self,
                                                  COUNT_INTERRUPTS, place->directory, NULL);

  terminal_expect (terminal, "ready");
  terminal_type (terminal, "\003");
  terminal_expect (terminal, "interrupted");
  g_subprocess_send_signal (terminal->process, SIGTERM);
  terminal_expect (terminal, "1 in all");
  g_assert_cmpint (terminal_end (terminal), ==, 9);
  check_all_gone (place);
}

static void
it_does_without_a_runtime_directory (Place *place, gconstpointer data)
{
  g_autofree char *login = g_strdup_printf ("/run/user/%u", (guint) getuid ());

  if (g_file_test (login, G_FILE_TEST_EXISTS))
    {
      g_test_skip ("there is a login whose bus would be found");
      return;
    }
  world_unsetenv (&place->world, "XDG_RUNTIME_DIR");
  {
    g_autoptr (TestRun) ran = session (place, 0, "echo $DBUS_SESSION_BUS_ADDRESS");
    g_autofree char *tmp = in_place (place, "tmp");

    test_assert_contains (ran->out, tmp);
  }
  check_all_gone (place);
}

/* As Debian installs the daemon, and most containers do not let it start: with the right to lock
 * memory in its file, and without it in the set of what may be had. */
static void
the_daemons_capabilities_are_done_without (Place *place, gconstpointer data)
{
  const guint32 ipc_lock[] = { GUINT32_TO_LE (0x02000001), GUINT32_TO_LE (1 << 14), 0, 0, 0 };
  g_autofree char *program = g_find_program_in_path ("gnome-keyring-daemon");
  g_autofree char *marked = in_place (place, "bin/gnome-keyring-daemon");
  g_autofree char *path = NULL;
  g_autofree char *end = in_place (place, "end");

  place_make_directory (place, "BIN", "bin");
  test_file_copy (program, marked);
  if (setxattr (marked, "security.capability", ipc_lock, sizeof ipc_lock, 0) != 0)
    {
      g_test_skip ("file capabilities cannot be given here");
      return;
    }
  path = g_strconcat (g_environ_getenv (place->world.env, "BIN"), ":", g_getenv ("PATH"), NULL);
  world_setenv (&place->world, "PATH", path);
  {
    g_autoptr (Running) running = running_start (
        &place->world, "setpriv", "--bounding-set=-ipc_lock", g_getenv ("KR_TEST_TOOL"),
        BY_CREDENTIAL, "sh", "-c", "echo ready; until [ -e $0/end ]; do sleep 0.01; done",
        place->directory, NULL);
    g_autofree char *ready = running_next_line (running);

    g_assert_cmpuint (count_daemons (place), ==, 1);
    g_assert_cmpuint (count_processes (place, marked), ==, 0);
    test_file_write (end, "", 0, 0);
    g_assert_cmpint (running_end (running), ==, 0);
  }
  check_all_gone (place);
}

static void
a_place_others_can_write_to_is_refused (Place *place, gconstpointer data)
{
  g_autofree char *path = in_place (place, "home/.local/share/krsecret");

  session_ends (place, 0, "true");
  g_assert_cmpint (g_chmod (path, 0777), ==, 0);
  {
    g_autoptr (TestRun) ran = session (place, 125, "true");

    test_assert_contains (ran->err, "[damaged]");
    test_assert_contains (ran->err, "0700");
  }
  check_all_gone (place);
}

int
main (int argc, char **argv)
{
  if (argc > 1 && g_str_equal (argv[1], COUNT_INTERRUPTS))
    return count_interrupts ();
  g_test_init (&argc, &argv, NULL);
  PLACE_TEST (first_use_makes_the_keyring);
  PLACE_TEST (what_was_added_is_there_the_next_time);
  PLACE_TEST (a_wrong_passphrase_runs_nothing);
  PLACE_TEST (the_first_line_of_a_descriptor_is_the_passphrase);
  PLACE_TEST (standard_input_is_the_commands);
  PLACE_TEST (the_commands_status_is_passed_on);
  PLACE_TEST (signals_are_passed_on);
  PLACE_TEST (a_command_that_cannot_be_run_says_why);
  PLACE_TEST (wrong_use_is_125);
  PLACE_TEST (a_credential_is_a_plain_file);
  PLACE_TEST (a_person_is_asked);
  PLACE_TEST (ctrl_c_reaches_the_command_once);
  PLACE_TEST (it_does_without_a_runtime_directory);
  PLACE_TEST (the_daemons_capabilities_are_done_without);
  PLACE_TEST (a_place_others_can_write_to_is_refused);
  return g_test_run ();
}
