/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "terminal/tool.h"

/* NULL if there is no such command. */
const Command *command_names_find (Tool *tool, const char *name);

/* Suggests the command that was probably meant. Returns the exit status. */
int command_names_report_unknown (Tool *tool, const char *name);
