/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "terminal/table.h"

#include <string.h>
#include <unistd.h>

#include "terminal/layout.h"
#include "terminal/output.h"

/* Tables that also work in Korean and in a narrow window. */

GPtrArray *
table_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) g_strfreev);
}

void
table_add (GPtrArray *rows, ...)
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

#define MIN_COLUMN 4
/* The indent of prose on lines of its own. */
#define PROSE_INDENT 8

typedef enum
{
  AS_IT_IS,
  WRAPPED, /* the last column, in place */
  BELOW,   /* the last column, on lines of its own */
} Layout;

/* Narrows columns until they fit. The first one, which identifies a row, comes last. */
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
  if (widths[n - 1] <= LAYOUT_MIN_PROSE || n == 1)
    {
      narrow (widths, n, total, columns);
      return AS_IT_IS;
    }
  if (columns >= others + LAYOUT_MIN_PROSE)
    {
      widths[n - 1] = columns - others;
      return WRAPPED;
    }
  narrow (widths, n - 1, others - 2, columns);
  widths[n - 1]
      = columns > PROSE_INDENT + LAYOUT_MIN_PROSE ? columns - PROSE_INDENT : LAYOUT_MIN_PROSE;
  return BELOW;
}

/* A command stays in one piece, so that it can be copied. */
static gboolean
is_command (const char *cell)
{
  return strstr (cell, "→") != NULL;
}

static void
append_last (GString *out, const char *cell, guint indent, guint columns)
{
  g_autofree char *plain = layout_strip_paint (cell);

  if (layout_get_width (cell) > columns && !is_command (cell))
    layout_append_wrapped (out, plain, indent, columns);
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

/* Prints rows with the same number of cells, aligned, with two blanks between columns and none at
 * the end. On a terminal, the table is not wider than that. */
void
table_append (GString *out, GPtrArray *rows, int fd)
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

void
table_print (GPtrArray *rows)
{
  g_autoptr (GString) out = g_string_new (NULL);

  table_append (out, rows, STDOUT_FILENO);
  output_text (out->str);
}
