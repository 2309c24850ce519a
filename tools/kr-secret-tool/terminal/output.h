/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "krsecret.h"

void output_bytes (const char *data, gsize length);
void output_text (const char *text);
void output_secret (SecretValue *value);
/* Whether all of it is out, also what was written before. */
gboolean output_flush (GError **error);
