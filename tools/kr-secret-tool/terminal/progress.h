/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "terminal/tool.h"

/* What is going on, for a person who waits longer than half a second: a line on standard error that
 * moves. Whatever else is printed or asked ends it. */
void progress_begin (Tool *tool, const char *format, ...) G_GNUC_PRINTF (2, 3);
void progress_end (void);
