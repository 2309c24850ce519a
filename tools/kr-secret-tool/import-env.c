/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gi18n.h>
#include <string.h>

#include "import-found.h"

/* .env files: NAME=value lines as a shell would take them, without running anything. Nothing is
 * put in the place of $NAME. */

typedef struct
{
  const char *p;
  const char *end;
  guint line;
} Scanner;

static gboolean
refuse (GError **error, guint line, const char *why)
{
  kr_secret_error_set (error, KR_SECRET_ERROR_USAGE, 0, NULL, _ ("line %u: %s"), line, why);
  return FALSE;
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

/* The name before a '=', or NULL if the line is none of ours. */
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
  if (stop == start || s->p == s->end || *s->p != '=')
    return NULL;
  s->p++;
  skip_blanks (s);
  return g_strndup (start, (gsize) (stop - start));
}

/* What stands between quotes; it may go over several lines. Between double ones, a backslash
 * protects what follows. */
static gboolean
scan_quoted (Scanner *s, GString *value, GError **error)
{
  const guint line = s->line;
  const char quote = *s->p++;

  for (; s->p < s->end && *s->p != quote; s->p++)
    {
      if (quote == '"' && *s->p == '\\' && s->p + 1 < s->end)
        s->p++;
      s->line += *s->p == '\n';
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

/* Up to the end of the line, or a comment. */
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

static gboolean
read_line (ImportFound *found, Scanner *s, GString *value, GError **error)
{
  const guint line = s->line;
  g_autofree char *name = scan_name (s);
  g_autoptr (GError) failure = NULL;
  gboolean good = TRUE;

  if (name != NULL)
    {
      if (s->p < s->end && (*s->p == '"' || *s->p == '\''))
        good = scan_quoted (s, value, error);
      else
        scan_unquoted (s, value);
      if (good && !import_found_add (found, name, value->str, value->len, &failure))
        good = refuse (error, line, failure->message);
    }
  skip_line (s);
  return good;
}

gboolean
import_read_env (ImportFound *found, const char *data, gsize length, GError **error)
{
  Scanner scanner = { .p = data, .end = data + length, .line = 1 };
  GString *value = g_string_sized_new (length + 1); /* so that it never moves: it is wiped */
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
