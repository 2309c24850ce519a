/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "exec/token-channel.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

/* Two open files on one memory file: ours writes, the inherited one reads. All who inherit it share
 * its offset with us, so we can reset it: a plain read after a renewal gets the new token.
 *
 * The write is a single call, but a reader may still come between it and the truncation of a longer
 * old token. A reader that must be certain takes a shared lock. We wait for it only for a limited
 * time: a reader that was killed, or forgot, would keep the token from all others. */

#define LOCK_STEP 10 /* between attempts, in milliseconds */
#define LOCK_ATTEMPTS 200

/* The writing descriptor is 10 or above if possible: shells can name only those below. */
static const int private_from[] = { 64, 10, STDERR_FILENO + 1 };

struct _TokenChannel
{
  int writer;
  int reader;
  KrSecretToken *pending; /* NULL: all is written */
  TokenChannelWritten written;
  gpointer data;
  guint attempts;
  guint timer;
};

/* Not executable, if the kernel supports that. */
static int
create_memory (void)
{
  int fd = -1;

#ifdef MFD_NOEXEC_SEAL
  fd = memfd_create ("krsecret-token", MFD_CLOEXEC | MFD_NOEXEC_SEAL);
#endif
  return fd >= 0 ? fd : memfd_create ("krsecret-token", MFD_CLOEXEC);
}

static int
create_writer (void)
{
  int memory = create_memory ();
  int writer = -1;
  int errno_before;

  for (guint i = 0; memory >= 0 && writer < 0 && i < G_N_ELEMENTS (private_from); i++)
    writer = fcntl (memory, F_DUPFD_CLOEXEC, private_from[i]);
  errno_before = errno;
  if (memory >= 0)
    close (memory); /* so the reader probably gets its number */
  errno = errno_before;
  return writer;
}

TokenChannel *
token_channel_new (GError **error)
{
  g_autoptr (TokenChannel) self = g_new0 (TokenChannel, 1);
  g_autofree char *path = NULL;

  self->reader = -1;
  self->writer = create_writer ();
  path = g_strdup_printf ("/proc/self/fd/%d", self->writer);
  /* Read-only, so that nobody opens it for writing by mistake. */
  if (self->writer >= 0 && fchmod (self->writer, S_IRUSR) == 0)
    self->reader = open (path, O_RDONLY | O_CLOEXEC);
  if (self->reader < 0)
    return KR_SECRET_FAIL_NULL (error, KR_SECRET_ERROR_FAILED, "%s", g_strerror (errno));
  return g_steal_pointer (&self);
}

void
token_channel_free (TokenChannel *self)
{
  if (self->timer != 0)
    g_source_remove (self->timer);
  g_clear_pointer (&self->pending, kr_secret_token_unref);
  if (self->writer >= 0)
    close (self->writer);
  if (self->reader >= 0)
    close (self->reader);
  g_free (self);
}

int
token_channel_get_fd (TokenChannel *self)
{
  return self->reader;
}

static void
write_pending (TokenChannel *self)
{
  g_autoptr (KrSecretToken) token = g_steal_pointer (&self->pending);
  gsize length;
  const char *text = secret_value_get (kr_secret_token_get_value (token), &length);
  const struct iovec parts[] = { { (char *) text, length }, { (char *) "\n", 1 } };

  if (pwritev (self->writer, parts, G_N_ELEMENTS (parts), 0) != (gssize) length + 1
      || ftruncate (self->writer, (off_t) length + 1) < 0)
    g_warning ("cannot write the token: %s", g_strerror (errno));
  lseek (self->reader, 0, SEEK_SET);
  flock (self->writer, LOCK_UN);
  if (self->written != NULL)
    self->written (self->data);
}

/* A lock that stays is removed if it was taken on the inherited file, else ignored. */
static gboolean
attempt (gpointer data)
{
  TokenChannel *self = data;

  if (self->attempts++ == LOCK_ATTEMPTS)
    flock (self->reader, LOCK_UN);
  if (flock (self->writer, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK
      && self->attempts <= LOCK_ATTEMPTS)
    return G_SOURCE_CONTINUE;
  self->timer = 0;
  write_pending (self);
  return G_SOURCE_REMOVE;
}

void
token_channel_put (TokenChannel *self,
                   KrSecretToken *token,
                   TokenChannelWritten written,
                   gpointer data)
{
  g_clear_pointer (&self->pending, kr_secret_token_unref);
  self->pending = kr_secret_token_ref (token);
  self->written = written;
  self->data = data;
  self->attempts = 0;
  if (self->timer == 0 && attempt (self))
    self->timer = g_timeout_add (LOCK_STEP, attempt, self);
}
