/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "terminal/tool.h"

/* Prints candidates for words[at] of a command line that begins with the tool in words[0]: one on
 * each line, with a tab and a description. They are not yet compared with the start of the word. A
 * line that begins with a tab is for the shell: "\tfiles" asks it to offer files, "\tprogram N" to
 * complete another program's command line, which begins at words[N]. */
void candidates_print (Tool *tool, char **words, guint at);
