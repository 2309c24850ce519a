/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-bus.h"

#include <string.h>

#define MARKER "krsecret.test.Marker"

struct _TestMonitor
{
  GDBusConnection *connection; /* only listens */
  GDBusConnection *speaker;
  GMutex mutex; /* guards the following */
  GCond cond;
  GPtrArray *messages;
  guint markers;
  guint filter;
};

GDBusConnection *
test_bus_connect (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *address = g_dbus_address_get_for_bus_sync (G_BUS_TYPE_SESSION, NULL, &error);
  GDBusConnection *connection;

  g_assert_no_error (error);
  connection = g_dbus_connection_new_for_address_sync (
      address,
      G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
          | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
      NULL, NULL, &error);
  g_assert_no_error (error);
  g_dbus_connection_set_exit_on_close (connection, FALSE);
  return connection;
}

/* The bus keeps the order: nothing that was sent before the question follows its answer. */
void
test_bus_catch_up (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusConnection) connection = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, &error);
  g_autoptr (GVariant) reply = NULL;

  g_assert_no_error (error);
  reply = g_dbus_connection_call_sync (connection, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                                       "org.freedesktop.DBus", "GetId", NULL, NULL,
                                       G_DBUS_CALL_FLAGS_NONE, 10000, NULL, &error);
  g_assert_no_error (error);
}

/* In GDBus's own thread. Messages to others are dropped. */
static GDBusMessage *
on_message (GDBusConnection *connection, GDBusMessage *message, gboolean incoming, gpointer data)
{
  TestMonitor *self = data;

  if (!incoming
      || g_strcmp0 (g_dbus_message_get_destination (message),
                    g_dbus_connection_get_unique_name (connection))
             == 0)
    return message;
  g_mutex_lock (&self->mutex);
  if (g_strcmp0 (g_dbus_message_get_interface (message), MARKER) == 0)
    {
      self->markers++;
      g_cond_signal (&self->cond);
    }
  else
    g_ptr_array_add (self->messages, g_object_ref (message));
  g_mutex_unlock (&self->mutex);
  g_object_unref (message);
  return NULL;
}

TestMonitor *
test_monitor_start (void)
{
  const char *const rules[] = { NULL };
  TestMonitor *self = g_new0 (TestMonitor, 1);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = NULL;

  g_mutex_init (&self->mutex);
  g_cond_init (&self->cond);
  self->messages = g_ptr_array_new_with_free_func (g_object_unref);
  self->speaker = test_bus_connect ();
  self->connection = test_bus_connect ();
  self->filter = g_dbus_connection_add_filter (self->connection, on_message, self, NULL);
  reply = g_dbus_connection_call_sync (self->connection, "org.freedesktop.DBus",
                                       "/org/freedesktop/DBus", "org.freedesktop.DBus.Monitoring",
                                       "BecomeMonitor", g_variant_new ("(^asu)", rules, 0), NULL,
                                       G_DBUS_CALL_FLAGS_NONE, 10000, NULL, &error);
  g_assert_no_error (error);
  return self;
}

void
test_monitor_stop (TestMonitor *self)
{
  g_dbus_connection_remove_filter (self->connection, self->filter);
  g_dbus_connection_close_sync (self->connection, NULL, NULL);
  g_dbus_connection_close_sync (self->speaker, NULL, NULL);
  g_object_unref (self->connection);
  g_object_unref (self->speaker);
  g_ptr_array_unref (self->messages);
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->cond);
  g_free (self);
}

/* The bus keeps the order: when a call of our own has come by, so has everything sent before. */
static void
catch_up (TestMonitor *self)
{
  gint64 end = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;
  guint seen;

  g_mutex_lock (&self->mutex);
  seen = self->markers;
  g_mutex_unlock (&self->mutex);
  g_dbus_connection_call_sync (self->speaker, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                               MARKER, "Mark", NULL, NULL, G_DBUS_CALL_FLAGS_NONE, 10000, NULL,
                               NULL);
  g_mutex_lock (&self->mutex);
  while (self->markers == seen)
    g_assert_true (g_cond_wait_until (&self->cond, &self->mutex, end));
  g_mutex_unlock (&self->mutex);
}

static guint
count (TestMonitor *self, const char *method, GHashTable *senders)
{
  guint n = 0;

  catch_up (self);
  g_mutex_lock (&self->mutex);
  for (guint i = 0; i < self->messages->len; i++)
    {
      GDBusMessage *message = g_ptr_array_index (self->messages, i);

      if (g_dbus_message_get_message_type (message) != G_DBUS_MESSAGE_TYPE_METHOD_CALL
          || (method != NULL && g_strcmp0 (g_dbus_message_get_member (message), method) != 0))
        continue;
      n++;
      if (senders != NULL)
        g_hash_table_add (senders, g_strdup (g_dbus_message_get_sender (message)));
    }
  g_mutex_unlock (&self->mutex);
  return n;
}

guint
test_monitor_count (TestMonitor *self, const char *method)
{
  return count (self, method, NULL);
}

guint
test_monitor_count_senders (TestMonitor *self, const char *method)
{
  g_autoptr (GHashTable) senders = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  count (self, method, senders);
  return g_hash_table_size (senders);
}

static GBytes *
to_bytes (GDBusMessage *message)
{
  g_autoptr (GError) error = NULL;
  gsize length;
  guchar *blob
      = g_dbus_message_to_blob (message, &length, G_DBUS_CAPABILITY_FLAGS_UNIX_FD_PASSING, &error);

  g_assert_no_error (error);
  return g_bytes_new_take (blob, length);
}

guint
test_monitor_count_text (TestMonitor *self, const char *text)
{
  guint n = 0;

  catch_up (self);
  g_mutex_lock (&self->mutex);
  for (guint i = 0; i < self->messages->len; i++)
    {
      g_autoptr (GBytes) bytes = to_bytes (g_ptr_array_index (self->messages, i));
      gsize length;
      const char *data = g_bytes_get_data (bytes, &length);

      if (memmem (data, length, text, strlen (text)) != NULL)
        n++;
    }
  g_mutex_unlock (&self->mutex);
  return n;
}

GByteArray *
test_monitor_get_bytes (TestMonitor *self)
{
  GByteArray *all = g_byte_array_new ();

  catch_up (self);
  g_mutex_lock (&self->mutex);
  for (guint i = 0; i < self->messages->len; i++)
    {
      g_autoptr (GBytes) bytes = to_bytes (g_ptr_array_index (self->messages, i));

      g_byte_array_append (all, g_bytes_get_data (bytes, NULL), (guint) g_bytes_get_size (bytes));
    }
  g_mutex_unlock (&self->mutex);
  return all;
}
