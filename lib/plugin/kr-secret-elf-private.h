/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

gboolean kr_secret_elf_read_symbol (const guint8 *file,
                                    gsize length,
                                    const char *symbol,
                                    gpointer out_bytes,
                                    gsize size,
                                    GError **error);
