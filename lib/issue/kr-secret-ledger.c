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

/* Locked with flock, not by a name on the bus: the lock's reach must be the user's HOME, and the
 * helper inherits it with the descriptor.
 *
 * We do not unlink the file of an account that lives: a lock on a file that is gone guards nothing.
 * Somebody else may. So whoever holds a file also holds the directory, shared, and a missing file
 * is made again only while nobody else holds the directory: no second file of a name comes to be
 * while the first, unlinked or not, is in use. Files are made when the account is, so this is rare.
 */

#define POLL_MS 5

/* In bytes; what is written is far less. */
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

/* What the system said. If it has run out of something, nothing is damaged. */
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

/* The directory, made if it is not there. Returns a descriptor, or -1. */
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

/* Opens the file as it is there, or, with O_CREAT, makes it. O_NONBLOCK: a fifo in its place must
 * not hold us up. Returns a descriptor, or -1; no error means that there is no file. */
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
                     _ ("must be a plain file of this user with mode 0600"));
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

/* Whether the lock could be had at once. An error is one that waiting does not cure. */
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

/* What the file says, as it is or, after a helper that shares the lock, as it has become. */
void
kr_secret_ledger_reread (KrSecretLedger *self)
{
  char buffer[RECORD_MAX];
  ssize_t length = pread (self->fd, buffer, sizeof buffer, 0);
  struct stat st;

  g_clear_pointer (&self->record, kr_secret_record_free);
  if (length > 0)
    /* Of a longer one that was there before, and was not yet cut off, a tail can be left. */
    self->record = kr_secret_record_decode (
        buffer, kr_secret_record_measure (buffer, (gsize) length), KR_SECRET_RECORD_LEDGER, NULL);
  if (self->record == NULL)
    {
      self->record = kr_secret_record_new (KR_SECRET_RECORD_LEDGER);
      /* Torn: whatever stood there, an attempt may have been made when it was written. */
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

/* Makes a file whose like may still be in use. Returns -1 with no error if anything is in use. */
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

/* One attempt. NULL with no error: somebody else has the lock. */
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

/* Makes the ledger of an account that is just coming to be: nobody can hold one of its name. */
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
      /* So that an attempt can be written down on a disk that has become full. */
      fallocate (fd, FALLOC_FL_KEEP_SIZE, 0, RECORD_MAX);
      close (fd);
    }
  return fd >= 0;
}

/* Whether there is something of the name, whatever it is. */
gboolean
kr_secret_ledger_is_there (const char *name)
{
  g_autofree char *directory_path = get_directory_path ();
  g_autofree char *path = g_build_filename (directory_path, name, NULL);
  struct stat st;

  return lstat (path, &st) == 0;
}

/* Opens and locks a ledger, waiting for whoever holds it until the deadline. */
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

/* Closes the descriptors. The lock is free when the last process that shares it has closed it:
 * never LOCK_UN, which would take it from a helper still at work. */
void
kr_secret_ledger_free (KrSecretLedger *self)
{
  close (self->fd);
  if (self->directory >= 0)
    close (self->directory);
  kr_secret_record_free (self->record);
  g_free (self);
}

/* Takes the file away, of an account that is gone or has not come to be. To be called with its lock
 * held. */
void
kr_secret_ledger_discard (KrSecretLedger *self, const char *name)
{
  unlinkat (self->directory, name, 0);
}

/* The two descriptors that are the lock, the file's and the directory's. A process that inherits
 * both shares it. */
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

/* What the ledger says. Changes count when they are saved. */
KrSecretHistory *
kr_secret_ledger_get_history (KrSecretLedger *self)
{
  return &self->history;
}

/* In place and fsynced. A torn write is found by its checksum. */
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
