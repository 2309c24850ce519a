/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "terminal/tool.h"

/* What a command's synopsis says about its line, for completion. */
typedef struct
{
  GPtrArray *operands; /* as they stand there, without brackets: "ALIAS…", "FILE", "bash|zsh" */
  GPtrArray *needed;   /* long names of the options that may not be left out */
  GPtrArray *instead;  /* long names of the options that take the place of the operands */
  gboolean program;    /* another program's command line comes after "--" */
} Synopsis;

Synopsis *synopsis_read (const Command *command);
void synopsis_free (Synopsis *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Synopsis, synopsis_free)

/* The options that are good for a command: its own, and the global ones. NULL: no such option. */
const GOptionEntry *synopsis_find_option (const Command *command, const char *name, gsize length);
const GOptionEntry *synopsis_find_letter (const Command *command, char letter);
#define synopsis_takes_value(entry) ((entry)->arg != G_OPTION_ARG_NONE)
