/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "terminal/tool.h"

/* A file in memory that always holds the current token and a newline. Programs inherit a descriptor
 * of it that cannot write. */
typedef struct _TokenChannel TokenChannel;

/* Runs when a token that was put is there. */
typedef void (*TokenChannelWritten) (gpointer data);

TokenChannel *token_channel_new (GError **error);
void token_channel_free (TokenChannel *self);

/* The descriptor to inherit; it is closed on exec. */
int token_channel_get_fd (TokenChannel *self);

/* Writes at once, or, while a reader has locked the file, a little later; then calls written in the
 * default main context. What was put before and is not written yet, is dropped. */
void token_channel_put (TokenChannel *self,
                        KrSecretToken *token,
                        TokenChannelWritten written,
                        gpointer data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TokenChannel, token_channel_free)
