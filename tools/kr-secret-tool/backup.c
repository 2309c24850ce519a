/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "report.h"

static int
run (Tool *tool, char **args)
{
  return report_usage (tool, NULL, NULL, "not there yet");
}

const Command command_backup = { "backup", "", N_ ("backup"), NULL, run };
const Command command_restore = { "restore", "", N_ ("restore"), NULL, run };
