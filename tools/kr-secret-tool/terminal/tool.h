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
  const Command *command; /* NULL until it is known */
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

extern const Command add_command;
extern const Command backup_command;
extern const Command brokers_command;
extern const Command completion_command;
extern const Command credential_command;
extern const Command doctor_command;
extern const Command edit_command;
extern const Command exec_command;
extern const Command forget_command;
extern const Command header_command;
extern const Command help_command;
extern const Command import_command;
extern const Command list_command;
extern const Command lock_command;
extern const Command monitor_command;
extern const Command refresh_command;
extern const Command reject_command;
extern const Command remove_command;
extern const Command rename_command;
extern const Command restore_command;
extern const Command revoke_command;
extern const Command session_command;
extern const Command show_command;
extern const Command token_command;
extern const Command unlock_command;
extern const Command version_command;
extern const Command wait_command;

/* In the order help shows them; NULL at the end. */
extern const Command *const tool_commands[];

const Command *tool_find_command (const char *name);
int tool_unknown_command (Tool *tool, const char *name);
