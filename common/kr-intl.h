/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "common/kr-language.h"

/* In place of <glib/gi18n-lib.h>, which leaves it to somebody else to say where the catalogs are.
 * A library has no main () that could, and does not know which of its functions is called first.
 */
#define _(text) kr_language_translate (text)
#define N_(text) (text)
