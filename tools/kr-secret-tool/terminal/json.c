/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "terminal/json.h"

#include <string.h>

#include "common/kr-json.h"
#include "common/kr-sensitive.h"
#include "terminal/output.h"

/* One document on standard output. Copies of a secret that are left behind while it grows live
 * until the process ends, soon after; only root could read them. */

static GString *document;

static void
begin_value (const char *name)
{
  if (strchr ("{[", document->str[document->len - 1]) == NULL)
    g_string_append_c (document, ',');
  if (name == NULL)
    return;
  kr_json_append_string (document, name);
  g_string_append_c (document, ':');
}

void
json_begin (void)
{
  document = g_string_new ("{");
  json_int ("format_version", 1);
}

void
json_end (void)
{
  g_autoptr (KrSensitiveText) text = NULL;

  g_string_append (document, "}\n");
  text = g_string_free (g_steal_pointer (&document), FALSE);
  output_text (text);
}

void
json_open (const char *name, char bracket)
{
  begin_value (name);
  g_string_append_c (document, bracket);
}

void
json_close (char bracket)
{
  g_string_append_c (document, bracket);
}

void
json_null (const char *name)
{
  begin_value (name);
  g_string_append (document, "null");
}

void
json_string (const char *name, const char *value)
{
  begin_value (name);
  if (value != NULL)
    kr_json_append_string (document, value);
  else
    g_string_append (document, "null");
}

void
json_secret (const char *name, SecretValue *value)
{
  json_string (name, secret_value_get_text (value));
}

void
json_int (const char *name, gint64 value)
{
  begin_value (name);
  g_string_append_printf (document, "%" G_GINT64_FORMAT, value);
}

void
json_bool (const char *name, gboolean value)
{
  begin_value (name);
  g_string_append (document, value ? "true" : "false");
}

/* A time as RFC 3339 in UTC, and as name_unix in seconds; both null if unknown. */
void
json_time (const char *name, gint64 seconds)
{
  g_autofree char *name_unix = g_strconcat (name, "_unix", NULL);
  g_autoptr (GDateTime) time = seconds > 0 ? g_date_time_new_from_unix_utc (seconds) : NULL;
  g_autofree char *text = NULL;

  if (time == NULL)
    {
      json_null (name);
      json_null (name_unix);
      return;
    }
  text = g_date_time_format (time, "%Y-%m-%dT%H:%M:%SZ");
  json_string (name, text);
  json_int (name_unix, seconds);
}
