/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tool.h"

/* What the tests of the Korean texts share. */

/* From now on the tools use Korean, and the time of Seoul. FALSE: no locale of this machine can,
 * and the test is skipped. */
gboolean korean_speak (World *world);
/* The text with its variable parts replaced: times, ids, addresses, folders. */
char *korean_settle (const char *text);
/* Checks that after this the text, or its end, is the expected one. */
void korean_check (const char *text, const char *expected);
void korean_check_end (const char *text, const char *expected);
/* The width from @text to @end, in columns of a terminal. */
guint korean_width (const char *text, const char *end);
