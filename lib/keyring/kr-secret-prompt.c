/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "keyring/kr-secret-prompt-private.h"

#include <gio/gio.h>
#include <glib-unix.h>

#include "base/kr-secret-deadline-private.h"
#include "base/kr-secret-error-private.h"
#include "common/kr-intl.h"
#include "keyring/kr-secret-connection-private.h"
#include "keyring/kr-secret-keyring-private.h"

/* We never dismiss the prompt: that, or cancelling a call of libsecret's that shows one, can take
 * down gnome-keyring-daemon, with all prompts of other programs. If the caller just goes away, the
 * daemon does not mind and leaves the window for whoever comes next. */

#define PROMPT_INTERFACE "org.freedesktop.Secret.Prompt"
#define KEYRING_MS (5 * 1000)

typedef enum
{
  PENDING,
  DONE,
  DISMISSED,
  LOST,     /* the keyring's daemon, or the bus, is gone */
  DESERTED, /* nobody waits for the answer */
} Outcome;

/* Counted, as GDBus reports the end of a connection in its own thread, maybe after we are done. */
typedef struct
{
  gatomicrefcount refs;
  GMainContext *context;
  gint outcome; /* atomic */
} Prompt;

static Prompt *
prompt_new (void)
{
  Prompt *self = g_new0 (Prompt, 1);

  g_atomic_ref_count_init (&self->refs);
  self->context = g_main_context_new ();
  return self;
}

static void
prompt_unref (gpointer data)
{
  Prompt *self = data;

  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  g_main_context_unref (self->context);
  g_free (self);
}

static void
prompt_unref_closure (gpointer data, GClosure *closure)
{
  prompt_unref (data);
}

/* The first outcome counts. */
static void
prompt_end (Prompt *self, Outcome outcome)
{
  g_atomic_int_compare_and_exchange (&self->outcome, PENDING, outcome);
  g_main_context_wakeup (self->context);
}

/* The prompt is over, or the service is gone, and its prompt with it. */
static void
on_signal (GDBusConnection *connection,
           const char *sender,
           const char *path,
           const char *interface,
           const char *signal,
           GVariant *parameters,
           gpointer data)
{
  gboolean dismissed;

  if (!g_str_equal (interface, PROMPT_INTERFACE))
    prompt_end (data, LOST);
  else if (g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(bv)")))
    {
      g_variant_get (parameters, "(bv)", &dismissed, NULL);
      prompt_end (data, dismissed ? DISMISSED : DONE);
    }
}

static void
on_closed (GDBusConnection *connection, gboolean vanished, GError *error, gpointer data)
{
  prompt_end (data, LOST);
}

static gboolean
on_deserted (int fd, GIOCondition condition, gpointer data)
{
  prompt_end (data, DESERTED);
  return G_SOURCE_REMOVE;
}

/* Waits, in a context of our own, for one of the above. */
static Outcome
wait_till_over (Prompt *self, GDBusConnection *connection, const char *path, int reader_fd)
{
  const char *service = kr_secret_connection_get_service_name ();
  g_autoptr (GSource) reader = g_unix_fd_source_new (reader_fd, G_IO_ERR | G_IO_HUP);
  guint completed, owner;
  gulong closed;

  g_atomic_ref_count_inc (&self->refs);
  closed = g_signal_connect_data (connection, "closed", G_CALLBACK (on_closed), self,
                                  prompt_unref_closure, G_CONNECT_DEFAULT);
  completed
      = g_dbus_connection_signal_subscribe (connection, NULL, PROMPT_INTERFACE, "Completed", path,
                                            NULL, G_DBUS_SIGNAL_FLAGS_NONE, on_signal, self, NULL);
  owner = g_dbus_connection_signal_subscribe (
      connection, "org.freedesktop.DBus", "org.freedesktop.DBus", "NameOwnerChanged",
      "/org/freedesktop/DBus", service, G_DBUS_SIGNAL_FLAGS_NONE, on_signal, self, NULL);
  g_source_set_callback (reader, G_SOURCE_FUNC (on_deserted), self, NULL);
  g_source_attach (reader, self->context);

  g_dbus_connection_call (connection, service, path, PROMPT_INTERFACE, "Prompt",
                          g_variant_new ("(s)", ""), NULL, G_DBUS_CALL_FLAGS_NONE, G_MAXINT, NULL,
                          NULL, NULL);
  if (g_dbus_connection_is_closed (connection))
    prompt_end (self, LOST);
  while (g_atomic_int_get (&self->outcome) == PENDING)
    g_main_context_iteration (self->context, TRUE);

  g_source_destroy (reader);
  g_dbus_connection_signal_unsubscribe (connection, owner);
  g_dbus_connection_signal_unsubscribe (connection, completed);
  g_signal_handler_disconnect (connection, closed);
  return (Outcome) g_atomic_int_get (&self->outcome);
}

static gboolean
report (Outcome outcome, GError **error)
{
  switch (outcome)
    {
    case DONE:
      return TRUE;
    case DISMISSED:
      return KR_SECRET_FAIL (error, KR_SECRET_ERROR_LOCKED,
                             _ ("its prompt was dismissed, or could not be shown"));
    case LOST:
      return KR_SECRET_FAIL (error, KR_SECRET_ERROR_NO_KEYRING,
                             _ ("the keyring, or the session bus, went away under its prompt"));
    case DESERTED:
    case PENDING:
    default:
      return KR_SECRET_FAIL (error, KR_SECRET_ERROR_CANCELLED,
                             _ ("nobody is waiting for the prompt any more"));
    }
}

gboolean
kr_secret_prompt_unlock (int reader_fd, GError **error)
{
  g_autoptr (GDBusConnection) connection = NULL;
  g_autofree char *path = NULL;
  Prompt *prompt;
  Outcome outcome;

  kr_secret_connection_run_always ();
  if (!kr_secret_keyring_begin_unlock (&path, kr_secret_deadline_in (KEYRING_MS, NULL), error))
    return FALSE;
  if (path == NULL)
    return TRUE;

  /* The prompt belongs to the connection that asked for it, the process's. */
  connection = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, error);
  if (connection == NULL)
    return FALSE;
  prompt = prompt_new ();
  g_main_context_push_thread_default (prompt->context);
  outcome = wait_till_over (prompt, connection, path, reader_fd);
  g_main_context_pop_thread_default (prompt->context);
  prompt_unref (prompt);
  return report (outcome, error);
}
