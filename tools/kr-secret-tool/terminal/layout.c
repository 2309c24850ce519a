/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "terminal/layout.h"

#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Text that holds in Korean too, and in a narrow window. */

/* The columns a text takes on a terminal: Hangul takes two, a colour none. */
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

/* The columns of a terminal; 0, where it is none: as many as are wanted. */
guint
layout_get_columns (int fd)
{
  struct winsize size;

  return ioctl (fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

/* The text without its colours. */
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

/* How many bytes of a text without colours fit. */
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

/* As much of a text as fits, with an ellipsis, and no colour, where something is missing. */
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

/* How far its lines are indented where nothing else tells that they belong together. */
#define PROSE_MARGIN 2

/* Text in lines of so many columns, each but the first indented; broken at blanks, if there are
 * any. */
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

/* Lines of prose, each as it is where it fits; else broken, and what follows is indented. */
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
