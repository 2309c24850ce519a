/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define SECRET_API_SUBJECT_TO_CHANGE
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "lookup.h"
#include "report.h"
#include "session.h"

/* The keyring on the bus: opened with the passphrase, or made if this HOME has none. The passphrase
 * goes to the daemon in libsecret's encrypted session. */

#define SERVICE_NAME "org.freedesktop.secrets"
#define SERVICE_PATH "/org/freedesktop/secrets"
#define SERVICE "org.freedesktop.Secret.Service"
#define INTERNAL "org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface"
#define LOGIN_PATH "/org/freedesktop/secrets/collection/login"

/* The file whose lock is held by who makes the keyring. */
#define LOCK "new-keyring"

/* So often it is looked at, if what was wrong a moment ago is right now. */
#define MAX_LOOKS 10

/* How long one call may take where nobody said, in seconds. */
#define PATIENCE 30

static gint64
get_deadline (Tool *tool)
{
  return g_get_monotonic_time ()
         + (gint64) (tool->timeout > 0 ? tool->timeout : PATIENCE) * G_USEC_PER_SEC;
}

static GVariant *
call (GDBusConnection *bus,
      const char *interface,
      const char *method,
      GVariant *parameters,
      const char *type,
      gint64 deadline,
      GError **error)
{
  g_autoptr (GVariantType) reply_type = g_variant_type_new (type);
  g_autoptr (GError) local = NULL;
  GVariant *reply = g_dbus_connection_call_sync (bus, SERVICE_NAME, SERVICE_PATH, interface, method,
                                                 parameters, reply_type, G_DBUS_CALL_FLAGS_NONE,
                                                 session_bus_left (deadline), NULL, &local);

  if (reply == NULL)
    {
      g_dbus_error_strip_remote_error (local);
      kr_secret_error_set (error, KR_SECRET_ERROR_NO_KEYRING, 0, NULL, "%s", local->message);
    }
  return reply;
}

/* Whether there is a keyring to store in, open or not. */
static gboolean
has_default (GDBusConnection *bus, gint64 deadline, gboolean *out_there, GError **error)
{
  g_autoptr (GVariant) reply
      = call (bus, SERVICE, "ReadAlias", g_variant_new ("(s)", "default"), "(o)", deadline, error);
  const char *path;

  if (reply == NULL)
    return FALSE;
  g_variant_get (reply, "(&o)", &path);
  *out_there = !g_str_equal (path, "/");
  return TRUE;
}

static gboolean
has_login (GDBusConnection *bus, gint64 deadline)
{
  g_autoptr (GVariant) reply
      = call (bus, "org.freedesktop.DBus.Properties", "Get",
              g_variant_new ("(ss)", SERVICE, "Collections"), "(v)", deadline, NULL);
  g_autoptr (GVariant) value = NULL;
  g_autofree const char **paths = NULL;

  if (reply == NULL)
    return FALSE;
  g_variant_get (reply, "(v)", &value);
  if (!g_variant_is_of_type (value, G_VARIANT_TYPE_OBJECT_PATH_ARRAY))
    return FALSE;
  paths = g_variant_get_objv (value, NULL);
  return g_strv_contains (paths, LOGIN_PATH);
}

static SecretService *
get_service (gint64 deadline, GError **error)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GAsyncResult) result = NULL;

  g_main_context_push_thread_default (context);
  secret_service_get (SECRET_SERVICE_OPEN_SESSION, NULL, session_bus_on_done, &result);
  session_bus_wait (context, &result, deadline);
  g_main_context_pop_thread_default (context);
  if (result != NULL)
    return secret_service_get_finish (result, error);
  kr_secret_error_set (error, KR_SECRET_ERROR_DEADLINE, 0, NULL, _ ("the keyring does not answer"));
  return NULL;
}

/* Makes the keyring that a login would make, and under its name: a desktop that comes later takes
 * it for its own. */
static char *
create (SecretService *service, SecretValue *passphrase, gint64 deadline, GError **error)
{
  GDBusConnection *bus = g_dbus_proxy_get_connection (G_DBUS_PROXY (service));
  g_autoptr (GVariant) reply = NULL;
  GVariantBuilder properties;
  char *path;

  if (has_login (bus, deadline))
    return g_strdup (LOGIN_PATH);
  g_variant_builder_init (&properties, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&properties, "{sv}", "org.freedesktop.Secret.Collection.Label",
                         g_variant_new_string ("login"));
  reply = call (bus, INTERNAL, "CreateWithMasterPassword",
                g_variant_new ("(a{sv}@(oayays))", &properties,
                               secret_service_encode_dbus_secret (service, passphrase)),
                "(o)", deadline, error);
  if (reply == NULL)
    return NULL;
  g_variant_get (reply, "(o)", &path);
  return path;
}

/* The daemon syncs the file it writes, but not the directory. */
static void
sync_directory (void)
{
  g_autofree char *path = g_build_filename (g_get_user_data_dir (), "keyrings", NULL);
  int fd = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  if (fd >= 0)
    {
      fsync (fd);
      close (fd);
    }
}

static gboolean
make (Tool *tool, SecretValue *passphrase, GError **error)
{
  gint64 deadline = get_deadline (tool);
  g_autoptr (SecretService) service = get_service (deadline, error);
  g_autoptr (GVariant) reply = NULL;
  g_autofree char *path = NULL;
  GDBusConnection *bus;
  gboolean there;

  if (service == NULL)
    return FALSE;
  bus = g_dbus_proxy_get_connection (G_DBUS_PROXY (service));
  if (!has_default (bus, deadline, &there, error))
    return FALSE;
  if (there) /* somebody was faster */
    return TRUE;
  path = create (service, passphrase, deadline, error);
  if (path == NULL)
    return FALSE;
  reply = call (bus, SERVICE, "SetAlias", g_variant_new ("(so)", "default", path), "()", deadline,
                error);
  if (reply == NULL)
    return FALSE;
  sync_directory ();
  report_note (tool, _ ("made the keyring of this HOME; its passphrase opens it from now on"));
  return TRUE;
}

/* Makes the keyring, if no other session does at the same moment. */
static gboolean
make_alone (Tool *tool, SecretValue *passphrase, GError **error)
{
  const gint64 deadline = get_deadline (tool);
  int lock = session_home_open (LOCK, TRUE, error);
  gboolean done;

  if (lock < 0)
    return FALSE;
  while (flock (lock, LOCK_EX | LOCK_NB) != 0)
    {
      if (g_get_monotonic_time () > deadline)
        {
          close (lock);
          kr_secret_error_set (error, KR_SECRET_ERROR_DEADLINE, 0, NULL,
                               _ ("another process is making the keyring, and does not end"));
          return FALSE;
        }
      g_usleep (10000);
    }
  done = make (tool, passphrase, error);
  close (lock);
  return done;
}

/* Whether the keyring is open. If not, *out_new says whether that is because there is none yet. */
static gboolean
look (Tool *tool, KrSecretClient *client, const char *address, gboolean *out_new, GError **error)
{
  for (guint looks = 1;; looks++)
    {
      gint64 deadline = get_deadline (tool);
      g_autoptr (GDBusConnection) bus = NULL;
      g_autoptr (GError) local = NULL;
      gboolean there = FALSE;

      if (kr_secret_client_check_keyring (client, NULL, &local))
        return TRUE;
      *out_new = FALSE;
      if (g_error_matches (local, KR_SECRET_ERROR, KR_SECRET_ERROR_NO_KEYRING))
        {
          bus = session_bus_connect (address, deadline, NULL);
          *out_new = bus != NULL && has_default (bus, deadline, &there, NULL) && !there;
        }
      if (!there || looks == MAX_LOOKS)
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
      /* Another session has made it meanwhile. */
    }
}

static gboolean
try (Tool *tool,
     KrSecretClient *client,
     gboolean new_one,
     SessionAsk ask,
     char **out_next,
     GError **error)
{
  g_autoptr (SecretValue) passphrase = ask (tool, new_one, out_next, error);

  if (passphrase == NULL)
    return FALSE;
  if (new_one && !make_alone (tool, passphrase, error))
    return FALSE;
  /* Also after making it: if somebody else was faster, it may be locked. */
  return kr_secret_client_unlock (client, passphrase, NULL, error)
         && kr_secret_client_check_keyring (client, NULL, error);
}

/* Has the keyring open; asks for the passphrase only if it is not, so often as @tries says. */
gboolean
session_keyring_open (Tool *tool,
                      const char *bus_address,
                      SessionAsk ask,
                      guint tries,
                      char **out_next,
                      GError **error)
{
  g_autoptr (KrSecretClient) client = lookup_client (tool);

  for (guint i = 1;; i++)
    {
      g_autoptr (GError) local = NULL;
      gboolean new_one = FALSE;

      if (look (tool, client, bus_address, &new_one, &local))
        return TRUE;
      if (new_one || g_error_matches (local, KR_SECRET_ERROR, KR_SECRET_ERROR_LOCKED))
        {
          g_clear_error (&local);
          if (try (tool, client, new_one, ask, out_next, &local))
            return TRUE;
          if (i < tries && g_error_matches (local, KR_SECRET_ERROR, KR_SECRET_ERROR_LOCKED))
            {
              report_warning (tool, _ ("that is not the passphrase"));
              continue;
            }
        }
      if (g_error_matches (local, KR_SECRET_ERROR, KR_SECRET_ERROR_LOCKED))
        *out_next = g_strdup (_ ("give the passphrase the keyring was made with, which on a "
                                 "desktop is the one you log in with"));
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
}
