/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <locale.h>

#include "help.h"
#include "common/kr-language.h"
#include "terminal/options.h"
#include "process/hardening.h"
#include "terminal/report.h"
#include "terminal/text.h"
#include "terminal/tool.h"

/* Finds the command and runs it. Nothing is done here that `token` does not need: a program may run
 * it for every request it sends. */

const Command *const tool_commands[] = {
  &add_command,        &edit_command,    &rename_command,  &list_command,
  &show_command,       &token_command,   &header_command,  &credential_command,
  &exec_command,       &refresh_command, &reject_command,  &wait_command,
  &revoke_command,     &forget_command,  &remove_command,  &monitor_command,
  &brokers_command,    &import_command,  &backup_command,  &restore_command,
  &lock_command,       &unlock_command,  &session_command, &doctor_command,
  &completion_command, &help_command,    &version_command, NULL,
};

const Command *
tool_find_command (const char *name)
{
  for (guint i = 0; tool_commands[i] != NULL; i++)
    if (g_str_equal (tool_commands[i]->name, name))
      return tool_commands[i];
  return NULL;
}

int
tool_unknown_command (Tool *tool, const char *name)
{
  const char *names[G_N_ELEMENTS (tool_commands)] = { NULL };
  g_autofree char *shown = text_argument (name);
  g_autofree char *next = NULL;
  const char *closest;

  for (guint i = 0; tool_commands[i] != NULL; i++)
    names[i] = tool_commands[i]->name;
  closest = text_closest (name, names);
  next = closest != NULL ? g_strdup_printf (_ ("did you mean '%s'?"), closest)
                         : g_strdup (_ ("'kr-secret-tool help' lists the commands"));
  return report_usage (tool, _ ("this version has no such command"), next,
                       _ ("unknown command '%s'"), shown);
}

/* The library's messages are in the same catalog. */
static void
set_language (void)
{
  setlocale (LC_ALL, "");
  kr_language_bind ();
  textdomain (GETTEXT_PACKAGE);
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
        return help_overview (tool);
      return report_usage (tool, NULL, _ ("'kr-secret-tool help' lists the commands"),
                           _ ("no command was given"));
    }

  tool->command = tool_find_command (args[0]);
  if (tool->command == NULL)
    return tool_unknown_command (tool, args[0]);
  if (help)
    return help_print (tool, tool->command);
  return options_run_command (tool, args + 1);
}

int
main (int argc, char **argv)
{
  Tool tool = { 0 };

  if (argc < 1)
    return KR_SECRET_ERROR_USAGE;
  g_log_writer_default_set_use_stderr (TRUE); /* debug messages are no data */
  hardening_apply ();
  set_language ();

  return run (&tool, argc, argv);
}
