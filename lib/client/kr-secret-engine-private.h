/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/kr-secret-deadline-private.h"
#include "client/kr-secret-accounts-private.h"
#include "client/kr-secret-token-memory-private.h"
#include "verbs/kr-secret-verb-private.h"

/* What a client, its tasks and its follower share, in any thread. Results of verbs go into the
 * known accounts and the memory of tokens. */
typedef struct
{
  KrSecretAccounts *accounts;
  KrSecretTokenMemory *memory;
  guint timeout_ms; /* atomic */
  int token_wait;   /* seconds; atomic; -1: as far as the timeout reaches */
} KrSecretEngine;

/* As kr_secret_accounts_new. */
KrSecretEngine *kr_secret_engine_new (GObject *client, void (*flush) (GObject *client));
KrSecretEngine *kr_secret_engine_ref (KrSecretEngine *self);
void kr_secret_engine_unref (KrSecretEngine *self);

KrSecretDeadline kr_secret_engine_get_deadline (KrSecretEngine *self, GCancellable *cancellable);

/* A remembered token that will do, or NULL. */
KrSecretToken *kr_secret_engine_recall_token (KrSecretEngine *self,
                                              const KrSecretWish *wish,
                                              GCancellable *cancellable);
/* With a deadline at 0, the timeout begins when no remembered token will do. */
KrSecretToken *kr_secret_engine_get_token (KrSecretEngine *self,
                                           const KrSecretWish *wish,
                                           KrSecretDeadline deadline,
                                           GError **error);
