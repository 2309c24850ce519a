/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/kr-secret-trusted-file-private.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kr-secret-error.h"
#include "common/kr-intl.h"

static int
refuse (GError **error, const char *why)
{
  kr_secret_error_set (error, KR_SECRET_ERROR_PLUGIN, 0, NULL, "%s", why);
  return -1;
}

/* Opens code that is about to run with the user's keys in reach: a regular file, not a link, that
 * only root or the user can have written. The check is on the descriptor, whatever the name leads
 * to later. Returns the descriptor, or -1 with an error. */
int
kr_secret_trusted_file_open (const char *path, GError **error)
{
  struct stat st;
  int fd = open (path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  const char *why = NULL;

  if (fd < 0)
    return refuse (error, errno == ELOOP ? _ ("is a symbolic link; a regular file is expected")
                                         : g_strerror (errno));
  if (fstat (fd, &st) != 0)
    why = g_strerror (errno);
  else if (!S_ISREG (st.st_mode))
    why = _ ("is not a regular file");
  else if (st.st_uid != 0 && st.st_uid != geteuid ())
    why = _ ("belongs to another user; root or yourself is expected");
  else if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
    why = _ ("can be written by others; no write permission for group and others is expected");
  if (why != NULL)
    {
      close (fd);
      return refuse (error, why);
    }
  return fd;
}
