/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "backup/file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kr-secret-fail.h"
#include "kr-secret-error.h"
#include "terminal/file-error.h"

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
          file_error_set (error, errno, _ ("it cannot be read"));
          return NULL;
        }
      if ((gsize) n > most - all->len)
        return KR_SECRET_FAIL_NULL (error, KR_SECRET_ERROR_USAGE,
                                    _ ("it is too large to be a backup of kr-secret-tool"));
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
  /* Without O_NONBLOCK, opening a pipe would wait for its other end. */
  fd = open (path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (fd < 0 || fstat (fd, &there) != 0)
    file_error_set (error, errno, _ ("it cannot be opened"));
  else if (!S_ISREG (there.st_mode))
    kr_secret_error_set (error, KR_SECRET_ERROR_USAGE, 0, NULL, _ ("it is not a regular file"));
  else
    bytes = file_read_all (fd, most, error);
  if (fd >= 0)
    close (fd);
  return bytes;
}
