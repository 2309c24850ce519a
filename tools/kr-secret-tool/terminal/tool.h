/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib/gi18n.h>

#include "krsecret.h"

#define TOOL_NAME "kr-secret-tool"

typedef struct _Tool Tool;

/* One command. run gets the arguments that are no options, and returns the exit status. */
typedef struct
{
  const char *name;
  const char *synopsis; /* what follows the name */
  const char *summary;
  const GOptionEntry *options; /* NULL: none but the global ones */
  int (*run) (Tool *tool, char **args);
  gboolean takes_command; /* "--" ends its own arguments; a program's follow */
  const char *details;    /* what help says besides; NULL: nothing */
} Command;

/* How a command that runs a program ends if it fails itself, or cannot run it: as env does. */
#define TOOL_FAILED_ITSELF 125
#define TOOL_CANNOT_RUN 126
#define TOOL_NO_PROGRAM 127

/* What the global options and the environment say. */
struct _Tool
{
  const Command *const *commands; /* all there are, in the order help shows them; NULL at the end */
  const Command *command;         /* the one that runs; NULL until it is known */
  gboolean json;
  gboolean quiet;
  gboolean verbose;
  gboolean yes;
  gboolean no_input;
  gboolean color_out;
  gboolean color_err;
  guint timeout;      /* seconds; 0: the library's own */
  char **child;       /* the program to run, with its arguments; NULL: there was no "--" */
  int failure_status; /* that failures end with; 0: each with its own */
};
