/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plaintext/readers.h"

#include <glib/gi18n.h>
#include <string.h>

#include "kr-secret-fail.h"
#include "plaintext/found-keys.h"
#include "plaintext/hidden-keys.h"
#include "plaintext/placeholder.h"
#include "plaintext/setting-name.h"

/* .env files: NAME=value lines as in a shell. Runs nothing and does not expand $NAME. */

typedef struct
{
  const char *p;
  const char *end;
  guint line;
} Scanner;

static gboolean
refuse (GError **error, guint line, const char *why)
{
  return KR_SECRET_FAIL (error, KR_SECRET_ERROR_USAGE, _ ("line %u: %s"), line, why);
}

static gboolean
is_blank (char c)
{
  return c == ' ' || c == '\t' || c == '\r';
}

static void
skip_blanks (Scanner *s)
{
  while (s->p < s->end && is_blank (*s->p))
    s->p++;
}

static void
skip_line (Scanner *s)
{
  const char *newline = memchr (s->p, '\n', (gsize) (s->end - s->p));

  s->p = newline != NULL ? newline + 1 : s->end;
  s->line++;
}

/* A line with one of these is of another kind, and the "name" may be a key. */
static gboolean
is_name (const char *start, const char *stop)
{
  for (; start < stop; start++)
    if (strchr ("\"'`$:;,+/\\()[]{}<>&|", *start) != NULL)
      return FALSE;
  return TRUE;
}

/* Returns the name before a '=', or NULL for any other line. */
static char *
scan_name (Scanner *s)
{
  const char *start;
  const char *stop;

  skip_blanks (s);
  if ((gsize) (s->end - s->p) > strlen ("export ") && g_str_has_prefix (s->p, "export")
      && is_blank (s->p[strlen ("export")]))
    s->p += strlen ("export");
  skip_blanks (s);
  start = s->p;
  while (s->p < s->end && *s->p != '=' && *s->p != '\n' && *s->p != '#' && !is_blank (*s->p))
    s->p++;
  stop = s->p;
  skip_blanks (s);
  if (stop == start || s->p == s->end || *s->p != '=' || !is_name (start, stop))
    return NULL;
  s->p++;
  skip_blanks (s);
  return g_strndup (start, (gsize) (stop - start));
}

/* In double quotes a backslash escapes these, and is literal before others. */
static gboolean
skip_backslash (Scanner *s)
{
  return *s->p == '\\' && s->p + 1 < s->end && strchr ("$`\"\\\n", s->p[1]) != NULL;
}

/* A quoted value may span lines. */
static gboolean
scan_quoted (Scanner *s, GString *value, GError **error)
{
  const guint line = s->line;
  const char quote = *s->p++;

  for (; s->p < s->end && *s->p != quote; s->p++)
    {
      gboolean protected = quote == '"' && skip_backslash (s);

      s->p += protected;
      s->line += *s->p == '\n';
      if (!protected || *s->p != '\n')
        g_string_append_c (value, *s->p);
    }
  if (s->p == s->end)
    return refuse (error, line, _ ("a quote is not closed"));
  s->p++;
  skip_blanks (s);
  if (s->p < s->end && *s->p != '\n' && *s->p != '#')
    return refuse (error, s->line, _ ("there is something after the closing quote"));
  return TRUE;
}

/* The value ends with the line, or at a comment. */
static void
scan_unquoted (Scanner *s, GString *value)
{
  while (s->p < s->end && *s->p != '\n')
    {
      if (*s->p == '#' && (value->len == 0 || is_blank (s->p[-1])))
        break;
      g_string_append_c (value, *s->p++);
    }
  while (value->len > 0 && is_blank (value->str[value->len - 1]))
    g_string_truncate (value, value->len - 1);
}

/* A shell would interpret these. That only matters for keys. */
static gboolean
check_unquoted (FoundKeys *found, guint line, const char *name, GString *value, GError **error)
{
  if (strpbrk (value->str, "\"'\\;$`&|") == NULL || placeholder_is_likely (value->str, value->len)
      || !setting_name_means_field (found, name))
    return TRUE;
  return refuse (
      error, line,
      _ ("a value with a quote, a backslash, a ';' or a '$' in it must be in single quotes"));
}

static gboolean
read_setting (FoundKeys *found, Scanner *s, const char *name, GString *value, GError **error)
{
  const guint line = s->line;
  g_autoptr (GError) failure = NULL;

  if (s->p < s->end && (*s->p == '"' || *s->p == '\''))
    {
      if (!scan_quoted (s, value, error))
        return FALSE;
    }
  else
    {
      scan_unquoted (s, value);
      if (!check_unquoted (found, line, name, value, error))
        return FALSE;
    }
  return found_keys_add (found, name, value->str, value->len, &failure)
         || refuse (error, line, failure->message);
}

/* The rest of a line is a comment, or the whole line is of another kind. */
static void
look_at_rest (FoundKeys *found, Scanner *s, const char *start)
{
  const char *newline = memchr (start, '\n', (gsize) (s->end - start));
  const char *stop = newline != NULL ? newline : s->end;

  hidden_keys_look_at_line (found, s->line, start, (gsize) (stop - start));
}

static gboolean
read_line (FoundKeys *found, Scanner *s, GString *value, GError **error)
{
  const char *start = s->p;
  g_autofree char *name = scan_name (s);

  if (name == NULL)
    look_at_rest (found, s, start);
  else if (!read_setting (found, s, name, value, error))
    return FALSE;
  else
    look_at_rest (found, s, s->p);
  skip_line (s);
  return TRUE;
}

gboolean
plaintext_env_read (FoundKeys *found, const char *data, gsize length, GError **error)
{
  Scanner scanner = { .p = data, .end = data + length, .line = 1 };
  GString *value = g_string_sized_new (length + 1); /* never moves, so wiping is complete */
  gboolean good = TRUE;

  while (good && scanner.p < scanner.end)
    {
      g_string_truncate (value, 0);
      good = read_line (found, &scanner, value, error);
    }
  explicit_bzero (value->str, value->allocated_len);
  g_string_free (value, TRUE);
  return good;
}
