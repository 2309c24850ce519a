/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "kr-secret-token.h"

/* The tokens a client remembers. Any thread may call; nothing here waits. */
typedef struct _KrSecretMemory KrSecretMemory;

KrSecretMemory *kr_secret_memory_new (void);
void kr_secret_memory_free (KrSecretMemory *self);

void kr_secret_memory_keep (KrSecretMemory *self,
                            const char *id,
                            KrSecretToken *token,
                            guint generation);
KrSecretToken *kr_secret_memory_recall (KrSecretMemory *self,
                                        const char *id,
                                        KrSecretTokenKind kind,
                                        guint min_validity);
KrSecretToken *
kr_secret_memory_recall_unstored (KrSecretMemory *self, const char *id, KrSecretTokenKind kind);
void kr_secret_memory_drop (KrSecretMemory *self, const char *id, const char *fingerprint);
