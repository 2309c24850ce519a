/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "values/kr-secret-account-private.h"

/* The accounts that a client knows, and news of them not yet told. Our threads use this and never
 * hold the client itself, so that it ends in its owner's thread when its owner drops it, and emits
 * nothing after that. Any thread may call. */
typedef struct _KrSecretAccounts KrSecretAccounts;

/* News of an account, collected until it is told. */
typedef struct
{
  guint what;      /* KrSecretNews */
  gint64 delay;    /* of its token, in seconds, or 0 */
  GError *trouble; /* or NULL */
} KrSecretAccountNews;

/* flush gets the client, in its context or in the thread it was made in. */
KrSecretAccounts *kr_secret_accounts_new (GObject *client, void (*flush) (GObject *client));
KrSecretAccounts *kr_secret_accounts_ref (KrSecretAccounts *self);
void kr_secret_accounts_unref (KrSecretAccounts *self);

GPtrArray *kr_secret_accounts_dup (KrSecretAccounts *self);
guint kr_secret_accounts_get_revision (KrSecretAccounts *self);
gboolean kr_secret_accounts_set (KrSecretAccounts *self, GPtrArray *found, guint revision);
KrSecretAccount *kr_secret_accounts_insert (KrSecretAccounts *self, KrSecretAccount *account);
void kr_secret_accounts_drop (KrSecretAccounts *self, KrSecretAccount *account);
void kr_secret_accounts_set_token (KrSecretAccounts *self,
                                   KrSecretAccount *account,
                                   KrSecretToken *token);

void kr_secret_accounts_note (KrSecretAccounts *self,
                              KrSecretAccount *account,
                              guint what,
                              const GError *trouble);
void
kr_secret_accounts_note_delay (KrSecretAccounts *self, KrSecretAccount *account, gint64 seconds);
void kr_secret_accounts_take_news (KrSecretAccounts *self,
                                   GPtrArray **out_accounts,
                                   GHashTable **out_news,
                                   GError **out_trouble);

void kr_secret_accounts_set_waker (KrSecretAccounts *self, int event_fd);
