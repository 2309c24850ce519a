/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "session/session.h"

/* A file beside the keyrings. The keeper of this HOME locks it, and writes its address into it. */

#define LOCK_NAME "session"

static char *
get_directory (void)
{
  return g_build_filename (g_get_user_data_dir (), "krsecret", NULL);
}

static int
refuse (const char *path, const char *why, GError **error)
{
  g_autofree char *shown = g_filename_display_name (path);

  kr_secret_error_set (error, KR_SECRET_ERROR_DAMAGED, 0, NULL, "%s: %s", shown, why);
  return -1;
}

static gboolean
is_private (int fd, mode_t format)
{
  struct stat st;

  return fstat (fd, &st) == 0 && (st.st_mode & S_IFMT) == format && st.st_uid == geteuid ()
         && (st.st_mode & 077) == 0;
}

int
session_lock_file_open (gboolean make, GError **error)
{
  g_autofree char *directory = get_directory ();
  g_autofree char *path = g_build_filename (directory, LOCK_NAME, NULL);
  int fd, file;

  if (make && g_mkdir_with_parents (directory, 0700) != 0)
    return refuse (directory, g_strerror (errno), error);
  fd = open (directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0)
    return !make && errno == ENOENT ? -1 : refuse (directory, g_strerror (errno), error);
  if (!is_private (fd, S_IFDIR))
    {
      close (fd);
      return refuse (directory, _ ("must be a directory of this user with mode 0700"), error);
    }
  file = openat (fd, LOCK_NAME,
                 O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | (make ? O_CREAT : 0),
                 0600);
  close (fd);
  if (file < 0)
    return !make && errno == ENOENT ? -1 : refuse (path, g_strerror (errno), error);
  if (is_private (file, S_IFREG))
    return file;
  close (file);
  return refuse (path, _ ("must be a regular file of this user with mode 0600"), error);
}
