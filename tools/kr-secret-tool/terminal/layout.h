/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* Prose in narrower columns would take too many lines. In a table, a wider last column is prose: it
 * is wrapped, never cut. */
#define LAYOUT_MIN_PROSE 16

char *layout_cut (const char *text, guint columns);
char *layout_strip_paint (const char *text);
guint layout_get_columns (int fd);
guint layout_get_width (const char *text);
void layout_append_prose (GString *out, const char *text);
void layout_append_wrapped (GString *out, const char *text, guint indent, guint columns);
