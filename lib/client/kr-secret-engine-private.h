/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "client/kr-secret-accounts-private.h"
#include "verbs/kr-secret-verb-private.h"

/* What a client, its tasks and its follower do: a verb, whose result then goes into the accounts
 * that are known and into the memory. Any thread may call; each blocks till its deadline. */
typedef struct _KrSecretEngine KrSecretEngine;

/* As kr_secret_accounts_new. */
KrSecretEngine *kr_secret_engine_new (GObject *client, void (*flush) (GObject *client));
KrSecretEngine *kr_secret_engine_ref (KrSecretEngine *self);
void kr_secret_engine_unref (KrSecretEngine *self);

KrSecretAccounts *kr_secret_engine_get_accounts (KrSecretEngine *self);
void kr_secret_engine_set_timeout (KrSecretEngine *self, guint milliseconds);
guint kr_secret_engine_get_timeout (KrSecretEngine *self);
void kr_secret_engine_set_token_wait (KrSecretEngine *self, guint seconds);
gint64 kr_secret_engine_get_deadline (KrSecretEngine *self);

/* Reads all accounts. *out_generation: optional. */
gboolean kr_secret_engine_load (KrSecretEngine *self,
                                guint *out_generation,
                                gint64 deadline,
                                GCancellable *cancellable,
                                GError **error);
KrSecretAccount *kr_secret_engine_add (KrSecretEngine *self,
                                       KrSecretBroker *broker,
                                       const char *alias,
                                       KrSecretEnvironment environment,
                                       const char *endpoint,
                                       KrSecretCredential *credential,
                                       KrSecretAddFlags flags,
                                       gint64 deadline,
                                       GCancellable *cancellable,
                                       GError **error);
GPtrArray *kr_secret_engine_add_all (KrSecretEngine *self,
                                     GPtrArray *records,
                                     gint64 deadline,
                                     GCancellable *cancellable,
                                     GError **error);
gboolean kr_secret_engine_edit (KrSecretEngine *self,
                                KrSecretAccount *account,
                                KrSecretCredential *credential,
                                const char *endpoint,
                                gint64 deadline,
                                GCancellable *cancellable,
                                GError **error);
gboolean kr_secret_engine_rename (KrSecretEngine *self,
                                  KrSecretAccount *account,
                                  const char *alias,
                                  gint64 deadline,
                                  GCancellable *cancellable,
                                  GError **error);
gboolean kr_secret_engine_remove (KrSecretEngine *self,
                                  KrSecretAccount *account,
                                  KrSecretRemoveFlags flags,
                                  gint64 deadline,
                                  GCancellable *cancellable,
                                  GError **error);

/* Tokens. A remembered one is NULL where that will not do, and one has to be got. */
KrSecretToken *kr_secret_engine_recall_token (KrSecretEngine *self,
                                              const KrSecretWish *wish,
                                              GCancellable *cancellable);
KrSecretToken *kr_secret_engine_get_token (KrSecretEngine *self,
                                           const KrSecretWish *wish,
                                           gint64 deadline,
                                           GCancellable *cancellable,
                                           GError **error);
GPtrArray *kr_secret_engine_get_headers (KrSecretEngine *self,
                                         const KrSecretWish *wish,
                                         gint64 deadline,
                                         GCancellable *cancellable,
                                         GError **error);
gboolean kr_secret_engine_revoke_token (KrSecretEngine *self,
                                        KrSecretAccount *account,
                                        KrSecretRevokeResult *out_result,
                                        gint64 deadline,
                                        GCancellable *cancellable,
                                        GError **error);
gboolean kr_secret_engine_forget_token (KrSecretEngine *self,
                                        KrSecretAccount *account,
                                        gboolean *out_was_there,
                                        gint64 deadline,
                                        GCancellable *cancellable,
                                        GError **error);
gboolean kr_secret_engine_reject_token (KrSecretEngine *self,
                                        KrSecretAccount *account,
                                        KrSecretToken *token,
                                        gboolean *out_was_stored,
                                        gint64 deadline,
                                        GCancellable *cancellable,
                                        GError **error);
