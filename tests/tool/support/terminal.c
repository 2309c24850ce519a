/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <poll.h>
#include <pty.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#define DEADLINE_MS 20000

/* In the child: a new session, with this as its terminal. */
static void
take_terminal (gpointer data)
{
  setsid ();
  ioctl (GPOINTER_TO_INT (data), TIOCSCTTY, 0);
}

Terminal *
terminal_start_program (World *world, TerminalKind kind, const char *program, ...)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_NONE);
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  Terminal *terminal = g_new0 (Terminal, 1);
  struct winsize size = { .ws_row = 24, .ws_col = (unsigned short) world->columns };
  va_list arguments;
  int fds[2];

  va_start (arguments, program);
  for (const char *word = program; word != NULL; word = va_arg (arguments, const char *))
    g_ptr_array_add (argv, (gpointer) word);
  va_end (arguments);
  g_ptr_array_add (argv, NULL);

  terminal->seen = g_string_new (NULL);
  terminal->out = -1;
  g_assert_cmpint (openpty (&terminal->master, &terminal->slave, NULL, NULL, &size), ==, 0);
  fcntl (terminal->master, F_SETFD, FD_CLOEXEC);
  fcntl (terminal->slave, F_SETFD, FD_CLOEXEC);
  g_subprocess_launcher_set_environ (launcher, world->env);
  g_subprocess_launcher_set_child_setup (launcher, take_terminal, GINT_TO_POINTER (terminal->slave),
                                         NULL);
  g_subprocess_launcher_take_stdin_fd (launcher, kind == TERMINAL_IN_NOT
                                                     ? open ("/dev/null", O_RDONLY | O_CLOEXEC)
                                                     : dup (terminal->slave));
  if (kind == TERMINAL_OUT_PIPED)
    {
      g_unix_open_pipe (fds, FD_CLOEXEC, &error);
      g_assert_no_error (error);
      terminal->out = fds[0];
    }
  g_subprocess_launcher_take_stdout_fd (
      launcher, kind == TERMINAL_OUT_PIPED ? fds[1] : dup (terminal->slave));
  g_subprocess_launcher_take_stderr_fd (launcher, dup (terminal->slave));
  terminal->process
      = g_subprocess_launcher_spawnv (launcher, (const char *const *) argv->pdata, &error);
  g_assert_no_error (error);
  return terminal;
}

/* Reads what is there, or waits up to @ms for more. FALSE: nothing came. */
static gboolean
read_some (Terminal *terminal, int ms)
{
  struct pollfd poll_fd = { terminal->master, POLLIN, 0 };
  char buffer[4096];
  gssize n;

  if (poll (&poll_fd, 1, ms) <= 0)
    return FALSE;
  n = read (terminal->master, buffer, sizeof buffer);
  if (n <= 0)
    return FALSE;
  g_string_append_len (terminal->seen, buffer, n);
  return TRUE;
}

void
terminal_expect (Terminal *terminal, const char *text)
{
  gint64 deadline = g_get_monotonic_time () + DEADLINE_MS * 1000;
  const char *found;

  while ((found = strstr (terminal->seen->str + terminal->read_to, text)) == NULL)
    {
      read_some (terminal, 100);
      if (g_get_monotonic_time () > deadline)
        test_fail ("the terminal does not show '%s' but '%s'", text, terminal->seen->str);
    }
  terminal->read_to = (gsize) (found - terminal->seen->str) + strlen (text);
}

void
terminal_type (Terminal *terminal, const char *text)
{
  g_assert_cmpint (write (terminal->master, text, strlen (text)), ==, strlen (text));
}

gboolean
terminal_echoes (Terminal *terminal)
{
  struct termios settings;

  g_assert_cmpint (tcgetattr (terminal->slave, &settings), ==, 0);
  return (settings.c_lflag & ECHO) != 0;
}

void
terminal_wait_for_no_echo (Terminal *terminal)
{
  gint64 deadline = g_get_monotonic_time () + DEADLINE_MS * 1000;

  while (terminal_echoes (terminal))
    {
      read_some (terminal, 5);
      if (g_get_monotonic_time () > deadline)
        test_fail ("the terminal still echoes: '%s'", terminal->seen->str);
    }
}

static void
waited (GObject *source, GAsyncResult *result, gpointer data)
{
  g_assert_true (g_subprocess_wait_finish (G_SUBPROCESS (source), result, NULL));
  *(gboolean *) data = TRUE;
}

int
terminal_end (Terminal *terminal)
{
  gint64 deadline = g_get_monotonic_time () + DEADLINE_MS * 1000;
  GSubprocess *process = terminal->process;
  gboolean done = FALSE;

  g_subprocess_wait_async (process, NULL, waited, &done);
  while (!done)
    {
      read_some (terminal, 10);
      g_main_context_iteration (NULL, FALSE);
      if (g_get_monotonic_time () > deadline)
        test_fail ("does not end; the terminal shows '%s'", terminal->seen->str);
    }
  while (read_some (terminal, 0))
    ;
  return g_subprocess_get_if_exited (process) ? g_subprocess_get_exit_status (process)
                                              : 128 + g_subprocess_get_term_sig (process);
}

char *
terminal_piped (Terminal *terminal)
{
  g_autoptr (GString) text = g_string_new (NULL);
  char buffer[4096];
  gssize n;

  while ((n = read (terminal->out, buffer, sizeof buffer)) > 0)
    g_string_append_len (text, buffer, n);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

void
terminal_free (Terminal *terminal)
{
  g_subprocess_force_exit (terminal->process);
  g_object_unref (terminal->process);
  close (terminal->master);
  close (terminal->slave);
  if (terminal->out != -1)
    close (terminal->out);
  g_string_free (terminal->seen, TRUE);
  g_free (terminal);
}
