/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "terminal/tool.h"

/* 0 if there is such a program that may be run; else what execvpe would fail with. */
int child_look_for (const char *program);

/* A program cannot be run; returns the exit status, which is that of env. */
int child_report_not_run (Tool *tool, const char *program, int code);

/* Becomes the program; returns only on failure, with its errno. */
int child_become (char **argv, char **environment);

/* A program that runs beside us, once in a process, and is to those around as if it were us: it
 * gets the signals that are sent to us, we stop when it stops, and end as it ends. */
typedef struct _Child Child;

/* keep: the descriptors to inherit, besides those we inherited, which we close; -1 at the end. NULL
 * with *out_code set on failure. */
Child *child_start (char **argv, char **environment, const int *keep, int *out_code);
void child_signal (Child *self, int number);
/* Runs the default main context till it ends. Returns the exit status, or does not, if it was ended
 * by a signal: then so are we. */
int child_wait (Child *self);
/* The two halves of it, for who has something to do in between: what waitpid says of the program;
 * to end as that says. */
int child_wait_for_end (Child *self);
int child_end_as (int status);
/* Whether SIGTERM came, from wherever. */
gboolean child_was_told_to_end (Child *self);
void child_free (Child *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Child, child_free)
