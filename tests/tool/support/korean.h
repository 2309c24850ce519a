/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tool.h"

/* What the tests of the Korean texts share. */

/* The tools speak Korean from now on, in the time of Seoul. FALSE: no locale of this machine can,
 * and the test is skipped. */
gboolean korean_speak (World *world);
/* The text, with what differs from run to run replaced: times, ids, addresses, folders. */
char *korean_settle (const char *text);
/* The text, or the end of it, is this one after that. */
void korean_check (const char *text, const char *expected);
void korean_check_end (const char *text, const char *expected);
/* In columns of a terminal, from @text to @end. */
guint korean_width (const char *text, const char *end);
