/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* Whether a value is what a sample has in the place of a key. */
gboolean placeholder_is_likely (const char *value, gsize length);
/* Beyond doubt, so that nothing is lost with it: a key might happen to begin as one. */
gboolean placeholder_is_certain (const char *value, gsize length);
