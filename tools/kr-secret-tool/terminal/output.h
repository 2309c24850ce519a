/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "krsecret.h"

void output_bytes (const char *data, gsize length);
void output_text (const char *text);
void output_secret (SecretValue *value);
/* Also fails if an earlier write failed. */
gboolean output_flush (GError **error);
