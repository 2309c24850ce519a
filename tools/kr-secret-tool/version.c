/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commands.h"
#include "terminal/json.h"
#include "terminal/options.h"
#include "terminal/output.h"
#include "terminal/report.h"

/* version: the same as --version. */

static int
run (Tool *tool, char **args)
{
  int status;

  if (!options_count (tool, args, 0, 0, &status))
    return status;
  if (tool->json)
    {
      json_begin ();
      json_string ("version", VERSION);
      json_end ();
    }
  else
    output_text (TOOL_NAME " " VERSION "\n");
  return report_finish (tool);
}

const Command version_command = {
  "version", "", N_ ("Print the version"), NULL, run,
};
