/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "terminal/tool.h"

/* A dialogue on the terminal that is standard input. From open to close, typed text is not shown
 * unless echo is set. */
typedef struct _Prompt Prompt;

gboolean prompt_is_possible (Tool *tool);
/* Never NULL: the first question reports any error. */
Prompt *prompt_open (gboolean echo);
/* Limits the time for an answer. The default is no limit. */
void prompt_set_timeout (Prompt *self, guint milliseconds);
SecretValue *prompt_ask (Prompt *self, const char *question, GError **error);
void prompt_close (Prompt *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Prompt, prompt_close)
