/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "terminal/tool.h"

/* A conversation with the person at the terminal that is standard input. From open to close nothing
 * that is typed is shown, unless echo is set. */
typedef struct _Terminal Terminal;

gboolean terminal_is_there (Tool *tool);
/* Never NULL; what goes wrong is the error of the first question. */
Terminal *terminal_open (gboolean echo);
/* How long an answer may take; else as long as somebody thinks. */
void terminal_set_timeout (Terminal *self, guint milliseconds);
SecretValue *terminal_ask (Terminal *self, const char *question, GError **error);
void terminal_close (Terminal *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Terminal, terminal_close)
