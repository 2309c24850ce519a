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

/* Runs kr-secret-tool with the arguments, and kills the first process of that @program at its
 * system call @at; 0: only counts. */
TestRun *killer_run (Killer *self,
                     World *world,
                     const char *program,
                     guint at,
                     const char *input,
                     const char *argument,
                     ...) G_GNUC_NULL_TERMINATED;

/* The same with another executable than the tool, which is the program that is killed. */
TestRun *killer_run_other (Killer *self,
                           World *world,
                           guint at,
                           const char *executable,
                           const char *argument,
                           ...) G_GNUC_NULL_TERMINATED;

/* Counts the system calls of the keyring's daemon from now on, and kills it at @at. */
void killer_aim (Killer *self, guint at);
/* No more. If it was killed, it is started again. Tells whether it was. */
gboolean killer_settle (Killer *self);

/* One try: does something to the account, in which the @program, NULL for the daemon, is killed at
 * its system call @at, and checks what it has come to. Returns whether it was killed. With an @at
 * of 0 nothing is, and control->counted is how many there are. */
typedef gboolean (*KillTry) (Killer *self, Victim *victim, const char *program, guint at);

/* Tries @n points, spread evenly, or, in the long run, every one there is. */
void killer_sweep (World *world, const char *broker, const char *program, guint n, KillTry try);
