/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "values/kr-secret-account-private.h"
#include "client/kr-secret-memory-private.h"

/* What a client knows, and what of it has not been told yet. The library's threads work on this and
 * leave the client itself alone, so that it ends when its owner is done with it, in the owner's
 * thread, and nothing is emitted after that. Any thread may call. */
typedef struct _KrSecretState KrSecretState;

/* News of an account, collected till it is told. */
typedef struct
{
  guint what;      /* KrSecretNews */
  GError *trouble; /* or NULL */
} KrSecretAccountNews;

/* flush is called with the client in its context, or in the thread it was made in. */
KrSecretState *kr_secret_state_new (GObject *client, void (*flush) (GObject *client));
KrSecretState *kr_secret_state_ref (KrSecretState *self);
void kr_secret_state_unref (KrSecretState *self);

guint kr_secret_state_get_timeout (KrSecretState *self);
void kr_secret_state_set_timeout (KrSecretState *self, guint milliseconds);

KrSecretMemory *kr_secret_state_get_memory (KrSecretState *self);
GPtrArray *kr_secret_state_dup_accounts (KrSecretState *self);
guint kr_secret_state_get_revision (KrSecretState *self);
gboolean kr_secret_state_set_accounts (KrSecretState *self, GPtrArray *found, guint revision);
KrSecretAccount *kr_secret_state_insert_account (KrSecretState *self, KrSecretAccount *account);
void kr_secret_state_drop_account (KrSecretState *self, KrSecretAccount *account);
void
kr_secret_state_set_token (KrSecretState *self, KrSecretAccount *account, KrSecretToken *token);

void kr_secret_state_note (KrSecretState *self,
                           KrSecretAccount *account,
                           guint what,
                           const GError *trouble);
void kr_secret_state_take_news (KrSecretState *self,
                                GPtrArray **out_accounts,
                                GHashTable **out_news,
                                GError **out_trouble);

void kr_secret_state_set_waker (KrSecretState *self, int event_fd);
