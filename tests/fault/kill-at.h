/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* A file that kill-at and the test have both mapped: the orders, and what became of them. */
typedef struct
{
  gint on;      /* counts, and kills, only while this is set */
  gint at;      /* the system call to kill at, from 1; 0: none, only count */
  gint counted; /* how many it has begun so far */
  gint killed;
  gint pid;   /* the process that is counted; 0: there was none yet */
  gint error; /* errno, if nothing may be traced here */
} KillAt;
