/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "raw.h"

#include <string.h>
#include <sys/socket.h>

typedef struct
{
  GIOStream *stream;
  SimDelivery delivery;
  GBytes *bytes; /* what is being written */
  char scratch[256];
} Raw;

static void write_more (Raw *raw);

static void
raw_free (Raw *raw)
{
  g_io_stream_close_async (raw->stream, G_PRIORITY_DEFAULT, NULL, NULL, NULL);
  g_object_unref (raw->stream);
  g_clear_pointer (&raw->bytes, g_bytes_unref);
  g_free (raw);
}

/* The socket below all layers of the connection. */
static GSocket *
find_socket (GIOStream *stream)
{
  GIOStream *at = g_object_ref (stream);
  GSocket *socket = NULL;

  while (at != NULL && !G_IS_SOCKET_CONNECTION (at))
    {
      static const char *const names[] = { "base-io-stream", "base-iostream" };
      GIOStream *below = NULL;

      for (gsize i = 0; i < G_N_ELEMENTS (names) && below == NULL; i++)
        if (g_object_class_find_property (G_OBJECT_GET_CLASS (at), names[i]) != NULL)
          g_object_get (at, names[i], &below, NULL);
      g_object_unref (at);
      at = below;
    }
  if (at != NULL)
    {
      socket = g_object_ref (g_socket_connection_get_socket (G_SOCKET_CONNECTION (at)));
      g_object_unref (at);
    }
  return socket;
}

static void
reset (Raw *raw)
{
  g_autoptr (GSocket) socket = find_socket (raw->stream);
  struct linger linger = { .l_onoff = 1, .l_linger = 0 };

  if (socket == NULL)
    g_critical ("no socket below the stream");
  else
    {
      setsockopt (g_socket_get_fd (socket), SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
      /* The socket itself: closing the stream would first end TLS properly. */
      g_socket_close (socket, NULL);
    }
  raw_free (raw);
}

/* Sends nothing until the client has gone. */
static void
on_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Raw *raw = user_data;

  if (g_input_stream_read_finish (G_INPUT_STREAM (source), result, NULL) <= 0)
    raw_free (raw);
  else
    g_input_stream_read_async (G_INPUT_STREAM (source), raw->scratch, sizeof raw->scratch,
                               G_PRIORITY_DEFAULT, NULL, on_read, raw);
}

static gboolean
on_second (gpointer user_data)
{
  write_more (user_data);
  return G_SOURCE_REMOVE;
}

static void
on_written (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Raw *raw = user_data;

  if (!g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, NULL))
    raw_free (raw);
  else if (raw->delivery == SIM_DELIVER_ENDLESS)
    {
      g_bytes_unref (raw->bytes);
      raw->bytes = g_bytes_new_take (g_strnfill (64 * 1024, 'a'), 64 * 1024);
      write_more (raw);
    }
  else if (raw->delivery == SIM_DELIVER_DRIP || raw->delivery == SIM_DELIVER_DRIP_HEADERS)
    {
      g_bytes_unref (raw->bytes);
      raw->bytes = g_bytes_new_static ("a", 1);
      g_timeout_add_seconds (1, on_second, raw);
    }
  else
    raw_free (raw);
}

static void
write_more (Raw *raw)
{
  g_output_stream_write_all_async (
      g_io_stream_get_output_stream (raw->stream), g_bytes_get_data (raw->bytes, NULL),
      g_bytes_get_size (raw->bytes), G_PRIORITY_DEFAULT, NULL, on_written, raw);
}

static GBytes *
compose (SimReply *reply, const char *date)
{
  GString *text = g_string_new (NULL);
  g_autoptr (GBytes) body = sim_reply_dup_body (reply);
  gsize length = g_bytes_get_size (body);
  gsize sent = length;

  g_string_append_printf (text,
                          "HTTP/1.1 %u %s\r\nDate: %s\r\nContent-Type: %s\r\n"
                          "Connection: close\r\n",
                          reply->status, soup_status_get_phrase (reply->status), date,
                          reply->content_type);
  switch (reply->delivery)
    {
    case SIM_DELIVER_DRIP_HEADERS:
      g_string_append (text, "X-Drip: ");
      return g_string_free_to_bytes (text);
    case SIM_DELIVER_DRIP:
    case SIM_DELIVER_ENDLESS:
      g_string_append (text, "\r\n{\"access_token\":\"");
      return g_string_free_to_bytes (text);
    case SIM_DELIVER_HUGE_HEADERS:
      for (guint i = 0; i < 1024; i++)
        {
          g_autofree char *filler = g_strnfill (1024 - strlen ("X-Huge-0000: \r\n"), 'a');

          g_string_append_printf (text, "X-Huge-%04u: %s\r\n", i, filler);
        }
      break;
    case SIM_DELIVER_CUT:
    case SIM_DELIVER_CUT_NO_LENGTH:
      sent = length / 2;
      break;
    case SIM_DELIVER_NORMAL:
    case SIM_DELIVER_MUTE:
    case SIM_DELIVER_RESET:
    default:
      break;
    }
  if (reply->delivery != SIM_DELIVER_CUT_NO_LENGTH)
    g_string_append_printf (text, "Content-Length: %" G_GSIZE_FORMAT "\r\n", length);
  g_string_append (text, "\r\n");
  g_string_append_len (text, g_bytes_get_data (body, NULL), (gssize) sent);
  return g_string_free_to_bytes (text);
}

void
sim_raw_deliver (SoupServerMessage *message, SimReply *reply, const char *date)
{
  GIOStream *stream = soup_server_message_steal_connection (message);
  Raw *raw;

  if (stream == NULL) /* the client has gone meanwhile */
    return;
  raw = g_new0 (Raw, 1);
  raw->stream = stream;
  raw->delivery = reply->delivery;
  if (raw->delivery == SIM_DELIVER_RESET)
    reset (raw);
  else if (raw->delivery == SIM_DELIVER_MUTE)
    g_input_stream_read_async (g_io_stream_get_input_stream (stream), raw->scratch,
                               sizeof raw->scratch, G_PRIORITY_DEFAULT, NULL, on_read, raw);
  else
    {
      raw->bytes = compose (reply, date);
      write_more (raw);
    }
}
