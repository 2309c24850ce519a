/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* lock, and unlock with a password. Runs with a password that occurs nowhere else. */

#include "terminal.h"

#include "test-bus.h"
#include "test-keyring.h"
#include "test-process.h"

static const char *
password (void)
{
  return g_getenv ("KR_TEST_KEYRING_PASSWORD");
}

static TestRun *
unlock_with (World *world, int status, const char *input, const char *option)
{
  return tool_fd (world, status, 3, input, "unlock", "--fd", "3", option);
}

static void
unlock_ends (World *world, int status, const char *input)
{
  g_autoptr (TestRun) ran = unlock_with (world, status, input, NULL);

  g_assert_cmpstr (ran->out, ==, "");
}

static void
test_locked_for_all (World *world, gconstpointer data)
{
  add_account (world, "ls", 0, "a", "paper");
  tool_ends (world, 0, "lock");
  tool_ends (world, 5, "token", "a");
  tool_ends (world, 5, "list");
  /* It is the requested state. */
  tool_ends (world, 0, "lock");
  unlock_ends (world, 0, password ());
  tool_ends (world, 0, "token", "a", "--no-issue");
}

/* A running program notices, and gets its tokens again afterwards. */
static void
test_seen_by_running_programs (World *world, gconstpointer data)
{
  add_account (world, "ls", 0, "a", "paper");
  {
    g_autoptr (Running) monitor = tool_start (world, "monitor", "--json");
    g_autofree char *attention = NULL;
    g_autofree char *changed = NULL;

    running_expect (monitor, "watching");
    tool_ends (world, 0, "lock");
    attention = running_next_line (monitor);
    test_assert_contains (attention, "\"attention\"");
    unlock_ends (world, 0, password ());
    tool_ends (world, 0, "rename", "a", "b");
    changed = running_next_line (monitor);
    test_assert_contains (changed, "\"account-changed\"");
    running_signal (monitor, SIGTERM);
    running_end (monitor);
  }
}

static void
check_document (TestRun *ran, const char *state)
{
  g_autoptr (JsonObject) whole = document (ran);

  check_members (whole, "format_version keyring");
  g_assert_cmpstr (json_object_get_string_member (whole, "keyring"), ==, state);
}

static void
test_documents (World *world, gconstpointer data)
{
  g_autoptr (TestRun) lock = tool (world, 0, "lock", "--json");
  g_autoptr (TestRun) again = tool (world, 0, "lock", "--json");
  g_autoptr (TestRun) unlock = unlock_with (world, 0, password (), "--json");
  g_autoptr (TestRun) open = tool (world, 0, "unlock", "--json");

  check_document (lock, "locked");
  check_document (again, "locked");
  check_document (unlock, "unlocked");
  check_document (open, "unlocked");
}

static void
test_words (World *world, gconstpointer data)
{
  g_autoptr (TestRun) lock = tool (world, 0, "lock");
  g_autoptr (TestRun) unlock = unlock_with (world, 0, password (), NULL);
  g_autoptr (TestRun) quiet_lock = tool (world, 0, "lock", "-q");
  g_autoptr (TestRun) quiet_unlock = unlock_with (world, 0, password (), "-q");

  g_assert_cmpstr (lock->out, ==, "");
  test_assert_contains (lock->err, "locked");
  g_assert_cmpstr (unlock->out, ==, "");
  test_assert_contains (unlock->err, "unlocked");
  g_assert_cmpstr (quiet_lock->err, ==, "");
  g_assert_cmpstr (quiet_unlock->err, ==, "");
}

static void
test_wrong_password (World *world, gconstpointer data)
{
  g_autofree char *longer = g_strconcat (password (), "x", NULL);
  const char *const wrong[] = { "wrong", longer, " " };

  add_account (world, "ls", 0, "a", "paper");
  tool_ends (world, 0, "lock");
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (TestRun) ran = unlock_with (world, 5, wrong[i], "--json");
      G_GNUC_UNUSED g_autoptr (JsonObject) error = failure (ran, "locked");

      tool_ends (world, 5, "list");
    }
  g_assert_true (test_keyring_is_alive ());
  unlock_ends (world, 0, password ());
}

static void
test_unusable_password (World *world, gconstpointer data)
{
  g_autofree char *most = g_strnfill (1024, 'x');
  g_autofree char *too_long = g_strnfill (1025, 'x');
  g_autofree char *endless = g_strnfill (100000, 'x');

  tool_ends (world, 0, "lock");
  unlock_ends (world, 2, "");
  unlock_ends (world, 2, "\n");
  unlock_ends (world, 5, most);
  unlock_ends (world, 2, too_long);
  unlock_ends (world, 2, endless);
  unlock_ends (world, 0, password ());
}

/* One line; anything after it is not for us. */
static void
test_first_line_is_the_password (World *world, gconstpointer data)
{
  g_autofree char *line = g_strconcat (password (), "\n", NULL);
  g_autofree char *lines = g_strconcat (password (), "\nmore\n", NULL);

  tool_ends (world, 0, "lock");
  unlock_ends (world, 0, line);
  tool_ends (world, 0, "lock");
  unlock_ends (world, 0, lines);
  tool_ends (world, 0, "lock");
  test_run_free (tool_fed (world, 0, line, "unlock", "--fd", "0"));
}

static void
test_wrong_use (World *world, gconstpointer data)
{
  tool_ends (world, 2, "lock", "a");
  tool_ends (world, 2, "lock", "--fd", "3");
  tool_ends (world, 2, "unlock", "a");
  tool_ends (world, 2, "unlock", "--fd", "77");
  tool_ends (world, 2, "unlock", "--fd", "-1");
  tool_ends (world, 2, "unlock", "--fd", "three");
  tool_ends (world, 2, "unlock", "--fd");
  tool_ends (world, 2, "unlock", "--password", "x");
}

/* An open keyring stays open, whatever the password. */
static void
test_open_already (World *world, gconstpointer data)
{
  g_autoptr (TestMonitor) monitor = test_monitor_start ();

  tool_ends (world, 0, "unlock");
  tool_ends (world, 0, "unlock", "--no-input");
  unlock_ends (world, 0, "wrong");
  unlock_ends (world, 0, password ());
  g_assert_cmpuint (test_monitor_count (monitor, "Prompt"), ==, 0);
  add_unverified (world, "ls", 0, "a");
}

/* Without an item of ours, a locked keyring looks like an open one to a search for accounts. */
static void
test_without_accounts (World *world, gconstpointer data)
{
  tool_ends (world, 0, "lock");
  unlock_ends (world, 5, "wrong");
  unlock_ends (world, 0, password ());
  add_unverified (world, "ls", 0, "a");
}

static void
test_password_is_nowhere (World *world, gconstpointer data)
{
  static const char *const options[] = { "-v", "--json", "-q" };
  g_autoptr (TestMonitor) monitor = NULL;

  world_setenv (world, "G_MESSAGES_DEBUG", "all");
  world_setenv (world, "G_DBUS_DEBUG", "all");
  for (guint i = 0; i < G_N_ELEMENTS (options); i++)
    {
      g_autofree char *almost = g_strconcat (password (), "-almost", NULL);

      test_keyring_lock ();
      monitor = test_monitor_start ();
      {
        g_autoptr (TestRun) wrong = unlock_with (world, 5, almost, options[i]);
        g_autoptr (TestRun) right = unlock_with (world, 0, password (), options[i]);

        test_assert_lacks (wrong->out, password ());
        test_assert_lacks (wrong->err, password ());
        test_assert_lacks (right->out, password ());
        test_assert_lacks (right->err, password ());
      }
      g_assert_cmpuint (test_monitor_count (monitor, "UnlockWithMasterPassword"), ==, 2);
      g_assert_cmpuint (test_monitor_count_text (monitor, password ()), ==, 0);
      g_clear_pointer (&monitor, test_monitor_stop);
    }
}

static void
test_no_keyring (World *world, gconstpointer data)
{
  world_hide_bus (world);
  {
    g_autoptr (TestRun) lock = tool (world, 6, "lock", "--json");
    g_autoptr (TestRun) unlock = unlock_with (world, 6, password (), "--json");
    G_GNUC_UNUSED g_autoptr (JsonObject) first = failure (lock, "no-keyring");
    G_GNUC_UNUSED g_autoptr (JsonObject) second = failure (unlock, "no-keyring");
  }
}

static void
test_keyring_stopped (World *world, gconstpointer data)
{
  test_pause (test_keyring_get_pid ());
  {
    g_autoptr (TestRun) lock = tool (world, ANY_STATUS, "lock", "--timeout", "1");
    g_autoptr (TestRun) unlock = unlock_with (world, ANY_STATUS, password (), "--timeout=1");

    test_resume (test_keyring_get_pid ());
    g_assert_cmpint (lock->status, ==, 9);
    g_assert_cmpint (unlock->status, ==, 9);
  }
}

/* The wait for a password that never comes ends at the timeout. */
static void
test_password_that_does_not_come (World *world, gconstpointer data)
{
  tool_ends (world, 0, "lock");
  {
    g_autoptr (TestRun) ran = tool_shell (
        world, ANY_STATUS,
        "cd \"$TMPDIR\" && mkfifo never && \"$KR_TEST_TOOL\" unlock --fd 3 --timeout 1 3<> never");

    test_keyring_unlock ();
    g_assert_cmpint (ran->status, ==, 9);
  }
}

/* Over ssh there is a user, but no desktop: the password is typed. */
static Terminal *
start_at_terminal (World *world)
{
  Terminal *terminal = terminal_start (world, TERMINAL_ALL, "unlock", NULL);

  terminal_expect (terminal, "Password of the keyring");
  terminal_wait_for_no_echo (terminal);
  return terminal;
}

static void
answer (World *world, const char *text, int status)
{
  g_autoptr (Terminal) terminal = start_at_terminal (world);

  terminal_type (terminal, text);
  g_assert_cmpint (terminal_end (terminal), ==, status);
  g_assert_true (terminal_echoes (terminal));
  test_assert_lacks (terminal->seen->str, password ());
}

static void
test_terminal (World *world, gconstpointer data)
{
  g_autofree char *line = g_strconcat (password (), "\n", NULL);

  tool_ends (world, 0, "lock");
  answer (world, "wrong\n", 5);
  answer (world, "\n", 2);
  answer (world, "\003", 130);
  answer (world, "\004", 10);
  tool_ends (world, 5, "unlock", "--no-input");
  answer (world, line, 0);
  add_unverified (world, "ls", 0, "a");
}

static void
test_terminal_without_input (World *world, gconstpointer data)
{
  tool_ends (world, 0, "lock");
  {
    g_autoptr (Terminal) option
        = terminal_start (world, TERMINAL_ALL, "unlock", "--no-input", NULL);

    g_assert_cmpint (terminal_end (option), ==, 5);
  }
  world_setenv (world, "KR_SECRET_NO_INPUT", "1");
  {
    g_autoptr (Terminal) variable = terminal_start (world, TERMINAL_ALL, "unlock", NULL);

    g_assert_cmpint (terminal_end (variable), ==, 5);
  }
  unlock_ends (world, 0, password ());
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  WORLD_TEST ("lock/locked-for-all", NULL, test_locked_for_all);
  WORLD_TEST ("lock/seen-by-running-programs", NULL, test_seen_by_running_programs);
  WORLD_TEST ("lock/documents", NULL, test_documents);
  WORLD_TEST ("lock/words", NULL, test_words);
  WORLD_TEST ("lock/wrong-password-is-5", NULL, test_wrong_password);
  WORLD_TEST ("lock/unusable-password-is-2", NULL, test_unusable_password);
  WORLD_TEST ("lock/first-line-is-the-password", NULL, test_first_line_is_the_password);
  WORLD_TEST ("lock/wrong-use", NULL, test_wrong_use);
  WORLD_TEST ("lock/open-keyring-stays-open", NULL, test_open_already);
  WORLD_TEST ("lock/keyring-without-accounts", NULL, test_without_accounts);
  WORLD_TEST ("lock/password-is-nowhere", NULL, test_password_is_nowhere);
  WORLD_TEST ("lock/no-keyring", NULL, test_no_keyring);
  WORLD_TEST ("lock/keyring-stopped", NULL, test_keyring_stopped);
  WORLD_TEST ("lock/password-that-does-not-come", NULL, test_password_that_does_not_come);
  WORLD_TEST ("lock/terminal-without-a-desktop-asks", NULL, test_terminal);
  WORLD_TEST ("lock/no-input-asks-nobody", NULL, test_terminal_without_input);
  return g_test_run ();
}
