/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kr-secret-reply.h"

#include <stdio.h>
#include <string.h>

/**
 * kr_secret_parse_kst: (skip)
 * @text: `YYYY-MM-DD HH:MM:SS` or `YYYYMMDDHHMMSS`, nothing before or after
 * @out_time: (out): seconds since 1970; untouched on failure
 *
 * Reads a time as Korean brokers write it: in Korean time, nine hours ahead of UTC, without a zone.
 * This machine's time zone does not matter. Returns whether it is a time.
 */
gboolean
kr_secret_parse_kst (const char *text, gint64 *out_time)
{
  static const char shape[] = "0000-00-00 00:00:00";
  g_autoptr (GTimeZone) korea = NULL;
  g_autoptr (GDateTime) time = NULL;
  char digits[] = "00000000000000";
  int year, month, day, hour, minute, second;
  gboolean spaced;
  gsize n = 0;

  g_return_val_if_fail (text != NULL && out_time != NULL, FALSE);

  spaced = strlen (text) == strlen (shape);
  for (gsize i = 0; text[i] != '\0'; i++)
    if (!spaced || shape[i] == '0')
      {
        if (n == strlen (digits) || !g_ascii_isdigit (text[i]))
          return FALSE;
        digits[n++] = text[i];
      }
    else if (text[i] != shape[i])
      return FALSE;
  if (n < strlen (digits)
      || sscanf (digits, "%4d%2d%2d%2d%2d%2d", &year, &month, &day, &hour, &minute, &second) != 6)
    return FALSE;
  korea = g_time_zone_new_offset (9 * 60 * 60);
  time = g_date_time_new (korea, year, month, day, hour, minute, second);
  if (time != NULL)
    *out_time = g_date_time_to_unix (time);
  return time != NULL;
}
