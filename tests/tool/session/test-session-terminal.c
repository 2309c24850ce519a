/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "place.h"
#include "terminal.h"

/* session with a user at a terminal. */

#define COUNT_INTERRUPTS "--count-interrupts"

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

/* For a misspelt command no passphrase is asked for and no keyring is created. */
static void
a_misspelt_command_comes_before_the_keyring (Place *place, gconstpointer data)
{
  g_autofree char *keyrings = in_place (place, "home/.local/share/keyrings");
  g_autoptr (Terminal) terminal = NULL;

  tool_ends (&place->world, 127, BY_CREDENTIAL, "no-such-program", place->directory);
  tool_ends (&place->world, 126, BY_CREDENTIAL, "/etc/passwd", place->directory);
  g_assert_false (g_file_test (keyrings, G_FILE_TEST_EXISTS));
  terminal = terminal_start (&place->world, TERMINAL_ALL, "session", "--", "no-such-program",
                             place->directory, NULL);
  g_assert_cmpint (terminal_end (terminal), ==, 127);
  test_assert_lacks (terminal->seen->str, "passphrase");
}

static void
ctrl_c_at_the_passphrase_is_130 (Place *place, gconstpointer data)
{
  g_autofree char *keyrings = in_place (place, "home/.local/share/keyrings/login.keyring");
  g_autoptr (Terminal) terminal = terminal_start (&place->world, TERMINAL_ALL, "--json", "session",
                                                  "--", "true", place->directory, NULL);

  terminal_expect (terminal, "new passphrase");
  terminal_wait_for_no_echo (terminal);
  terminal_type (terminal, "\003");
  g_assert_cmpint (terminal_end (terminal), ==, 130);
  g_assert_true (terminal_echoes (terminal));
  test_assert_contains (terminal->seen->str, "\"exit\":130");
  g_assert_false (g_file_test (keyrings, G_FILE_TEST_EXISTS));
  check_all_gone (place);
}

/* As at the other end of ssh -t, where only we get the signal. */
static void
a_closed_terminal_ends_the_command (Place *place, gconstpointer data)
{
  g_autofree char *hung_up = in_place (place, "hung-up");
  g_autoptr (Terminal) terminal = terminal_start (
      &place->world, TERMINAL_ALL, BY_CREDENTIAL, "sh", "-c",
      "trap ': > $0/hung-up; exit 7' HUP; echo ready; while :; do sleep 0.02; done",
      place->directory, NULL);

  terminal_expect (terminal, "ready");
  close (terminal->master);
  terminal->master = -1;
  g_assert_cmpint (terminal_end (terminal), ==, 7);
  g_assert_true (g_file_test (hung_up, G_FILE_TEST_EXISTS));
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

/* This program as the command of a session, since a shell would take two interrupts for one. */
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

int
main (int argc, char **argv)
{
  if (argc > 1 && g_str_equal (argv[1], COUNT_INTERRUPTS))
    return count_interrupts ();
  g_test_init (&argc, &argv, NULL);
  PLACE_TEST (a_person_is_asked);
  PLACE_TEST (a_misspelt_command_comes_before_the_keyring);
  PLACE_TEST (ctrl_c_at_the_passphrase_is_130);
  PLACE_TEST (a_closed_terminal_ends_the_command);
  PLACE_TEST (ctrl_c_reaches_the_command_once);
  return g_test_run ();
}
