/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "terminal/tool.h"

/* 0 if the program exists and may be run; else the errno of execvpe. */
int child_look_for (const char *program);

/* Reports that a program cannot be run. Returns the exit status that env has. */
int child_report_not_run (Tool *tool, const char *program, int code);

/* Executes the program in our place. Returns only on failure, with the errno. */
int child_become (char **argv, char **environment);

/* A program that runs beside us, one per process. To the outside we behave as the program: it gets
 * the signals sent to us, we stop when it stops, and end as it ends. */
typedef struct _Child Child;

/* keep: descriptors to inherit besides those we inherited, which we close; ends with -1. NULL on
 * failure, with *out_code set. */
Child *child_start (char **argv, char **environment, const int *keep, int *out_code);
void child_signal (Child *self, int number);
/* Runs the default main context until the program ends. Returns its exit status; if a signal ended
 * it, we end by that signal too. */
int child_wait (Child *self);
/* The halves of child_wait, for work in between. child_wait_for_end returns the wait status. */
int child_wait_for_end (Child *self);
int child_end_as (int status);
/* Whether SIGTERM came, from any sender. */
gboolean child_was_told_to_end (Child *self);
void child_free (Child *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Child, child_free)
