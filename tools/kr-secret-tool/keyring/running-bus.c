/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "keyring/running-bus.h"

#include <unistd.h>

#include "keyring/running-daemons.h"
#include "terminal/tool.h"

/* No call here waits past its deadline, and none starts anything on the bus. */

/* Seconds after which a bus that does not answer counts as absent. */
#define PATIENCE 5

/* Milliseconds for a cancelled call to end. */
#define MOMENT 200

int
running_bus_left (gint64 deadline)
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

/* Runs our own context until there is a result or time is up. A late result is ignored. */
static void
run_until (GMainContext *context, GAsyncResult **result, gint64 deadline)
{
  g_autoptr (GSource) timer = g_timeout_source_new ((guint) running_bus_left (deadline));

  g_source_set_callback (timer, ignore, NULL, NULL);
  g_source_attach (timer, context);
  while (*result == NULL && g_get_monotonic_time () < deadline)
    g_main_context_iteration (context, TRUE);
  g_source_destroy (timer);
}

/* Connecting has no deadline: a bus that accepts but never answers would block us for ever. */
GDBusConnection *
running_bus_connect (const char *address, gint64 deadline, GError **error)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  gboolean in_time;

  g_main_context_push_thread_default (context);
  g_dbus_connection_new_for_address (address,
                                     G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
                                         | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                     NULL, cancellable, on_done, &result);
  run_until (context, &result, deadline);
  in_time = result != NULL;
  if (!in_time)
    {
      g_cancellable_cancel (cancellable);
      run_until (context, &result, g_get_monotonic_time () + MOMENT * 1000);
    }
  g_main_context_pop_thread_default (context);
  if (in_time)
    return g_dbus_connection_new_for_address_finish (result, error);
  return KR_SECRET_FAIL_NULL (error, KR_SECRET_ERROR_DEADLINE,
                              _ ("the session bus does not answer"));
}

/* Root may talk to another user's bus, but must not use that user's keyring. */
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

GPid
running_bus_find_owner (GDBusConnection *bus, const char *name, gint64 deadline)
{
  g_autoptr (GVariant) reply = g_dbus_connection_call_sync (
      bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
      "GetConnectionUnixProcessID", g_variant_new ("(s)", name), G_VARIANT_TYPE ("(u)"),
      G_DBUS_CALL_FLAGS_NONE, running_bus_left (deadline), NULL, NULL);
  guint32 pid = 0;

  if (reply != NULL)
    g_variant_get (reply, "(u)", &pid);
  return (GPid) pid;
}

/* Whether the bus is for us, and has a keyring. A bus with the keyring of another HOME is not. */
static gboolean
examine (const char *address, gint64 deadline, gboolean *out_has_keyring)
{
  g_autoptr (GDBusConnection) bus = running_bus_connect (address, deadline, NULL);
  gboolean usable = FALSE;
  GPid pid;

  if (bus == NULL)
    return FALSE;
  if (is_ours (bus))
    {
      pid = running_bus_find_owner (bus, RUNNING_BUS_KEYRING, deadline);
      usable = pid == 0 || running_daemons_is_of_home (pid);
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

/* Possible addresses of the bus, the likeliest first. (element-type utf8) */
static GPtrArray *
list_addresses (void)
{
  GPtrArray *addresses = g_ptr_array_new_with_free_func (g_free);
  const char *named = g_getenv ("DBUS_SESSION_BUS_ADDRESS");
  char *of_runtime = make_address (g_getenv ("XDG_RUNTIME_DIR"));

  if (named != NULL && *named != '\0')
    g_ptr_array_add (addresses, g_strdup (named));
  if (of_runtime != NULL)
    g_ptr_array_add (addresses, of_runtime);
  return addresses;
}

/* As in the library, starts no bus: a second bus means a second keyring on the same files. */
char *
running_bus_find_address (void)
{
  g_autoptr (GPtrArray) addresses = list_addresses ();

  return addresses->len > 0 ? g_strdup (addresses->pdata[0]) : NULL;
}

char *
running_bus_find (gint64 deadline, gboolean *out_has_keyring)
{
  g_autoptr (GPtrArray) addresses = list_addresses ();
  g_autofree char *login = g_strdup_printf ("/run/user/%u", (guint) geteuid ());
  char *of_login = g_getenv ("XDG_RUNTIME_DIR") == NULL ? make_address (login) : NULL;

  if (of_login != NULL)
    g_ptr_array_add (addresses, of_login);
  for (guint i = 0; i < addresses->len; i++)
    {
      gint64 until = g_get_monotonic_time () + (gint64) PATIENCE * G_USEC_PER_SEC;

      if (examine (addresses->pdata[i], MIN (until, deadline), out_has_keyring))
        return g_strdup (addresses->pdata[i]);
    }
  return NULL;
}
