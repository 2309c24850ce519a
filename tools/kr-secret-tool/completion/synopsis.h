/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "terminal/tool.h"

/* What a command's synopsis says about its command line. */
typedef struct
{
  GPtrArray *operands; /* verbatim, without brackets: "ALIAS…", "FILE", "bash|zsh" */
  GPtrArray *needed;   /* long names of required options */
  GPtrArray *instead;  /* long names of options that replace the operands */
  gboolean program;    /* another program's command line follows "--" */
} Synopsis;

Synopsis *synopsis_read (const Command *command);
void synopsis_free (Synopsis *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Synopsis, synopsis_free)

/* Finds an option of the command or a global one, or NULL. */
const GOptionEntry *synopsis_find_option (const Command *command, const char *name, gsize length);
const GOptionEntry *synopsis_find_letter (const Command *command, char letter);
#define synopsis_takes_value(entry) ((entry)->arg != G_OPTION_ARG_NONE)
