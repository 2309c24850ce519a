/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "terminal/tool.h"

extern const GOptionEntry options_global[];

int options_parse_global (
    Tool *tool, int argc, char **argv, char ***out_args, gboolean *out_help, gboolean *out_version);

/* Parses the command's own options; out_args: its operands. */
int options_parse_command (Tool *tool, char **args, char ***out_args, gboolean *out_help);

gboolean options_parse_seconds (const char *text, guint *out_seconds);
/* option: as the user types it, for the message if text is not a readable descriptor. */
gboolean options_parse_descriptor (
    Tool *tool, const char *option, const char *text, int *out_fd, int *out_status);
gboolean options_parse_environment (Tool *tool,
                                    const char *text,
                                    KrSecretEnvironment *out_environment,
                                    int *out_status);
gboolean options_count (Tool *tool, char **args, guint least, guint most, int *out_status);
