/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

char *layout_cut (const char *text, guint columns);
guint layout_get_columns (int fd);
guint layout_get_width (const char *text);
void layout_append_prose (GString *out, const char *text);
void layout_append_table (GString *out, GPtrArray *rows, int fd);
GPtrArray *layout_table_new (void);
void layout_table_add (GPtrArray *rows, ...) G_GNUC_NULL_TERMINATED;
