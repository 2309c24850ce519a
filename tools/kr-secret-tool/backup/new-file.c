/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "backup/new-file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backup/file.h"
#include "common/kr-write.h"
#include "terminal/file-error.h"
#include "kr-secret-error.h"

/* All steps use the folder opened at the start. */

struct _NewFile
{
  int folder;
  char *name;
  int fd;       /* of the written file; -1: none yet */
  char *link;   /* /proc path of a file without a name; NULL: it has one */
  char *hidden; /* temporary name; NULL: none */
  mode_t mode;
};

static void
set_taken (GError **error, mode_t mode)
{
  kr_secret_error_set (error, KR_SECRET_ERROR_USAGE, 0, NULL, "%s",
                       S_ISREG (mode)   ? _ ("there is a file of this name already")
                       : S_ISDIR (mode) ? _ ("there is a folder of this name")
                       : S_ISLNK (mode) ? _ ("there is a symbolic link of this name")
                                        : _ ("there is something of this name already"));
}

static gboolean
check_free (NewFile *self, GError **error)
{
  struct stat there;

  if (fstatat (self->folder, self->name, &there, AT_SYMLINK_NOFOLLOW) == 0)
    set_taken (error, there.st_mode);
  else if (errno != ENOENT)
    file_error_set_place (error, errno, _ ("the place cannot be examined"));
  else
    return TRUE;
  return FALSE;
}

NewFile *
new_file_begin (const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autoptr (NewFile) self = g_new0 (NewFile, 1);

  self->name = g_path_get_basename (path);
  self->fd = -1;
  self->folder = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (*path == '\0' || g_str_has_suffix (path, G_DIR_SEPARATOR_S))
    kr_secret_error_set (error, KR_SECRET_ERROR_USAGE, 0, NULL, _ ("the name of a file is needed"));
  else if (self->folder < 0)
    file_error_set_place (error, errno, _ ("the folder cannot be opened"));
  else if (check_free (self, error))
    {
      if (faccessat (self->folder, ".", W_OK | X_OK, AT_EACCESS) == 0)
        return g_steal_pointer (&self);
      file_error_set_place (error, errno, _ ("the folder cannot be written to"));
    }
  return NULL;
}

/* Creates a file without a name, so that nothing is left if we are killed. Not every file system
 * supports this, and giving it a name needs /proc. */
static int
open_nameless (NewFile *self)
{
  int fd = openat (self->folder, ".", O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
  g_autofree char *link = NULL;

  if (fd < 0)
    return -1;
  link = g_strdup_printf ("/proc/self/fd/%d", fd);
  if (access (link, F_OK) == 0)
    {
      self->link = g_steal_pointer (&link);
      return fd;
    }
  close (fd);
  return -1;
}

static int
open_hidden (NewFile *self)
{
  g_autofree char *hidden
      = g_strdup_printf (".%s-%08x%08x", "kr-secret-backup", g_random_int (), g_random_int ());
  int fd = openat (self->folder, hidden, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

  if (fd >= 0)
    self->hidden = g_steal_pointer (&hidden);
  return fd;
}

gboolean
new_file_write (NewFile *self, GBytes *bytes, GError **error)
{
  struct stat made;

  g_return_val_if_fail (self->fd < 0, FALSE);

  self->fd = open_nameless (self);
  if (self->fd < 0)
    self->fd = open_hidden (self);
  if (self->fd < 0)
    return file_error_set_place (error, errno, _ ("no file can be made there"));
  fchmod (self->fd, 0600); /* regardless of the umask */
  if (!kr_write_all (self->fd, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes))
      || fsync (self->fd) != 0 || fstat (self->fd, &made) != 0)
    return file_error_set_place (error, errno, _ ("the file cannot be written"));
  self->mode = made.st_mode;
  return TRUE;
}

/* Fails if the name is taken. Some file systems cannot rename this way, others have no links. */
static gboolean
take_name (NewFile *self)
{
  if (self->link != NULL)
    return linkat (AT_FDCWD, self->link, self->folder, self->name, AT_SYMLINK_FOLLOW) == 0;
  if (renameat2 (self->folder, self->hidden, self->folder, self->name, RENAME_NOREPLACE) == 0)
    {
      g_clear_pointer (&self->hidden, g_free);
      return TRUE;
    }
  /* new_file_free removes the hidden name. */
  return (errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP)
         && linkat (self->folder, self->hidden, self->folder, self->name, 0) == 0;
}

gboolean
new_file_keep (NewFile *self, GError **error)
{
  g_return_val_if_fail (self->fd >= 0, FALSE);

  if (!take_name (self))
    {
      int code = errno;

      if (code != EEXIST || check_free (self, error))
        file_error_set_place (error, code, _ ("the file cannot be given its name"));
      return FALSE;
    }
  fsync (self->folder);
  return TRUE;
}

gboolean
new_file_is_open_to_others (NewFile *self)
{
  return (self->mode & (S_IRWXG | S_IRWXO)) != 0;
}

void
new_file_free (NewFile *self)
{
  if (self->hidden != NULL)
    unlinkat (self->folder, self->hidden, 0);
  if (self->fd >= 0)
    close (self->fd);
  if (self->folder >= 0)
    close (self->folder);
  g_free (self->name);
  g_free (self->link);
  g_free (self->hidden);
  g_free (self);
}

GBytes *
new_file_read (NewFile *self, GError **error)
{
  g_return_val_if_fail (self->fd >= 0, NULL);

  posix_fadvise (self->fd, 0, 0, POSIX_FADV_DONTNEED); /* from the disk, not from the page cache */
  if (lseek (self->fd, 0, SEEK_SET) == 0)
    return file_read_all (self->fd, G_MAXINT, error);
  file_error_set_place (error, errno, _ ("it cannot be read"));
  return NULL;
}
