/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commands.h"
#include "terminal/command-names.h"
#include "terminal/options.h"
#include "terminal/usage.h"

static int
run (Tool *tool, char **args)
{
  const Command *command;
  int status;

  if (!options_count (tool, args, 0, 1, &status))
    return status;
  if (args[0] == NULL)
    return usage_print_overview (tool);
  command = command_names_find (tool, args[0]);
  if (command == NULL)
    return command_names_report_unknown (tool, args[0]);
  return usage_print_command (tool, command);
}

const Command help_command = {
  "help", N_ ("[COMMAND]"), N_ ("Explain a command"), NULL, run,
};
