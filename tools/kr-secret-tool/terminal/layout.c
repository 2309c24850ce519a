/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "terminal/layout.h"

#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Layout that also works in Korean and in a narrow window. */

/* The columns of a text on a terminal: Hangul takes two, a colour none. */
guint
layout_get_width (const char *text)
{
  guint columns = 0;

  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);
      if (c == '\033')
        p += strcspn (p, "m");
      else if (g_unichar_iswide (c))
        columns += 2;
      else if (!g_unichar_iszerowidth (c))
        columns += 1;
    }
  return columns;
}

/* 0 if fd is not a terminal: no limit. */
guint
layout_get_columns (int fd)
{
  struct winsize size;

  return ioctl (fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

char *
layout_strip_paint (const char *text)
{
  GString *plain = g_string_new (NULL);

  for (const char *p = text; *p != '\0'; p++)
    if (*p == '\033')
      p += strcspn (p, "m");
    else
      g_string_append_c (plain, *p);
  return g_string_free (plain, FALSE);
}

/* Returns how many bytes of a text without colours fit. */
static gsize
measure (const char *text, guint columns)
{
  const char *end = text;
  guint used = 0;

  for (; *end != '\0'; end = g_utf8_next_char (end))
    {
      gunichar c = g_utf8_get_char (end);

      used += g_unichar_iswide (c) ? 2 : g_unichar_iszerowidth (c) ? 0 : 1;
      if (used > columns)
        break;
    }
  return (gsize) (end - text);
}

/* Cuts a text that does not fit: the rest becomes an ellipsis, and colours are dropped. */
char *
layout_cut (const char *text, guint columns)
{
  g_autofree char *plain = NULL;

  if (layout_get_width (text) <= columns)
    return g_strdup (text);
  plain = layout_strip_paint (text);
  plain[measure (plain, MAX (columns, 1) - 1)] = '\0';
  return g_strconcat (plain, "…", NULL);
}

/* Indents continuation lines where nothing else shows that they belong together. */
#define PROSE_MARGIN 2

/* Wraps text at blanks where possible, and indents all lines but the first. */
void
layout_append_wrapped (GString *out, const char *text, guint indent, guint columns)
{
  while (layout_get_width (text) > columns)
    {
      gsize length = MAX (measure (text, columns), 1);
      gsize end = length;

      while (end > 0 && text[end] != ' ')
        end--;
      if (end == 0)
        end = length;
      g_string_append_len (out, text, (gssize) end);
      g_string_append_printf (out, "\n%*s", (int) indent, "");
      text += end;
      text += strspn (text, " ");
    }
  g_string_append (out, text);
}

/* Keeps lines that fit; wraps the others, and indents their continuation. */
void
layout_append_prose (GString *out, const char *text)
{
  const guint columns = layout_get_columns (STDOUT_FILENO);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (char **line = lines; *line != NULL; line++)
    {
      if (columns == 0 || layout_get_width (*line) <= columns)
        g_string_append (out, *line);
      else
        layout_append_wrapped (out, *line, PROSE_MARGIN,
                               MAX (columns, LAYOUT_MIN_PROSE) - PROSE_MARGIN);
      if (line[1] != NULL)
        g_string_append_c (out, '\n');
    }
}
