/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib/gi18n.h>

#include "kr-secret-fail.h"
#include "krsecret.h"

#define TOOL_NAME "kr-secret-tool"

typedef struct _Tool Tool;

/* One command. run gets the operands, and returns the exit status. */
typedef struct
{
  const char *name;
  const char *synopsis; /* what follows the name */
  const char *summary;
  const GOptionEntry *options; /* NULL: none but the global ones */
  int (*run) (Tool *tool, char **args);
  gboolean takes_command; /* after "--" comes a program's command line */
  const char *details;    /* more text for help, or NULL */
} Command;

/* Exit statuses, as of env, of a command that fails itself or cannot run its program. */
#define TOOL_FAILED_ITSELF 125
#define TOOL_CANNOT_RUN 126
#define TOOL_NO_PROGRAM 127

/* The global options and the environment. */
struct _Tool
{
  const Command *const *commands; /* all, in the order of help; NULL-terminated */
  const Command *command;         /* the one to run; NULL until known */
  gboolean json;
  gboolean quiet;
  gboolean verbose;
  gboolean yes;
  gboolean no_input;
  gboolean color_out;
  gboolean color_err;
  guint timeout;      /* seconds; 0: the library's default */
  char **child;       /* the program to run, with its arguments; NULL without "--" */
  int failure_status; /* exit status of every failure; 0: that of its error */
};
