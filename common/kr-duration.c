/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "common/kr-duration.h"

#include "common/kr-intl.h"

/* In the two largest units: 2d 4h, 3h 12m, 41s. The numbers are ints: xgettext does not know GLib's
 * formats and cuts a message off there, so that it is never found. */
char *
kr_duration_format (gint64 seconds)
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
