/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* Seconds since 1970, by the wall clock. */
gint64 kr_secret_clock_now (void);
gint64 kr_secret_clock_boottime_ms (void);
const char *kr_secret_clock_boot_id (void);
