/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A user at a terminal with a locked keyring is offered its prompt; others are not. */

#include "terminal.h"

#include "backups.h"
#include "import.h"
#include "test-bus.h"
#include "test-keyring.h"
#include "test-prompter.h"

#define SAYS "the keyring is locked; the desktop asks for its password"

/* A terminal in a desktop's window, a user at the prompter, and a locked keyring with the account
 * "a" in it. */
static TestPrompter *
begin (World *world, TestPrompterMood mood)
{
  world_setenv (world, "DISPLAY", ":7");
  add_account (world, "ls", 0, "a", "paper");
  test_keyring_lock ();
  return test_prompter_start (mood);
}

/* Runs a command at a terminal, with its prompt answered. */
static void
check_goes_on (
    World *world, TestPrompter *prompter, const char *one, const char *two, const char *three)
{
  guint before = test_prompter_count_performed (prompter);
  g_autoptr (Terminal) terminal = terminal_start (world, TERMINAL_ALL, one, two, three, NULL);

  terminal_expect (terminal, SAYS);
  if (terminal_end (terminal) != 0)
    test_fail ("%s, after the prompt was answered: %s", one, terminal->seen->str);
  g_assert_cmpuint (test_prompter_count_performed (prompter), ==, before + 1);
  test_keyring_lock ();
}

static void
test_goes_on (World *world, gconstpointer data)
{
  g_autoptr (TestPrompter) prompter = begin (world, TEST_PROMPTER_ANSWERS);

  check_goes_on (world, prompter, "show", "a", NULL);
  check_goes_on (world, prompter, "token", "a", NULL);
  check_goes_on (world, prompter, "header", "a", NULL);
  check_goes_on (world, prompter, "refresh", "a", "--force");
  check_goes_on (world, prompter, "rename", "a", "b");
  check_goes_on (world, prompter, "edit", "b", "--endpoint=");
  check_goes_on (world, prompter, "forget", "b", NULL);
  check_goes_on (world, prompter, "remove", "b", "--keep-token");
  test_keyring_unlock ();
}

/* The commands that hand out the keys themselves. */
static void
test_keys (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) folder = test_directory_new ();
  g_autofree char *path = backups_path (folder, "backup");
  g_autoptr (TestPrompter) prompter = begin (world, TEST_PROMPTER_ANSWERS);

  check_goes_on (world, prompter, "credential", "a", "--reveal");
  {
    g_autoptr (Terminal) exec
        = terminal_start (world, TERMINAL_ALL, "exec", "a", "--", "echo", "it runs", NULL);

    terminal_expect (exec, SAYS);
    terminal_expect (exec, "it runs");
    g_assert_cmpint (terminal_end (exec), ==, 0);
  }
  test_keyring_lock ();
  {
    g_autoptr (Terminal) backup = terminal_start (world, TERMINAL_ALL, "backup", path, NULL);

    terminal_expect (backup, SAYS);
    backups_type (backup, "assphrase", BACKUPS_LINE);
    backups_type (backup, "again", BACKUPS_LINE);
    g_assert_cmpint (terminal_end (backup), ==, 0);
  }
  g_assert_cmpuint (backups_count_files (folder), ==, 1);
}

/* doctor reports what is wrong, and changes nothing. */
static void
test_doctor (World *world, gconstpointer data)
{
  g_autoptr (TestPrompter) prompter = begin (world, TEST_PROMPTER_ANSWERS);
  g_autoptr (Terminal) terminal = terminal_start (world, TERMINAL_ALL, "doctor", NULL);

  g_assert_cmpint (terminal_end (terminal), ==, 5);
  g_assert_cmpuint (test_prompter_count_begun (prompter), ==, 0);
  test_keyring_unlock ();
}

/* The output contains the answer only. */
static void
test_output_is_clean (World *world, gconstpointer data)
{
  G_GNUC_UNUSED g_autoptr (TestPrompter) prompter = begin (world, TEST_PROMPTER_ANSWERS);
  g_autoptr (Terminal) terminal
      = terminal_start (world, TERMINAL_OUT_PIPED, "show", "a", "--json", NULL);
  g_autofree char *out = NULL;
  g_autoptr (JsonObject) whole = NULL;

  terminal_expect (terminal, SAYS);
  g_assert_cmpint (terminal_end (terminal), ==, 0);
  out = terminal_piped (terminal);
  whole = document_at (G_STRLOC, out);
  g_assert_cmpstr (json_object_get_string_member (whole, "alias"), ==, "a");
}

static void
type_secret (Terminal *terminal, const char *prompt, const char *secret)
{
  g_autofree char *line = g_strconcat (secret, "\n", NULL);

  terminal_expect (terminal, prompt);
  terminal_wait_for_no_echo (terminal);
  terminal_type (terminal, line);
}

/* The prompt comes before the first question. A keyring with nothing in it is locked too. */
static void
check_add (World *world, guint n, const char *alias)
{
  g_autoptr (TestPrompter) prompter = test_prompter_start (TEST_PROMPTER_ANSWERS);
  g_autofree char *appkey = test_simulator_get_key ("ls", n, "appkey");
  g_autofree char *appsecret = test_simulator_get_key ("ls", n, "appsecret");
  g_autoptr (Terminal) terminal = NULL;

  world_setenv (world, "DISPLAY", ":7");
  test_keyring_lock ();
  terminal = terminal_start (world, TERMINAL_ALL, ADD (world, "ls", alias), NULL);
  terminal_expect (terminal, SAYS);
  type_secret (terminal, "appkey", appkey);
  g_assert_cmpuint (test_prompter_count_performed (prompter), ==, 1);
  type_secret (terminal, "appsecret", appsecret);
  g_assert_cmpint (terminal_end (terminal), ==, 0);
}

static void
test_add (World *world, gconstpointer data)
{
  check_add (world, 0, "a");
  check_add (world, 1, "b");
  g_assert_cmpuint (count_accounts (world), ==, 2);
}

/* The same for keys that come from a file, with and without accounts in the keyring. */
static void
test_import (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) home = import_home_new (world);
  g_autofree char *yaml = import_write_yaml (home);
  g_autofree char *env = import_write_env (home);
  g_autoptr (TestPrompter) prompter = test_prompter_start (TEST_PROMPTER_ANSWERS);

  world_setenv (world, "WAYLAND_DISPLAY", "wayland-7");
  test_keyring_lock ();
  check_goes_on (world, prompter, "import", "-y", yaml);
  check_goes_on (world, prompter, "import", "-y", env);
  test_keyring_unlock ();
  g_assert_cmpuint (count_accounts (world), ==, 3);
}

/* On a machine that has nothing yet. */
static void
test_restore (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) folder = test_directory_new ();
  G_GNUC_UNUSED g_autoptr (TestPrompter) prompter = begin (world, TEST_PROMPTER_ANSWERS);
  g_autofree char *path = NULL;

  test_keyring_unlock ();
  path = backups_make (world, folder);
  test_keyring_clear ();
  test_keyring_lock ();
  {
    g_autoptr (Terminal) terminal
        = terminal_start (world, TERMINAL_ALL, "restore", "-y", path, NULL);

    terminal_expect (terminal, SAYS);
    backups_type (terminal, "assphrase", BACKUPS_LINE);
    g_assert_cmpint (terminal_end (terminal), ==, 0);
  }
  g_assert_cmpuint (count_accounts (world), ==, 1);
}

static void
test_dismissed (World *world, gconstpointer data)
{
  const char *const commands[][2] = { { "monitor" }, { "token", "a" }, { "show", "a" } };
  g_autoptr (TestPrompter) prompter = begin (world, TEST_PROMPTER_DISMISSES);

  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      g_autoptr (Terminal) terminal
          = terminal_start (world, TERMINAL_ALL, commands[i][0], commands[i][1], NULL);

      terminal_expect (terminal, SAYS);
      g_assert_cmpint (terminal_end (terminal), ==, 5);
      test_assert_contains (terminal->seen->str, "[locked]");
      /* Once is enough. */
      g_assert_cmpuint (test_prompter_count_performed (prompter), ==, i + 1);
    }
  {
    g_autoptr (Terminal) add = terminal_start (world, TERMINAL_ALL, ADD (world, "ls", "b"), NULL);

    g_assert_cmpint (terminal_end (add), ==, 5);
    test_assert_lacks (add->seen->str, "appkey");
  }
  g_assert_true (test_keyring_is_alive ());
  test_keyring_unlock ();
}

/* A desktop without such a prompt: the message names the way out. */
static void
test_no_prompter (World *world, gconstpointer data)
{
  world_setenv (world, "DISPLAY", ":7");
  add_account (world, "ls", 0, "a", "paper");
  test_keyring_lock ();
  {
    g_autoptr (Terminal) terminal = terminal_start (world, TERMINAL_ALL, "show", "a", NULL);

    g_assert_cmpint (terminal_end (terminal), ==, 5);
    test_assert_contains (terminal->seen->str, "kr-secret-tool unlock");
  }
  test_keyring_unlock ();
}

/* Over ssh, for example: the password is typed where the user is. */
static void
type_password (World *world, const char *text, int status)
{
  g_autoptr (Terminal) terminal = terminal_start (world, TERMINAL_ALL, "token", "a", NULL);

  terminal_expect (terminal, "there is no desktop");
  type_secret (terminal, "Password of the keyring", text);
  g_assert_cmpint (terminal_end (terminal), ==, status);
  g_assert_true (terminal_echoes (terminal));
}

static void
test_no_desktop (World *world, gconstpointer data)
{
  g_autoptr (TestPrompter) prompter = begin (world, TEST_PROMPTER_ANSWERS);

  world_unsetenv (world, "DISPLAY");
  type_password (world, "wrong", 5);
  type_password (world, "", 2);
  type_password (world, g_getenv ("KR_TEST_KEYRING_PASSWORD"), 0);
  g_assert_cmpuint (test_prompter_count_begun (prompter), ==, 0);
}

/* The command does not wait for a user who has left. */
static void
test_no_desktop_timeout (World *world, gconstpointer data)
{
  G_GNUC_UNUSED g_autoptr (TestPrompter) prompter = begin (world, TEST_PROMPTER_ANSWERS);
  g_autoptr (Terminal) terminal = NULL;

  world_unsetenv (world, "DISPLAY");
  terminal = terminal_start (world, TERMINAL_ALL, "show", "a", "--timeout", "1", NULL);
  terminal_expect (terminal, "Password of the keyring");
  g_assert_cmpint (terminal_end (terminal), ==, 9);
  g_assert_true (terminal_echoes (terminal));
  test_keyring_unlock ();
}

/* A background job has a terminal, but no one who could answer there: it would be stopped. */
static void
test_background (World *world, gconstpointer data)
{
  g_autoptr (TestPrompter) prompter = begin (world, TEST_PROMPTER_ANSWERS);
  g_autoptr (Terminal) terminal = terminal_start_program (
      world, TERMINAL_ALL, "bash", "-c",
      "set -m; \"$KR_TEST_TOOL\" token a & wait $!; echo \"ended with $?\"", NULL);

  terminal_expect (terminal, "ended with 5");
  g_assert_cmpint (terminal_end (terminal), ==, 0);
  g_assert_cmpuint (test_prompter_count_begun (prompter), ==, 0);
  test_keyring_unlock ();
}

/* Not even a user at a terminal who wants a list is asked anything. */
static void
test_list (World *world, gconstpointer data)
{
  g_autoptr (TestPrompter) prompter = begin (world, TEST_PROMPTER_ANSWERS);
  g_autoptr (Terminal) desktop = terminal_start (world, TERMINAL_ALL, "list", NULL);
  g_autoptr (Terminal) none = NULL;

  g_assert_cmpint (terminal_end (desktop), ==, 5);
  test_assert_contains (desktop->seen->str, "kr-secret-tool unlock");
  world_unsetenv (world, "DISPLAY");
  none = terminal_start (world, TERMINAL_ALL, "list", NULL);
  g_assert_cmpint (terminal_end (none), ==, 5);
  g_assert_cmpuint (test_prompter_count_begun (prompter), ==, 0);
  test_keyring_unlock ();
}

static void
test_timeout (World *world, gconstpointer data)
{
  G_GNUC_UNUSED g_autoptr (TestPrompter) prompter = begin (world, TEST_PROMPTER_SILENT);
  g_autoptr (Terminal) terminal
      = terminal_start (world, TERMINAL_ALL, "show", "a", "--timeout", "1", NULL);

  g_assert_cmpint (terminal_end (terminal), ==, 9);
  g_assert_true (test_keyring_is_alive ());
  test_keyring_unlock ();
}

/* The command says what it waits for, and the user can give up. */
static void
test_ctrl_c (World *world, gconstpointer data)
{
  G_GNUC_UNUSED g_autoptr (TestPrompter) prompter = begin (world, TEST_PROMPTER_SILENT);
  g_autoptr (Terminal) terminal = terminal_start (world, TERMINAL_ALL, "show", "a", NULL);

  terminal_expect (terminal, SAYS);
  terminal_expect (terminal, "waiting for the desktop's prompt");
  terminal_type (terminal, "\003");
  g_assert_cmpint (terminal_end (terminal), ==, 130);
  g_assert_true (terminal_echoes (terminal));
  g_assert_true (test_keyring_is_alive ());
  test_keyring_unlock ();
}

/* With -q the user is still there. */
static void
test_quiet (World *world, gconstpointer data)
{
  g_autoptr (TestPrompter) prompter = begin (world, TEST_PROMPTER_ANSWERS);
  g_autoptr (Terminal) terminal = terminal_start (world, TERMINAL_ALL, "show", "a", "-q", NULL);

  g_assert_cmpint (terminal_end (terminal), ==, 0);
  g_assert_cmpuint (test_prompter_count_performed (prompter), ==, 1);
  test_assert_lacks (terminal->seen->str, SAYS);
}

static void
check_told (World *world, TestPrompter *prompter, TerminalKind kind, const char *option)
{
  const char *const commands[] = { "header", "token", "show" };

  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      g_autoptr (Terminal) terminal = terminal_start (world, kind, commands[i], "a", option, NULL);

      g_assert_cmpint (terminal_end (terminal), ==, 5);
      test_assert_lacks (terminal->seen->str, SAYS);
    }
  g_assert_cmpuint (test_prompter_count_begun (prompter), ==, 0);
}

static void
test_nobody_to_ask (World *world, gconstpointer data)
{
  g_autoptr (TestPrompter) prompter = begin (world, TEST_PROMPTER_ANSWERS);
  g_autoptr (TestMonitor) monitor = test_monitor_start ();

  check_told (world, prompter, TERMINAL_ALL, "--no-input");
  check_told (world, prompter, TERMINAL_IN_NOT, NULL);
  world_setenv (world, "KR_SECRET_NO_INPUT", "1");
  check_told (world, prompter, TERMINAL_ALL, NULL);
  g_assert_cmpuint (test_monitor_count (monitor, "Prompt"), ==, 0);
  g_assert_cmpuint (test_monitor_count (monitor, "Dismiss"), ==, 0);
  test_keyring_unlock ();
}

/* No prompt for an open keyring, or where there is none. */
static void
test_not_locked (World *world, gconstpointer data)
{
  g_autoptr (TestPrompter) prompter = begin (world, TEST_PROMPTER_ANSWERS);
  g_autoptr (Terminal) open = NULL;
  g_autoptr (Terminal) none = NULL;

  test_keyring_unlock ();
  open = terminal_start (world, TERMINAL_ALL, "show", "a", NULL);
  g_assert_cmpint (terminal_end (open), ==, 0);
  world_hide_bus (world);
  none = terminal_start (world, TERMINAL_ALL, "show", "a", NULL);
  g_assert_cmpint (terminal_end (none), ==, 6);
  g_assert_cmpuint (test_prompter_count_begun (prompter), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  WORLD_TEST ("offer/goes-on-after-the-answer", NULL, test_goes_on);
  WORLD_TEST ("offer/before-keys-are-handed-out", NULL, test_keys);
  WORLD_TEST ("offer/doctor-makes-none", NULL, test_doctor);
  WORLD_TEST ("offer/output-is-clean", NULL, test_output_is_clean);
  WORLD_TEST ("offer/add-asks-afterwards", NULL, test_add);
  WORLD_TEST ("offer/import", NULL, test_import);
  WORLD_TEST ("offer/restore", NULL, test_restore);
  WORLD_TEST ("offer/dismissed-is-5", NULL, test_dismissed);
  WORLD_TEST ("offer/no-prompter-is-5", NULL, test_no_prompter);
  WORLD_TEST ("offer/no-desktop-asks-at-the-terminal", NULL, test_no_desktop);
  WORLD_TEST ("offer/list-never-asks", NULL, test_list);
  WORLD_TEST ("offer/timeout-is-9", NULL, test_timeout);
  WORLD_TEST ("offer/ctrl-c", NULL, test_ctrl_c);
  WORLD_TEST ("offer/quiet", NULL, test_quiet);
  WORLD_TEST ("offer/nobody-to-ask", NULL, test_nobody_to_ask);
  WORLD_TEST ("offer/not-locked", NULL, test_not_locked);
  WORLD_TEST ("offer/no-desktop-timeout-is-9", NULL, test_no_desktop_timeout);
  WORLD_TEST ("offer/background-job-is-5", NULL, test_background);
  return g_test_run ();
}
