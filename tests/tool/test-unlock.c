/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* unlock, with a password. Runs with a password that occurs nowhere else. */

#include "terminal.h"

#include "locking.h"
#include "test-bus.h"
#include "test-keyring.h"
#include "test-process.h"

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
  test_assert_lacks (terminal->seen->str, locking_get_password ());
}

static void
test_wrong_password (World *world, gconstpointer data)
{
  g_autofree char *longer = g_strconcat (locking_get_password (), "x", NULL);
  const char *const wrong[] = { "wrong", longer, " " };

  add_account (world, "ls", 0, "a", "paper");
  tool_ends (world, 0, "lock");
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (TestRun) ran = locking_unlock (world, 5, wrong[i], "--json");
      G_GNUC_UNUSED g_autoptr (JsonObject) error = failure (ran, "locked");

      tool_ends (world, 5, "list");
    }
  g_assert_true (test_keyring_is_alive ());
  locking_unlock_ends (world, 0, locking_get_password ());
}

static void
test_unusable_password (World *world, gconstpointer data)
{
  g_autofree char *most = g_strnfill (1024, 'x');
  g_autofree char *too_long = g_strnfill (1025, 'x');
  g_autofree char *endless = g_strnfill (100000, 'x');

  tool_ends (world, 0, "lock");
  locking_unlock_ends (world, 2, "");
  locking_unlock_ends (world, 2, "\n");
  locking_unlock_ends (world, 5, most);
  locking_unlock_ends (world, 2, too_long);
  locking_unlock_ends (world, 2, endless);
  locking_unlock_ends (world, 0, locking_get_password ());
}

/* One line; anything after it is not for us. */
static void
test_first_line_is_the_password (World *world, gconstpointer data)
{
  g_autofree char *line = g_strconcat (locking_get_password (), "\n", NULL);
  g_autofree char *lines = g_strconcat (locking_get_password (), "\nmore\n", NULL);

  tool_ends (world, 0, "lock");
  locking_unlock_ends (world, 0, line);
  tool_ends (world, 0, "lock");
  locking_unlock_ends (world, 0, lines);
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
  locking_unlock_ends (world, 0, "wrong");
  locking_unlock_ends (world, 0, locking_get_password ());
  g_assert_cmpuint (test_monitor_count (monitor, "Prompt"), ==, 0);
  add_unverified (world, "ls", 0, "a");
}

/* Without an item of ours, a locked keyring looks like an open one to a search for accounts. */
static void
test_without_accounts (World *world, gconstpointer data)
{
  tool_ends (world, 0, "lock");
  locking_unlock_ends (world, 5, "wrong");
  locking_unlock_ends (world, 0, locking_get_password ());
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
      g_autofree char *almost = g_strconcat (locking_get_password (), "-almost", NULL);

      test_keyring_lock ();
      monitor = test_monitor_start ();
      {
        g_autoptr (TestRun) wrong = locking_unlock (world, 5, almost, options[i]);
        g_autoptr (TestRun) right = locking_unlock (world, 0, locking_get_password (), options[i]);

        test_assert_lacks (wrong->out, locking_get_password ());
        test_assert_lacks (wrong->err, locking_get_password ());
        test_assert_lacks (right->out, locking_get_password ());
        test_assert_lacks (right->err, locking_get_password ());
      }
      g_assert_cmpuint (test_monitor_count (monitor, "UnlockWithMasterPassword"), ==, 2);
      g_assert_cmpuint (test_monitor_count_text (monitor, locking_get_password ()), ==, 0);
      g_clear_pointer (&monitor, test_monitor_stop);
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

static void
test_terminal (World *world, gconstpointer data)
{
  g_autofree char *line = g_strconcat (locking_get_password (), "\n", NULL);

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
  locking_unlock_ends (world, 0, locking_get_password ());
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  WORLD_TEST ("unlock/wrong-password-is-5", NULL, test_wrong_password);
  WORLD_TEST ("unlock/unusable-password-is-2", NULL, test_unusable_password);
  WORLD_TEST ("unlock/first-line-is-the-password", NULL, test_first_line_is_the_password);
  WORLD_TEST ("unlock/wrong-use", NULL, test_wrong_use);
  WORLD_TEST ("unlock/open-keyring-stays-open", NULL, test_open_already);
  WORLD_TEST ("unlock/keyring-without-accounts", NULL, test_without_accounts);
  WORLD_TEST ("unlock/password-is-nowhere", NULL, test_password_is_nowhere);
  WORLD_TEST ("unlock/password-that-does-not-come", NULL, test_password_that_does_not_come);
  WORLD_TEST ("unlock/terminal-without-a-desktop-asks", NULL, test_terminal);
  WORLD_TEST ("unlock/no-input-asks-nobody", NULL, test_terminal_without_input);
  return g_test_run ();
}
