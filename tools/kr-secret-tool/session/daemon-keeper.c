/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "keyring/running-daemons.h"
#include "session/session.h"

/* The keeper is a process that holds the daemons as long as any session of this HOME needs them,
 * whichever session ends first and however it ends. A session is a connection: the kernel closes it
 * if the session is killed. After the last one, the keeper ends what it has started, and itself. So
 * nothing is left behind, and no session loses its keyring because another one ends.
 *
 * It is forked before there are threads, and waits for orders: only then is it known whether a
 * daemon is needed. */

#define SOCKET_NAME "keeper"

/* Seconds for a daemon to end after its keeper was killed. */
#define PATIENCE 2

/* In the session: the keeper that we forked. */
static int own_fd = -1;
static pid_t own_pid;

typedef struct
{
  int lock; /* held from the first daemon's start to the last one's end */
  int listener;
  guint n_users;
  SessionDaemonProcesses daemons;
  GMainLoop *loop;
} Keeper;

static void
send_packet (int fd, const char *text)
{
  G_GNUC_UNUSED ssize_t n = send (fd, text, strlen (text), MSG_NOSIGNAL);
}

/* Leaves the session's terminal, files and working directory. */
static int
detach (int order)
{
  DIR *directory;
  struct dirent *entry;
  int null;

  setsid ();
  prctl (PR_SET_NAME, "krsecret-keeper", 0, 0, 0);
  umask (077);
  if (chdir ("/") != 0 || dup2 (order, 3) < 0)
    _exit (1);
  null = open ("/dev/null", O_RDWR);
  for (int fd = 0; fd < 3; fd++)
    dup2 (null, fd);
  directory = opendir ("/proc/self/fd");
  while (directory != NULL && (entry = readdir (directory)) != NULL)
    {
      int fd = atoi (entry->d_name);
      if (fd > 3 && fd != dirfd (directory))
        close (fd);
    }
  if (directory != NULL)
    closedir (directory);
  fcntl (3, F_SETFD, FD_CLOEXEC);
  return 3;
}

/* Publishes our address and process id. */
static gboolean
publish (Keeper *self, GError **error)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  g_autofree char *text = g_strdup_printf ("%s\n%d\n", self->daemons.directory, getpid ());
  int length = g_snprintf (address.sun_path, sizeof address.sun_path, "%s/" SOCKET_NAME,
                           self->daemons.directory);

  self->listener = socket (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (self->listener >= 0 && length < (int) sizeof address.sun_path
      && bind (self->listener, (struct sockaddr *) &address, sizeof address) == 0
      && listen (self->listener, SOMAXCONN) == 0 && ftruncate (self->lock, 0) == 0
      && pwrite (self->lock, text, strlen (text), 0) == (ssize_t) strlen (text))
    return TRUE;
  return KR_SECRET_FAIL (error, KR_SECRET_ERROR_FAILED, _ ("other sessions cannot be let in: %s"),
                         g_strerror (errno));
}

/* Removes what a killed keeper has left. */
static void
clean_up_after_another (int lock)
{
  char text[4096] = "";

  if (pread (lock, text, sizeof text - 1, 0) > 0)
    {
      *strchrnul (text, '\n') = '\0';
      session_daemon_processes_remove (text);
    }
  G_GNUC_UNUSED int done = ftruncate (lock, 0);
}

/* Allows only one daemon for a HOME, on any bus, whatever started it. */
static gboolean
check_nobody_else (char **out_next, GError **error)
{
  const gint64 until = g_get_monotonic_time () + (gint64) PATIENCE * G_USEC_PER_SEC;
  GPid pid;

  for (;;)
    {
      g_autoptr (GArray) daemons = running_daemons_find ();

      if (daemons->len == 0)
        return TRUE;
      if (g_get_monotonic_time () < until)
        {
          g_usleep (20000);
          continue;
        }
      pid = g_array_index (daemons, GPid, 0);
      kr_secret_error_set (error, KR_SECRET_ERROR_NO_KEYRING, 0, NULL,
                           _ ("the keyring daemon %d already uses this HOME, on a bus that cannot "
                              "be reached from here; two of them would lose items"),
                           pid);
      *out_next = g_strdup_printf (
          _ ("run this with that session's DBUS_SESSION_BUS_ADDRESS, or end the daemon: kill %d"),
          pid);
      return FALSE;
    }
}

static gboolean
start (Keeper *self,
       const char *bus_address,
       gint64 deadline,
       gboolean *out_busy,
       char **out_next,
       GError **error)
{
  self->lock = session_lock_file_open (TRUE, error);
  if (self->lock < 0)
    return FALSE;
  if (flock (self->lock, LOCK_EX | LOCK_NB) != 0)
    {
      *out_busy = TRUE;
      return FALSE;
    }
  clean_up_after_another (self->lock);
  return check_nobody_else (out_next, error)
         && session_daemon_processes_start (&self->daemons, bus_address, deadline, out_busy,
                                            out_next, error)
         && publish (self, error);
}

static void
stop (Keeper *self)
{
  if (self->listener >= 0)
    close (self->listener);
  self->listener = -1;
  session_daemon_processes_stop (&self->daemons);
  if (self->lock >= 0)
    close (self->lock);
  self->lock = -1;
}

static void
greet (Keeper *self, int fd)
{
  g_autofree char *text = g_strconcat (SESSION_READY "\n", self->daemons.address, NULL);

  send_packet (fd, text);
}

/* An order: its time in milliseconds, and the address of a bus or nothing. TRUE if the daemons
 * run. */
static gboolean
serve_order (Keeper *self, int fd, const char *order)
{
  g_auto (GStrv) words = g_strsplit (order, "\n", 2);
  gint64 deadline = g_get_monotonic_time () + g_ascii_strtoll (words[0], NULL, 10) * 1000;
  const char *bus_address = words[1] != NULL && *words[1] != '\0' ? words[1] : NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *next = NULL;
  g_autofree char *text = NULL;
  gboolean busy = FALSE;

  if (start (self, bus_address, deadline, &busy, &next, &error))
    {
      greet (self, fd);
      return TRUE;
    }
  stop (self);
  text = busy ? g_strdup (SESSION_BUSY)
              : g_strdup_printf (SESSION_ERROR "\n%d\n%s\n%s", error->code, error->message,
                                 next != NULL ? next : "");
  send_packet (fd, text);
  return FALSE;
}

/* A session has ended, or was killed. The last one's connection stays open until we are done: that
 * is how it knows. */
static gboolean
on_user (int fd, GIOCondition condition, gpointer data)
{
  Keeper *self = data;
  char ignored[16];

  if (recv (fd, ignored, sizeof ignored, MSG_DONTWAIT) > 0)
    return G_SOURCE_CONTINUE;
  if (--self->n_users == 0)
    g_main_loop_quit (self->loop);
  else
    {
      send_packet (fd, SESSION_BUSY);
      close (fd);
    }
  return G_SOURCE_REMOVE;
}

static void
add_user (Keeper *self, int fd)
{
  self->n_users++;
  g_unix_fd_add (fd, G_IO_IN | G_IO_HUP, on_user, self);
}

static gboolean
on_listener (int fd, GIOCondition condition, gpointer data)
{
  Keeper *self = data;
  gboolean ends = !g_main_loop_is_running (self->loop);
  int user = accept4 (fd, NULL, NULL, SOCK_CLOEXEC);
  struct ucred peer = { 0 };
  socklen_t length = sizeof peer;

  if (user < 0)
    return G_SOURCE_CONTINUE;
  /* The last session may have ended in the same iteration. One that connects now is turned away,
   * and starts a new keeper. */
  if (!ends && getsockopt (user, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0
      && peer.uid == geteuid ())
    {
      greet (self, user);
      add_user (self, user);
    }
  else
    close (user);
  return G_SOURCE_CONTINUE;
}

static void
on_daemon (GPid pid, int status, gpointer data)
{
  Keeper *self = data;

  if (pid == self->daemons.keyring)
    self->daemons.keyring = 0;
  if (pid == self->daemons.bus)
    self->daemons.bus = 0;
  g_main_loop_quit (self->loop);
}

/* A signal to a whole service is meant for the command, which needs the keyring until it ends. */
static gboolean
ignore_signal (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

static void
keep (Keeper *self, int first_user)
{
  guint keyring = g_child_watch_add (self->daemons.keyring, on_daemon, self);
  guint bus = self->daemons.bus != 0 ? g_child_watch_add (self->daemons.bus, on_daemon, self) : 0;
  int hold = open (self->daemons.directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  /* Cleaners of /tmp leave locked files alone. */
  flock (hold, LOCK_SH | LOCK_NB);
  self->loop = g_main_loop_new (NULL, FALSE);
  add_user (self, first_user);
  g_unix_fd_add (self->listener, G_IO_IN, on_listener, self);
  g_unix_signal_add (SIGTERM, ignore_signal, NULL);
  g_main_loop_run (self->loop);
  /* From here on we wait for them ourselves. */
  if (self->daemons.keyring != 0)
    g_source_remove (keyring);
  if (self->daemons.bus != 0)
    g_source_remove (bus);
  stop (self);
}

static void
run (int fd)
{
  Keeper self = { .lock = -1, .listener = -1 };
  char order[SESSION_PACKET + 1];

  for (;;)
    {
      ssize_t n = recv (fd, order, sizeof order - 1, 0);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return;
      order[n] = '\0';
      if (serve_order (&self, fd, order))
        {
          keep (&self, fd);
          return;
        }
    }
}

/* Returns our end of the connection for orders, or -1. */
int
session_daemon_keeper_fork (GError **error)
{
  int fds[2];
  pid_t pid = -1;

  if (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) == 0)
    {
      pid = fork ();
      if (pid == 0)
        {
          run (detach (fds[1]));
          /* The session's unwritten output is not ours to write. */
          _exit (0);
        }
      close (fds[1]);
      if (pid > 0)
        {
          own_pid = pid;
          return own_fd = fds[0];
        }
      close (fds[0]);
    }
  kr_secret_error_set (error, KR_SECRET_ERROR_FAILED, 0, NULL, "%s", g_strerror (errno));
  return -1;
}

/* The keeper has ended: reaps it if it is our child. */
void
session_daemon_keeper_reap (int fd)
{
  if (fd == own_fd)
    waitpid (own_pid, NULL, 0);
}
