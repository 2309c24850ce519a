/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "process/hardening.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "krsecret.h"

static struct
{
  gboolean closed[STDERR_FILENO + 1];
  struct rlimit core;
  struct sigaction on_pipe;
  struct sigaction on_child;
} before;

/* No core dumps with secrets, and no access for other processes of the user to our memory. The hard
 * limit stays: only root could raise it again. */
static void
harden (void)
{
  struct rlimit none;

  prctl (PR_SET_DUMPABLE, 0, 0, 0, 0);
  getrlimit (RLIMIT_CORE, &before.core);
  none = before.core;
  none.rlim_cur = 0;
  setrlimit (RLIMIT_CORE, &none);
}

/* The next socket would get the number of a closed standard descriptor, and with it the data for
 * standard output. Opened in the wrong direction, every use fails. */
static void
occupy_standard_descriptors (void)
{
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
    if (fcntl (fd, F_GETFD) < 0)
      {
        before.closed[fd] = TRUE;
        if (open ("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) < 0)
          _exit (KR_SECRET_ERROR_FAILED);
      }
}

/* GIO will ignore SIGPIPE. With SIGCHLD ignored we could not learn how a child ended. */
static void
note_signals (void)
{
  const struct sigaction standard = { .sa_handler = SIG_DFL };

  sigaction (SIGPIPE, NULL, &before.on_pipe);
  sigaction (SIGCHLD, &standard, &before.on_child);
}

void
hardening_apply (void)
{
  harden ();
  occupy_standard_descriptors ();
  note_signals ();
}

void
hardening_undo (void)
{
  setrlimit (RLIMIT_CORE, &before.core);
  sigaction (SIGPIPE, &before.on_pipe, NULL);
  sigaction (SIGCHLD, &before.on_child, NULL);
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
    if (before.closed[fd])
      close (fd);
}
