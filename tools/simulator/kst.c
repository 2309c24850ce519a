/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "kst.h"

/* Korea has no daylight saving time, so a fixed offset is exact. */
static GDateTime *
kst_new (gint64 time)
{
  g_autoptr (GTimeZone) zone = g_time_zone_new_offset (9 * 60 * 60);
  g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (time);

  return g_date_time_to_timezone (utc, zone);
}

char *
sim_kst_format (gint64 time, const char *format)
{
  g_autoptr (GDateTime) kst = kst_new (time);

  return g_date_time_format (kst, format);
}

gint64
sim_kst_until_seven (gint64 time)
{
  g_autoptr (GDateTime) kst = kst_new (time);
  int second = (g_date_time_get_hour (kst) * 60 + g_date_time_get_minute (kst)) * 60
               + g_date_time_get_second (kst);
  int rest = 7 * 60 * 60 - second;

  return rest > 0 ? rest : rest + 24 * 60 * 60;
}
