/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <locale.h>

#include "commands.h"
#include "common/kr-language.h"
#include "process/hardening.h"
#include "terminal/command-names.h"
#include "terminal/options.h"
#include "terminal/report.h"
#include "terminal/usage.h"

/* Finds the command and runs it. Does nothing that `token` does not need: a program may run it for
 * every request. */

static const Command *const commands[] = {
  &add_command,        &edit_command,    &rename_command,  &list_command,
  &show_command,       &token_command,   &header_command,  &credential_command,
  &exec_command,       &refresh_command, &reject_command,  &wait_command,
  &revoke_command,     &forget_command,  &remove_command,  &monitor_command,
  &brokers_command,    &import_command,  &backup_command,  &restore_command,
  &lock_command,       &unlock_command,  &session_command, &doctor_command,
  &completion_command, &help_command,    &version_command, NULL,
};

/* The library's messages are in the same catalog. */
static void
set_language (void)
{
  setlocale (LC_ALL, "");
  kr_language_bind ();
  textdomain (GETTEXT_PACKAGE);
}

static int
run_command (Tool *tool, char **args)
{
  g_auto (GStrv) rest = NULL;
  gboolean help = FALSE;
  int status = options_parse_command (tool, args, &rest, &help);

  if (status != 0)
    return status;
  return help ? usage_print_command (tool, tool->command) : tool->command->run (tool, rest);
}

static int
run (Tool *tool, int argc, char **argv)
{
  g_auto (GStrv) args = NULL;
  gboolean help = FALSE;
  gboolean version = FALSE;
  int status;

  status = options_parse_global (tool, argc, argv, &args, &help, &version);
  if (status != 0)
    return status;
  if (version)
    return version_command.run (tool, args + g_strv_length (args));
  if (args[0] == NULL)
    {
      if (help)
        return usage_print_overview (tool);
      return report_usage (tool, NULL, _ ("'kr-secret-tool help' lists the commands"),
                           _ ("no command was given"));
    }

  tool->command = command_names_find (tool, args[0]);
  if (tool->command == NULL)
    return command_names_report_unknown (tool, args[0]);
  return help ? usage_print_command (tool, tool->command) : run_command (tool, args + 1);
}

int
main (int argc, char **argv)
{
  Tool tool = { .commands = commands };

  if (argc < 1)
    return KR_SECRET_ERROR_USAGE;
  g_log_writer_default_set_use_stderr (TRUE); /* keeps debug messages off standard output */
  hardening_apply ();
  set_language ();

  return run (&tool, argc, argv);
}
