/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "server.h"

#include "control.h"
#include "fault-effects.h"
#include "raw.h"

#include <string.h>

/* Attached to the remote address of a connection: the epoch in which it was counted, plus 1; or
 * SEEN. */
#define COUNTED_KEY "kr-secret-simulator-counted"
#define SEEN GUINT_TO_POINTER (G_MAXUINT)

typedef struct
{
  SimServer *server;
  SoupServerMessage *message;
  SimReply *reply;
} Delivery;

static void
delivery_free (Delivery *delivery)
{
  g_object_unref (delivery->message);
  sim_reply_free (delivery->reply);
  g_free (delivery);
}

static char *
date_now (SimServer *server)
{
  g_autoptr (GDateTime) now = g_date_time_new_from_unix_utc (sim_state_now (server->state));

  return soup_date_time_to_string (now, SOUP_DATE_HTTP);
}

static gboolean
deliver (gpointer user_data)
{
  Delivery *delivery = user_data;
  SimReply *reply = delivery->reply;
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (delivery->message);
  g_autofree char *date = date_now (delivery->server);
  g_autoptr (GBytes) body = NULL;
  GHashTableIter iter;
  gpointer name;
  gpointer value;

  if (reply->delivery != SIM_DELIVER_NORMAL)
    {
      sim_raw_deliver (delivery->message, reply, date);
      return G_SOURCE_REMOVE;
    }
  body = sim_reply_dup_body (reply);
  soup_message_headers_replace (headers, "Date", date);
  g_hash_table_iter_init (&iter, reply->headers);
  while (g_hash_table_iter_next (&iter, &name, &value))
    soup_message_headers_replace (headers, name, value);
  soup_server_message_set_status (delivery->message, reply->status, NULL);
  soup_server_message_set_response (
      delivery->message, reply->content_type, SOUP_MEMORY_COPY,
      g_bytes_get_size (body) > 0 ? g_bytes_get_data (body, NULL) : "", g_bytes_get_size (body));
  soup_server_message_unpause (delivery->message);
  return G_SOURCE_REMOVE;
}

static SimKind
tell_kind (const SimBroker *broker, const char *method, const char *path)
{
  gboolean post = strcmp (method, "POST") == 0;

  if (post && strcmp (path, broker->issue_path) == 0)
    return SIM_ISSUE;
  if (post && strcmp (path, broker->revoke_path) == 0)
    return SIM_REVOKE;
  if (post && g_strcmp0 (path, broker->approval_path) == 0)
    return SIM_APPROVAL;
  if (strcmp (method, broker->call_method) == 0 && strcmp (path, broker->call_path) == 0)
    return SIM_CALL;
  return SIM_OTHER;
}

/* A connection that only uses the control interface is the test's, not the client's. */
static void
settle_connection (SimServer *server, SoupServerMessage *message, gboolean is_control)
{
  GSocketAddress *remote = soup_server_message_get_remote_address (message);
  gpointer counted = remote == NULL ? SEEN : g_object_get_data (G_OBJECT (remote), COUNTED_KEY);

  if (counted == SEEN)
    return;
  if (is_control && GPOINTER_TO_UINT (counted) == server->state->epoch + 1)
    server->state->counts.connections--;
  g_object_set_data (G_OBJECT (remote), COUNTED_KEY, SEEN);
}

static void
answer (SimServer *server, const SimRequest *request, SimReply *reply)
{
  const SimBroker *broker = server->state->broker;
  g_autoptr (SimFault) fault = sim_fault_take (&server->state->faults, request->path);

  server->state->counts.requests[request->kind]++;
  if (fault == NULL || !sim_fault_effects_replace (fault, broker, request, reply))
    {
      if (request->kind == SIM_OTHER)
        sim_reply_set_text (reply, 404, "text/html;charset=UTF-8", "<h1>404 Not Found</h1>\n");
      else
        broker->handle (server->state, request, reply);
      if (fault != NULL)
        sim_fault_effects_spoil (fault, reply);
    }
  reply->delay_ms += server->state->settings.latency_ms;
  sim_log_request (server->state->log, broker->id, request,
                   reply->delivery == SIM_DELIVER_MUTE || reply->delivery == SIM_DELIVER_RESET
                       ? 0
                       : reply->status);
}

static void
on_request (SoupServer *soup,
            SoupServerMessage *message,
            const char *path,
            GHashTable *query,
            gpointer user_data)
{
  SimServer *server = user_data;
  GUri *uri = soup_server_message_get_uri (message);
  SoupMessageBody *body = soup_server_message_get_request_body (message);
  g_autoptr (GBytes) bytes = soup_message_body_flatten (body);
  SimRequest request = {
    .method = soup_server_message_get_method (message),
    .path = g_uri_get_path (uri),
    .query = g_uri_get_query (uri),
    .headers = soup_server_message_get_request_headers (message),
    .body = bytes,
  };
  gboolean is_control = g_str_has_prefix (request.path, SIM_CONTROL_PREFIX);
  Delivery *delivery = g_new0 (Delivery, 1);

  delivery->server = server;
  delivery->message = g_object_ref (message);
  settle_connection (server, message, is_control);
  if (is_control)
    {
      delivery->reply = sim_reply_new (FALSE);
      sim_control_handle (server->state, &request, delivery->reply);
    }
  else
    {
      request.kind = tell_kind (server->state->broker, request.method, request.path);
      delivery->reply = sim_reply_new (server->state->settings.numbers_as_strings);
      answer (server, &request, delivery->reply);
    }
  /* Always from the main loop, even without a delay: libsoup still works on this message, and its
   * connection cannot be taken away yet. */
  soup_server_message_pause (message);
  g_timeout_add_full (G_PRIORITY_DEFAULT, (guint) delivery->reply->delay_ms, deliver, delivery,
                      (GDestroyNotify) delivery_free);
}

/* Connections are accepted here and not by libsoup, which does not report those that never send a
 * request. */
static gboolean
on_incoming (GSocketService *service,
             GSocketConnection *connection,
             GObject *source,
             gpointer user_data)
{
  SimServer *server = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocketAddress) local = g_socket_connection_get_local_address (connection, NULL);
  g_autoptr (GSocketAddress) remote = g_socket_connection_get_remote_address (connection, NULL);
  g_autoptr (GIOStream) stream = g_object_ref (G_IO_STREAM (connection));

  server->state->counts.connections++;
  if (local == NULL || remote == NULL) /* already gone */
    return TRUE;
  g_object_set_data (G_OBJECT (remote), COUNTED_KEY, GUINT_TO_POINTER (server->state->epoch + 1));
  if (server->certificate != NULL)
    {
      GIOStream *tls = g_tls_server_connection_new (stream, server->certificate, &error);

      g_object_unref (stream);
      stream = tls;
    }
  if (stream == NULL || !soup_server_accept_iostream (server->soup, stream, local, remote, &error))
    g_printerr ("kr-secret-simulator: %s\n", error->message);
  return TRUE;
}

SimServer *
sim_server_new (const SimBroker *broker,
                const SimSettings *settings,
                SimLog *log,
                GTlsCertificate *certificate,
                guint16 port,
                GError **error)
{
  g_autoptr (SimServer) server = g_new0 (SimServer, 1);
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new_from_string ("127.0.0.1", port);
  g_autoptr (GSocketAddress) effective = NULL;

  server->state = sim_state_new (broker, settings, log);
  g_set_object (&server->certificate, certificate);
  server->soup = soup_server_new (NULL, NULL);
  soup_server_add_handler (server->soup, NULL, on_request, server, NULL);
  server->service = g_socket_service_new ();
  /* GLib's default of 10 is too small for a test that starts 64 clients at once. */
  g_socket_listener_set_backlog (G_SOCKET_LISTENER (server->service), 256);
  g_signal_connect (server->service, "incoming", G_CALLBACK (on_incoming), server);
  if (!g_socket_listener_add_address (G_SOCKET_LISTENER (server->service), address,
                                      G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL, &effective,
                                      error))
    return NULL;
  server->port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (effective));
  return g_steal_pointer (&server);
}

void
sim_server_free (SimServer *server)
{
  g_signal_handlers_disconnect_by_data (server->service, server);
  g_socket_service_stop (server->service);
  g_socket_listener_close (G_SOCKET_LISTENER (server->service));
  g_object_unref (server->service);
  soup_server_disconnect (server->soup);
  g_object_unref (server->soup);
  g_clear_object (&server->certificate);
  sim_state_free (server->state);
  g_free (server);
}

char *
sim_server_dup_uri (SimServer *server)
{
  return g_strdup_printf ("%s://127.0.0.1:%u", server->certificate != NULL ? "https" : "http",
                          server->port);
}
