/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "terminal/tool.h"

/* A memory file that always holds the current token and a newline. Programs inherit a read-only
 * descriptor of it. */
typedef struct _TokenChannel TokenChannel;

/* Called when a token has been written. */
typedef void (*TokenChannelWritten) (gpointer data);

TokenChannel *token_channel_new (GError **error);
void token_channel_free (TokenChannel *self);

/* The descriptor to inherit. It is close-on-exec. */
int token_channel_get_fd (TokenChannel *self);

/* Writes at once, or a little later while a reader has locked the file, then calls written in the
 * default main context. Drops an earlier token that is not written yet. */
void token_channel_put (TokenChannel *self,
                        KrSecretToken *token,
                        TokenChannelWritten written,
                        gpointer data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TokenChannel, token_channel_free)
