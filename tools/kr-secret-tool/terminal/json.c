/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "terminal/json.h"

#include "common/kr-json-glib.h"
#include "common/kr-sensitive.h"
#include "terminal/output.h"

/* One document on standard output, put together by json-glib. Its copies of a secret live until
 * the process ends, soon after; only root could read them. */

static JsonBuilder *builder;

static void
begin_value (const char *name)
{
  if (name != NULL)
    json_builder_set_member_name (builder, name);
}

void
json_begin (void)
{
  builder = json_builder_new ();
  json_builder_begin_object (builder);
  json_int ("format_version", 1);
}

void
json_end (void)
{
  g_autoptr (JsonNode) root = NULL;
  g_autoptr (KrSensitiveText) text = NULL;

  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  text = json_to_string (root, FALSE);
  output_text (text);
  output_text ("\n");
  g_clear_object (&builder);
}

void
json_open (const char *name, char bracket)
{
  begin_value (name);
  if (bracket == '{')
    json_builder_begin_object (builder);
  else
    json_builder_begin_array (builder);
}

void
json_close (char bracket)
{
  if (bracket == '}')
    json_builder_end_object (builder);
  else
    json_builder_end_array (builder);
}

void
json_null (const char *name)
{
  begin_value (name);
  json_builder_add_null_value (builder);
}

void
json_string (const char *name, const char *value)
{
  begin_value (name);
  if (value != NULL)
    json_builder_add_string_value (builder, value);
  else
    json_builder_add_null_value (builder);
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
  json_builder_add_int_value (builder, value);
}

void
json_bool (const char *name, gboolean value)
{
  begin_value (name);
  json_builder_add_boolean_value (builder, value);
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
