/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* In place of <glib/gi18n-lib.h>, which leaves it to somebody else to say where the catalogs are.
 * A library has no main () that could, and does not know which of its functions is called first.
 */
#define _(text) kr_intl_translate (text)
#define N_(text) (text)

/* Says where the catalogs are. For code that translates with GLib's own macros: plugins, and what
 * is in the helper. */
void kr_intl_bind (void);

/* Whether messages come in Korean. */
gboolean kr_intl_is_korean (void);

const char *kr_intl_translate (const char *text) G_GNUC_FORMAT (1);
