/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "terminal/tool.h"

/* Prints what may stand for words[at] of a command line, words[0] being the tool itself: a line for
 * each, with a tab and a description. They are not yet compared with what the word begins with. A
 * line that begins with a tab tells the shell what to offer by itself: "\tfiles", or "\tprogram N",
 * another program's command line that begins at words[N]. */
void candidates_print (Tool *tool, char **words, guint at);
