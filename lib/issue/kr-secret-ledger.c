/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "issue/kr-secret-ledger-private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/kr-secret-deadline-private.h"
#include "base/kr-secret-error-private.h"
#include "common/kr-intl.h"

/* Locked with flock, not by a name on the bus: the lock must reach as far as the user's HOME, and
 * the helper inherits it with the descriptor.
 *
 * We do not unlink the file of a live account: a lock on a file that is gone guards nothing. Others
 * may. So a holder of a file also holds the directory, shared, and a missing file is only made
 * again while nobody else holds the directory: no second file of a name exists while the first,
 * unlinked or not, is in use. Files are made with their accounts, so this is rare. */

#define POLL_MS 5

/* In bytes; far more than is ever written. */
#define RECORD_MAX 4096

struct _KrSecretLedger
{
  int fd;
  int directory;          /* held together with the file */
  KrSecretRecord *record; /* what the file held, with keys of other versions */
  KrSecretHistory history;
};

static int
refuse (GError **error, KrSecretError code, const char *path, const char *why)
{
  g_autofree char *shown = g_filename_display_name (path);

  kr_secret_error_set (error, code, 0, NULL, "%s: %s", shown, why);
  return -1;
}

/* Sets an error from errno. Running out of something does not mean that anything is damaged. */
static int
refuse_errno (GError **error, const char *path)
{
  const gboolean lack = errno == EMFILE || errno == ENFILE || errno == ENOMEM;

  return refuse (error, lack ? KR_SECRET_ERROR_FAILED : KR_SECRET_ERROR_DAMAGED, path,
                 g_strerror (errno));
}

static gboolean
is_private (const struct stat *st, mode_t format)
{
  return (st->st_mode & S_IFMT) == format && st->st_uid == geteuid () && (st->st_mode & 077) == 0;
}

static char *
get_directory_path (void)
{
  return g_build_filename (g_get_user_state_dir (), "krsecret", NULL);
}

/* Opens the directory, made if missing. Returns a descriptor, or -1. */
static int
open_directory (const char *path, GError **error)
{
  struct stat st;
  int fd;

  if (g_mkdir_with_parents (path, 0700) != 0)
    return refuse_errno (error, path);
  fd = open (path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0)
    return refuse_errno (error, path);
  if (fstat (fd, &st) != 0 || !is_private (&st, S_IFDIR))
    {
      close (fd);
      return refuse (error, KR_SECRET_ERROR_DAMAGED, path,
                     _ ("must be a directory of this user with mode 0700"));
    }
  return fd;
}

/* Opens the file, or with O_CREAT makes it. O_NONBLOCK: a fifo in its place must not block us.
 * Returns a descriptor, or -1; no error means that there is no file. */
static int
open_file (int directory, const char *name, int flags, const char *path, GError **error)
{
  struct stat st;
  int fd = openat (directory, name, flags | O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
                   0600);

  if (fd < 0 && errno == ENOENT)
    return -1;
  if (fd < 0)
    return refuse_errno (error, path);
  if (fstat (fd, &st) != 0 || !is_private (&st, S_IFREG) || st.st_nlink > 1)
    {
      close (fd);
      return refuse (error, KR_SECRET_ERROR_DAMAGED, path,
                     _ ("must be a regular file of this user with mode 0600"));
    }
  return fd;
}

/* Whether the name still leads to the file that was locked. */
static gboolean
still_there (int directory, const char *name, int fd)
{
  struct stat by_name, by_fd;

  return fstatat (directory, name, &by_name, AT_SYMLINK_NOFOLLOW) == 0 && fstat (fd, &by_fd) == 0
         && by_name.st_dev == by_fd.st_dev && by_name.st_ino == by_fd.st_ino;
}

/* Tries to lock at once. It is an error only if waiting would not help. */
static gboolean
try_lock (int fd, int how, const char *path, GError **error)
{
  int result;

  do
    result = flock (fd, how | LOCK_NB);
  while (result != 0 && errno == EINTR);
  if (result != 0 && errno != EWOULDBLOCK)
    refuse_errno (error, path);
  return result == 0;
}

/* Reads the file: at first, and again after a helper that shares the lock. */
void
kr_secret_ledger_reread (KrSecretLedger *self)
{
  char buffer[RECORD_MAX];
  ssize_t length = pread (self->fd, buffer, sizeof buffer, 0);
  struct stat st;

  g_clear_pointer (&self->record, kr_secret_record_free);
  if (length > 0)
    /* The tail of a longer, earlier record may not be cut off yet. */
    self->record = kr_secret_record_decode (
        buffer, kr_secret_record_measure (buffer, (gsize) length), KR_SECRET_RECORD_LEDGER, NULL);
  if (self->record == NULL)
    {
      self->record = kr_secret_record_new (KR_SECRET_RECORD_LEDGER);
      /* Torn: an attempt may have been made when it was written. */
      if (length != 0 && fstat (self->fd, &st) == 0)
        kr_secret_record_set_int (self->record, KR_SECRET_HISTORY_TORN, st.st_mtime);
    }
  kr_secret_history_read (&self->history, self->record);
}

static KrSecretLedger *
ledger_new (int fd, int directory)
{
  KrSecretLedger *self = g_new0 (KrSecretLedger, 1);

  self->fd = fd;
  self->directory = directory;
  kr_secret_ledger_reread (self);
  return self;
}

/* Makes a missing file again. Returns -1 without an error if anything is in use. */
static int
make_again (int directory, const char *name, const char *path, GError **error)
{
  int fd;

  if (!try_lock (directory, LOCK_EX, path, error))
    return -1;
  fd = open_file (directory, name, O_CREAT, path, error);
  fsync (directory);
  return fd;
}

/* One attempt. NULL without an error: somebody else has the lock. */
static KrSecretLedger *
lock_once (const char *directory_path, const char *name, const char *path, GError **error)
{
  g_autoptr (GError) local = NULL;
  int directory = open_directory (directory_path, error);
  int fd;

  if (directory < 0)
    return NULL;
  fd = open_file (directory, name, 0, path, &local);
  if (fd < 0 && local == NULL)
    fd = make_again (directory, name, path, &local);
  /* The file first: waiting for it must not keep others from making theirs. */
  if (fd >= 0 && try_lock (fd, LOCK_EX, path, &local) && try_lock (directory, LOCK_SH, path, &local)
      && still_there (directory, name, fd))
    return ledger_new (fd, directory);
  if (fd >= 0)
    close (fd);
  close (directory);
  if (local != NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}

/* Makes the ledger of a new account, whose name nobody can hold yet. */
gboolean
kr_secret_ledger_make (const char *name, GError **error)
{
  g_autofree char *directory_path = get_directory_path ();
  g_autofree char *path = g_build_filename (directory_path, name, NULL);
  int directory = open_directory (directory_path, error);
  int fd = directory >= 0 ? open_file (directory, name, O_CREAT, path, error) : -1;

  if (directory >= 0)
    {
      fsync (directory); /* a power cut must not take the file away again */
      close (directory);
    }
  if (fd >= 0)
    {
      /* An attempt can then be written down even on a full disk. */
      fallocate (fd, FALLOC_FL_KEEP_SIZE, 0, RECORD_MAX);
      close (fd);
    }
  return fd >= 0;
}

/* Whether anything of that name exists. */
gboolean
kr_secret_ledger_is_there (const char *name)
{
  g_autofree char *directory_path = get_directory_path ();
  g_autofree char *path = g_build_filename (directory_path, name, NULL);
  struct stat st;

  return lstat (path, &st) == 0;
}

/* Opens and locks a ledger, waiting for other holders until the deadline. */
KrSecretLedger *
kr_secret_ledger_lock (const char *name, KrSecretDeadline deadline, GError **error)
{
  g_autofree char *directory_path = get_directory_path ();
  g_autofree char *path = g_build_filename (directory_path, name, NULL);

  for (;;)
    {
      g_autoptr (GError) local = NULL;
      KrSecretLedger *self = lock_once (directory_path, name, path, &local);

      if (self != NULL)
        return self;
      if (local == NULL && kr_secret_deadline_sleep (deadline, POLL_MS, &local))
        continue;
      if (g_error_matches (local, KR_SECRET_ERROR, KR_SECRET_ERROR_DEADLINE))
        kr_secret_error_set (error, KR_SECRET_ERROR_DEADLINE, 0, NULL,
                             _ ("another program holds the lock of this account"));
      else
        g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
}

/* Takes over a lock inherited with its descriptor. */
KrSecretLedger *
kr_secret_ledger_adopt (int fd, GError **error)
{
  struct stat st;

  if (fstat (fd, &st) != 0 || !is_private (&st, S_IFREG) || fcntl (fd, F_SETFD, FD_CLOEXEC) != 0)
    return KR_SECRET_FAIL_NULL (error, KR_SECRET_ERROR_FAILED, _ ("no lock was handed over"));
  return ledger_new (fd, -1); /* the directory is held as long as the process has it open */
}

/* Closes the descriptors. The last process that shares the lock frees it by that: LOCK_UN would
 * take it from a helper still at work. */
void
kr_secret_ledger_free (KrSecretLedger *self)
{
  close (self->fd);
  if (self->directory >= 0)
    close (self->directory);
  kr_secret_record_free (self->record);
  g_free (self);
}

/* Removes the file of an account that is gone or was never stored. Called with its lock held. */
void
kr_secret_ledger_discard (KrSecretLedger *self, const char *name)
{
  unlinkat (self->directory, name, 0);
}

/* The lock's descriptors: file and directory. A process that inherits both shares the lock. */
int
kr_secret_ledger_get_fd (KrSecretLedger *self)
{
  return self->fd;
}

int
kr_secret_ledger_get_directory_fd (KrSecretLedger *self)
{
  return self->directory;
}

/* The ledger's contents. Changes count once they are saved. */
KrSecretHistory *
kr_secret_ledger_get_history (KrSecretLedger *self)
{
  return &self->history;
}

/* Writes in place and syncs. The checksum shows a torn write. */
gboolean
kr_secret_ledger_save (KrSecretLedger *self, GError **error)
{
  g_autoptr (SecretValue) encoded = NULL;
  const char *data;
  gsize length;

  kr_secret_history_write (&self->history, self->record);
  encoded = kr_secret_record_encode (self->record, error);
  if (encoded == NULL)
    return FALSE;
  data = secret_value_get (encoded, &length);
  if (pwrite (self->fd, data, length, 0) != (ssize_t) length
      || ftruncate (self->fd, (off_t) length) != 0 || fsync (self->fd) != 0)
    return KR_SECRET_FAIL (error, KR_SECRET_ERROR_FAILED,
                           _ ("the account's ledger cannot be written: %s"), g_strerror (errno));
  return TRUE;
}
