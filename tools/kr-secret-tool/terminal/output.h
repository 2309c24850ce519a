/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "terminal/tool.h"

void output_bytes (const char *data, gsize length);
void output_text (const char *text);
void output_secret (SecretValue *value);
gboolean output_flush (void);
int output_finish (Tool *tool);
