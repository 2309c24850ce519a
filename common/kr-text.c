/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "common/kr-text.h"

#include <string.h>

#include "common/kr-intl.h"

/* Text that came from outside: what of it may be shown, and what may be stored. */

/* Controls (ESC, C1, newline) drive a terminal, format characters (bidi overrides, zero width) make
 * text look like another, and line separators break a log. */
static gboolean
is_harmless (gunichar c)
{
  /* Fillers of Hangul: letters that nobody can see. */
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

/* Copies at most max_chars characters of text, each that is not harmless replaced by U+FFFD, white
 * space runs by one space. */
char *
kr_text_printable (const char *text, gsize max_chars)
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
      g_string_append_unichar (out, is_harmless (c) ? c : 0xFFFD);
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

/* A length of time in its two largest units: 2d 4h, 3h 12m, 41s. The numbers are ints because
 * xgettext does not know GLib's formats: a message with one of them is cut off there in the
 * catalog, and never found. */
char *
kr_text_duration (gint64 seconds)
{
  const int s = (int) CLAMP (seconds, 0, G_MAXINT);
  const int m = s / 60;
  const int h = m / 60;

  if (m == 0)
    return g_strdup_printf (_ ("%ds"), s);
  if (h == 0)
    return s % 60 == 0 ? g_strdup_printf (_ ("%dm"), m)
                       : g_strdup_printf (_ ("%dm %ds"), m, s % 60);
  if (h < 24)
    return g_strdup_printf (_ ("%dh %dm"), h, m % 60);
  return g_strdup_printf (_ ("%dd %dh"), h / 24, h % 24);
}

/* SHA-256 in hex. GChecksum keeps the last block it was given and does not wipe it, so zeros follow
 * the data: after 128 of them nothing of a secret is left in it. They are part of the fingerprint's
 * definition. */
char *
kr_text_fingerprint (const char *data, gsize length)
{
  static const guchar zeros[128] = { 0 };
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);

  g_checksum_update (checksum, (const guchar *) data, (gssize) length);
  g_checksum_update (checksum, zeros, sizeof zeros);
  return g_strdup (g_checksum_get_string (checksum));
}
