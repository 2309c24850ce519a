/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "terminal/layout.h"
#include "terminal/table.h"
#include "terminal/usage.h"

#include <unistd.h>

#include "terminal/options.h"
#include "terminal/output.h"
#include "terminal/report.h"
#include "terminal/text.h"

/* Help: the overview, and the text of a command. */

static void
append_heading (Tool *tool, GString *out, const char *heading)
{
  g_autofree char *painted = text_paint (tool->color_out, TEXT_BOLD, heading);

  g_string_append_printf (out, "\n%s\n", painted);
}

/* Whether any option is not hidden. */
static gboolean
has_options (const GOptionEntry *options)
{
  for (; options != NULL && options->long_name != NULL; options++)
    if ((options->flags & G_OPTION_FLAG_HIDDEN) == 0)
      return TRUE;
  return FALSE;
}

static void
append_options (GString *out, const GOptionEntry *options)
{
  g_autoptr (GPtrArray) rows = table_new ();

  for (; options != NULL && options->long_name != NULL; options++)
    {
      gboolean has_value = options->arg_description != NULL;
      g_autofree char *letter = options->short_name != 0
                                    ? g_strdup_printf ("-%c, ", options->short_name)
                                    : g_strdup ("    ");
      g_autofree char *option
          = g_strdup_printf ("  %s--%s%s%s", letter, options->long_name, has_value ? " " : "",
                             has_value ? _ (options->arg_description) : "");
      if (options->flags & G_OPTION_FLAG_HIDDEN)
        continue;
      table_add (rows, option, _ (options->description), NULL);
    }
  table_append (out, rows, STDOUT_FILENO);
}

int
usage_print_overview (Tool *tool)
{
  g_autoptr (GPtrArray) rows = table_new ();
  g_autoptr (GString) out = g_string_new (NULL);

  layout_append_prose (out, _ ("Usage: kr-secret-tool COMMAND [ARGUMENTS]\n"));
  layout_append_prose (
      out, _ ("Keeps Korean brokers' keys and access tokens in the desktop keyring.\n"));
  append_heading (tool, out, _ ("Commands"));
  for (guint i = 0; tool->commands[i] != NULL; i++)
    {
      g_autofree char *name = g_strdup_printf ("  %s", tool->commands[i]->name);
      table_add (rows, name, _ (tool->commands[i]->summary), NULL);
    }
  table_append (out, rows, STDOUT_FILENO);
  append_heading (tool, out, _ ("Options"));
  append_options (out, options_global);
  layout_append_prose (out, _ ("\n'kr-secret-tool help COMMAND' tells more about one command.\n"));
  output_text (out->str);
  return report_finish (tool);
}

int
usage_print_command (Tool *tool, const Command *command)
{
  g_autoptr (GString) out = g_string_new (NULL);
  g_autoptr (GString) head = g_string_new (NULL);

  g_string_append_printf (head, _ ("Usage: %s %s"), TOOL_NAME, command->name);
  if (*command->synopsis != '\0')
    g_string_append_printf (head, " %s", _ (command->synopsis));
  g_string_append_printf (head, "\n%s.\n", _ (command->summary));
  if (command->details != NULL)
    g_string_append_printf (head, "%s\n", _ (command->details));
  layout_append_prose (out, head->str);
  if (has_options (command->options))
    {
      append_heading (tool, out, _ ("Options"));
      append_options (out, command->options);
    }
  append_heading (tool, out, _ ("Global options"));
  append_options (out, options_global);
  output_text (out->str);
  return report_finish (tool);
}
