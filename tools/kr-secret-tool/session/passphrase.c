/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "session/session.h"
#include "terminal/input.h"
#include "terminal/prompt.h"

/* The keyring's passphrase: from a descriptor, from a systemd credential, or typed. */

#define TRIES 3

static SecretValue *
fail (KrSecretError code, const char *message, const char *next, char **out_next, GError **error)
{
  kr_secret_error_set (error, code, 0, NULL, "%s", message);
  g_free (*out_next);
  *out_next = g_strdup (next);
  return NULL;
}

static int
open_plain (int directory, const char *name, char **out_next, GError **error)
{
  int fd = openat (directory, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  gboolean is_other = fd < 0 && (errno == ELOOP || errno == ENXIO);
  struct stat st;

  if (fd >= 0 && fstat (fd, &st) == 0 && S_ISREG (st.st_mode))
    return fd;
  fail (KR_SECRET_ERROR_USAGE,
        fd >= 0 || is_other ? _ ("the credential must be a regular file") : g_strerror (errno),
        _ ("name it in the unit: LoadCredentialEncrypted=NAME"), out_next, error);
  if (fd >= 0)
    close (fd);
  return -1;
}

static SecretValue *
read_credential (const char *name, char **out_next, GError **error)
{
  const char *path = g_getenv ("CREDENTIALS_DIRECTORY");
  SecretValue *value;
  int directory, fd;

  if (path == NULL || *path == '\0')
    return fail (KR_SECRET_ERROR_USAGE, _ ("CREDENTIALS_DIRECTORY is not set"),
                 _ ("a systemd service has it, with LoadCredentialEncrypted= or LoadCredential="),
                 out_next, error);
  directory = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0)
    return fail (KR_SECRET_ERROR_USAGE, g_strerror (errno), NULL, out_next, error);
  fd = open_plain (directory, name, out_next, error);
  close (directory);
  if (fd < 0)
    return NULL;
  value = input_read_passphrase_file (fd, error);
  close (fd);
  return value;
}

/* With a line end in it, neither a user nor the desktop could type it. */
static gboolean
check_passphrase (SecretValue *value, char **out_next, GError **error)
{
  gsize length;
  const char *text = secret_value_get (value, &length);

  if (memchr (text, '\0', length) != NULL)
    fail (KR_SECRET_ERROR_USAGE, _ ("a passphrase cannot contain a zero byte"), NULL, out_next,
          error);
  else if (memchr (text, '\n', length) != NULL || memchr (text, '\r', length) != NULL)
    fail (KR_SECRET_ERROR_USAGE, _ ("a passphrase is one line, and there is a line break in it"),
          _ ("the file must hold nothing but the passphrase, on one line"), out_next, error);
  else
    return TRUE;
  return FALSE;
}

/* Standard input belongs to the command. */
SecretValue *
session_passphrase_read (
    Tool *tool, const SessionPassphrase *self, gboolean is_new, char **out_next, GError **error)
{
  g_autoptr (SecretValue) value = NULL;

  if (self->credential != NULL)
    value = read_credential (self->credential, out_next, error);
  else if (self->fd >= 0)
    value = input_read_passphrase (tool, self->fd, NULL, FALSE, error);
  else if (prompt_is_possible (tool))
    value = input_read_passphrase (tool, -1,
                                   is_new ? _ ("new passphrase for the keyring of this HOME: ")
                                          : _ ("passphrase of the keyring: "),
                                   is_new, error);
  else
    fail (KR_SECRET_ERROR_USAGE,
          is_new ? _ ("there is no keyring yet, and no passphrase to make one with")
                 : _ ("the keyring is locked, and there is no passphrase"),
          _ ("give it with --passphrase-fd 3 3<FILE, or --credential NAME in a service, or run "
             "this on a terminal"),
          out_next, error);
  if (value == NULL || !check_passphrase (value, out_next, error))
    return NULL;
  return g_steal_pointer (&value);
}

guint
session_passphrase_tries (const SessionPassphrase *self)
{
  return self->credential == NULL && self->fd < 0 ? TRIES : 1;
}
