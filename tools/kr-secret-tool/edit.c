/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "report.h"

static int
run (Tool *tool, char **args)
{
  return report_usage (tool, NULL, NULL, "not there yet");
}

const Command command_edit = { "edit", "", N_ ("edit"), NULL, run };
const Command command_rename = { "rename", "", N_ ("rename"), NULL, run };
