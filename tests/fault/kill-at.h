/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* A file mapped by kill-at and by the test: the orders, and their outcome. */
typedef struct
{
  gint on;      /* counts, and kills, only while this is set */
  gint at;      /* the system call to kill at, from 1; 0: none, only count */
  gint counted; /* how many have begun so far */
  gint killed;
  gint pid;   /* the process that is counted; 0: none yet */
  gint error; /* errno, if tracing is not allowed here */
} KillAt;
