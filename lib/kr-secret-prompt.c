/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kr-secret-prompt-private.h"

#include <gio/gio.h>
#include <glib-unix.h>

#include "kr-secret-clock-private.h"
#include "kr-secret-error.h"
#include "kr-secret-intl-private.h"
#include "kr-secret-link-private.h"
#include "kr-secret-keyring-private.h"

/* The prompt is never dismissed by us: that, and cancelling a call of libsecret's that shows one,
 * can take gnome-keyring-daemon down, and all prompts of other programs with it. The daemon does
 * not mind when the caller of a prompt is gone; it leaves the window there for whoever comes back.
 */

#define PROMPT_INTERFACE "org.freedesktop.Secret.Prompt"
#define KEYRING_MS (5 * 1000)

typedef struct
{
  gboolean over;
  gboolean dismissed;
  gboolean deserted; /* nobody waits for the answer */
} Prompt;

static void
on_completed (GDBusConnection *connection,
              const char *sender,
              const char *path,
              const char *interface,
              const char *signal,
              GVariant *parameters,
              gpointer data)
{
  Prompt *self = data;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(bv)")))
    return;
  g_variant_get (parameters, "(bv)", &self->dismissed, NULL);
  self->over = TRUE;
}

/* The service is gone, and its prompt with it. */
static void
on_owner_changed (GDBusConnection *connection,
                  const char *sender,
                  const char *path,
                  const char *interface,
                  const char *signal,
                  GVariant *parameters,
                  gpointer data)
{
  Prompt *self = data;

  self->over = TRUE;
  self->dismissed = TRUE;
}

static void
on_closed (GDBusConnection *connection, gboolean vanished, GError *error, gpointer data)
{
  on_owner_changed (connection, NULL, NULL, NULL, NULL, NULL, data);
}

static gboolean
on_deserted (int fd, GIOCondition condition, gpointer data)
{
  Prompt *self = data;

  self->deserted = TRUE;
  self->over = TRUE;
  return G_SOURCE_REMOVE;
}

/* Waits, in a context of our own, for one of the above. */
static void
wait_till_over (Prompt *self,
                GDBusConnection *connection,
                const char *service,
                const char *path,
                GMainContext *context,
                int reader_fd)
{
  g_autoptr (GSource) reader = g_unix_fd_source_new (reader_fd, G_IO_ERR | G_IO_HUP);
  gulong closed = g_signal_connect (connection, "closed", G_CALLBACK (on_closed), self);
  guint completed, owner;

  completed = g_dbus_connection_signal_subscribe (connection, NULL, PROMPT_INTERFACE, "Completed",
                                                  path, NULL, G_DBUS_SIGNAL_FLAGS_NONE,
                                                  on_completed, self, NULL);
  owner = g_dbus_connection_signal_subscribe (
      connection, "org.freedesktop.DBus", "org.freedesktop.DBus", "NameOwnerChanged",
      "/org/freedesktop/DBus", service, G_DBUS_SIGNAL_FLAGS_NONE, on_owner_changed, self, NULL);
  g_source_set_callback (reader, G_SOURCE_FUNC (on_deserted), self, NULL);
  g_source_attach (reader, context);

  g_dbus_connection_call (connection, service, path, PROMPT_INTERFACE, "Prompt",
                          g_variant_new ("(s)", ""), NULL, G_DBUS_CALL_FLAGS_NONE, G_MAXINT, NULL,
                          NULL, NULL);
  while (!self->over)
    g_main_context_iteration (context, TRUE);

  g_source_destroy (reader);
  g_dbus_connection_signal_unsubscribe (connection, owner);
  g_dbus_connection_signal_unsubscribe (connection, completed);
  g_signal_handler_disconnect (connection, closed);
}

gboolean
kr_secret_prompt_unlock (int reader_fd, GError **error)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GDBusConnection) connection = NULL;
  g_autofree char *path = NULL;
  Prompt prompt = { FALSE };

  if (!kr_secret_keyring_begin_unlock (&path, kr_secret_deadline_in (KEYRING_MS), NULL, error))
    return FALSE;
  if (path == NULL)
    return TRUE;

  /* The prompt belongs to the connection that was given it, which is the process's. */
  connection = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, error);
  if (connection == NULL)
    return FALSE;
  g_main_context_push_thread_default (context);
  wait_till_over (&prompt, connection, kr_secret_link_get_service_name (), path, context,
                  reader_fd);
  g_main_context_pop_thread_default (context);
  if (prompt.deserted)
    kr_secret_error_set (error, KR_SECRET_ERROR_CANCELLED, 0, NULL,
                         _ ("nobody waits for the prompt any more"));
  else if (prompt.dismissed)
    kr_secret_error_set (error, KR_SECRET_ERROR_LOCKED, 0, NULL,
                         _ ("its prompt was dismissed, or could not be shown"));
  return !prompt.deserted && !prompt.dismissed;
}
