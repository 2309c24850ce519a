/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plaintext/key-file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <string.h>
#include <sys/random.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "kr-secret-fail.h"
#include "common/kr-sensitive.h"
#include "terminal/file-error.h"

/* Reads a file with keys, and destroys it as well as possible. */

static gboolean
fail_errno (GError **error)
{
  return file_error_set (error, errno, NULL);
}

/* Only a regular file of the user's can hold keys. */
static gboolean
check (KeyFile *self, GError **error)
{
  if (fstat (self->fd, &self->seen) != 0)
    return fail_errno (error);
  if (S_ISDIR (self->seen.st_mode))
    return KR_SECRET_FAIL (error, KR_SECRET_ERROR_USAGE, _ ("it is a folder; name the file in it"));
  if (!S_ISREG (self->seen.st_mode))
    return KR_SECRET_FAIL (error, KR_SECRET_ERROR_USAGE, _ ("it is not a regular file"));
  if (self->seen.st_uid != geteuid ())
    return KR_SECRET_FAIL (error, KR_SECRET_ERROR_DAMAGED, _ ("it belongs to another user"));
  return TRUE;
}

/* Takes ownership of folder. Never follows a symbolic link: the file itself would be destroyed.
 * O_NONBLOCK, because the name may be a pipe that nobody writes to. */
static KeyFile *
open_in (int folder, const char *name, GError **error)
{
  g_autoptr (KeyFile) self = g_new0 (KeyFile, 1);

  self->name = g_strdup (name);
  self->folder = folder;
  self->fd = openat (folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (self->fd < 0)
    {
      if (errno == ELOOP)
        kr_secret_error_set (error, KR_SECRET_ERROR_DAMAGED, 0, NULL,
                             _ ("it is a symbolic link; name the file that it points to"));
      else
        file_error_set (error, errno, _ ("it cannot be opened"));
      return NULL;
    }
  return check (self, error) ? g_steal_pointer (&self) : NULL;
}

KeyFile *
key_file_open (const char *path, GError **error)
{
  g_autofree char *parent = g_path_get_dirname (path);
  g_autofree char *name = g_path_get_basename (path);
  int folder = open (*path != '\0' ? parent : path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  if (folder >= 0)
    return open_in (folder, g_str_has_suffix (path, "/") ? "." : name, error);
  file_error_set (error, errno, _ ("it cannot be opened"));
  return NULL;
}

/* The same in an open folder, which stays open. */
KeyFile *
key_file_open_at (int folder, const char *name, GError **error)
{
  int own = fcntl (folder, F_DUPFD_CLOEXEC, 3);

  if (own >= 0)
    return open_in (own, name, error);
  fail_errno (error);
  return NULL;
}

void
key_file_free (KeyFile *self)
{
  g_free (self->name);
  if (self->folder >= 0)
    close (self->folder);
  if (self->fd >= 0)
    close (self->fd);
  g_free (self);
}

/* Reads the whole file. Fails if it is larger than anything that is imported. */
gboolean
key_file_read (KeyFile *self, PlaintextBytes *out_bytes, GError **error)
{
  g_auto (PlaintextBytes) bytes = { .data = g_malloc (PLAINTEXT_MAX_SIZE + 1), .length = 0 };
  ssize_t n = 1;

  while (n > 0 && bytes.length <= PLAINTEXT_MAX_SIZE)
    {
      n = TEMP_FAILURE_RETRY (pread (self->fd, bytes.data + bytes.length,
                                     PLAINTEXT_MAX_SIZE + 1 - bytes.length, (off_t) bytes.length));
      if (n < 0)
        return file_error_set (error, errno, _ ("it cannot be read"));
      bytes.length += (gsize) n;
    }
  if (bytes.length > PLAINTEXT_MAX_SIZE)
    return KR_SECRET_FAIL (error, KR_SECRET_ERROR_USAGE,
                           _ ("it is larger than 1 MiB; no file with keys is"));
  *out_bytes = bytes;
  bytes.data = NULL;
  return TRUE;
}

/* Whether others could have written to it. */
gboolean
key_file_is_open_to_others (KeyFile *self)
{
  return (self->seen.st_mode & (S_IWGRP | S_IWOTH)) != 0;
}

/* The name of its file system if that is known to write new data beside the old, else NULL. */
const char *
key_file_copying_system (KeyFile *self)
{
  static const struct
  {
    guint32 magic;
    const char *name;
  } systems[] = {
    { 0x9123683E, "btrfs" },     { 0x2FC12FC1, "ZFS" }, { 0xCA451A4E, "bcachefs" },
    { 0xF2F52010, "F2FS" },      { 0x3434, "NILFS" },   { 0x6969, "NFS" },
    { 0xFF534D42, "CIFS" },      { 0xFE534D42, "SMB" }, { 0x65735546, "FUSE" },
    { 0x794C7630, "overlayfs" },
  };
  struct statfs st;

  if (fstatfs (self->fd, &st) == 0)
    for (gsize i = 0; i < G_N_ELEMENTS (systems); i++)
      if ((guint32) st.f_type == systems[i].magic)
        return systems[i].name;
  return NULL;
}

/* Only finds what can be told in advance. */
gboolean
key_file_check_shred (KeyFile *self, GError **error)
{
  if (self->seen.st_nlink != 1)
    return KR_SECRET_FAIL (error, KR_SECRET_ERROR_DAMAGED,
                           _ ("it has another name (a hard link), under which it would stay"));
  if (faccessat (self->folder, ".", W_OK | X_OK, AT_EACCESS) != 0)
    return fail_errno (error);
  return TRUE;
}

static gboolean
is_unchanged (const struct stat *seen, const struct stat *st)
{
  return st->st_dev == seen->st_dev && st->st_ino == seen->st_ino && st->st_size == seen->st_size
         && st->st_nlink == 1 && st->st_uid == seen->st_uid && S_ISREG (st->st_mode)
         && memcmp (&st->st_mtim, &seen->st_mtim, sizeof st->st_mtim) == 0;
}

/* File times are too coarse to show every change. */
static gboolean
holds (KeyFile *self, const PlaintextBytes *bytes)
{
  g_auto (PlaintextBytes) now = { 0 };

  return key_file_read (self, &now, NULL)
         && kr_sensitive_equal_data (now.data, now.length, bytes->data, bytes->length);
}

static gboolean
check_unchanged (KeyFile *self, int fd, const PlaintextBytes *bytes, GError **error)
{
  struct stat st;
  struct stat named;

  if (fstat (fd, &st) == 0 && is_unchanged (&self->seen, &st)
      && fstatat (self->folder, self->name, &named, AT_SYMLINK_NOFOLLOW) == 0
      && is_unchanged (&self->seen, &named) && (bytes == NULL || holds (self, bytes)))
    return TRUE;
  return KR_SECRET_FAIL (error, KR_SECRET_ERROR_FAILED,
                         _ ("it is no longer the file that was read, or it has changed since"));
}

static gboolean
overwrite (int fd, off_t size)
{
  char noise[4096];

  for (off_t at = 0; at < size;)
    {
      gsize n = (gsize) MIN (size - at, (off_t) sizeof noise);
      ssize_t written;

      if (TEMP_FAILURE_RETRY (getrandom (noise, n, 0)) != (ssize_t) n)
        return FALSE;
      written = TEMP_FAILURE_RETRY (pwrite (fd, noise, n, at));
      if (written < 0)
        return FALSE;
      at += written;
    }
  return fsync (fd) == 0;
}

static int
open_for_writing (KeyFile *self)
{
  const int flags = O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
  int fd = openat (self->folder, self->name, flags);

  /* Write protection that users set for themselves is not meant for us. */
  if (fd < 0 && errno == EACCES && fchmod (self->fd, S_IRUSR | S_IWUSR) == 0)
    fd = openat (self->folder, self->name, flags);
  return fd;
}

/* Overwrites, truncates and removes it, each on disk before the next. bytes: what was read of it,
 * or NULL if it never was. */
gboolean
key_file_shred (KeyFile *self, const PlaintextBytes *bytes, GError **error)
{
  int fd = open_for_writing (self);
  gboolean good;

  if (fd < 0)
    return fail_errno (error);
  if (!check_unchanged (self, fd, bytes, error))
    {
      close (fd);
      return FALSE;
    }
  good = overwrite (fd, self->seen.st_size) && ftruncate (fd, 0) == 0 && fsync (fd) == 0
         && unlinkat (self->folder, self->name, 0) == 0 && fsync (self->folder) == 0;
  if (!good)
    fail_errno (error);
  close (fd);
  return good;
}
