/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* A moment as the wall clock in Korea shows it. */
char *sim_kst_format (gint64 time, const char *format);
/* Seconds from @time to the next 07:00 in Korea. */
gint64 sim_kst_until_seven (gint64 time);
