/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "kr-secret-token.h"

/* The tokens a client remembers. Any thread may call; nothing here blocks. */
typedef struct _KrSecretTokenMemory KrSecretTokenMemory;

KrSecretTokenMemory *kr_secret_token_memory_new (void);
void kr_secret_token_memory_free (KrSecretTokenMemory *self);

void kr_secret_token_memory_keep (KrSecretTokenMemory *self,
                                  const char *id,
                                  KrSecretToken *token,
                                  guint generation);
KrSecretToken *kr_secret_token_memory_recall (KrSecretTokenMemory *self,
                                              const char *id,
                                              KrSecretTokenKind kind,
                                              guint min_validity,
                                              KrSecretToken **out_unstored);
KrSecretToken *kr_secret_token_memory_recall_unstored (KrSecretTokenMemory *self,
                                                       const char *id,
                                                       KrSecretTokenKind kind);
void
kr_secret_token_memory_drop (KrSecretTokenMemory *self, const char *id, const char *fingerprint);
