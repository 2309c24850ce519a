/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/kr-secret-clock-private.h"

#include <time.h>

gint64
kr_secret_clock_now (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

/* Milliseconds since boot, including sleep. Nobody can set this clock. */
gint64
kr_secret_clock_boottime_ms (void)
{
  struct timespec now;

  clock_gettime (CLOCK_BOOTTIME, &now);
  return (gint64) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Identifies the boot that boottime counts from; empty if the kernel does not say. */
const char *
kr_secret_clock_boot_id (void)
{
  static char *boot_id;

  if (g_once_init_enter (&boot_id))
    {
      char *text = NULL;

      if (!g_file_get_contents ("/proc/sys/kernel/random/boot_id", &text, NULL, NULL))
        text = g_strdup ("");
      g_once_init_leave (&boot_id, g_strstrip (text));
    }
  return boot_id;
}
