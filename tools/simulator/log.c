/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <json-glib/json-glib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Enough for every test, and a bound for a simulator that runs for weeks. */
#define MAX_ENTRIES 20000

typedef struct
{
  const char *broker;
  char *line;
} Entry;

struct _SimLog
{
  GQueue entries;
  int fd;
};

static void
entry_free (Entry *entry)
{
  g_free (entry->line);
  g_free (entry);
}

SimLog *
sim_log_new (const char *path, GError **error)
{
  int fd = -1;
  SimLog *log;

  if (path != NULL)
    {
      /* Private, because developers may use their own keys here by mistake. */
      fd = open (path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
      if (fd < 0)
        {
          int reason = errno;

          g_set_error (error, G_FILE_ERROR, (gint) g_file_error_from_errno (reason),
                       "cannot open the log “%s”: %s", path, g_strerror (reason));
          return NULL;
        }
    }
  log = g_new0 (SimLog, 1);
  g_queue_init (&log->entries);
  log->fd = fd;
  return log;
}

void
sim_log_free (SimLog *log)
{
  g_queue_clear_full (&log->entries, (GDestroyNotify) entry_free);
  if (log->fd >= 0)
    close (log->fd);
  g_free (log);
}

static void
add_header (const char *name, const char *value, gpointer user_data)
{
  JsonObject *object = user_data;
  g_autofree char *lower = g_ascii_strdown (name, -1);
  g_autofree char *valid = g_utf8_make_valid (value, -1);

  if (json_object_has_member (object, lower))
    {
      g_autofree char *both
          = g_strconcat (json_object_get_string_member (object, lower), ", ", valid, NULL);

      json_object_set_string_member (object, lower, both);
    }
  else
    json_object_set_string_member (object, lower, valid);
}

static char *
describe (const char *broker, const SimRequest *request, guint status)
{
  g_autoptr (JsonNode) node = json_node_alloc ();
  g_autoptr (JsonObject) object = json_object_new ();
  JsonObject *headers = json_object_new ();
  gsize length;
  const char *data = g_bytes_get_data (request->body, &length);
  g_autofree char *body = g_utf8_make_valid (data != NULL ? data : "", (gssize) length);

  soup_message_headers_foreach (request->headers, add_header, headers);
  json_object_set_string_member (object, "broker", broker);
  json_object_set_string_member (object, "method", request->method);
  json_object_set_string_member (object, "path", request->path);
  json_object_set_string_member (object, "query", request->query != NULL ? request->query : "");
  json_object_set_object_member (object, "headers", headers);
  json_object_set_string_member (object, "body", body);
  json_object_set_int_member (object, "status", status);
  json_object_set_int_member (object, "at_unix_ms", g_get_real_time () / 1000);
  json_node_init_object (node, object);
  return json_to_string (node, FALSE);
}

void
sim_log_request (SimLog *log, const char *broker, const SimRequest *request, guint status)
{
  Entry *entry = g_new0 (Entry, 1);

  entry->broker = broker;
  entry->line = describe (broker, request, status);
  if (log->fd >= 0)
    {
      g_autofree char *line = g_strconcat (entry->line, "\n", NULL);
      gsize done = 0;
      gsize length = strlen (line);

      /* One write per line, so that readers never see half a line. */
      while (done < length)
        {
          gssize n = write (log->fd, line + done, length - done);

          if (n < 0 && errno == EINTR)
            continue;
          if (n < 0)
            {
              g_printerr ("kr-secret-simulator: cannot write the log: %s\n", g_strerror (errno));
              break;
            }
          done += (gsize) n;
        }
    }
  g_queue_push_tail (&log->entries, entry);
  if (g_queue_get_length (&log->entries) > MAX_ENTRIES)
    entry_free (g_queue_pop_head (&log->entries));
}

char *
sim_log_to_text (SimLog *log, const char *broker)
{
  GString *text = g_string_new ("{\"requests\":[");
  const char *separator = "";

  for (GList *l = log->entries.head; l != NULL; l = l->next)
    {
      Entry *entry = l->data;

      if (strcmp (entry->broker, broker) != 0)
        continue;
      g_string_append (text, separator);
      g_string_append (text, entry->line);
      separator = ",";
    }
  g_string_append (text, "]}");
  return g_string_free (text, FALSE);
}

void
sim_log_clear (SimLog *log, const char *broker)
{
  for (GList *l = log->entries.head; l != NULL;)
    {
      GList *next = l->next;
      Entry *entry = l->data;

      if (strcmp (entry->broker, broker) == 0)
        {
          entry_free (entry);
          g_queue_delete_link (&log->entries, l);
        }
      l = next;
    }
}
