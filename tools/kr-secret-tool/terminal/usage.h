/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "terminal/tool.h"

/* Each returns the exit status. */
int usage_print_overview (Tool *tool);
int usage_print_command (Tool *tool, const Command *command);
