/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "common/kr-json.h"

#include <string.h>

/* JSON as in RFC 8259. json-glib takes far more: comments, "var a =", a second document, octal
 * numbers, numbers that wrap around, text cut off at \u0000; and it crashes on deep nesting. So
 * json-glib only reads what has passed here. */

typedef struct
{
  const char *p;
  const char *end;
  guint depth;
} Scanner;

static gboolean scan_value (Scanner *s);

static void
skip_space (Scanner *s)
{
  while (s->p < s->end && (*s->p == ' ' || *s->p == '\t' || *s->p == '\n' || *s->p == '\r'))
    s->p++;
}

static gboolean
take (Scanner *s, char c)
{
  if (s->p == s->end || *s->p != c)
    return FALSE;
  s->p++;
  return TRUE;
}

static gboolean
take_word (Scanner *s, const char *word)
{
  gsize length = strlen (word);

  if ((gsize) (s->end - s->p) < length || memcmp (s->p, word, length) != 0)
    return FALSE;
  s->p += length;
  return TRUE;
}

static gboolean
take_digits (Scanner *s)
{
  const char *start = s->p;

  while (s->p < s->end && g_ascii_isdigit (*s->p))
    s->p++;
  return s->p > start;
}

static gboolean
take_hex4 (Scanner *s, guint *out_unit)
{
  guint unit = 0;

  for (guint i = 0; i < 4; i++, s->p++)
    {
      if (s->p == s->end || !g_ascii_isxdigit (*s->p))
        return FALSE;
      unit = unit << 4 | (guint) g_ascii_xdigit_value (*s->p);
    }
  *out_unit = unit;
  return TRUE;
}

/* Reads what follows "\u": no NUL, and surrogates in pairs only. */
static gboolean
scan_unicode_escape (Scanner *s)
{
  guint unit, low;

  if (!take_hex4 (s, &unit) || unit == 0)
    return FALSE;
  if (unit < 0xD800 || unit > 0xDFFF)
    return TRUE;
  return unit < 0xDC00 && take_word (s, "\\u") && take_hex4 (s, &low) && low >= 0xDC00
         && low <= 0xDFFF;
}

static gboolean
scan_string (Scanner *s)
{
  if (!take (s, '"'))
    return FALSE;
  while (s->p < s->end)
    {
      guchar c = (guchar) *s->p++;
      if (c == '"')
        return TRUE;
      if (c < 0x20)
        return FALSE;
      if (c != '\\')
        continue;
      if (take (s, 'u') ? !scan_unicode_escape (s)
                        : s->p == s->end || strchr ("\"\\/bfnrt", *s->p++) == NULL)
        return FALSE;
    }
  return FALSE;
}

/* Integers must fit: json-glib would make 2^63 negative, and -2^63-1 positive. */
static gboolean
scan_number (Scanner *s)
{
  const char *start = s->p;
  g_autofree char *text = NULL;

  take (s, '-');
  if (!take (s, '0') && !take_digits (s))
    return FALSE;
  if (s->p == s->end || strchr (".eE", *s->p) == NULL)
    {
      text = g_strndup (start, (gsize) (s->p - start));
      return g_ascii_string_to_signed (text, 10, G_MININT64, G_MAXINT64, NULL, NULL);
    }
  if (take (s, '.') && !take_digits (s))
    return FALSE;
  if (take (s, 'e') || take (s, 'E'))
    {
      if (!take (s, '+'))
        take (s, '-');
      return take_digits (s);
    }
  return TRUE;
}

/* The inside of an array or an object, up to its end. */
static gboolean
scan_list (Scanner *s, gboolean object)
{
  char close = object ? '}' : ']';

  if (++s->depth > KR_JSON_MAX_DEPTH)
    return FALSE;
  skip_space (s);
  if (!take (s, close))
    {
      do
        {
          skip_space (s);
          if (object)
            {
              if (!scan_string (s))
                return FALSE;
              skip_space (s);
              if (!take (s, ':'))
                return FALSE;
            }
          if (!scan_value (s))
            return FALSE;
        }
      while (take (s, ','));
      if (!take (s, close))
        return FALSE;
    }
  s->depth--;
  return TRUE;
}

/* A value and the white space around it. */
static gboolean
scan_value (Scanner *s)
{
  gboolean good;

  skip_space (s);
  if (s->p == s->end)
    return FALSE;
  if (take (s, '{'))
    good = scan_list (s, TRUE);
  else if (take (s, '['))
    good = scan_list (s, FALSE);
  else if (*s->p == '"')
    good = scan_string (s);
  else if (*s->p == '-' || g_ascii_isdigit (*s->p))
    good = scan_number (s);
  else
    good = take_word (s, "true") || take_word (s, "false") || take_word (s, "null");
  skip_space (s);
  return good;
}

/* json-glib silently keeps the last of two members of one name, but announces each one it reads: at
 * the end there must be as many as were announced. */
static void
count_member (JsonParser *parser, JsonObject *object, const char *name, gint64 *missing)
{
  (*missing)++;
}

static void
count_object (JsonParser *parser, JsonObject *object, gint64 *missing)
{
  *missing -= json_object_get_size (object);
}

KrJson *
kr_json_parse_object (const char *body, gsize length)
{
  Scanner scanner = { .p = body, .end = body + length };
  g_autoptr (JsonParser) parser = NULL;
  g_autoptr (KrJson) root = NULL;
  gint64 missing = 0;

  if (length == 0 || length > KR_JSON_MAX_LENGTH || !g_utf8_validate_len (body, length, NULL)
      || !scan_value (&scanner) || scanner.p != scanner.end)
    return NULL;

  parser = json_parser_new_immutable ();
  g_signal_connect (parser, "object-member", G_CALLBACK (count_member), &missing);
  g_signal_connect (parser, "object-end", G_CALLBACK (count_object), &missing);
  if (!json_parser_load_from_data (parser, body, (gssize) length, NULL))
    return NULL;
  root = json_parser_steal_root (parser);
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root) || missing != 0)
    return NULL;
  return g_steal_pointer (&root);
}

static void wipe (JsonNode *node);

static void
wipe_member (JsonObject *object, const char *name, JsonNode *node, gpointer data)
{
  wipe (node);
}

static void
wipe_element (JsonArray *array, guint index, JsonNode *node, gpointer data)
{
  wipe (node);
}

static void
wipe (JsonNode *node)
{
  if (JSON_NODE_HOLDS_OBJECT (node))
    json_object_foreach_member (json_node_get_object (node), wipe_member, NULL);
  else if (JSON_NODE_HOLDS_ARRAY (node))
    json_array_foreach_element (json_node_get_array (node), wipe_element, NULL);
  else if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
    {
      char *text = (char *) json_node_get_string (node);
      explicit_bzero (text, strlen (text));
    }
}

void
kr_json_free (KrJson *self)
{
  wipe (self);
  json_node_unref (self);
}
