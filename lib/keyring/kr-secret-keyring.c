/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "keyring/kr-secret-keyring-private.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/kr-secret-error-private.h"
#include "common/kr-intl.h"
#include "keyring/kr-secret-connection-private.h"

/* The keyring as a whole; its items are in kr-secret-store.c. */

#define IFACE "org.freedesktop.Secret."
#define INTERNAL_IFACE "org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface"
#define LOGIN_COLLECTION "/org/freedesktop/secrets/collection/login"
#define NO_PROMPT "/"
#define NO_COLLECTION "/"

/* The path of the default collection; "/" if nobody has ever logged in to a desktop here. */
static char *
read_alias (const KrSecretLease *lease, GError **error)
{
  g_autoptr (GVariant) reply = NULL;
  char *path;

  reply = kr_secret_connection_call (lease, KR_SECRET_CONNECTION_SERVICE_PATH, IFACE "Service",
                                     "ReadAlias", g_variant_new ("(s)", "default"), "(o)", error);
  if (reply == NULL)
    return NULL;
  g_variant_get (reply, "(o)", &path);
  return path;
}

/* The path of the default collection; it is an error if there is none. Calls go to this path and
 * never to the alias, which gnome-keyring may read from freed memory (lib/README.md). */
char *
kr_secret_keyring_find (const KrSecretLease *lease, GError **error)
{
  g_autofree char *path = read_alias (lease, error);

  if (path == NULL || !g_str_equal (path, NO_COLLECTION))
    return g_steal_pointer (&path);
  return KR_SECRET_FAIL_NULL (
      error, KR_SECRET_ERROR_NO_KEYRING,
      _ ("the keyring has no default collection yet; log in to the desktop once, or create one "
         "named 'Login' in Passwords and Keys"));
}

/* The daemon syncs its file but not the directory: without this, an item reported as stored can be
 * empty after a power cut. Other keyrings have no such directory. */
gboolean
kr_secret_keyring_sync (GError **error)
{
  g_autofree char *path = g_build_filename (g_get_user_data_dir (), "keyrings", NULL);
  int fd = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  gboolean done;

  if (fd < 0 && errno == ENOENT)
    return TRUE;
  done = fd >= 0 && fsync (fd) == 0;
  if (!done)
    kr_secret_error_set (error, KR_SECRET_ERROR_FAILED, 0, NULL, "%s: %s", path,
                         g_strerror (errno));
  if (fd >= 0)
    close (fd);
  return done;
}

/* Locks or unlocks the default collection; *out_prompt is the path of a prompt, or "/". */
static gpointer
change_lock (const KrSecretLease *lease, const char *method, char **out_prompt, GError **error)
{
  g_autofree char *path = kr_secret_keyring_find (lease, error);
  const char *const paths[] = { path, NULL };
  g_autoptr (GVariant) reply = NULL;

  if (path == NULL)
    return NULL;
  reply = kr_secret_connection_call (lease, KR_SECRET_CONNECTION_SERVICE_PATH, IFACE "Service",
                                     method, g_variant_new ("(^ao)", paths), "(aoo)", error);
  if (reply == NULL)
    return NULL;
  g_free (*out_prompt);
  g_variant_get (reply, "(@aoo)", NULL, out_prompt);
  return lease->connection;
}

static gpointer
lock (const KrSecretLease *lease, gpointer data, GError **error)
{
  return change_lock (lease, "Lock", data, error);
}

static gpointer
begin_unlock (const KrSecretLease *lease, gpointer data, GError **error)
{
  return change_lock (lease, "Unlock", data, error);
}

static gpointer
unlock_with (const KrSecretLease *lease, gpointer data, GError **error)
{
  g_autofree char *path = kr_secret_keyring_find (lease, error);

  if (path == NULL)
    return NULL;
  return kr_secret_connection_call (
      lease, KR_SECRET_CONNECTION_SERVICE_PATH, INTERNAL_IFACE, "UnlockWithMasterPassword",
      g_variant_new ("(o@(oayays))", path, kr_secret_connection_encode (lease->connection, data)),
      "()", error);
}

/* The keyring that a desktop login opens, if it exists and is not the default one. */
static char *
find_login (const KrSecretLease *lease, GError **error)
{
  g_autoptr (GVariant) value = kr_secret_connection_get_property (
      lease, KR_SECRET_CONNECTION_SERVICE_PATH, IFACE "Service", "Collections", error);
  g_autofree const char **paths = NULL;

  if (value == NULL)
    return NULL;
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_OBJECT_PATH_ARRAY))
    paths = g_variant_get_objv (value, NULL);
  return paths != NULL && g_strv_contains (paths, LOGIN_COLLECTION) ? g_strdup (LOGIN_COLLECTION)
                                                                    : g_strdup ("");
}

static char *
create_login (const KrSecretLease *lease, SecretValue *password, GError **error)
{
  g_autoptr (GVariant) reply = NULL;
  GVariantBuilder properties;
  char *path;

  g_variant_builder_init (&properties, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&properties, "{sv}", IFACE "Collection.Label",
                         g_variant_new_string ("login"));
  reply = kr_secret_connection_call (
      lease, KR_SECRET_CONNECTION_SERVICE_PATH, INTERNAL_IFACE, "CreateWithMasterPassword",
      g_variant_new ("(a{sv}@(oayays))", &properties,
                     kr_secret_connection_encode (lease->connection, password)),
      "(o)", error);
  if (reply == NULL)
    return NULL;
  g_variant_get (reply, "(o)", &path);
  return path;
}

static gpointer
make (const KrSecretLease *lease, gpointer data, GError **error)
{
  g_autofree char *current = read_alias (lease, error);
  g_autofree char *path = NULL;
  g_autoptr (GVariant) reply = NULL;

  if (current == NULL)
    return NULL;
  if (!g_str_equal (current, NO_COLLECTION))
    return lease->connection;
  path = find_login (lease, error);
  if (path != NULL && *path == '\0')
    {
      g_free (path);
      path = create_login (lease, data, error);
    }
  if (path == NULL)
    return NULL;
  reply = kr_secret_connection_call (lease, KR_SECRET_CONNECTION_SERVICE_PATH, IFACE "Service",
                                     "SetAlias", g_variant_new ("(so)", "default", path), "()",
                                     error);
  return reply != NULL ? lease->connection : NULL;
}

/* Makes the default collection under the name that a desktop login gives it, so that a later
 * desktop takes it for its own. An existing one is left as it is. */
gboolean
kr_secret_keyring_make (SecretValue *password, KrSecretDeadline deadline, GError **error)
{
  return kr_secret_connection_with (make, password, deadline, error) != NULL
         && kr_secret_keyring_sync (error);
}

gboolean
kr_secret_keyring_lock (KrSecretDeadline deadline, GError **error)
{
  g_autofree char *prompt = NULL;

  if (kr_secret_connection_with (lock, &prompt, deadline, error) == NULL)
    return FALSE;
  if (g_str_equal (prompt, NO_PROMPT))
    return TRUE;
  return KR_SECRET_FAIL (error, KR_SECRET_ERROR_FAILED,
                         _ ("the keyring wants to ask for confirmation before it locks"));
}

/* Asks for the keyring to be unlocked. *out_prompt is NULL if it now is; otherwise the path of the
 * prompt needed, which belongs to the process and has not been shown. */
gboolean
kr_secret_keyring_begin_unlock (char **out_prompt, KrSecretDeadline deadline, GError **error)
{
  g_autofree char *prompt = NULL;

  if (kr_secret_connection_with (begin_unlock, &prompt, deadline, error) == NULL)
    return FALSE;
  if (!g_str_equal (prompt, NO_PROMPT))
    *out_prompt = g_steal_pointer (&prompt);
  return TRUE;
}

/* Unlocks the keyring with its password. Only gnome-keyring can do that. */
gboolean
kr_secret_keyring_unlock (SecretValue *password, KrSecretDeadline deadline, GError **error)
{
  g_autoptr (GVariant) reply = kr_secret_connection_with (unlock_with, password, deadline, error);

  return reply != NULL;
}
