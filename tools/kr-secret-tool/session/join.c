/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "keyring/running-bus.h"
#include "session/session.h"

/* A session's side of the keeper. A running keeper is found by a file that it has locked. */

/* Microseconds between looks at another session's progress. */
#define PAUSE 10000

/* Seconds for the keeper to end everything. */
#define PATIENCE 15

/* Receives a packet as text. NULL if the other side is gone or time is up. */
static char *
receive (int fd, gint64 deadline)
{
  char packet[SESSION_PACKET + 1];
  struct pollfd input = { .fd = fd, .events = POLLIN };
  ssize_t n;

  do
    n = poll (&input, 1, running_bus_left (deadline)) > 0 ? recv (fd, packet, SESSION_PACKET, 0)
                                                          : -1;
  while (n < 0 && errno == EINTR && g_get_monotonic_time () < deadline);
  if (n <= 0)
    return NULL;
  packet[n] = '\0';
  return g_strdup (packet);
}

static gboolean
is_of_this_user (int fd)
{
  struct ucred peer = { 0 };
  socklen_t length = sizeof peer;

  return getsockopt (fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 && peer.uid == geteuid ();
}

/* Connects to the keeper that wrote text. -1 if it does not answer. */
static int
try_keeper (const char *text, gint64 deadline, char **out_address)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  g_autofree char *directory = g_strndup (text, strcspn (text, "\n"));
  g_autofree char *greeting = NULL;
  int fd;

  if (!g_path_is_absolute (directory)
      || g_snprintf (address.sun_path, sizeof address.sun_path, "%s/keeper", directory)
             >= (int) sizeof address.sun_path)
    return -1;
  fd = socket (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
  if (fd >= 0 && connect (fd, (struct sockaddr *) &address, sizeof address) == 0
      && is_of_this_user (fd) && (greeting = receive (fd, deadline)) != NULL
      && g_str_has_prefix (greeting, SESSION_READY "\n"))
    {
      *out_address = g_strdup (strchr (greeting, '\n') + 1);
      return fd;
    }
  if (fd >= 0)
    close (fd);
  return -1;
}

static void
set_unreachable (const char *text, char **out_next, GError **error)
{
  const char *line = strchr (text, '\n');
  int pid = line != NULL ? atoi (line + 1) : 0;

  kr_secret_error_set (
      error, KR_SECRET_ERROR_DEADLINE, 0, NULL,
      _ ("another session of this HOME (process %d) holds its keyring, and refused to share it"),
      pid);
  *out_next = g_strdup (_ ("two services of one user need a directory they both see: set "
                           "XDG_RUNTIME_DIR to it in each, or let each have a user of its own"));
}

/* Joins the running sessions of this HOME; *out_address is the address of their bus. -1 with no
 * error if there are none. */
int
session_join (gint64 deadline, char **out_address, char **out_next, GError **error)
{
  for (;;)
    {
      char text[4096] = "";
      int lock = session_lock_file_open (FALSE, error);
      gboolean held;
      int fd;

      if (lock < 0)
        return -1;
      held = flock (lock, LOCK_SH | LOCK_NB) != 0;
      if (pread (lock, text, sizeof text - 1, 0) < 0)
        *text = '\0';
      close (lock);
      if (!held)
        return -1;
      fd = try_keeper (text, deadline, out_address);
      if (fd >= 0)
        return fd;
      if (g_get_monotonic_time () >= deadline)
        {
          set_unreachable (text, out_next, error);
          return -1;
        }
      g_usleep (PAUSE);
    }
}

static gboolean
take_failure (const char *reply, char **out_next, GError **error)
{
  g_auto (GStrv) lines = g_strsplit (reply != NULL ? reply : "", "\n", 4);

  if (g_strv_length (lines) != 4 || !g_str_equal (lines[0], SESSION_ERROR))
    return KR_SECRET_FAIL (error, KR_SECRET_ERROR_FAILED,
                           _ ("the process that keeps the keyring has ended"));
  *out_next = *lines[3] != '\0' ? g_strdup (lines[3]) : NULL;
  return KR_SECRET_FAIL (error, atoi (lines[1]), "%s", lines[2]);
}

/* Orders a daemon. FALSE with no error if another session is starting one. */
gboolean
session_join_order (int keeper,
                    const char *bus_address,
                    gint64 deadline,
                    char **out_address,
                    char **out_next,
                    GError **error)
{
  g_autofree char *order = g_strdup_printf ("%d\n%s", running_bus_left (deadline),
                                            bus_address != NULL ? bus_address : "");
  g_autofree char *reply = NULL;

  /* It keeps the deadline itself, but may have to stop what it has started. */
  if (send (keeper, order, strlen (order), MSG_NOSIGNAL) > 0)
    reply = receive (keeper, deadline + (gint64) PATIENCE * G_USEC_PER_SEC);
  if (reply == NULL || g_str_has_prefix (reply, SESSION_ERROR))
    return take_failure (reply, out_next, error);
  if (g_str_equal (reply, SESSION_BUSY))
    return FALSE;
  *out_address = g_strdup (strchr (reply, '\n') + 1);
  return TRUE;
}

/* If we are the last session, waits until the keeper has ended everything. */
void
session_join_leave (int keeper)
{
  gint64 deadline = g_get_monotonic_time () + (gint64) PATIENCE * G_USEC_PER_SEC;
  g_autofree char *goes_on = NULL;

  if (keeper < 0)
    return;
  shutdown (keeper, SHUT_WR);
  goes_on = receive (keeper, deadline);
  if (goes_on == NULL && g_get_monotonic_time () < deadline)
    session_daemon_keeper_reap (keeper);
  close (keeper);
}
