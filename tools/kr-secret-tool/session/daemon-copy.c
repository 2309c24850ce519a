/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "session/session.h"

/* A copy of the daemon has no file capabilities. With them it cannot start where locking memory is
 * not permitted, as in most containers and hardened services; it finds a bus only in
 * XDG_RUNTIME_DIR; and it forgets that it is to end with us. Without them it may lock as much
 * memory as any process, far more than a keyring takes.
 *
 * The copy is in memory: services often may write only where nothing can be executed. */

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif

static int
make_memory (const char *name)
{
  /* Newer kernels want MFD_EXEC for an executable, older ones do not know it. */
  int fd = memfd_create (name, MFD_CLOEXEC | MFD_EXEC);

  return fd < 0 && errno == EINVAL ? memfd_create (name, MFD_CLOEXEC) : fd;
}

static gboolean
fill (int fd, const char *program)
{
  int from = open (program, O_RDONLY | O_CLOEXEC);
  ssize_t n = -1;

  if (from < 0)
    return FALSE;
  do
    n = sendfile (fd, from, NULL, 1 << 20);
  while (n > 0 || (n < 0 && errno == EINTR));
  close (from);
  return n == 0;
}

/* The path to run it by while *out_fd is open. The process is named after the path's last part. */
static char *
make_in_memory (const char *program, const char *path, int *out_fd)
{
  int fd = make_memory ("gnome-keyring-daemon");
  g_autofree char *target = g_strdup_printf ("/proc/self/fd/%d", fd);

  if (fd >= 0 && fill (fd, program) && symlink (target, path) == 0 && access (path, X_OK) == 0)
    {
      *out_fd = fd;
      return g_strdup (path);
    }
  if (fd >= 0)
    close (fd);
  return NULL;
}

/* If nothing can be executed from memory. */
static char *
make_file (const char *program, const char *path)
{
  int fd = open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0700);
  gboolean done = fd >= 0 && fill (fd, program);

  if (fd >= 0)
    close (fd);
  return done && access (path, X_OK) == 0 ? g_strdup (path) : NULL;
}

char *
session_daemon_copy_make (const char *program, const char *directory, int *out_fd)
{
  g_autofree char *path = g_build_filename (directory, "gnome-keyring-daemon", NULL);
  char *copy;

  *out_fd = -1;
  if (getxattr (program, "security.capability", NULL, 0) <= 0)
    return NULL;
  copy = make_in_memory (program, path, out_fd);
  if (copy != NULL)
    return copy;
  g_unlink (path);
  return make_file (program, path);
}
