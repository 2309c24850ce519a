/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kr-secret-reply.h"

#include <string.h>

/* So many digits as a number; -1 if one of them is not a digit. */
static int
read_digits (const char *text, guint n)
{
  int value = 0;

  for (guint i = 0; i < n; i++)
    {
      if (!g_ascii_isdigit (text[i]))
        return -1;
      value = value * 10 + g_ascii_digit_value (text[i]);
    }
  return value;
}

/**
 * kr_secret_parse_kst: (skip)
 * @text: `YYYY-MM-DD HH:MM:SS` or `YYYYMMDDHHMMSS`, nothing before or after
 * @out_time: (out): seconds since 1970
 *
 * Reads a time as Korean brokers write it: Korean time, nine hours ahead of UTC, without saying so.
 * The zone of this machine plays no part.
 *
 * Returns: whether it is a time; if not, @out_time is untouched
 * Since: 0.1
 */
gboolean
kr_secret_parse_kst (const char *text, gint64 *out_time)
{
  static const char *const shapes[] = { "0000-00-00 00:00:00", "00000000000000" };
  static const guint offsets[][6] = { { 0, 5, 8, 11, 14, 17 }, { 0, 4, 6, 8, 10, 12 } };
  gsize length;

  g_return_val_if_fail (text != NULL && out_time != NULL, FALSE);

  length = strlen (text);
  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      g_autoptr (GTimeZone) korea = NULL;
      g_autoptr (GDateTime) time = NULL;
      int part[6];
      gboolean good = length == strlen (shapes[i]);

      for (gsize j = 0; good && j < length; j++)
        good = shapes[i][j] == '0' || shapes[i][j] == text[j];
      for (guint j = 0; good && j < G_N_ELEMENTS (part); j++)
        {
          part[j] = read_digits (text + offsets[i][j], j == 0 ? 4 : 2);
          good = part[j] >= 0;
        }
      if (!good)
        continue;
      korea = g_time_zone_new_offset (9 * 60 * 60);
      time = g_date_time_new (korea, part[0], part[1], part[2], part[3], part[4], part[5]);
      if (time == NULL)
        return FALSE;
      *out_time = g_date_time_to_unix (time);
      return TRUE;
    }
  return FALSE;
}
