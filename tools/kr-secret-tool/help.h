/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "terminal/tool.h"

int help_overview (Tool *tool);
int help_print (Tool *tool, const Command *command);
