/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "backup/file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kr-secret-error.h"

/* Whether it is the user who has to name another file. One that is to be read is where it is, and a
 * right to it that is missing is a failure; where a new one goes can be chosen. */
static gboolean
is_usage (int code, gboolean is_new)
{
  switch (code)
    {
    case ENOENT:
    case ENOTDIR:
    case ENAMETOOLONG:
      return TRUE;
    case EACCES:
    case EPERM:
    case EROFS:
    case ELOOP:
    case EISDIR:
      return is_new;
    default:
      return FALSE;
    }
}

static void
refuse (GError **error, int code, gboolean is_new, const char *what)
{
  kr_secret_error_set (
      error, is_usage (code, is_new) ? KR_SECRET_ERROR_USAGE : KR_SECRET_ERROR_FAILED, 0, NULL,
      "%s%s%s", what != NULL ? what : "", what != NULL ? ": " : "", g_strerror (code));
}

void
file_refuse (GError **error, int code, const char *what)
{
  refuse (error, code, FALSE, what);
}

void
file_refuse_place (GError **error, int code, const char *what)
{
  refuse (error, code, TRUE, what);
}

GBytes *
file_read_all (int fd, gsize most, GError **error)
{
  g_autoptr (GByteArray) all = g_byte_array_new ();
  guint8 part[16 * 1024];
  ssize_t n;

  while ((n = read (fd, part, sizeof part)) != 0)
    {
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        {
          file_refuse (error, errno, _ ("it cannot be read"));
          return NULL;
        }
      if ((gsize) n > most - all->len)
        {
          kr_secret_error_set (error, KR_SECRET_ERROR_USAGE, 0, NULL,
                               _ ("it is too large to be a backup of kr-secret-tool"));
          return NULL;
        }
      g_byte_array_append (all, part, (guint) n);
    }
  return g_byte_array_free_to_bytes (g_steal_pointer (&all));
}

GBytes *
file_read_whole (const char *path, gsize most, GError **error)
{
  struct stat there;
  GBytes *bytes = NULL;
  int fd;

  if (g_str_equal (path, "-"))
    return file_read_all (STDIN_FILENO, most, error);
  /* Opening a pipe would wait for its other end. */
  fd = open (path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (fd < 0 || fstat (fd, &there) != 0)
    file_refuse (error, errno, _ ("it cannot be opened"));
  else if (!S_ISREG (there.st_mode))
    kr_secret_error_set (error, KR_SECRET_ERROR_USAGE, 0, NULL, _ ("it is no regular file"));
  else
    bytes = file_read_all (fd, most, error);
  if (fd >= 0)
    close (fd);
  return bytes;
}
