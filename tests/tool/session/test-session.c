/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "place.h"
#include "test-files.h"
#include "test-process.h"

/* session without a bus or a keyring other than its own. Those of tools/with-keyring are hidden,
 * and only serve to clean up after a test that fails. */

static void
first_use_makes_the_keyring (Place *place, gconstpointer data)
{
  g_autofree char *path = in_place (place, "home/.local/share/keyrings/login.keyring");
  g_autofree char *content = NULL;
  g_autoptr (TestRun) ran = session (place, 0, "echo \"runs with $DBUS_SESSION_BUS_ADDRESS\"");
  gsize length;
  struct stat st;

  test_assert_contains (ran->out, "runs with unix:path=");
  test_assert_contains (ran->err, "created a keyring");
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
    test_assert_lacks (ran->err, "created a keyring");
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
    G_GNUC_UNUSED g_autoptr (JsonObject) error = failure (json, "locked");

    g_assert_cmpstr (ran->out, ==, "");
    test_assert_contains (ran->err, "[locked]");
  }
  check_all_gone (place);
  session_ends (place, 0, "true");
}

static void
the_first_line_of_a_descriptor_is_the_passphrase (Place *place, gconstpointer data)
{
  G_GNUC_UNUSED g_autoptr (TestRun) ran
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
  const int numbers[]
      = { SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM, SIGWINCH, SIGCONT, SIGTSTP };
  g_autoptr (Running) running = start_session (
      place, "for s in TERM INT HUP QUIT USR1 USR2 ALRM WINCH CONT TSTP; do trap \"echo $s\" $s;"
             "done; echo ready; until [ -e $0/end ]; do sleep 0.02; done");
  G_GNUC_UNUSED g_autofree char *ready = running_next_line (running);
  g_autofree char *end = in_place (place, "end");

  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      g_autofree char *line = NULL;

      running_signal (running, numbers[i]);
      line = running_next_line (running);
      g_assert_cmpstr (line, ==, sigabbrev_np (numbers[i]));
    }
  test_file_write (end, "", 0, 0);
  g_assert_cmpint (running_end (running), ==, 0);
  check_all_gone (place);
}

static void
a_command_that_cannot_be_run_says_why (Place *place, gconstpointer data)
{
  g_autofree char *script = in_place (place, "script");
  g_autoptr (TestRun) missing
      = tool (&place->world, 127, "--json", BY_CREDENTIAL, "no-such-program", place->directory);
  G_GNUC_UNUSED g_autoptr (JsonObject) not_found = failure (missing, "not-found");
  g_autoptr (TestRun) refused
      = tool (&place->world, 126, "--json", BY_CREDENTIAL, "/etc/passwd", place->directory);
  G_GNUC_UNUSED g_autoptr (JsonObject) failed = failure (refused, "failed");

  /* Only the kernel finds this error. */
  test_file_write (script, "#!/no/such/shell\n", -1, 0700);
  {
    g_autoptr (TestRun) ran = tool (&place->world, 127, BY_CREDENTIAL, script, place->directory);

    test_assert_contains (ran->err, "interpreter");
  }
  check_all_gone (place);
}

/* Each try has fewer descriptors. The first to fail has no pipe left for the command; this is not
 * an error of the command. */
static void
too_few_descriptors_is_a_failure_of_ours (Place *place, gconstpointer data)
{
  g_autoptr (Running) failed = NULL;

  session_ends (place, 0, "true");
  for (guint n = 24; n > 6 && failed == NULL; n--)
    {
      g_autofree char *script = g_strdup_printf (
          "ulimit -n %u; exec \"$KR_TEST_TOOL\" session --credential keyring-passphrase -- true "
          "\"$0\"",
          n);
      g_autoptr (Running) running
          = running_start (&place->world, "sh", "-c", script, place->directory, NULL);

      if (running_end (running) != 0)
        failed = g_steal_pointer (&running);
      check_all_gone (place);
    }
  g_assert_nonnull (failed);
  g_assert_cmpint (running_end (failed), ==, 125);
  test_assert_contains (running_get_err (failed), "Too many open files");
  test_assert_contains (running_get_err (failed), "ulimit");
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

/* Ends with 125, and says so. */
#define check_refused(place, says, ...)                                                            \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_autoptr (TestRun) refused                                                                    \
        = tool (&(place)->world, 125, "session", __VA_ARGS__, "--", "true", (place)->directory);   \
                                                                                                   \
    test_assert_contains (refused->err, says);                                                     \
  }                                                                                                \
  G_STMT_END

static void
a_credential_is_a_plain_file (Place *place, gconstpointer data)
{
  World *world = &place->world;
  g_autofree char *link = in_place (place, "credentials/link");
  g_autofree char *fifo = in_place (place, "credentials/fifo");
  g_autofree char *folder = in_place (place, "credentials/folder");

  g_assert_cmpint (symlink ("keyring-passphrase", link), ==, 0);
  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
  session_ends (place, 0, "true");
  check_refused (place, "must be a regular file", "--credential", "link");
  check_refused (place, "must be a regular file", "--credential", "fifo");
  check_refused (place, "must be a regular file", "--credential", "folder");
  check_refused (place, "No such file", "--credential", "missing");
  world_unsetenv (world, "CREDENTIALS_DIRECTORY");
  check_refused (place, "CREDENTIALS_DIRECTORY", "--credential", "link");
}

/* However a file was made, it gives the same passphrase, or none. */
static void
one_end_of_a_line_is_no_part_of_the_passphrase (Place *place, gconstpointer data)
{
  const char *const good[] = { PASSPHRASE, PASSPHRASE "\n", PASSPHRASE "\r\n" };
  const struct
  {
    const char *text, *says;
  } bad[] = { { "", "empty" },
              { "\n", "empty" },
              { "\r\n", "empty" },
              { PASSPHRASE "\n\n", "line break" },
              { PASSPHRASE "\r\n\r\n", "line break" },
              { PASSPHRASE "\r\r\n", "line break" },
              { PASSPHRASE "\n\r", "line break" },
              { PASSPHRASE "\r", "line break" },
              { "pass\n" PASSPHRASE, "line break" },
              { "pass\r" PASSPHRASE "\n", "line break" },
              { "\n" PASSPHRASE "\n", "line break" } };
  g_autofree char *path = in_place (place, "credentials/other");
  g_autofree char *longest = g_strnfill (1025, 'x');

  session_ends (place, 0, "true");
  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    {
      test_file_write (path, good[i], -1, 0600);
      tool_ends (&place->world, 0, "session", "--credential", "other", "--", "true",
                 place->directory);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      test_file_write (path, bad[i].text, -1, 0600);
      check_refused (place, bad[i].says, "--credential", "other");
    }
  test_file_write (path, longest, -1, 0600);
  check_refused (place, "too long", "--credential", "other");
  check_all_gone (place);
}

/* From a descriptor the first line is used. */
static void
a_line_may_end_as_elsewhere (Place *place, gconstpointer data)
{
  const char *const good[] = { PASSPHRASE, PASSPHRASE "\r\n", PASSPHRASE "\r\nmore\r\n" };
  const char *const bad[] = { PASSPHRASE "\r", PASSPHRASE "\r\r\n", "pass\r" PASSPHRASE "\n" };

  session_ends (place, 0, "true");
  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    {
      G_GNUC_UNUSED g_autoptr (TestRun) ran
          = tool_fd (&place->world, 0, 3, good[i], "session", "--passphrase-fd", "3", "--", "true",
                     place->directory);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (TestRun) ran = tool_fd (&place->world, 125, 3, bad[i], "session",
                                         "--passphrase-fd", "3", "--", "true", place->directory);

      test_assert_contains (ran->err, "line break");
    }
  check_all_gone (place);
}

/* Descriptors that the command has closed are closed, even those that only we were given. */
static void
nothing_of_the_commands_is_held (Place *place, gconstpointer data)
{
  g_autofree char *end = in_place (place, "end");
  g_autoptr (Running) running = running_start (
      &place->world, "sh", "-c",
      "\"$KR_TEST_TOOL\" session --credential keyring-passphrase -- sh -c 'exec > /dev/null 9>&-;"
      " until [ -e \"$0/end\" ]; do sleep 0.02; done' \"$0\" 9>&1"
      " | { cat; echo the reader saw the end; }",
      place->directory, NULL);
  g_autofree char *line = running_next_line (running);

  g_assert_cmpstr (line, ==, "the reader saw the end");
  test_file_write (end, "", 0, 0);
  g_assert_cmpint (running_end (running), ==, 0);
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
  g_test_init (&argc, &argv, NULL);
  PLACE_TEST (first_use_makes_the_keyring);
  PLACE_TEST (what_was_added_is_there_the_next_time);
  PLACE_TEST (a_wrong_passphrase_runs_nothing);
  PLACE_TEST (the_first_line_of_a_descriptor_is_the_passphrase);
  PLACE_TEST (standard_input_is_the_commands);
  PLACE_TEST (the_commands_status_is_passed_on);
  PLACE_TEST (signals_are_passed_on);
  PLACE_TEST (a_command_that_cannot_be_run_says_why);
  PLACE_TEST (too_few_descriptors_is_a_failure_of_ours);
  PLACE_TEST (wrong_use_is_125);
  PLACE_TEST (a_credential_is_a_plain_file);
  PLACE_TEST (one_end_of_a_line_is_no_part_of_the_passphrase);
  PLACE_TEST (a_line_may_end_as_elsewhere);
  PLACE_TEST (nothing_of_the_commands_is_held);
  PLACE_TEST (it_does_without_a_runtime_directory);
  PLACE_TEST (a_place_others_can_write_to_is_refused);
  return g_test_run ();
}
