/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "helper/transport.h"

#include <libsoup/soup.h>
#include <string.h>

#include "common/kr-intl.h"
#include "kr-secret-error.h"

/* The only code that talks to a broker. Turns off what libsoup does for browsers: following
 * redirects with keys in the headers, inflating bombs, answering authentication, asking proxies,
 * logging. */

#define READ_SIZE 4096

typedef struct
{
  GMainLoop *loop;
  GCancellable *cancellable;
  SoupMessage *message;
  GByteArray *body;
  guint8 chunk[READ_SIZE];
  gboolean late;     /* the deadline came */
  gboolean too_long; /* the body is longer than any broker's reply */
  gboolean started;  /* connected: bytes of the request are leaving */
  gboolean complete;
  GError *error;
} Exchange;

static SoupSession *
session_new (void)
{
  SoupSession *session = soup_session_new ();

  soup_session_remove_feature_by_type (session, SOUP_TYPE_CONTENT_DECODER);
  soup_session_remove_feature_by_type (session, SOUP_TYPE_AUTH_MANAGER);
  soup_session_set_proxy_resolver (session, NULL);
  return session;
}

/* libsoup gets the body straight from secure memory. */
static void
set_body (SoupMessage *message, KrSecretRequest *request)
{
  SecretValue *body = kr_secret_request_render_body (request);
  g_autoptr (GBytes) bytes = NULL;
  const char *data;
  gsize length;

  if (body == NULL)
    return;
  data = secret_value_get (body, &length);
  bytes = g_bytes_new_with_free_func (data, length, secret_value_unref, body);
  soup_message_set_request_body_from_bytes (message, kr_secret_request_get_content_type (request),
                                            bytes);
}

static SoupMessage *
message_new (const char *base_uri, KrSecretRequest *request)
{
  g_autofree char *uri = g_strconcat (base_uri, kr_secret_request_get_path (request), NULL);
  GPtrArray *headers = kr_secret_request_get_headers (request);
  SoupMessage *message = soup_message_new (kr_secret_request_get_method (request), uri);

  if (message == NULL)
    return NULL;
  soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT | SOUP_MESSAGE_NEW_CONNECTION
                                       | SOUP_MESSAGE_DO_NOT_USE_AUTH_CACHE);
#if SOUP_CHECK_VERSION(3, 4, 0)
  soup_message_set_force_http1 (message, TRUE);
#endif
  for (guint i = 0; i < headers->len; i++)
    {
      const KrSecretHeader *header = g_ptr_array_index (headers, i);

      soup_message_headers_replace (soup_message_get_request_headers (message), header->name,
                                    secret_value_get_text (header->value));
    }
  set_body (message, request);
  return message;
}

static void
stop (Exchange *exchange, GError *error)
{
  if (exchange->error == NULL)
    exchange->error = error;
  else
    g_error_free (error);
  g_main_loop_quit (exchange->loop);
}

static void
on_read (GObject *source, GAsyncResult *result, gpointer data)
{
  Exchange *exchange = data;
  GInputStream *stream = G_INPUT_STREAM (source);
  GError *error = NULL;
  gssize n = g_input_stream_read_finish (stream, result, &error);

  if (n < 0)
    stop (exchange, error);
  else if (n == 0)
    {
      exchange->complete = TRUE;
      g_main_loop_quit (exchange->loop);
    }
  else if (exchange->body->len + (gsize) n > KR_SECRET_REPLY_MAX_BODY)
    {
      exchange->too_long = TRUE;
      g_main_loop_quit (exchange->loop);
    }
  else
    {
      g_byte_array_append (exchange->body, exchange->chunk, (guint) n);
      g_input_stream_read_async (stream, exchange->chunk, READ_SIZE, G_PRIORITY_DEFAULT,
                                 exchange->cancellable, on_read, exchange);
    }
}

static void
on_sent (GObject *source, GAsyncResult *result, gpointer data)
{
  Exchange *exchange = data;
  GError *error = NULL;
  g_autoptr (GInputStream) stream
      = soup_session_send_finish (SOUP_SESSION (source), result, &error);

  if (stream == NULL)
    stop (exchange, error);
  else
    g_input_stream_read_async (stream, exchange->chunk, READ_SIZE, G_PRIORITY_DEFAULT,
                               exchange->cancellable, on_read, exchange);
}

static void
on_starting (SoupMessage *message, gpointer data)
{
  Exchange *exchange = data;

  exchange->started = TRUE;
}

static gboolean
on_deadline (gpointer data)
{
  Exchange *exchange = data;

  /* The current operation now ends with an error, and that ends the loop: never leave one
   * behind. */
  exchange->late = TRUE;
  g_cancellable_cancel (exchange->cancellable);
  return G_SOURCE_CONTINUE;
}

static void
set_error (GError **error, KrSecretError code, const char *host, const char *why)
{
  kr_secret_error_set (error, code, 0, NULL, "%s: %s", host, why);
}

/* Retry-After: seconds, or a date. */
static gint64
read_retry_after (SoupMessageHeaders *headers, gint64 now)
{
  const char *text = soup_message_headers_get_one (headers, "Retry-After");
  g_autoptr (GDateTime) date = NULL;
  gint64 seconds;

  if (text == NULL)
    return 0;
  if (g_ascii_string_to_signed (text, 10, 0, KR_SECRET_REPLY_MAX_RETRY_AFTER, &seconds, NULL))
    return seconds;
  date = soup_date_time_new_from_http_string (text);
  return date != NULL ? g_date_time_to_unix (date) - now : 0;
}

static KrSecretReply *
make_reply (Exchange *exchange, const char *host, GError **error)
{
  SoupMessageHeaders *headers = soup_message_get_response_headers (exchange->message);
  const char *date_text = soup_message_headers_get_one (headers, "Date");
  g_autoptr (GDateTime) date
      = date_text != NULL ? soup_date_time_new_from_http_string (date_text) : NULL;
  gint64 date_unix = date != NULL ? g_date_time_to_unix (date) : 0;
  gint64 now = date_unix > 0 ? date_unix : g_get_real_time () / G_USEC_PER_SEC;
  guint status = soup_message_get_status (exchange->message);

  if (exchange->too_long)
    {
      set_error (error, KR_SECRET_ERROR_BAD_REPLY, host,
                 _ ("the answer is longer than any answer of a broker"));
      return NULL;
    }
  if (status >= 300 && status < 400)
    {
      set_error (error, KR_SECRET_ERROR_BAD_REPLY, host,
                 _ ("the answer is a redirect, which is never followed with keys"));
      return NULL;
    }
  return kr_secret_reply_new (status, date_unix, read_retry_after (headers, now),
                              (const char *) exchange->body->data, exchange->body->len);
}

static void
set_exchange_error (Exchange *exchange, const char *host, GError **error)
{
  const char *why = exchange->error != NULL ? exchange->error->message : "?";
  g_autofree char *unsafe = NULL;

  if (exchange->late)
    why = _ ("no complete answer in time");
  else if (exchange->error != NULL && exchange->error->domain == G_TLS_ERROR)
    why = unsafe = g_strconcat (_ ("the connection is not safe"), ": ", why, NULL);
  set_error (error, KR_SECRET_ERROR_UNREACHABLE, host, why);
}

/* Ends at the deadline whatever the other side does. UNREACHABLE: no answer, or an untrusted one;
 * BAD_REPLY: an answer that is not one. */
KrSecretReply *
transport_send (const char *base_uri,
                KrSecretRequest *request,
                KrSecretDeadline deadline,
                gboolean *out_sent,
                GError **error)
{
  g_autoptr (SoupSession) session = session_new ();
  g_autoptr (SoupMessage) message = message_new (base_uri, request);
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GByteArray) body = g_byte_array_new ();
  Exchange exchange
      = { .loop = loop, .cancellable = cancellable, .message = message, .body = body };
  KrSecretReply *reply = NULL;
  const char *host;
  guint timer;

  *out_sent = FALSE;
  if (message == NULL)
    {
      set_error (error, KR_SECRET_ERROR_UNREACHABLE, base_uri, _ ("this is not an address"));
      return NULL;
    }
  host = g_uri_get_host (soup_message_get_uri (message));
  g_signal_connect (message, "starting", G_CALLBACK (on_starting), &exchange);
  timer
      = g_timeout_add ((guint) CLAMP ((deadline.at - g_get_monotonic_time ()) / 1000, 1, G_MAXINT),
                       on_deadline, &exchange);
  soup_session_send_async (session, message, G_PRIORITY_DEFAULT, cancellable, on_sent, &exchange);
  g_main_loop_run (loop);
  g_source_remove (timer);

  *out_sent = exchange.started;
  if (exchange.complete || exchange.too_long)
    reply = make_reply (&exchange, host, error);
  else
    set_exchange_error (&exchange, host, error);
  g_clear_error (&exchange.error);
  soup_session_abort (session);
  return reply;
}
