/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gi18n.h>
#include <string.h>
#include <yaml.h>

#include "import-found.h"

/* kis_devlp.yaml: one mapping of names to texts, read by libyaml. What such a file has no use for
 * is refused: aliases (a few lines of them make gigabytes), tags (Python makes objects of them) and
 * second documents. */

#define MAX_DEPTH 16

typedef struct
{
  ImportFound *found;
  GHashTable *seen; /* names of settings */
  char *name;       /* of the setting whose value comes next, or NULL */
  guint depth;
  guint documents;
} Reader;

static gboolean
refuse (GError **error, const yaml_event_t *event, const char *why)
{
  kr_secret_error_set (error, KR_SECRET_ERROR_USAGE, 0, NULL, _ ("line %u: %s"),
                       (guint) event->start_mark.line + 1, why);
  return FALSE;
}

static gboolean
is_plain_tag (const yaml_char_t *tag)
{
  return tag == NULL || strcmp ((const char *) tag, YAML_STR_TAG) == 0;
}

static gboolean
read_name (Reader *self, const yaml_event_t *event, GError **error)
{
  const char *text = (const char *) event->data.scalar.value;

  if (strlen (text) != event->data.scalar.length)
    return refuse (error, event, _ ("a name has a NUL in it"));
  self->name = g_strdup (text);
  if (!g_hash_table_add (self->seen, g_strdup (text)))
    return refuse (error, event, _ ("a setting is there twice"));
  return TRUE;
}

static gboolean
read_scalar (Reader *self, const yaml_event_t *event, GError **error)
{
  g_autofree char *name = NULL;
  const char *value = (const char *) event->data.scalar.value;
  gboolean null = event->data.scalar.plain_implicit
                  && (g_str_equal (value, "~") || g_ascii_strcasecmp (value, "null") == 0);

  if (!is_plain_tag (event->data.scalar.tag))
    return refuse (error, event, _ ("a value has a tag; plain text is expected"));
  if (self->depth > 1)
    return TRUE;
  if (self->depth == 0)
    return refuse (error, event, _ ("'name: value' lines are expected"));
  if (self->name == NULL)
    return read_name (self, event, error);
  name = g_steal_pointer (&self->name);
  return import_found_add (self->found, name, value, null ? 0 : event->data.scalar.length, error);
}

static gboolean
read_start (Reader *self, const yaml_event_t *event, const yaml_char_t *tag, GError **error)
{
  if (tag != NULL)
    return refuse (error, event, _ ("a value has a tag; plain text is expected"));
  if (self->depth == 0 && event->type != YAML_MAPPING_START_EVENT)
    return refuse (error, event, _ ("'name: value' lines are expected"));
  if (self->depth == 1 && self->name == NULL)
    return refuse (error, event, _ ("the name of a setting is expected"));
  if (++self->depth > MAX_DEPTH)
    return refuse (error, event, _ ("it is nested too deeply"));
  if (self->depth == 2)
    {
      g_clear_pointer (&self->name, g_free);
      self->found->n_others++;
    }
  return TRUE;
}

static gboolean
read_event (Reader *self, const yaml_event_t *event, GError **error)
{
  switch (event->type)
    {
    case YAML_DOCUMENT_START_EVENT:
      return ++self->documents == 1 || refuse (error, event, _ ("there is a second document"));
    case YAML_ALIAS_EVENT:
      return refuse (error, event, _ ("aliases are not accepted"));
    case YAML_SCALAR_EVENT:
      return read_scalar (self, event, error);
    case YAML_SEQUENCE_START_EVENT:
      return read_start (self, event, event->data.sequence_start.tag, error);
    case YAML_MAPPING_START_EVENT:
      return read_start (self, event, event->data.mapping_start.tag, error);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
      self->depth--;
      return TRUE;
    default:
      return TRUE;
    }
}

/* libyaml's words for what is wrong are constants, and hold nothing of the file. */
static gboolean
report_problem (const yaml_parser_t *parser, GError **error)
{
  kr_secret_error_set (error, KR_SECRET_ERROR_USAGE, 0, NULL, _ ("line %u: it is no YAML (%s)"),
                       (guint) parser->problem_mark.line + 1,
                       parser->problem != NULL ? parser->problem : "-");
  return FALSE;
}

static gboolean
read_all (Reader *self, yaml_parser_t *parser, GError **error)
{
  gboolean good = TRUE;
  gboolean ended = FALSE;

  while (good && !ended)
    {
      yaml_event_t event;

      if (!yaml_parser_parse (parser, &event))
        return report_problem (parser, error);
      ended = event.type == YAML_STREAM_END_EVENT;
      good = read_event (self, &event, error);
      if (event.type == YAML_SCALAR_EVENT)
        explicit_bzero (event.data.scalar.value, event.data.scalar.length);
      yaml_event_delete (&event);
    }
  return good;
}

gboolean
import_read_yaml (ImportFound *found, const char *data, gsize length, GError **error)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  Reader reader = { .found = found, .seen = seen };
  yaml_parser_t parser;
  gboolean good;

  if (!yaml_parser_initialize (&parser))
    g_error ("out of memory");
  yaml_parser_set_encoding (&parser, YAML_UTF8_ENCODING);
  yaml_parser_set_input_string (&parser, (const guchar *) data, length);
  good = read_all (&reader, &parser, error);
  g_free (reader.name);
  /* Its buffers hold the file, and are not wiped when they are freed. */
  explicit_bzero (parser.raw_buffer.start,
                  (gsize) (parser.raw_buffer.end - parser.raw_buffer.start));
  explicit_bzero (parser.buffer.start, (gsize) (parser.buffer.end - parser.buffer.start));
  yaml_parser_delete (&parser);
  return good;
}
