/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "common/kr-json.h"

#include <string.h>

#include "common/kr-sensitive.h"

/* JSON as RFC 8259 has it, and nothing else: no comment, no second document, no octal number, no
 * number that does not fit, no member twice. A text has no NUL, so it is a string in C as well.
 * What is read is wiped when it is freed, which no library for JSON does. */

typedef struct
{
  const char *p;
  const char *end;
  guint depth;
} Scanner;

static gboolean scan_value (Scanner *s, KrJson *self);

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

/* What follows "\u": no NUL, and surrogates in pairs only. */
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

/* One character of a string that was scanned; returns what follows it. */
static const char *
unescape_character (const char *p, char **out)
{
  static const char escapes[] = "bfnrt", meanings[] = "\b\f\n\r\t";
  Scanner unicode = { .p = p + 2, .end = p + strlen ("\\uD800\\uDC00") };
  const char *escape;
  guint unit, low;

  if (*p != '\\')
    {
      *(*out)++ = *p;
      return p + 1;
    }
  if (p[1] != 'u')
    {
      escape = strchr (escapes, p[1]);
      *(*out)++ = escape != NULL ? meanings[escape - escapes] : p[1];
      return p + 2;
    }
  take_hex4 (&unicode, &unit);
  if (unit >= 0xD800 && unit <= 0xDFFF)
    {
      unicode.p += strlen ("\\u");
      take_hex4 (&unicode, &low);
      unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
    }
  *out += g_unichar_to_utf8 (unit, *out);
  return unicode.p;
}

/* An escape is never shorter than what it stands for, so this takes memory once, and leaves no copy
 * behind. */
static char *
unescape (const char *start, const char *end)
{
  char *text = g_malloc ((gsize) (end - start) + 1);
  char *out = text;

  while (start < end)
    start = unescape_character (start, &out);
  *out = '\0';
  return text;
}

static gboolean
scan_string (Scanner *s, char **out_text)
{
  const char *start = s->p + 1;

  if (!take (s, '"'))
    return FALSE;
  while (s->p < s->end)
    {
      guchar c = (guchar) *s->p++;
      if (c == '"')
        {
          *out_text = unescape (start, s->p - 1);
          return TRUE;
        }
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

/* An integer must fit. */
static gboolean
scan_number (Scanner *s, KrJson *self)
{
  const char *start = s->p;
  g_autofree char *text = NULL;

  take (s, '-');
  if (!take (s, '0') && !take_digits (s))
    return FALSE;
  if (s->p == s->end || strchr (".eE", *s->p) == NULL)
    {
      text = g_strndup (start, (gsize) (s->p - start));
      self->type = KR_JSON_INTEGER;
      return g_ascii_string_to_signed (text, 10, G_MININT64, G_MAXINT64, &self->number, NULL);
    }
  self->type = KR_JSON_DECIMAL;
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

static gboolean
scan_name (Scanner *s, KrJson *self, GHashTable *names)
{
  skip_space (s);
  if (!scan_string (s, &self->name) || !g_hash_table_add (names, self->name))
    return FALSE;
  skip_space (s);
  return take (s, ':');
}

/* The inside of an array or an object, up to its end. */
static gboolean
scan_list (Scanner *s, KrJson *self, KrJsonType type)
{
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  char close = type == KR_JSON_OBJECT ? '}' : ']';
  KrJson **end = &self->first;

  self->type = type;
  if (++s->depth > KR_JSON_MAX_DEPTH)
    return FALSE;
  skip_space (s);
  if (!take (s, close))
    {
      do
        {
          KrJson *item = *end = g_new0 (KrJson, 1);

          end = &item->next;
          if ((type == KR_JSON_OBJECT && !scan_name (s, item, names)) || !scan_value (s, item))
            return FALSE;
        }
      while (take (s, ','));
      if (!take (s, close))
        return FALSE;
    }
  s->depth--;
  return TRUE;
}

static gboolean
scan_word (Scanner *s, KrJson *self)
{
  self->number = take_word (s, "true");
  if (self->number || take_word (s, "false"))
    self->type = KR_JSON_BOOLEAN;
  else
    return take_word (s, "null");
  return TRUE;
}

/* A value and the white space around it. What failed is freed with the root. */
static gboolean
scan_value (Scanner *s, KrJson *self)
{
  gboolean good;

  skip_space (s);
  if (s->p == s->end)
    return FALSE;
  if (take (s, '{'))
    good = scan_list (s, self, KR_JSON_OBJECT);
  else if (take (s, '['))
    good = scan_list (s, self, KR_JSON_ARRAY);
  else if (*s->p == '"')
    {
      self->type = KR_JSON_STRING;
      good = scan_string (s, &self->text);
    }
  else if (*s->p == '-' || g_ascii_isdigit (*s->p))
    good = scan_number (s, self);
  else
    good = scan_word (s, self);
  skip_space (s);
  return good;
}

KrJson *
kr_json_parse_object (const char *body, gsize length)
{
  Scanner scanner = { .p = body, .end = body + length };
  g_autoptr (KrJson) root = g_new0 (KrJson, 1);

  if (length == 0 || length > KR_JSON_MAX_LENGTH || !g_utf8_validate_len (body, length, NULL)
      || !scan_value (&scanner, root) || scanner.p != scanner.end || root->type != KR_JSON_OBJECT)
    return NULL;
  return g_steal_pointer (&root);
}

KrJson *
kr_json_new_object (void)
{
  KrJson *self = g_new0 (KrJson, 1);

  self->type = KR_JSON_OBJECT;
  return self;
}

void
kr_json_free (KrJson *self)
{
  while (self != NULL)
    {
      KrJson *next = self->next;

      kr_json_free (self->first);
      kr_sensitive_free (self->text);
      g_free (self->name);
      g_free (self);
      self = next;
    }
}

KrJson *
kr_json_get_member (const KrJson *object, const char *name)
{
  KrJson *member = object->first;

  while (member != NULL && g_strcmp0 (member->name, name) != 0)
    member = member->next;
  return member;
}

/* The member, a new one at the end if there is none, as an empty value of a type. */
static KrJson *
make_member (KrJson *object, const char *name, KrJsonType type)
{
  KrJson **end = &object->first;

  while (*end != NULL && !g_str_equal ((*end)->name, name))
    end = &(*end)->next;
  if (*end == NULL)
    {
      *end = g_new0 (KrJson, 1);
      (*end)->name = g_strdup (name);
    }
  if (type != KR_JSON_OBJECT || (*end)->type != KR_JSON_OBJECT)
    {
      g_clear_pointer (&(*end)->first, kr_json_free);
      g_clear_pointer (&(*end)->text, kr_sensitive_free);
    }
  (*end)->type = type;
  return *end;
}

void
kr_json_set_string (KrJson *object, const char *path, const char *text)
{
  const char *dot;

  while ((dot = strchr (path, '.')) != NULL)
    {
      g_autofree char *name = g_strndup (path, (gsize) (dot - path));

      object = make_member (object, name, KR_JSON_OBJECT);
      path = dot + 1;
    }
  make_member (object, path, KR_JSON_STRING)->text = g_strdup (text);
}

/* Controls are escaped, and what ends a string. */
void
kr_json_append_string (GString *out, const char *text)
{
  static const char escaped[] = "\b\f\n\r\t\"\\", escapes[] = "bfnrt\"\\";

  g_string_append_c (out, '"');
  for (; *text != '\0'; text++)
    {
      const char *known = strchr (escaped, *text);

      if (known != NULL)
        g_string_append_printf (out, "\\%c", escapes[known - escaped]);
      else if (g_ascii_iscntrl (*text))
        g_string_append_printf (out, "\\u%04x", (guint) *text);
      else
        g_string_append_c (out, *text);
    }
  g_string_append_c (out, '"');
}

/* Objects and strings are all that is written so far. */
void
kr_json_append (GString *out, const KrJson *self)
{
  if (self->type == KR_JSON_STRING)
    {
      kr_json_append_string (out, self->text);
      return;
    }
  g_string_append_c (out, '{');
  for (const KrJson *member = self->first; member != NULL; member = member->next)
    {
      kr_json_append_string (out, member->name);
      g_string_append_c (out, ':');
      kr_json_append (out, member);
      if (member->next != NULL)
        g_string_append_c (out, ',');
    }
  g_string_append_c (out, '}');
}
