/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Preloaded: makes calls fail below a directory. KR_TEST_DISK is "FILE:DIRECTORY". While FILE
 * exists and says "CALL ERRNO", each CALL on the directory or on something in it fails with that
 * number. CALL is open (for writing), tmpfile (openat for a file without a name), read, write,
 * fsync or rename. */

/* open and open64 are two functions here, and neither is inline. */
#undef _FILE_OFFSET_BITS
#undef _FORTIFY_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "kept-environment.h"

const char *const kept_variable = "KR_TEST_DISK";

#define EXPORT __attribute__ ((visibility ("default")))

/* System calls only, so that we do not call ourselves. */
static int
read_order (const char *file, char *order, size_t size)
{
  int fd = (int) syscall (SYS_openat, AT_FDCWD, file, O_RDONLY | O_CLOEXEC);
  long length;

  if (fd < 0)
    return 0;
  length = syscall (SYS_read, fd, order, size - 1);
  syscall (SYS_close, fd);
  order[length < 0 ? 0 : length] = '\0';
  return length > 0;
}

/* The errno with which a call on a path is to fail, or 0. */
static int
fault (const char *call, const char *path)
{
  const char *both = getenv (kept_variable), *directory;
  size_t length = strlen (call);
  char file[4096], order[64];

  if (both == NULL || path == NULL || (directory = strchr (both, ':')) == NULL)
    return 0;
  directory++;
  if (strncmp (path, directory, strlen (directory)) != 0)
    return 0;
  snprintf (file, sizeof file, "%.*s", (int) (directory - 1 - both), both);
  if (!read_order (file, order, sizeof order) || strncmp (order, call, length) != 0
      || order[length] != ' ')
    return 0;
  return atoi (order + length + 1);
}

static int
fault_at (const char *call, int fd)
{
  char link[64], path[4096];
  long length;

  snprintf (link, sizeof link, "/proc/self/fd/%d", fd);
  length = syscall (SYS_readlinkat, AT_FDCWD, link, path, sizeof path - 1);
  path[length < 0 ? 0 : length] = '\0';
  return fault (call, path);
}

static int
open_unless (int directory, const char *path, int flags, mode_t mode)
{
  int code = (flags & (O_WRONLY | O_RDWR)) != 0 ? fault ("open", path) : 0;

  if (code == 0)
    return (int) syscall (SYS_openat, directory, path, flags, mode);
  errno = code;
  return -1;
}

#define TAKE_MODE(flags)                                                                           \
  mode_t mode = 0;                                                                                 \
  if (((flags) & (O_CREAT | O_TMPFILE)) != 0)                                                      \
    {                                                                                              \
      va_list arguments;                                                                           \
      va_start (arguments, flags);                                                                 \
      mode = va_arg (arguments, mode_t);                                                           \
      va_end (arguments);                                                                          \
    }

EXPORT int
open (const char *path, int flags, ...)
{
  TAKE_MODE (flags)
  return open_unless (AT_FDCWD, path, flags, mode);
}

EXPORT int
open64 (const char *path, int flags, ...)
{
  TAKE_MODE (flags)
  return open_unless (AT_FDCWD, path, flags, mode);
}

static int
open_at_unless (int directory, const char *path, int flags, mode_t mode)
{
  int code = (flags & O_TMPFILE) == O_TMPFILE ? fault_at ("tmpfile", directory) : 0;

  if (code == 0)
    return (int) syscall (SYS_openat, directory, path, flags, mode);
  errno = code;
  return -1;
}

EXPORT int
openat (int directory, const char *path, int flags, ...)
{
  TAKE_MODE (flags)
  return open_at_unless (directory, path, flags, mode);
}

EXPORT int
openat64 (int directory, const char *path, int flags, ...)
{
  TAKE_MODE (flags)
  return open_at_unless (directory, path, flags, mode);
}

EXPORT ssize_t
read (int fd, void *data, size_t length)
{
  int code = fault_at ("read", fd);

  if (code == 0)
    return syscall (SYS_read, fd, data, length);
  errno = code;
  return -1;
}

EXPORT ssize_t
write (int fd, const void *data, size_t length)
{
  int code = fault_at ("write", fd);

  if (code == 0)
    return syscall (SYS_write, fd, data, length);
  errno = code;
  return -1;
}

EXPORT int
fsync (int fd)
{
  int code = fault_at ("fsync", fd);

  if (code == 0)
    return (int) syscall (SYS_fsync, fd);
  errno = code;
  return -1;
}

EXPORT int
rename (const char *from, const char *to)
{
  int code = fault ("rename", to);

  if (code == 0)
    return (int) syscall (SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
  errno = code;
  return -1;
}
