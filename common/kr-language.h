/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* Binds the catalogs, for code that uses GLib's own macros: plugins and the tool. */
void kr_language_bind (void);

gboolean kr_language_is_korean (void);

const char *kr_language_translate (const char *text) G_GNUC_FORMAT (1);
