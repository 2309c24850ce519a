/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* kill-at CONTROL NAME COMMAND...: runs COMMAND and counts the system calls of the first process
 * whose program is called NAME, all its threads together. Kills it as it enters the one that
 * CONTROL names. All others run on undisturbed. Ends with COMMAND's status when the last of them
 * has ended.
 *
 * kill-at --in-place CONTROL NAME COMMAND...: the same, but COMMAND becomes this very process, and
 * another process does the counting. This is for a daemon whose pid is already known. */
#include "kill-at.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <linux/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#define OPTIONS                                                                                    \
  (PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC             \
   | PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL)
#define SYSCALL_STOP (SIGTRAP | 0x80)

static KillAt *control;
static const char *name;
static GHashTable *threads; /* of the process that is counted */

static void G_GNUC_NORETURN
die (const char *what)
{
  fprintf (stderr, "kill-at: %s: %s\n", what, strerror (errno));
  exit (125);
}

static gboolean
is_wanted (pid_t pid)
{
  g_autofree char *link = g_strdup_printf ("/proc/%d/exe", pid);
  g_autofree char *path = g_file_read_link (link, NULL);
  g_autofree char *base = path != NULL ? g_path_get_basename (path) : NULL;

  return g_strcmp0 (base, name) == 0;
}

/* We first hear of a thread when it stops, which may be before its parent reports it. */
static gboolean
is_thread_of_wanted (pid_t tid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/task/%d", control->pid, tid);

  return control->pid != 0 && access (path, F_OK) == 0;
}

static void
go_on (pid_t tid, int signal)
{
  gboolean counted = !g_atomic_int_get (&control->killed)
                     && g_hash_table_contains (threads, GINT_TO_POINTER (tid));

  ptrace (counted ? PTRACE_SYSCALL : PTRACE_CONT, tid, NULL, GINT_TO_POINTER (signal));
}

static void
on_system_call (pid_t tid)
{
  struct ptrace_syscall_info info;

  if (ptrace (PTRACE_GET_SYSCALL_INFO, tid, sizeof info, &info) <= 0
      || info.op != PTRACE_SYSCALL_INFO_ENTRY || !g_atomic_int_get (&control->on))
    return;
  if (g_atomic_int_add (&control->counted, 1) + 1 != g_atomic_int_get (&control->at))
    return;
  /* The test may have cancelled it at this very moment. */
  if (!g_atomic_int_compare_and_exchange (&control->on, 1, 0))
    return;
  /* A system call that has only been entered does not run any more. */
  kill (control->pid, SIGKILL);
  g_atomic_int_set (&control->killed, 1);
}

static void
on_stop (pid_t tid, int status)
{
  int signal = WSTOPSIG (status), event = status >> 16;

  if (signal == SYSCALL_STOP)
    {
      on_system_call (tid);
      go_on (tid, 0);
    }
  else if (event == PTRACE_EVENT_STOP && signal != SIGTRAP)
    ptrace (PTRACE_LISTEN, tid, NULL, NULL); /* stopped by a signal, and stays so */
  else if (event != 0)
    {
      if (event == PTRACE_EVENT_EXEC && control->pid == 0 && is_wanted (tid))
        g_atomic_int_set (&control->pid, tid);
      if (tid == control->pid || (event == PTRACE_EVENT_STOP && is_thread_of_wanted (tid)))
        g_hash_table_add (threads, GINT_TO_POINTER (tid));
      go_on (tid, 0);
    }
  else
    go_on (tid, signal);
}

/* Waits until the last traced process has ended. Returns the status of one of them. */
static int
trace (pid_t command)
{
  int result = 125, status;
  pid_t tid;

  threads = g_hash_table_new (NULL, NULL);
  while ((tid = waitpid (-1, &status, __WALL)) > 0 || errno == EINTR)
    if (tid > 0 && WIFSTOPPED (status))
      on_stop (tid, status);
    else if (tid > 0)
      {
        g_hash_table_remove (threads, GINT_TO_POINTER (tid));
        if (tid == command)
          result = WIFEXITED (status) ? WEXITSTATUS (status) : 128 + WTERMSIG (status);
      }
  g_hash_table_unref (threads);
  return result;
}

/* Releases the command, which waits at the other end of the pipe. */
static void
seize (pid_t command, int go)
{
  if (ptrace (PTRACE_SEIZE, command, NULL, GINT_TO_POINTER (OPTIONS)) != 0)
    g_atomic_int_set (&control->error, errno);
  if (write (go, "", 1) != 1)
    die ("pipe");
  close (go);
}

static void G_GNUC_NORETURN
become (char **command, int go)
{
  char byte;

  if (read (go, &byte, 1) != 1)
    die ("pipe");
  execv (command[0], command);
  die (command[0]);
}

static void G_GNUC_NORETURN
run_in_place (char **command, const int *go)
{
  pid_t self = getpid (), between;

  /* For systems where a process may trace only its descendants. */
  prctl (PR_SET_PTRACER, PR_SET_PTRACER_ANY);
  if ((between = fork ()) < 0)
    die ("fork");
  if (between == 0)
    {
      /* Not a child of the command, which would have to reap it. */
      if (fork () != 0)
        _exit (0);
      close (STDIN_FILENO);
      close (go[0]);
      seize (self, go[1]);
      exit (g_atomic_int_get (&control->error) == 0 ? trace (self) : 0);
    }
  waitpid (between, NULL, 0);
  become (command, go[0]);
}

int
main (int argc, char **argv)
{
  gboolean in_place = argc > 1 && strcmp (argv[1], "--in-place") == 0;
  int go[2], fd;
  pid_t command;

  argv += in_place ? 2 : 1;
  if (argc < (in_place ? 5 : 4))
    {
      fputs ("Usage: kill-at [--in-place] CONTROL NAME COMMAND...\n", stderr);
      return 2;
    }
  fd = open (argv[0], O_RDWR | O_CLOEXEC);
  control = mmap (NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  name = argv[1];
  if (control == MAP_FAILED)
    die (argv[0]);
  if (pipe2 (go, O_CLOEXEC) != 0)
    die ("pipe");
  if (in_place)
    run_in_place (argv + 2, go);
  if ((command = fork ()) < 0)
    die ("fork");
  if (command == 0)
    become (argv + 2, go[0]);
  close (go[0]);
  seize (command, go[1]);
  return trace (command);
}
