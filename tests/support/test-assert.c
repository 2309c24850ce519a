/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-assert.h"

#include <string.h>

void
test_fail_at (const char *where, const char *format, ...)
{
  g_autofree char *message = NULL;
  g_autofree char *line = NULL;
  va_list arguments;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  /* One line, since TAP requires it. */
  line = g_strescape (message, "\"");
  g_error ("%s: %s", where, line);
}

void
test_assert_contains_at (const char *where, const char *text, const char *part)
{
  if (strstr (text, part) == NULL)
    test_fail_at (where, "no '%s' in: %s", part, text);
}

void
test_assert_lacks_at (const char *where, const char *text, const char *part)
{
  if (strstr (text, part) != NULL)
    test_fail_at (where, "'%s' in: %s", part, text);
}
