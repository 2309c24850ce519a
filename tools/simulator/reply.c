/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "reply.h"

#include "json.h"

#include <string.h>

SimReply *
sim_reply_new (gboolean numbers_as_strings)
{
  SimReply *reply = g_new0 (SimReply, 1);

  reply->status = 200;
  reply->content_type = g_strdup ("application/json;charset=UTF-8");
  reply->members = sim_members_new ();
  reply->headers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  reply->numbers_as_strings = numbers_as_strings;
  return reply;
}

void
sim_reply_free (SimReply *reply)
{
  g_free (reply->content_type);
  g_ptr_array_unref (reply->members);
  g_clear_pointer (&reply->body, g_bytes_unref);
  g_hash_table_unref (reply->headers);
  g_free (reply);
}

void
sim_reply_add_text (SimReply *reply, const char *name, const char *value)
{
  g_autofree char *quoted = sim_json_quote (value);

  sim_members_set (reply->members, name, quoted);
}

void
sim_reply_add_number (SimReply *reply, const char *name, gint64 value)
{
  const char *quote = reply->numbers_as_strings ? "\"" : "";
  g_autofree char *text = g_strdup_printf ("%s%" G_GINT64_FORMAT "%s", quote, value, quote);

  sim_members_set (reply->members, name, text);
}

void
sim_reply_set_body (SimReply *reply, guint status, const char *content_type, GBytes *body)
{
  g_bytes_ref (body);
  g_clear_pointer (&reply->body, g_bytes_unref);
  reply->body = body;
  reply->status = status;
  if (content_type != NULL)
    {
      g_free (reply->content_type);
      reply->content_type = g_strdup (content_type);
    }
}

void
sim_reply_set_text (SimReply *reply, guint status, const char *content_type, const char *text)
{
  g_autoptr (GBytes) body = g_bytes_new (text, strlen (text));

  sim_reply_set_body (reply, status, content_type, body);
}

GBytes *
sim_reply_dup_body (SimReply *reply)
{
  char *text;

  if (reply->body != NULL)
    return g_bytes_ref (reply->body);
  text = sim_members_to_text (reply->members);
  return g_bytes_new_take (text, strlen (text));
}
