/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* Times of tokens are seconds since 1970. */
gint64 kr_secret_clock_now (void);
gint64 kr_secret_clock_boottime_ms (void);
const char *kr_secret_clock_boot_id (void);
