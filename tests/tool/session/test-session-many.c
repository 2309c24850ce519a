/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "place.h"
#include "test-files.h"
#include "test-process.h"

/* session: several for one HOME, nested ones, and ones that are killed. */

/* This many accounts are stored at once in each of two; each takes two writes to the disk. */
#define EACH 10

static void
two_at_once_share_one_daemon (Place *place, gconstpointer data)
{
  g_autofree char *go = in_place (place, "go");
  const char *const names[] = { "a", "b" };
  Running *sessions[2];
  g_autofree char *one = NULL;
  g_autofree char *other = NULL;

  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *add = adding (names[i], EACH);
      g_autofree char *script = g_strconcat ("echo $DBUS_SESSION_BUS_ADDRESS;"
                                             "until [ -e $0/go ]; do sleep 0.01; done;",
                                             add, NULL);

      sessions[i] = start_session (place, script);
    }
  one = running_next_line (sessions[0]);
  other = running_next_line (sessions[1]);
  g_assert_cmpstr (one, ==, other);
  g_assert_cmpuint (count_daemons (place), ==, 1);
  test_file_write (go, "", 0, 0);
  for (guint i = 0; i < 2; i++)
    {
      if (running_end (sessions[i]) != 0)
        test_fail ("a session's program failed: %s", running_get_err (sessions[i]));
      running_free (sessions[i]);
    }
  check_all_gone (place);
  {
    g_autoptr (TestRun) ran = session (place, 0, "\"$KR_TEST_TOOL\" list --json");
    g_autoptr (JsonObject) whole = document (ran);

    g_assert_cmpuint (json_array_get_length (json_object_get_array_member (whole, "accounts")), ==,
                      2 * EACH);
  }
}

static void
a_crowd_makes_one_keyring (Place *place, gconstpointer data)
{
  g_autofree char *keyrings = in_place (place, "home/.local/share/keyrings");
  Running *sessions[8];
  g_autoptr (GDir) directory = NULL;
  const char *entry;
  guint n = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (sessions); i++)
    sessions[i] = start_session (place, "true");
  for (gsize i = 0; i < G_N_ELEMENTS (sessions); i++)
    {
      g_assert_cmpint (running_end (sessions[i]), ==, 0);
      running_free (sessions[i]);
    }
  check_all_gone (place);
  directory = g_dir_open (keyrings, 0, NULL);
  while ((entry = g_dir_read_name (directory)) != NULL)
    if (g_str_has_suffix (entry, ".keyring"))
      n++;
  g_assert_cmpuint (n, ==, 1);
}

/* Starts a session and waits until it runs; it ends when its directory contains the file. */
static Running *
start_waiting (Place *place, const char *file)
{
  g_autofree char *script = g_strdup_printf (
      "echo ready; until [ -e $0/%s ]; do sleep 0.01; done; exec \"$KR_TEST_TOOL\" list", file);
  Running *running = start_session (place, script);
  g_autofree char *ready = running_next_line (running);

  g_assert_cmpstr (ready, ==, "ready");
  return running;
}

static int
end_waiting (Place *place, Running *running, const char *file)
{
  g_autofree char *path = in_place (place, file);

  test_file_write (path, "", 0, 0);
  return running_end (running);
}

static void
the_first_may_end_first (Place *place, gconstpointer data)
{
  g_autoptr (Running) first = start_waiting (place, "first");
  g_autoptr (Running) second = start_waiting (place, "second");

  g_assert_cmpint (end_waiting (place, first, "first"), ==, 0);
  g_assert_cmpuint (count_daemons (place), ==, 1);
  g_assert_cmpint (end_waiting (place, second, "second"), ==, 0);
  check_all_gone (place);
}

static void
a_killed_one_leaves_nothing (Place *place, gconstpointer data)
{
  g_autoptr (Running) running = start_waiting (place, "never");

  running_signal (running, SIGKILL);
  running_end (running);
  check_all_gone (place);
  session_ends (place, 0, "true");
}

static void
a_killed_first_does_not_hurt_the_second (Place *place, gconstpointer data)
{
  g_autoptr (Running) first = start_waiting (place, "never");
  g_autoptr (Running) second = start_waiting (place, "second");

  running_signal (first, SIGKILL);
  running_end (first);
  g_assert_cmpuint (count_daemons (place), ==, 1);
  g_assert_cmpint (end_waiting (place, second, "second"), ==, 0);
  check_all_gone (place);
}

/* The bus daemon's parent. */
static GPid
find_keeper (Place *place)
{
  g_autofree char *needle = g_strconcat ("--config-file=", place->directory, NULL);
  GPid bus = test_wait_for_argument (needle);
  g_autofree char *path = g_strdup_printf ("/proc/%d/stat", bus);
  g_autofree char *text = NULL;
  int parent = 0;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpint (sscanf (strrchr (text, ')'), ") %*c %d", &parent), ==, 1);
  return parent;
}

/* This happens when the service with the first session is stopped: all of its processes are ended,
 * and the keeper is one of them. */
static void
without_the_keeper_every_session_fails (Place *place, gconstpointer data)
{
  const char *const says = "the keyring of this session has ended; the command is told to end";
  g_autoptr (Running) first = start_waiting (place, "never");
  g_autoptr (Running) second = start_waiting (place, "never");

  test_kill (find_keeper (place));
  /* The service manager starts it again. */
  g_assert_cmpint (running_end (first), ==, 125);
  g_assert_cmpint (running_end (second), ==, 125);
  test_assert_contains (running_get_err (first), says);
  test_assert_contains (running_get_err (second), says);
  test_wait_until (count_daemons (place) == 0);
  /* The next session finds nothing in its way, and removes the leftovers. */
  session_ends (place, 0, "true");
  check_all_gone (place);
}

/* How many sockets have the keeper's path: its own, and one for each connection. */
static guint
count_at_keeper (Place *place)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  guint n = 0;

  g_assert_true (g_file_get_contents ("/proc/net/unix", &text, NULL, NULL));
  lines = g_strsplit (text, "\n", -1);
  for (char **line = lines; *line != NULL; line++)
    if (strstr (*line, place->directory) != NULL && g_str_has_suffix (*line, "/keeper"))
      n++;
  return n;
}

/* It does not belong to what the keeper ends after the last session. */
static void
one_that_comes_as_the_last_one_ends_has_a_keyring (Place *place, gconstpointer data)
{
  g_autoptr (Running) first = start_waiting (place, "never");
  g_autoptr (Running) second = NULL;
  g_autofree char *ready = NULL;
  GPid keeper = find_keeper (place);

  g_assert_cmpint (kill (keeper, SIGSTOP), ==, 0);
  running_signal (first, SIGKILL);
  running_end (first);
  second = start_session (place, "echo ready; until [ -e $0/end ]; do sleep 0.01; done;"
                                 "exec \"$KR_TEST_TOOL\" list");
  test_wait_until (count_at_keeper (place) == 2);
  g_assert_cmpint (kill (keeper, SIGCONT), ==, 0);
  ready = running_next_line (second);
  g_assert_cmpstr (ready, ==, "ready");
  g_assert_cmpint (find_keeper (place), !=, keeper);
  g_assert_cmpint (end_waiting (place, second, "end"), ==, 0);
  check_all_gone (place);
}

/* No new passphrase is asked for if the keyring exists. */
static void
a_daemon_that_dies_is_no_missing_keyring (Place *place, gconstpointer data)
{
  g_autofree char *needle = g_strconcat ("--control-directory=", place->directory, NULL);
  g_autoptr (Running) first = start_waiting (place, "never");
  g_autoptr (Running) second = NULL;
  GPid daemon = test_wait_for_argument (needle);
  GPid keeper = find_keeper (place);

  g_assert_cmpint (kill (daemon, SIGSTOP), ==, 0);
  second = tool_start (&place->world, "session", "-v", "--", "true", place->directory);
  running_expect (second, "the keyring is there until");
  /* The bus goes on. */
  g_assert_cmpint (kill (keeper, SIGSTOP), ==, 0);
  test_kill (daemon);
  running_expect (second, "[no-keyring]");
  g_assert_cmpint (kill (keeper, SIGCONT), ==, 0);
  g_assert_cmpint (running_end (second), ==, 125);
  g_assert_cmpint (running_end (first), ==, 125);
  test_assert_lacks (running_get_err (second), "no keyring yet");
  check_all_gone (place);
}

static void
without_the_daemon_too (Place *place, gconstpointer data)
{
  g_autofree char *needle = g_strconcat ("--control-directory=", place->directory, NULL);
  g_autoptr (Running) running = start_waiting (place, "never");

  kill (test_wait_for_argument (needle), SIGTERM);
  g_assert_cmpint (running_end (running), ==, 125);
  check_all_gone (place);
  session_ends (place, 0, "true");
}

/* The session waits for the command as long as it takes, and its exit status does not count. */
static void
a_command_without_keyring_may_finish (Place *place, gconstpointer data)
{
  g_autoptr (Running) running = start_session (
      place, "trap 'echo told; until [ -e $0/end ]; do sleep 0.01; done; exit 0' TERM; echo ready;"
             "while :; do sleep 0.01; done");
  G_GNUC_UNUSED g_autofree char *ready = running_next_line (running);
  g_autofree char *end = in_place (place, "end");
  g_autofree char *told = NULL;

  test_kill (find_keeper (place));
  told = running_next_line (running);
  g_assert_cmpstr (told, ==, "told");
  test_file_write (end, "", 0, 0);
  g_assert_cmpint (running_end (running), ==, 125);
  session_ends (place, 0, "true");
  check_all_gone (place);
}

/* As when all processes of a service are told to end at once. */
static void
the_daemons_end_does_not_count_after_ours (Place *place, gconstpointer data)
{
  g_autofree char *needle = g_strconcat ("--control-directory=", place->directory, NULL);
  g_autoptr (Running) running = start_session (
      place, "trap 'echo told; until [ -e $0/end ]; do sleep 0.01; done; exit 3' TERM; echo ready;"
             "while :; do sleep 0.01; done");
  G_GNUC_UNUSED g_autofree char *ready = running_next_line (running);
  g_autofree char *end = in_place (place, "end");
  g_autofree char *told = NULL;

  running_signal (running, SIGTERM);
  told = running_next_line (running);
  kill (test_wait_for_argument (needle), SIGTERM);
  running_expect (running, "the keyring of this session has ended");
  test_file_write (end, "", 0, 0);
  g_assert_cmpint (running_end (running), ==, 3);
  test_assert_lacks (running_get_err (running), "told to end");
  check_all_gone (place);
}

static void
a_session_in_a_session_uses_it (Place *place, gconstpointer data)
{
  g_autoptr (TestRun) ran = session (place, 0,
                                     "echo $DBUS_SESSION_BUS_ADDRESS; unset CREDENTIALS_DIRECTORY;"
                                     "\"$KR_TEST_TOOL\" session -- sh -c"
                                     " 'echo $DBUS_SESSION_BUS_ADDRESS; exit 3' $0;"
                                     "test $? = 3");
  g_auto (GStrv) lines = g_strsplit (ran->out, "\n", 3);

  g_assert_cmpuint (g_strv_length (lines), ==, 3);
  g_assert_cmpstr (lines[0], ==, lines[1]);
  check_all_gone (place);
}

static gboolean
file_has (const char *path, const char *text)
{
  g_autofree char *data = NULL;
  gsize length;

  return g_file_get_contents (path, &data, &length, NULL)
         && memmem (data, length, text, strlen (text)) != NULL;
}

static void
check_tree_lacks (const char *path, const char *text)
{
  g_autoptr (GDir) directory = g_dir_open (path, 0, NULL);
  const char *entry;

  while (directory != NULL && (entry = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *inner = g_build_filename (path, entry, NULL);

      if (g_file_test (inner, G_FILE_TEST_IS_DIR))
        check_tree_lacks (inner, text);
      else if (g_file_test (inner, G_FILE_TEST_IS_REGULAR) && file_has (inner, text))
        test_fail ("%s has the passphrase", inner);
    }
}

static void
the_passphrase_is_nowhere (Place *place, gconstpointer data)
{
  const char *const names[] = { "home", "run", "tmp" };
  g_autoptr (Running) running = start_waiting (place, "end");
  g_autoptr (GDir) proc = g_dir_open ("/proc", 0, NULL);
  const char *entry;

  while ((entry = g_dir_read_name (proc)) != NULL)
    if (g_ascii_isdigit (*entry))
      {
        g_autofree char *line = g_build_filename ("/proc", entry, "cmdline", NULL);
        g_autofree char *file = g_build_filename ("/proc", entry, "environ", NULL);

        g_assert_false (file_has (line, PASSPHRASE));
        g_assert_false (file_has (file, PASSPHRASE));
      }
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = in_place (place, names[i]);

      check_tree_lacks (path, PASSPHRASE);
    }
  g_assert_cmpint (end_waiting (place, running, "end"), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  PLACE_TEST (two_at_once_share_one_daemon);
  PLACE_TEST (a_crowd_makes_one_keyring);
  PLACE_TEST (the_first_may_end_first);
  PLACE_TEST (a_killed_one_leaves_nothing);
  PLACE_TEST (a_killed_first_does_not_hurt_the_second);
  PLACE_TEST (without_the_keeper_every_session_fails);
  PLACE_TEST (one_that_comes_as_the_last_one_ends_has_a_keyring);
  PLACE_TEST (a_daemon_that_dies_is_no_missing_keyring);
  PLACE_TEST (without_the_daemon_too);
  PLACE_TEST (a_command_without_keyring_may_finish);
  PLACE_TEST (the_daemons_end_does_not_count_after_ours);
  PLACE_TEST (a_session_in_a_session_uses_it);
  PLACE_TEST (the_passphrase_is_nowhere);
  return g_test_run ();
}
