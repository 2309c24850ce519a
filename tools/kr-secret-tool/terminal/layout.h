/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

char *text_cut (const char *text, guint columns);
guint text_columns (int fd);
guint text_width (const char *text);
void text_append_prose (GString *out, const char *text);
void text_append_table (GString *out, GPtrArray *rows, int fd);
GPtrArray *text_table_new (void);
void text_table_add (GPtrArray *rows, ...) G_GNUC_NULL_TERMINATED;
