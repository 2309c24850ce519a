/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "json.h"

#include <string.h>

#include "output.h"

/* Writes JSON straight to standard output's buffer, so that a secret is copied there and nowhere
 * else; json-glib would keep it in its nodes and in a string. */

static gboolean first; /* nothing yet in the innermost brackets */

static void
write_quoted (const char *data, gsize length)
{
  output_text ("\"");
  for (gsize i = 0; i < length; i++)
    {
      const guchar c = (guchar) data[i];
      if (c == '"' || c == '\\')
        output_bytes ("\\", 1);
      if (c >= 0x20)
        output_bytes (data + i, 1);
      else
        {
          char escape[8];
          g_snprintf (escape, sizeof escape, "\\u%04x", c);
          output_text (escape);
        }
    }
  output_text ("\"");
}

static void
begin_value (const char *name)
{
  if (!first)
    output_text (",");
  first = FALSE;
  if (name == NULL)
    return;
  write_quoted (name, strlen (name));
  output_text (":");
}

void
json_begin (void)
{
  first = TRUE;
  json_open (NULL, '{');
  json_int ("format_version", 1);
}

void
json_end (void)
{
  json_close ('}');
  output_text ("\n");
}

void
json_open (const char *name, char bracket)
{
  begin_value (name);
  output_bytes (&bracket, 1);
  first = TRUE;
}

void
json_close (char bracket)
{
  output_bytes (&bracket, 1);
  first = FALSE;
}

void
json_null (const char *name)
{
  begin_value (name);
  output_text ("null");
}

void
json_string (const char *name, const char *value)
{
  if (value == NULL)
    {
      json_null (name);
      return;
    }
  begin_value (name);
  write_quoted (value, strlen (value));
}

void
json_secret (const char *name, SecretValue *value)
{
  gsize length;
  const char *data = secret_value_get (value, &length);

  begin_value (name);
  write_quoted (data, length);
}

void
json_int (const char *name, gint64 value)
{
  char digits[32];

  begin_value (name);
  g_snprintf (digits, sizeof digits, "%" G_GINT64_FORMAT, value);
  output_text (digits);
}

void
json_bool (const char *name, gboolean value)
{
  begin_value (name);
  output_text (value ? "true" : "false");
}

/* A time as RFC 3339 in UTC and, as name_unix, in seconds; both null if it is not known. */
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
