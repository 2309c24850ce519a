/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whatever a text contains, the text shown for it is harmless, and no longer than requested. */
#include "common/kr-text.h"

#define MAX_CHARS 20

int LLVMFuzzerTestOneInput (const guint8 *data, size_t size);

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autofree char *printable = kr_text_printable (text);
  g_autofree char *line = kr_text_one_line (text, MAX_CHARS);

  g_assert_true (kr_text_is_plain (printable, -1));
  g_assert_true (kr_text_is_plain (line, -1));
  g_assert_cmpint (g_utf8_strlen (line, -1), <=, MAX_CHARS + 1);
  if (kr_text_is_plain (text, -1))
    g_assert_cmpstr (printable, ==, text);
  return 0;
}
