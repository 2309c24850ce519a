/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

/* A file mapped by the test and by all programs whose clocks it shifts. */
typedef struct
{
  int64_t wall_ms; /* how far the wall clock is ahead of the machine's */
  int64_t boot_ms; /* the same for the boot-time clock */
} ShiftedClock;
