/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* Limits for foreign messages and codes, in characters. */
#define KR_TEXT_MAX_MESSAGE 600
#define KR_TEXT_MAX_CODE 32

char *kr_text_printable (const char *text);
char *kr_text_one_line (const char *text, gsize max_chars);
gboolean kr_text_is_plain (const char *text, gssize length);
