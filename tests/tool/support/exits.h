/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "terminal.h"

/* The ways in which each command can end, with a row for each in exit-rows.c. In a row "$T" is the
 * tool, "$LS" the address of the simulated broker, "$KEY" a file with an unused key, "$D" a
 * directory of the test with some files in it. The accounts are a (ls, with a token), b (ls,
 * without), real (ls, in the real environment, with a token), and w (kiwoom, without). "$A" is the
 * id of a. */

/* The state of the world when a row is run. */
typedef enum
{
  EXIT_FINE,
  EXIT_LOCKED,
  EXIT_NO_BUS,
  EXIT_STOPPED, /* the keyring's daemon does not answer */
  EXIT_REFUSED, /* the broker refuses the key */
  EXIT_LIMITED,
  EXIT_GONE, /* the broker */
  EXIT_MUTE, /* the broker accepts the request, and sends nothing */
  EXIT_NONSENSE,
  EXIT_NO_PLUGIN,
  EXIT_BAD_PLUGIN, /* the file for ls is not a plugin */
  EXIT_UNSAFE,     /* the ledgers are writable by others */
  EXIT_DAMAGED,    /* the account a */
  EXIT_EMPTY,      /* there is no account */
  EXIT_N_SITUATIONS
} ExitSituation;

/* The actions of a user at the terminal. */
typedef struct
{
  const char *prompt; /* when this is shown; NULL: when the broker was asked */
  const char *answer; /* NULL: there is no such step */
  gboolean hidden;    /* the typed text is not echoed */
} ExitStep;

typedef struct
{
  const char *command;
  ExitSituation situation;
  int status;
  const char *script; /* the rest of "$T" --json COMMAND; or, with a blank in front, all of it */
  const char *word;   /* NULL: the one that belongs to the status */
  ExitStep steps[3];  /* with one, the row is run on a terminal */
} ExitRow;

extern const ExitRow exit_rows[];
extern const guint exit_n_rows;

/* The exit statuses that a command can have by itself; for exec and session, the statuses that come
 * from the program are 0 and 7. */
typedef struct
{
  const char *command;
  const char *statuses;
} ExitCommand;

extern const ExitCommand exit_commands[]; /* command is NULL at the end */

gboolean exit_row_is_at_terminal (const ExitRow *row);
/* Runs the rows of a command (NULL: of all) in a situation (EXIT_N_SITUATIONS: in all of them):
 * either those on a terminal, or the others. */
void exits_run (World *world, const char *command, ExitSituation situation, gboolean at_terminal);
