/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "common/kr-text.h"

#include <string.h>

/* Text from outside: what of it may be shown, and what may be stored. */

/* Controls (ESC, C1, newline) drive a terminal, format characters (bidi overrides, zero width) make
 * text look like another, and line separators break a log. */
static gboolean
is_harmless (gunichar c)
{
  /* Hangul fillers are letters, but invisible. */
  if (c == 0x115F || c == 0x1160 || c == 0x3164 || c == 0xFFA0)
    return FALSE;
  switch (g_unichar_type (c))
    {
    case G_UNICODE_CONTROL:
    case G_UNICODE_FORMAT:
    case G_UNICODE_LINE_SEPARATOR:
    case G_UNICODE_PARAGRAPH_SEPARATOR:
    case G_UNICODE_PRIVATE_USE:
    case G_UNICODE_SURROGATE:
    case G_UNICODE_UNASSIGNED:
      return FALSE;
    default:
      return TRUE;
    }
}

static void
append (GString *out, gunichar c)
{
  g_string_append_unichar (out, is_harmless (c) ? c : 0xFFFD);
}

/* A copy with U+FFFD for each character that is not harmless. */
char *
kr_text_printable (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  GString *out = g_string_new (NULL);

  for (const char *p = valid; *p != '\0'; p = g_utf8_next_char (p))
    append (out, g_utf8_get_char (p));
  return g_string_free (out, FALSE);
}

/* The same, cut to max_chars characters, with each run of white space as one space. */
char *
kr_text_one_line (const char *text, gsize max_chars)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  GString *out = g_string_new (NULL);
  gsize n = 0;

  for (const char *p = valid; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);
      if (g_unichar_isspace (c))
        {
          if (out->len == 0 || out->str[out->len - 1] == ' ')
            continue;
          c = ' ';
        }
      if (n++ == max_chars)
        {
          g_string_append (out, "…");
          break;
        }
      append (out, c);
    }
  while (out->len > 0 && out->str[out->len - 1] == ' ')
    g_string_truncate (out, out->len - 1);
  return g_string_free (out, FALSE);
}

/* Whether text is valid UTF-8 of harmless characters only. */
gboolean
kr_text_is_plain (const char *text, gssize length)
{
  const char *end;

  if (length < 0)
    length = (gssize) strlen (text);
  if (!g_utf8_validate_len (text, (gsize) length, &end))
    return FALSE;
  for (const char *p = text; p < text + length; p = g_utf8_next_char (p))
    if (!is_harmless (g_utf8_get_char (p)))
      return FALSE;
  return TRUE;
}
