/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* Says where the catalogs are. For code that translates with GLib's own macros: plugins, and the
 * tool. */
void kr_language_bind (void);

/* Whether messages come in Korean. */
gboolean kr_language_is_korean (void);

const char *kr_language_translate (const char *text) G_GNUC_FORMAT (1);
