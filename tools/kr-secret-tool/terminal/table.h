/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

GPtrArray *table_new (void);
void table_add (GPtrArray *rows, ...) G_GNUC_NULL_TERMINATED;
void table_append (GString *out, GPtrArray *rows, int fd);
void table_print (GPtrArray *rows); /* to standard output */
