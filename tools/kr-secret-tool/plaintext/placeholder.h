/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* Whether a value looks like a sample's placeholder for a key. */
gboolean placeholder_is_likely (const char *value, gsize length);
/* The same without doubt: a key might happen to begin like a placeholder. */
gboolean placeholder_is_certain (const char *value, gsize length);
