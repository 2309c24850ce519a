/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "process.h"
#include "report.h"
#include "session.h"
#include "text.h"

/* Runs the command, passes on to it what signals we get, and what it ends with to whoever has
 * started us. */

/* Those that services and people send to the process they have started. */
static const int passed_on[] = { SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2 };

typedef struct
{
  int number;
  gboolean from_terminal;
} Caught;

/* Written by the handler, in whichever thread of ours the kernel runs it. */
static int signal_pipe[2] = { -1, -1 };

static void
on_signal (int number, siginfo_t *info, void *context)
{
  const int errno_before = errno;
  const Caught caught = { number, info->si_code == SI_KERNEL };

  G_GNUC_UNUSED ssize_t n = write (signal_pipe[1], &caught, sizeof caught);
  errno = errno_before;
}

static void
catch_signals (void)
{
  struct sigaction action = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_RESTART };
  struct sigaction before;

  sigfillset (&action.sa_mask);
  sigaction (SIGCHLD, &action, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (passed_on); i++)
    {
      sigaction (passed_on[i], NULL, &before);
      /* What nohup has turned off stays off, for the command too. */
      if (before.sa_handler != SIG_IGN)
        sigaction (passed_on[i], &action, NULL);
    }
}

/* In the child, up to the exec, with all signals blocked. Returns only on failure. */
static void
become (char **argv, pid_t parent, const sigset_t *mask)
{
  for (guint i = 0; i < G_N_ELEMENTS (passed_on); i++)
    {
      struct sigaction before;

      sigaction (passed_on[i], NULL, &before);
      if (before.sa_handler != SIG_IGN)
        signal (passed_on[i], SIG_DFL);
    }
  process_give_back ();
  /* Without us it would go on with a keyring that is going away. */
  if (prctl (PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0) != 0 || getppid () != parent)
    _exit (TOOL_FAILED_ITSELF);
  sigprocmask (SIG_SETMASK, mask, NULL);
  execvp (argv[0], argv);
}

/* Starts the command; *out_errno says why it could not be. */
static pid_t
start (char **argv, int *out_errno)
{
  const pid_t parent = getpid ();
  sigset_t all, before;
  int fds[2];
  pid_t pid;
  ssize_t n;

  *out_errno = 0;
  if (pipe2 (fds, O_CLOEXEC) != 0)
    {
      *out_errno = errno;
      return -1;
    }
  sigfillset (&all);
  sigprocmask (SIG_SETMASK, &all, &before);
  pid = fork ();
  if (pid == 0)
    {
      int reason;

      become (argv, parent, &before);
      reason = errno;
      G_GNUC_UNUSED ssize_t done = write (fds[1], &reason, sizeof reason);
      _exit (TOOL_NO_PROGRAM);
    }
  if (pid < 0)
    *out_errno = errno;
  sigprocmask (SIG_SETMASK, &before, NULL);
  close (fds[1]);
  /* Ends when the exec closes the other side. */
  do
    n = pid > 0 ? read (fds[0], out_errno, sizeof *out_errno) : 0;
  while (n < 0 && errno == EINTR);
  close (fds[0]);
  return pid;
}

static int
report_start (Tool *tool, const char *name, int reason)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *shown = text_argument (name);
  gboolean missing = reason == ENOENT;

  kr_secret_error_set (&error, missing ? KR_SECRET_ERROR_NOT_FOUND : KR_SECRET_ERROR_FAILED, 0,
                       NULL, "%s", g_strerror (reason));
  tool->failure_status = missing ? TOOL_NO_PROGRAM : TOOL_CANNOT_RUN;
  return report_error (tool, error,
                       missing ? _ ("check the name, and PATH")
                               : _ ("check that it is a program you may run"),
                       _ ("'%s' cannot be run"), shown);
}

/* What there is to do while the command runs; TRUE if it may have ended. */
static gboolean
pass_on (pid_t pid)
{
  gboolean ended = FALSE;
  Caught caught;

  while (read (signal_pipe[0], &caught, sizeof caught) == sizeof caught)
    {
      if (caught.number == SIGCHLD)
        ended = TRUE;
      else if (!caught.from_terminal) /* which tells the command by itself */
        kill (pid, caught.number);
    }
  return ended;
}

static int
wait_for (Tool *tool, pid_t pid, int keeper)
{
  struct pollfd fds[]
      = { { .fd = signal_pipe[0], .events = POLLIN }, { .fd = keeper, .events = POLLIN } };
  int status;

  while (waitpid (pid, &status, WNOHANG) != pid)
    {
      if (poll (fds, G_N_ELEMENTS (fds), -1) <= 0)
        continue;
      pass_on (pid);
      if (fds[1].revents != 0)
        {
          report_warning (tool, _ ("the keyring of this session has ended"));
          fds[1].fd = -1;
        }
    }
  return WIFSIGNALED (status) ? 128 + WTERMSIG (status) : WEXITSTATUS (status);
}

/* Runs the command to its end; the exit status as a shell sees it. */
int
session_run (Tool *tool, char **argv, int keeper)
{
  int reason;
  pid_t pid;

  if (pipe2 (signal_pipe, O_CLOEXEC | O_NONBLOCK) != 0)
    return report_start (tool, argv[0], errno);
  catch_signals ();
  pid = start (argv, &reason);
  if (reason != 0)
    {
      if (pid > 0)
        waitpid (pid, NULL, 0);
      return report_start (tool, argv[0], reason);
    }
  return wait_for (tool, pid, keeper);
}
