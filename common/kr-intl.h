/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "common/kr-language.h"

/* Replaces <glib/gi18n-lib.h>, which expects somebody else to bind the catalogs. A library has no
 * main () for that, and does not know which of its functions is called first. */
#define _(text) kr_language_translate (text)
#define N_(text) (text)
