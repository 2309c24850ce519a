/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "kill-at.h"
#include "victim.h"

/* kill-at, and its orders. */
typedef struct
{
  char *path;
  KillAt *control;
} Killer;

/* Runs kr-secret-tool with the arguments, and kills the first process of @program at its system
 * call @at; 0: only counts. */
TestRun *killer_run (Killer *self,
                     World *world,
                     const char *program,
                     guint at,
                     const char *input,
                     const char *argument,
                     ...) G_GNUC_NULL_TERMINATED;

/* The same with another executable in place of the tool; it is the program that is killed. */
TestRun *killer_run_other (Killer *self,
                           World *world,
                           guint at,
                           const char *executable,
                           const char *argument,
                           ...) G_GNUC_NULL_TERMINATED;

/* Counts the system calls of the keyring's daemon from now on, and kills it at @at. */
void killer_aim (Killer *self, guint at);
/* Stops that. If the daemon was killed, restarts it and returns TRUE. */
gboolean killer_settle (Killer *self);

/* One try: does something to the account while @program (NULL: the daemon) is killed at its system
 * call @at, and checks the result. Returns whether it was killed. If @at is 0 nothing is killed,
 * and control->counted says how many system calls there are. */
typedef gboolean (*KillTry) (Killer *self, Victim *victim, const char *program, guint at);

/* Tries @n evenly spread points or, in the long run, all of them. */
void killer_sweep (World *world, const char *broker, const char *program, guint n, KillTry try);
