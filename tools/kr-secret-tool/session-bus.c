/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <unistd.h>

#include "daemons.h"
#include "session.h"

/* Looks for a bus that is there already, and for a keyring on it. No call here waits past its
 * deadline, and none has the bus start anything. */

#define KEYRING_NAME "org.freedesktop.secrets"

/* A bus that does not answer within this time is none; in seconds. */
#define PATIENCE 5

/* What is left until a deadline, in milliseconds. */
int
session_bus_left (gint64 deadline)
{
  return (int) CLAMP ((deadline - g_get_monotonic_time ()) / 1000, 1, G_MAXINT);
}

static void
on_done (GObject *source, GAsyncResult *result, gpointer data)
{
  GAsyncResult **out_result = data;

  *out_result = g_object_ref (result);
}

static gboolean
ignore (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

/* Runs a context of our own until there is a result or time is up. What comes after that nobody
 * hears any more, so it does no harm. */
static void
run_until (GMainContext *context, GAsyncResult **result, gint64 deadline)
{
  g_autoptr (GSource) timer = g_timeout_source_new ((guint) session_bus_left (deadline));

  g_source_set_callback (timer, ignore, NULL, NULL);
  g_source_attach (timer, context);
  while (*result == NULL && g_get_monotonic_time () < deadline)
    g_main_context_iteration (context, TRUE);
  g_source_destroy (timer);
}

/* A connection that is not the process's shared one. */
GDBusConnection *
session_bus_connect (const char *address, gint64 deadline, GError **error)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GAsyncResult) result = NULL;

  g_main_context_push_thread_default (context);
  g_dbus_connection_new_for_address (address,
                                     G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
                                         | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                     NULL, NULL, on_done, &result);
  run_until (context, &result, deadline);
  g_main_context_pop_thread_default (context);
  if (result != NULL)
    return g_dbus_connection_new_for_address_finish (result, error);
  kr_secret_error_set (error, KR_SECRET_ERROR_DEADLINE, 0, NULL,
                       _ ("the session bus does not answer"));
  return NULL;
}

/* A user who may talk to another's bus, as root may, does not get that one's keyring. */
static gboolean
is_ours (GDBusConnection *bus)
{
  GIOStream *stream = g_dbus_connection_get_stream (bus);
  g_autoptr (GCredentials) peer = NULL;

  if (!G_IS_SOCKET_CONNECTION (stream))
    return FALSE;
  peer = g_socket_get_credentials (g_socket_connection_get_socket (G_SOCKET_CONNECTION (stream)),
                                   NULL);
  return peer != NULL && g_credentials_get_unix_user (peer, NULL) == geteuid ();
}

/* The process that is the keyring of a bus; 0 if there is none. */
GPid
session_bus_find_keyring (GDBusConnection *bus, gint64 deadline)
{
  g_autoptr (GVariant) reply = g_dbus_connection_call_sync (
      bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
      "GetConnectionUnixProcessID", g_variant_new ("(s)", KEYRING_NAME), G_VARIANT_TYPE ("(u)"),
      G_DBUS_CALL_FLAGS_NONE, session_bus_left (deadline), NULL, NULL);
  guint32 pid = 0;

  if (reply != NULL)
    g_variant_get (reply, "(u)", &pid);
  return (GPid) pid;
}

/* Whether it is a bus for us, and if so whether it has a keyring. A bus whose keyring is that of
 * another HOME is none. */
static gboolean
examine (const char *address, gint64 deadline, gboolean *out_has_keyring)
{
  g_autoptr (GDBusConnection) bus = session_bus_connect (address, deadline, NULL);
  gboolean usable = FALSE;
  GPid pid;

  if (bus == NULL)
    return FALSE;
  if (is_ours (bus))
    {
      pid = session_bus_find_keyring (bus, deadline);
      usable = pid == 0 || daemons_is_of_home (pid);
      *out_has_keyring = pid != 0;
    }
  g_dbus_connection_close_sync (bus, NULL, NULL);
  return usable;
}

static char *
make_address (const char *directory)
{
  g_autofree char *path = directory != NULL ? g_build_filename (directory, "bus", NULL) : NULL;
  g_autofree char *escaped = NULL;

  if (path == NULL || !g_file_test (path, G_FILE_TEST_EXISTS))
    return NULL;
  escaped = g_dbus_address_escape_value (path);
  return g_strdup_printf ("unix:path=%s", escaped);
}

/* The bus of the session we are in, or of the user's login where we are in none, as under cron.
 * NULL if there is none for us. */
char *
session_bus_find (gint64 deadline, gboolean *out_has_keyring)
{
  g_autofree char *login = g_strdup_printf ("/run/user/%u", (guint) geteuid ());
  const char *named = g_getenv ("DBUS_SESSION_BUS_ADDRESS");
  const char *runtime = g_getenv ("XDG_RUNTIME_DIR");
  g_autofree char *of_runtime = make_address (runtime);
  g_autofree char *of_login = runtime == NULL ? make_address (login) : NULL;
  const char *const addresses[] = { named, of_runtime, of_login };

  for (guint i = 0; i < G_N_ELEMENTS (addresses); i++)
    {
      gint64 until = g_get_monotonic_time () + (gint64) PATIENCE * G_USEC_PER_SEC;

      if (addresses[i] != NULL && *addresses[i] != '\0'
          && examine (addresses[i], MIN (until, deadline), out_has_keyring))
        return g_strdup (addresses[i]);
    }
  return NULL;
}
