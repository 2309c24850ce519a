/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "terminal/tool.h"

/* A conversation with the person at the terminal that is standard input. From open to close nothing
 * that is typed is shown, unless echo is set. */
typedef struct _Prompt Prompt;

gboolean prompt_is_possible (Tool *tool);
/* Never NULL; what goes wrong is the error of the first question. */
Prompt *prompt_open (gboolean echo);
/* How long an answer may take; else as long as somebody thinks. */
void prompt_set_timeout (Prompt *self, guint milliseconds);
SecretValue *prompt_ask (Prompt *self, const char *question, GError **error);
void prompt_close (Prompt *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Prompt, prompt_close)
