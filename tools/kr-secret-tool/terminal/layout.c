/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "terminal/layout.h"

#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Tables that hold in Korean too, and in a narrow window. */

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
static char *
strip_paint (const char *text)
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
  plain = strip_paint (text);
  plain[measure (plain, MAX (columns, 1) - 1)] = '\0';
  return g_strconcat (plain, "…", NULL);
}

GPtrArray *
layout_table_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) g_strfreev);
}

void
layout_table_add (GPtrArray *rows, ...)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  va_list args;

  va_start (args, rows);
  for (const char *cell = va_arg (args, const char *); cell != NULL;
       cell = va_arg (args, const char *))
    g_strv_builder_add (builder, cell);
  va_end (args);
  g_ptr_array_add (rows, g_strv_builder_end (builder));
}

/* A column is not made narrower than this. */
#define MIN_COLUMN 4
/* A last column that is wider than this is prose: wrapped, never cut. */
#define MIN_PROSE 16
/* Where prose stands that has lines of its own. */
#define PROSE_INDENT 8
/* How far its lines are indented where nothing else tells that they belong together. */
#define PROSE_MARGIN 2

typedef enum
{
  AS_IT_IS,
  WRAPPED, /* the last column, in its place */
  BELOW,   /* the last column, in lines of its own */
} Layout;

/* Makes columns narrower till they fit; the first one, by which people know a row, last. */
static void
narrow (guint *widths, guint n, guint total, guint columns)
{
  for (guint least = 1; total > columns; total--)
    {
      guint widest = least;

      for (guint j = least; j < n; j++)
        if (widths[j] > widths[widest])
          widest = j;
      if (least == 1 && (n == 1 || widths[widest] <= MIN_COLUMN))
        widest = least = 0;
      if (widths[widest] <= MIN_COLUMN)
        return;
      widths[widest]--;
    }
}

static Layout
fit (guint *widths, guint n, guint columns)
{
  guint total = 0, others;

  for (guint j = 0; j < n; j++)
    total += widths[j] + (j > 0 ? 2 : 0);
  if (columns == 0 || total <= columns)
    return AS_IT_IS;
  others = total - widths[n - 1];
  if (widths[n - 1] <= MIN_PROSE || n == 1)
    {
      narrow (widths, n, total, columns);
      return AS_IT_IS;
    }
  if (columns >= others + MIN_PROSE)
    {
      widths[n - 1] = columns - others;
      return WRAPPED;
    }
  narrow (widths, n - 1, others - 2, columns);
  widths[n - 1] = columns > PROSE_INDENT + MIN_PROSE ? columns - PROSE_INDENT : MIN_PROSE;
  return BELOW;
}

/* Text in lines of so many columns, each but the first indented; broken at blanks, if there are
 * any. */
static void
append_wrapped (GString *out, const char *text, guint indent, guint columns)
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
        append_wrapped (out, *line, PROSE_MARGIN, MAX (columns, MIN_PROSE) - PROSE_MARGIN);
      if (line[1] != NULL)
        g_string_append_c (out, '\n');
    }
}

/* What is to be copied stays in one piece. */
static gboolean
is_command (const char *cell)
{
  return strstr (cell, "→") != NULL;
}

/* The last cell of a row. */
static void
append_last (GString *out, const char *cell, guint indent, guint columns)
{
  g_autofree char *plain = strip_paint (cell);

  if (layout_get_width (cell) > columns && !is_command (cell))
    append_wrapped (out, plain, indent, columns);
  else
    g_string_append (out, cell);
}

static void
append_row (GString *out, char **cells, const guint *widths, guint n, Layout layout)
{
  const guint n_cut = layout == AS_IT_IS ? n : n - 1;
  const gsize start = out->len;
  gsize end = start;
  guint indent = 0;

  for (guint j = 0; j < n_cut; j++)
    {
      g_autofree char *cut = layout_cut (cells[j], widths[j]);

      g_string_append (out, cut);
      if (*cut != '\0')
        end = out->len;
      for (guint k = layout_get_width (cut); k < widths[j] + 2; k++)
        g_string_append_c (out, ' ');
      indent += widths[j] + 2;
    }
  if (layout == BELOW && *cells[n - 1] != '\0')
    {
      g_string_truncate (out, end);
      indent = PROSE_INDENT;
      g_string_append_printf (out, "%s%*s", end > start ? "\n" : "", (int) indent, "");
    }
  if (layout != AS_IT_IS && *cells[n - 1] != '\0')
    {
      append_last (out, cells[n - 1], indent, widths[n - 1]);
      end = out->len;
    }
  g_string_truncate (out, end);
  g_string_append_c (out, '\n');
}

/* Rows of the same number of cells, aligned, two blanks between columns and none at the end; where
 * the descriptor they go to is a terminal, no wider than that. */
void
layout_append_table (GString *out, GPtrArray *rows, int fd)
{
  guint n = rows->len > 0 ? g_strv_length (rows->pdata[0]) : 0;
  g_autofree guint *widths = g_new0 (guint, n + 1);
  Layout layout;

  for (guint i = 0; i < rows->len; i++)
    for (guint j = 0; j < n; j++)
      widths[j] = MAX (widths[j], layout_get_width (((char **) rows->pdata[i])[j]));
  layout = n > 0 ? fit (widths, n, layout_get_columns (fd)) : AS_IT_IS;
  for (guint i = 0; i < rows->len; i++)
    append_row (out, rows->pdata[i], widths, n, layout);
}
