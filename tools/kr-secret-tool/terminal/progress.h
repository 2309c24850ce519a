/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "terminal/tool.h"

/* Shows a user who waits longer than half a second what is going on: a moving line on standard
 * error. Any other output or question ends it. */
void progress_begin (Tool *tool, const char *format, ...) G_GNUC_PRINTF (2, 3);
void progress_end (void);
