/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "terminal.h"

/* How each command can end, and a row that has it end so, in exit-rows.c. In a row "$T" is the
 * tool,
 * "$LS" where the simulated broker is, "$KEY" a file with a key that nobody has yet, "$D" a
 * directory of the test's own with some files in it. There are the accounts a (ls, with a token), b
 * (ls, without) and real (ls, in the real environment, with a token), and w (kiwoom, without). "$A"
 * is the id of a. */

/* How the world is when a row is run. */
typedef enum
{
  EXIT_FINE,
  EXIT_LOCKED,
  EXIT_NO_BUS,
  EXIT_STOPPED, /* the keyring's daemon does not answer */
  EXIT_REFUSED, /* the broker refuses the key */
  EXIT_LIMITED,
  EXIT_GONE, /* the broker */
  EXIT_MUTE, /* the broker takes the question, and says nothing */
  EXIT_NONSENSE,
  EXIT_NO_PLUGIN,
  EXIT_BAD_PLUGIN, /* that of ls is no plugin */
  EXIT_UNSAFE,     /* the ledgers can be written by others */
  EXIT_DAMAGED,    /* the account a */
  EXIT_EMPTY,      /* there is no account */
  EXIT_N_SITUATIONS
} ExitSituation;

/* What a person at the terminal does. */
typedef struct
{
  const char *prompt; /* when that is shown; NULL: when the broker was asked */
  const char *answer; /* NULL: there is no such step */
  gboolean hidden;    /* what is typed is not shown */
} ExitStep;

typedef struct
{
  const char *command;
  ExitSituation situation;
  int status;
  const char *script; /* what follows: "$T" --json COMMAND; or, with a blank in front, all of it */
  const char *word;   /* NULL: the one that the status stands for */
  ExitStep steps[3];  /* with one, the row is run on a terminal */
} ExitRow;

extern const ExitRow exit_rows[];
extern const guint exit_n_rows;

/* The exit statuses that a command can have of its own accord; those
 * of exec and session that are the program's are 0 and 7. */
typedef struct
{
  const char *command;
  const char *statuses;
} ExitCommand;

extern const ExitCommand exit_commands[]; /* command is NULL at the end */

gboolean exit_row_is_at_terminal (const ExitRow *row);
/* Runs the rows of a command, or of all if it is NULL, in a situation, or in all if that is
 * EXIT_N_SITUATIONS: those on a terminal, or the others. */
void exits_run (World *world, const char *command, ExitSituation situation, gboolean at_terminal);
