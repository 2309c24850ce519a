/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* How often the calling thread has allocated memory, in the program or in any library. */
guint64 allocations_count (void);
