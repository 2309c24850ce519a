/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

/* A file that the test and all whose clocks it shifts have mapped. */
typedef struct
{
  int64_t wall_ms; /* what the wall clock is ahead of the machine's */
  int64_t boot_ms; /* and the clock that counts since the machine was started */
} ShiftedClock;
