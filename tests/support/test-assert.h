/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* Ends the test program with a one-line message. */
#define test_fail(...) test_fail_at (G_STRLOC, __VA_ARGS__)
void test_fail_at (const char *where, const char *format, ...) G_GNUC_PRINTF (2, 3) G_GNUC_NORETURN;

#define test_assert_contains(text, part) test_assert_contains_at (G_STRLOC, text, part)
#define test_assert_lacks(text, part) test_assert_lacks_at (G_STRLOC, text, part)
void test_assert_contains_at (const char *where, const char *text, const char *part);
void test_assert_lacks_at (const char *where, const char *text, const char *part);
