/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What each fault does to a reply. */

#include "fault-effects.h"

#include "fault-private.h"

#include <gio/gio.h>
#include <string.h>

#define BOMB_SIZE (64 * 1024 * 1024)

static void
copy_headers (SimFault *fault, SimReply *reply)
{
  GHashTableIter iter;
  gpointer name;
  gpointer value;

  g_hash_table_iter_init (&iter, fault->headers);
  while (g_hash_table_iter_next (&iter, &name, &value))
    g_hash_table_replace (reply->headers, g_strdup (name), g_strdup (value));
}

static void
set_deep (SimReply *reply, gsize depth)
{
  char *text = g_malloc (2 * depth);
  g_autoptr (GBytes) body = NULL;

  memset (text, '[', depth);
  memset (text + depth, ']', depth);
  body = g_bytes_new_take (text, 2 * depth);
  sim_reply_set_body (reply, 200, NULL, body);
}

/* White space and an empty object. Compressed, it is below 64 KiB and so passes a limit of that
 * size on the bytes received; only a limit on the inflated size stops it. */
static void
set_bomb (SimReply *reply)
{
  g_autoptr (GZlibCompressor) compressor = g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, 9);
  g_autoptr (GOutputStream) packed = g_memory_output_stream_new_resizable ();
  g_autoptr (GOutputStream) stream
      = g_converter_output_stream_new (packed, G_CONVERTER (compressor));
  g_autoptr (GBytes) bytes = NULL;
  gsize block = 1024 * 1024;
  g_autofree char *spaces = g_malloc (block);

  memset (spaces, ' ', block);
  for (gsize done = 0; done < BOMB_SIZE; done += block)
    g_output_stream_write_all (stream, spaces, block, NULL, NULL, NULL);
  g_output_stream_write_all (stream, "{}", 2, NULL, NULL, NULL);
  g_output_stream_close (stream, NULL, NULL);
  bytes = g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (packed));
  sim_reply_set_body (reply, reply->status, NULL, bytes);
  g_hash_table_replace (reply->headers, g_strdup ("Content-Encoding"), g_strdup ("gzip"));
}

gboolean
sim_fault_effects_replace (SimFault *fault,
                           const SimBroker *broker,
                           const SimRequest *request,
                           SimReply *reply)
{
  switch (fault->kind)
    {
    case SIM_FAULT_STATUS:
      sim_reply_set_body (reply, fault->status, fault->content_type, fault->bytes);
      copy_headers (fault, reply);
      return TRUE;
    case SIM_FAULT_HTML:
      sim_reply_set_text (reply, 200, "text/html;charset=UTF-8",
                          "<!DOCTYPE html><html><body><h1>시스템 점검 안내</h1></body></html>\n");
      return TRUE;
    case SIM_FAULT_DEEP:
      set_deep (reply, (gsize) fault->depth);
      return TRUE;
    case SIM_FAULT_GZIP_BOMB:
      set_bomb (reply);
      return TRUE;
    case SIM_FAULT_SILENCE:
      reply->delivery = fault->how;
      return TRUE;
    case SIM_FAULT_REFUSE:
      broker->refuse (request->kind, fault->how, reply);
      return TRUE;
    default:
      return FALSE;
    }
}

static void
prepend (SimReply *reply, GBytes *front)
{
  g_autoptr (GBytes) body = sim_reply_dup_body (reply);
  g_autoptr (GByteArray) both = g_byte_array_new ();
  g_autoptr (GBytes) bytes = NULL;

  g_byte_array_append (both, g_bytes_get_data (front, NULL), (guint) g_bytes_get_size (front));
  g_byte_array_append (both, g_bytes_get_data (body, NULL), (guint) g_bytes_get_size (body));
  bytes = g_byte_array_free_to_bytes (g_steal_pointer (&both));
  sim_reply_set_body (reply, reply->status, NULL, bytes);
}

void
sim_fault_effects_spoil (SimFault *fault, SimReply *reply)
{
  switch (fault->kind)
    {
    case SIM_FAULT_TOKEN:
      if (reply->token_member != NULL)
        sim_members_set (reply->members, reply->token_member, fault->token);
      break;
    case SIM_FAULT_MERGE:
      if (reply->success)
        sim_members_merge (reply->members, fault->merge);
      break;
    case SIM_FAULT_DUPLICATE_KEY:
      if (reply->token_member != NULL)
        sim_members_prepend (reply->members, reply->token_member, "\"another.token.than-below\"");
      break;
    case SIM_FAULT_PREPEND:
      prepend (reply, fault->bytes);
      break;
    case SIM_FAULT_DELIVERY:
      reply->delivery = fault->how;
      break;
    case SIM_FAULT_DELAY:
      reply->delay_ms = fault->ms;
      break;
    default:
      break;
    }
}
