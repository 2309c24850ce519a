/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plaintext/placeholder.h"

#include <string.h>

static gboolean
begins_with (const char *value, gsize length, const char *start)
{
  return length >= strlen (start) && g_ascii_strncasecmp (value, start, strlen (start)) == 0;
}

/* Whether a value is a sample's placeholder for a key: a Korean word, YOUR_APP_KEY, "PS...", <key>,
 * ${VARIABLE}, xxxxxxxx. */
gboolean
placeholder_is_likely (const char *value, gsize length)
{
  gboolean same = TRUE;

  while (length > 0 && g_ascii_isspace (value[length - 1]))
    length--;
  for (; length > 0 && g_ascii_isspace (*value); value++)
    length--;
  if (length < 8 || begins_with (value, length, "your") || begins_with (value, length, "insert")
      || begins_with (value, length, "change") || begins_with (value, length, "${")
      || begins_with (value, length, "$(") || (value[0] == '<' && value[length - 1] == '>'))
    return TRUE;
  for (gsize i = 0; i < length; i++)
    {
      if ((guchar) value[i] >= 0x80 || (i >= 2 && memcmp (value + i - 2, "...", 3) == 0))
        return TRUE;
      same = same && value[i] == value[0];
    }
  return same;
}

/* Placeholders are shorter. */
#define MAX_SAMPLE 30

gboolean
placeholder_is_certain (const char *value, gsize length)
{
  gboolean same = TRUE;

  if (!placeholder_is_likely (value, length))
    return FALSE;
  for (gsize i = 0; i < length; i++)
    same = same && value[i] == value[0];
  return same || g_utf8_strlen (value, (gssize) length) <= MAX_SAMPLE;
}
