/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "terminal/prompt.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "common/kr-write.h"
#include "terminal/progress.h"

/* Asks on the terminal. Echo stays off from the first question to the last, so that pasting two
 * lines at once shows neither. Input that is left over is discarded, so that the shell does not run
 * it. Signals are written into a pipe, whichever thread gets them, and act once the terminal has
 * been restored. */

#define MAX_ANSWER 4096

static const int caught_signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP };

static int signal_pipe[2] = { -1, -1 };

struct _Prompt
{
  gint64 deadline; /* for an answer, monotonic; 0: none */
  int out;
  int failure; /* errno if it could not be opened; else 0 */
  gboolean echo;
  struct termios before;
  struct sigaction actions_before[G_N_ELEMENTS (caught_signals)];
};

static void
on_signal (int number)
{
  const int errno_before = errno;
  const char byte = (char) number;

  while (write (signal_pipe[1], &byte, 1) < 0 && errno == EINTR)
    ;
  errno = errno_before;
}

/* The kernel stops a whole background job that asks, and nobody could answer. */
static gboolean
is_in_front (void)
{
  const pid_t group = tcgetpgrp (STDIN_FILENO);

  return group < 0 || group == getpgrp ();
}

gboolean
prompt_is_possible (Tool *tool)
{
  return !tool->no_input && isatty (STDIN_FILENO) && is_in_front ();
}

/* Questions go to the terminal even if standard error is a file. */
static int
output_descriptor (void)
{
  if (!isatty (STDERR_FILENO) && (fcntl (STDIN_FILENO, F_GETFL) & O_ACCMODE) == O_RDWR)
    return STDIN_FILENO;
  return STDERR_FILENO;
}

static void
say (Prompt *self, const char *text)
{
  kr_write_all (self->out, text, strlen (text));
}

static void
set_echo (Prompt *self, gboolean echo)
{
  struct termios now = self->before;

  if (!echo)
    now.c_lflag &= ~(tcflag_t) (ECHO | ECHONL);
  while (tcsetattr (STDIN_FILENO, TCSAFLUSH, &now) < 0 && errno == EINTR)
    ;
}

Prompt *
prompt_open (gboolean echo)
{
  Prompt *self = g_new0 (Prompt, 1);
  struct sigaction action = { .sa_handler = on_signal };

  progress_end ();
  self->out = output_descriptor ();
  self->echo = echo;
  if (tcgetattr (STDIN_FILENO, &self->before) < 0
      || pipe2 (signal_pipe, O_CLOEXEC | O_NONBLOCK) < 0)
    {
      self->failure = errno;
      return self;
    }
  sigemptyset (&action.sa_mask);
  for (guint i = 0; i < G_N_ELEMENTS (caught_signals); i++)
    {
      sigaction (caught_signals[i], NULL, &self->actions_before[i]);
      if (self->actions_before[i].sa_handler != SIG_IGN)
        sigaction (caught_signals[i], &action, NULL);
    }
  set_echo (self, echo);
  return self;
}

void
prompt_close (Prompt *self)
{
  if (self->failure == 0)
    {
      set_echo (self, TRUE);
      for (guint i = 0; i < G_N_ELEMENTS (caught_signals); i++)
        sigaction (caught_signals[i], &self->actions_before[i], NULL);
      close (signal_pipe[0]);
      close (signal_pipe[1]);
    }
  g_free (self);
}

/* Lets a signal do what it would do without us: stop or end the process. */
static void
act_as_before (Prompt *self, int number)
{
  struct sigaction ours;
  struct sigaction standard = { .sa_handler = SIG_DFL };

  set_echo (self, TRUE);
  sigaction (number, &standard, &ours);
  raise (number); /* to this thread, so it acts before raise returns */
  sigaction (number, &ours, NULL);
  set_echo (self, self->echo);
}

void
prompt_set_timeout (Prompt *self, guint milliseconds)
{
  self->deadline = g_get_monotonic_time () + (gint64) milliseconds * 1000;
}

/* In milliseconds for poll; -1: no limit. */
static int
get_patience (Prompt *self)
{
  gint64 left = (self->deadline - g_get_monotonic_time () + 999) / 1000;

  return self->deadline == 0 ? -1 : (int) CLAMP (left, 0, G_MAXINT);
}

static gboolean
wait_for_input (Prompt *self, const char *question, GError **error)
{
  for (;;)
    {
      struct pollfd fds[] = {
        { .fd = STDIN_FILENO, .events = POLLIN },
        { .fd = signal_pipe[0], .events = POLLIN },
      };
      int ready = poll (fds, G_N_ELEMENTS (fds), get_patience (self));
      char number = 0;

      if (ready == 0)
        {
          say (self, "\n");
          return KR_SECRET_FAIL (error, KR_SECRET_ERROR_DEADLINE,
                                 _ ("the answer did not come in time"));
        }

      if (ready < 0 && errno != EINTR)
        return KR_SECRET_FAIL (error, KR_SECRET_ERROR_FAILED, "%s", g_strerror (errno));
      if (read (signal_pipe[0], &number, 1) < 1)
        {
          if (ready > 0 && fds[0].revents != 0)
            return TRUE;
          continue;
        }
      say (self, "\n");
      if (number == SIGINT)
        return KR_SECRET_FAIL (error, KR_SECRET_ERROR_CANCELLED, _ ("Ctrl-C was pressed"));
      act_as_before (self, number);
      say (self, question);
    }
}

/* Returns the length of the line without its newline, or -1. */
static gssize
read_line (Prompt *self, const char *question, char *answer, GError **error)
{
  gsize length = 0;

  for (;;)
    {
      ssize_t n;

      if (!wait_for_input (self, question, error))
        return -1;
      n = read (STDIN_FILENO, answer + length, MAX_ANSWER + 1 - length);
      if (n < 0 && (errno == EINTR || errno == EAGAIN))
        continue;
      if (n <= 0 && length == 0)
        {
          say (self, "\n");
          kr_secret_error_set (error, KR_SECRET_ERROR_DECLINED, 0, NULL, _ ("no answer was given"));
          return -1;
        }
      if (n > 0 && answer[length + (gsize) n - 1] == '\n')
        return (gssize) length + n - 1;
      if (n <= 0)
        return (gssize) length;
      length += (gsize) n;
      if (length > MAX_ANSWER)
        {
          kr_secret_error_set (error, KR_SECRET_ERROR_USAGE, 0, NULL, _ ("the answer is too long"));
          return -1;
        }
    }
}

SecretValue *
prompt_ask (Prompt *self, const char *question, GError **error)
{
  char answer[MAX_ANSWER + 1];
  SecretValue *value = NULL;
  gssize length;

  if (self->failure != 0)
    return KR_SECRET_FAIL_NULL (error, KR_SECRET_ERROR_FAILED, _ ("cannot ask: %s"),
                                g_strerror (self->failure));
  say (self, question);
  length = read_line (self, question, answer, error);
  if (length >= 0)
    {
      value = secret_value_new (answer, length, "text/plain");
      if (!self->echo)
        say (self, "\n");
    }
  explicit_bzero (answer, sizeof answer);
  return value;
}
