/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "terminal/tool.h"

/* NULL: there is none of this name. */
const Command *command_names_find (Tool *tool, const char *name);

/* Says so, and which one was probably meant; returns the exit status. */
int command_names_report_unknown (Tool *tool, const char *name);
