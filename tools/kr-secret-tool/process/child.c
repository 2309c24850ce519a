/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "process/child.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "process/hardening.h"
#include "terminal/report.h"
#include "terminal/text.h"

/* The program stays in our process group, so that the terminal and the shell treat both as one. It
 * has already received what the terminal sends, but not a signal sent to us alone. */

/* Signals to pass on to the program. Stops for reading or writing a terminal in the background
 * affect both of us anyway. */
static const int relayed[]
    = { SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM, SIGTERM, SIGCONT, SIGTSTP, SIGWINCH };

typedef struct
{
  int number;
  int code;
  pid_t sender;
} Arrival;

struct _Child
{
  pid_t pid;
  guint watch;
  gint stopped_by; /* atomic */
  gboolean told_to_end;
  GThread *waiter;
  GMainLoop *loop;
  gboolean caught; /* before holds the earlier actions */
  struct sigaction before[G_N_ELEMENTS (relayed)];
};

/* For the signal handler. */
static int arrivals[2] = { -1, -1 };

static void
on_signal (int number, siginfo_t *info, void *context)
{
  const int errno_before = errno;
  const Arrival arrival = { number, info->si_code, info->si_pid };

  while (write (arrivals[1], &arrival, sizeof arrival) < 0 && errno == EINTR)
    ;
  errno = errno_before;
}

/* Whether the program neither received the signal itself nor sent it. */
static gboolean
is_for_child (Child *self, const Arrival *arrival)
{
  /* A kill, or a timer that was set before exec and is not inherited. */
  if (arrival->code <= 0 || arrival->number == SIGALRM)
    return arrival->sender != self->pid;
  /* A closed terminal notifies only its session leader. */
  return arrival->number == SIGHUP && getsid (0) == getpid ();
}

static gboolean
on_arrival (int fd, GIOCondition condition, gpointer data)
{
  Child *self = data;
  Arrival arrival;

  while (read (fd, &arrival, sizeof arrival) == sizeof arrival)
    {
      self->told_to_end |= arrival.number == SIGTERM;
      if (is_for_child (self, &arrival))
        child_signal (self, arrival.number);
    }
  return G_SOURCE_CONTINUE;
}

/* An ignored signal stays ignored, for the program too: nohup relies on it. */
static gboolean
catch_signals (Child *self)
{
  struct sigaction action = { .sa_flags = SA_SIGINFO | SA_RESTART };

  if (pipe2 (arrivals, O_CLOEXEC | O_NONBLOCK) < 0)
    return FALSE;
  action.sa_sigaction = on_signal;
  sigemptyset (&action.sa_mask);
  for (guint i = 0; i < G_N_ELEMENTS (relayed); i++)
    {
      sigaction (relayed[i], NULL, &self->before[i]);
      if (self->before[i].sa_handler != SIG_IGN)
        sigaction (relayed[i], &action, NULL);
    }
  self->caught = TRUE;
  return TRUE;
}

static void
release_signals (Child *self)
{
  for (guint i = 0; self->caught && i < G_N_ELEMENTS (relayed); i++)
    sigaction (relayed[i], &self->before[i], NULL);
}

/* Whether a shell with job control, on a terminal, could continue us. */
static gboolean
has_job_control (void)
{
  int terminal = open ("/dev/tty", O_RDONLY | O_CLOEXEC | O_NOCTTY);

  if (terminal >= 0)
    close (terminal);
  return terminal >= 0 && getsid (0) != getpid ();
}

/* Stops us too: a shell sees us, not the program. Returns when continued. */
static void
stop_too (Child *self, int number)
{
  const struct sigaction standard = { .sa_handler = SIG_DFL };
  struct sigaction ours;

  if (!has_job_control ())
    return;
  sigaction (number, &standard, &ours);
  raise (number); /* to this thread, so it acts before raise returns */
  sigaction (number, &ours, NULL);
  /* It may have its own process group, which the shell does not continue. */
  child_signal (self, SIGCONT);
}

/* Whether it has been continued. */
static gboolean
has_gone_on (Child *self)
{
  siginfo_t info = { 0 };

  return waitid (P_PID, (id_t) self->pid, &info, WCONTINUED | WNOHANG) == 0 && info.si_pid != 0;
}

static gboolean
on_stopped (gpointer data)
{
  Child *self = data;

  if (!has_gone_on (self))
    stop_too (self, g_atomic_int_get (&self->stopped_by));
  return G_SOURCE_REMOVE;
}

static gboolean
on_ended (gpointer loop)
{
  g_main_loop_quit (loop);
  return G_SOURCE_REMOVE;
}

/* Waits in a thread, since GLib may use SIGCHLD itself. This only looks at the end (WNOWAIT): until
 * the program is reaped, its pid is not reused. */
static gpointer
wait_for_news (gpointer data)
{
  Child *self = data;
  int result;

  do
    {
      siginfo_t info = { 0 };

      result = waitid (P_PID, (id_t) self->pid, &info, WEXITED | WSTOPPED | WNOWAIT);
      if (result == 0 && info.si_code != CLD_STOPPED)
        break;
      if (result == 0 && waitid (P_PID, (id_t) self->pid, &info, WSTOPPED | WNOHANG) == 0
          && info.si_pid != 0)
        {
          g_atomic_int_set (&self->stopped_by, info.si_status);
          g_idle_add_full (G_PRIORITY_DEFAULT, on_stopped, self, NULL);
        }
    }
  while (result == 0 || errno == EINTR);
  g_idle_add_full (G_PRIORITY_DEFAULT, on_ended, self->loop, NULL);
  return NULL;
}

static void G_GNUC_NORETURN
run_child (Child *self,
           char **argv,
           char **environment,
           const int *keep,
           const sigset_t *mask,
           pid_t parent,
           int report)
{
  int code;

  /* Without us nobody would renew its token. */
  prctl (PR_SET_PDEATHSIG, SIGTERM);
  if (getppid () != parent)
    _exit (TOOL_FAILED_ITSELF);
  release_signals (self);
  for (; *keep >= 0; keep++)
    fcntl (*keep, F_SETFD, 0);
  hardening_undo ();
  sigprocmask (SIG_SETMASK, mask, NULL);
  execvpe (argv[0], argv, environment);
  code = errno;
  _exit (write (report, &code, sizeof code) == sizeof code ? TOOL_CANNOT_RUN : TOOL_FAILED_ITSELF);
}

/* Closes what we inherited: once the program closes its copy, the other end of a pipe, or a process
 * that waits for a lock, must not wait for us. Standard error stays, for warnings. */
static void
leave_descriptors (void)
{
  g_autoptr (GDir) ours = g_dir_open ("/proc/self/fd", 0, NULL);
  int null = open ("/dev/null", O_RDWR | O_CLOEXEC);
  const char *name;

  dup2 (null, STDIN_FILENO);
  dup2 (null, STDOUT_FILENO);
  close (null);
  while (ours != NULL && (name = g_dir_read_name (ours)) != NULL)
    {
      int fd = (int) g_ascii_strtoll (name, NULL, 10);
      int flags = fcntl (fd, F_GETFD);

      if (fd > STDERR_FILENO && flags >= 0 && (flags & FD_CLOEXEC) == 0)
        close (fd);
    }
}

/* The errno that kept the program from starting, or 0. */
static int
read_code (int fd)
{
  int code = 0;

  while (read (fd, &code, sizeof code) < 0 && errno == EINTR)
    ;
  return code;
}

/* Signals are blocked: one that came before exec would run our handler in the program. */
static int
fork_child (Child *self, char **argv, char **environment, const int *keep)
{
  const pid_t parent = getpid ();
  sigset_t all, before;
  int report[2];
  int code;

  if (pipe2 (report, O_CLOEXEC) < 0)
    return errno;
  sigfillset (&all);
  pthread_sigmask (SIG_SETMASK, &all, &before);
  code = catch_signals (self) ? 0 : errno;
  if (code == 0)
    self->pid = fork ();
  if (code == 0 && self->pid == 0)
    run_child (self, argv, environment, keep, &before, parent, report[1]);
  if (self->pid < 0)
    code = errno;
  pthread_sigmask (SIG_SETMASK, &before, NULL);
  close (report[1]);
  if (code == 0)
    code = read_code (report[0]);
  close (report[0]);
  return code;
}

Child *
child_start (char **argv, char **environment, const int *keep, int *out_code)
{
  g_autoptr (Child) self = g_new0 (Child, 1);
  int code = fork_child (self, argv, environment, keep);

  if (code != 0)
    {
      *out_code = code;
      return NULL;
    }
  leave_descriptors ();
  self->loop = g_main_loop_new (NULL, FALSE);
  self->watch = g_unix_fd_add (arrivals[0], G_IO_IN, on_arrival, self);
  self->waiter = g_thread_new ("child", wait_for_news, self);
  return g_steal_pointer (&self);
}

void
child_signal (Child *self, int number)
{
  if (self->pid > 0)
    kill (self->pid, number);
}

/* A shell or supervisor then sees the same end as the program's. */
static void
end_by_signal (int number)
{
  const struct sigaction standard = { .sa_handler = SIG_DFL };
  sigset_t set;

  sigaction (number, &standard, NULL);
  sigemptyset (&set);
  sigaddset (&set, number);
  pthread_sigmask (SIG_UNBLOCK, &set, NULL);
  raise (number);
}

gboolean
child_was_told_to_end (Child *self)
{
  return self->told_to_end;
}

int
child_wait_for_end (Child *self)
{
  int status = 0;

  g_main_loop_run (self->loop);
  while (waitpid (self->pid, &status, 0) < 0 && errno == EINTR)
    ;
  self->pid = 0;
  return status;
}

int
child_end_as (int status)
{
  if (!WIFSIGNALED (status))
    return WEXITSTATUS (status);
  end_by_signal (WTERMSIG (status));
  return 128 + WTERMSIG (status);
}

int
child_wait (Child *self)
{
  return child_end_as (child_wait_for_end (self));
}

void
child_free (Child *self)
{
  release_signals (self);
  if (self->watch != 0)
    g_source_remove (self->watch);
  g_clear_pointer (&self->waiter, g_thread_join);
  /* Drops reports of the thread that are still queued. */
  while (g_idle_remove_by_data (self))
    ;
  g_clear_pointer (&self->loop, g_main_loop_unref);
  for (guint i = 0; i < G_N_ELEMENTS (arrivals); i++)
    if (arrivals[i] >= 0)
      close (arrivals[i]);
  arrivals[0] = arrivals[1] = -1;
  g_free (self);
}

int
child_become (char **argv, char **environment)
{
  hardening_undo ();
  execvpe (argv[0], argv, environment);
  return errno;
}

/* Returns the errno that execvpe would fail with, or 0. */
static int
look_at (const char *path)
{
  struct stat status;

  if (stat (path, &status) < 0)
    return errno == EACCES ? EACCES : ENOENT;
  return S_ISDIR (status.st_mode) || access (path, X_OK) < 0 ? EACCES : 0;
}

int
child_look_for (const char *program)
{
  const char *path = g_getenv ("PATH");
  g_auto (GStrv) folders = g_strsplit (path != NULL ? path : "/bin:/usr/bin", ":", -1);
  int code = ENOENT;

  if (*program == '\0')
    return ENOENT;
  if (strchr (program, '/') != NULL)
    return look_at (program);
  for (char **folder = folders; *folder != NULL; folder++)
    {
      g_autofree char *full = g_build_filename (**folder != '\0' ? *folder : ".", program, NULL);
      int found = look_at (full);

      if (found == 0)
        return 0;
      if (found == EACCES)
        code = EACCES;
    }
  return code;
}

/* Whether not even a process could be created. */
static gboolean
is_lack (int code)
{
  return code == EMFILE || code == ENFILE || code == EAGAIN || code == ENOMEM;
}

int
child_report_not_run (Tool *tool, const char *program, int code)
{
  g_autofree char *shown = text_argument (program);
  g_autoptr (GError) error = NULL;
  gboolean missing = code == ENOENT && child_look_for (program) != 0;

  tool->failure_status = code == ENOENT   ? TOOL_NO_PROGRAM
                         : is_lack (code) ? TOOL_FAILED_ITSELF
                                          : TOOL_CANNOT_RUN;
  kr_secret_error_set (
      &error, missing ? KR_SECRET_ERROR_NOT_FOUND : KR_SECRET_ERROR_FAILED, 0, NULL, "%s",
      code == ENOENT && !missing ? _ ("the interpreter that it names does not exist")
                                 : g_strerror (code));
  return report_error (tool, error,
                       missing ? _ ("check its name, and the PATH in which it is looked up")
                       : is_lack (code) ? _ ("see what the limits are: ulimit -a")
                                        : _ ("check that it is a program, and that you may run it"),
                       _ ("cannot run '%s'"), shown);
}
