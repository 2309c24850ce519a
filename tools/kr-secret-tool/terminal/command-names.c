/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "terminal/command-names.h"

#include "terminal/report.h"
#include "terminal/text.h"

const Command *
command_names_find (Tool *tool, const char *name)
{
  for (guint i = 0; tool->commands[i] != NULL; i++)
    if (g_str_equal (tool->commands[i]->name, name))
      return tool->commands[i];
  return NULL;
}

int
command_names_report_unknown (Tool *tool, const char *name)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autofree char *shown = text_argument (name);
  g_autofree char *next = NULL;
  const char *closest;

  for (guint i = 0; tool->commands[i] != NULL; i++)
    g_ptr_array_add (names, (char *) tool->commands[i]->name);
  g_ptr_array_add (names, NULL);
  closest = text_closest (name, (const char *const *) names->pdata);
  next = closest != NULL ? g_strdup_printf (_ ("did you mean '%s'?"), closest)
                         : g_strdup (_ ("'kr-secret-tool help' lists the commands"));
  return report_usage (tool, _ ("this version has no such command"), next,
                       _ ("unknown command '%s'"), shown);
}
