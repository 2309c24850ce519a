/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plaintext/readers.h"

#include <glib/gi18n.h>
#include <string.h>
#include <yaml.h>

#include "kr-secret-fail.h"
#include "common/kr-lazy.h"
#include "plaintext/found-keys.h"
#include "plaintext/hidden-keys.h"

/* kis_devlp.yaml: one mapping of names to strings, read by libyaml. Refuses what such a file does
 * not need: aliases (a few lines expand to gigabytes), tags (Python creates objects from them) and
 * second documents. */

#define MAX_DEPTH 16

#define LAZY(type, name, parameters, arguments)                                                    \
  KR_LAZY ("libyaml-0.so.2", #name, type, name, parameters, arguments)

LAZY (int, yaml_parser_initialize, (yaml_parser_t * p), (p))
LAZY (void, yaml_parser_delete, (yaml_parser_t * p), (p))
LAZY (void, yaml_parser_set_encoding, (yaml_parser_t * p, yaml_encoding_t e), (p, e))
LAZY (void,
      yaml_parser_set_input_string,
      (yaml_parser_t * p, const unsigned char *input, size_t size),
      (p, input, size))
LAZY (int, yaml_parser_parse, (yaml_parser_t * p, yaml_event_t *event), (p, event))
LAZY (void, yaml_event_delete, (yaml_event_t * event), (event))

/* An open mapping or list. */
typedef struct
{
  gboolean mapping;
  char *path; /* the names that lead here */
  char *name; /* mapping: the next value's name, or NULL; list: its own name */
} Level;

typedef struct
{
  FoundKeys *found;
  GHashTable *seen; /* names of settings */
  Level levels[MAX_DEPTH + 1];
  guint depth; /* of the last open level, from 1; 0: none */
  guint documents;
} Reader;

static gboolean
refuse (GError **error, const yaml_event_t *event, const char *why)
{
  return KR_SECRET_FAIL (error, KR_SECRET_ERROR_USAGE, _ ("line %u: %s"),
                         (guint) event->start_mark.line + 1, why);
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
  self->levels[self->depth].name = g_strdup (text);
  if (self->depth == 1 && !g_hash_table_add (self->seen, g_strdup (text)))
    return refuse (error, event, _ ("a setting appears twice"));
  return TRUE;
}

static void
read_nested (Reader *self, Level *level, const char *value, gsize length)
{
  g_autofree char *name = level->mapping ? g_steal_pointer (&level->name) : g_strdup (level->name);
  g_autofree char *path
      = level->mapping ? hidden_keys_join_path (level->path, name) : g_strdup (level->path);

  hidden_keys_add_nested (self->found, path, name, value, length);
}

static gboolean
read_scalar (Reader *self, const yaml_event_t *event, GError **error)
{
  Level *level = &self->levels[self->depth];
  const char *value = (const char *) event->data.scalar.value;
  gboolean null = event->data.scalar.plain_implicit
                  && (g_str_equal (value, "~") || g_ascii_strcasecmp (value, "null") == 0);
  gsize length = null ? 0 : event->data.scalar.length;
  g_autofree char *name = NULL;

  if (!is_plain_tag (event->data.scalar.tag))
    return refuse (error, event, _ ("a value has a tag; plain text is expected"));
  if (self->depth == 0)
    return refuse (error, event, _ ("'name: value' lines are expected"));
  if (level->mapping && level->name == NULL)
    return read_name (self, event, error);
  if (self->depth > 1)
    {
      read_nested (self, level, value, length);
      return TRUE;
    }
  name = g_steal_pointer (&level->name);
  return found_keys_add (self->found, name, value, length, error);
}

static void
open_level (Reader *self, gboolean mapping)
{
  Level *parent = &self->levels[self->depth];
  Level *level = parent + 1;
  g_autofree char *name
      = parent->mapping ? g_steal_pointer (&parent->name) : g_strdup (parent->name);

  level->mapping = mapping;
  if (name != NULL && parent->mapping)
    level->path = hidden_keys_join_path (parent->path, name);
  else
    level->path = g_strdup (parent->path);
  if (name == NULL)
    parent->name = g_strdup (""); /* it is itself a key */
  if (!mapping)
    level->name = name != NULL ? g_steal_pointer (&name) : g_strdup ("");
  self->depth++;
}

static void
close_level (Reader *self)
{
  Level *level = &self->levels[self->depth--];

  g_clear_pointer (&level->path, g_free);
  g_clear_pointer (&level->name, g_free);
}

static gboolean
read_start (Reader *self, const yaml_event_t *event, const yaml_char_t *tag, GError **error)
{
  const gboolean mapping = event->type == YAML_MAPPING_START_EVENT;

  if (tag != NULL)
    return refuse (error, event, _ ("a value has a tag; plain text is expected"));
  if (self->depth == 0 && !mapping)
    return refuse (error, event, _ ("'name: value' lines are expected"));
  if (self->depth == 1 && self->levels[1].name == NULL)
    return refuse (error, event, _ ("the name of a setting is expected"));
  if (self->depth == MAX_DEPTH)
    return refuse (error, event, _ ("it is nested too deeply"));
  if (self->depth > 0)
    {
      self->found->n_others += self->depth == 1;
      open_level (self, mapping);
      return TRUE;
    }
  self->depth = 1;
  self->levels[1] = (Level){ .mapping = TRUE, .path = g_strdup ("") };
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
      close_level (self);
      return TRUE;
    default:
      return TRUE;
    }
}

/* libyaml's messages are constants, without text of the file. */
static gboolean
report_problem (const yaml_parser_t *parser, GError **error)
{
  return KR_SECRET_FAIL (error, KR_SECRET_ERROR_USAGE, _ ("line %u: it is not YAML (%s)"),
                         (guint) parser->problem_mark.line + 1,
                         parser->problem != NULL ? parser->problem : "-");
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

/* libyaml drops comments. A '#' in quotes starts none, but that does no harm here. */
static void
look_at_comments (FoundKeys *found, const char *data, gsize length)
{
  const char *end = data + length;

  for (guint line = 1; data < end; line++)
    {
      const char *newline = memchr (data, '\n', (gsize) (end - data));
      const char *stop = newline != NULL ? newline : end;

      for (const char *p = data; p < stop; p++)
        if (*p == '#' && (p == data || p[-1] == ' ' || p[-1] == '\t'))
          {
            hidden_keys_look_at_line (found, line, p, (gsize) (stop - p));
            break;
          }
      data = stop + 1;
    }
}

gboolean
plaintext_yaml_read (FoundKeys *found, const char *data, gsize length, GError **error)
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
  while (reader.depth > 0)
    close_level (&reader);
  if (good)
    look_at_comments (found, data, length);
  /* Its buffers hold the file, and freeing does not wipe them. */
  explicit_bzero (parser.raw_buffer.start,
                  (gsize) (parser.raw_buffer.end - parser.raw_buffer.start));
  explicit_bzero (parser.buffer.start, (gsize) (parser.buffer.end - parser.buffer.start));
  yaml_parser_delete (&parser);
  return good;
}
