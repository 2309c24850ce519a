/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "kr-secret-types.h"
#include "issue/kr-secret-ledger-private.h"

/* What the client's verbs do, apart from which thread they run in and what the client remembers.
 * Each is one blocking function that ends at its deadline. */

/* Which token is wanted. */
typedef struct
{
  const char *id;
  KrSecretTokenKind kind;
  guint min_validity; /* seconds */
  KrSecretTokenFlags flags;
  KrSecretToken *kept; /* one that could not be stored and that only this client has; or NULL */
} KrSecretWish;

GPtrArray *kr_secret_verb_load (GHashTable **out_tokens,
                                gint64 deadline,
                                GCancellable *cancellable,
                                GError **error);

KrSecretAccount *kr_secret_verb_add (KrSecretBroker *broker,
                                     const char *alias,
                                     KrSecretEnvironment environment,
                                     const char *endpoint,
                                     KrSecretCredential *credential,
                                     KrSecretAddFlags flags,
                                     gint64 deadline,
                                     GCancellable *cancellable,
                                     GError **error);
GPtrArray *kr_secret_verb_add_all (GPtrArray *records,
                                   gint64 deadline,
                                   GCancellable *cancellable,
                                   GError **error);
gboolean kr_secret_verb_rename (
    const char *id, const char *alias, gint64 deadline, GCancellable *cancellable, GError **error);
gboolean kr_secret_verb_edit (const char *id,
                              KrSecretCredential *credential,
                              const char *endpoint,
                              gint64 deadline,
                              GCancellable *cancellable,
                              GError **error);
gboolean kr_secret_verb_remove (const char *id,
                                KrSecretToken *kept,
                                KrSecretRemoveFlags flags,
                                gint64 deadline,
                                GCancellable *cancellable,
                                GError **error);
KrSecretCredential *kr_secret_verb_get_credential (const char *id,
                                                   gint64 deadline,
                                                   GCancellable *cancellable,
                                                   GError **error);
KrSecretToken *kr_secret_verb_get_token (const KrSecretWish *wish,
                                         gint64 deadline,
                                         GCancellable *cancellable,
                                         GError **error);
GPtrArray *kr_secret_verb_get_headers (const char *id,
                                       const char *broker_id,
                                       KrSecretToken *token,
                                       gint64 deadline,
                                       GCancellable *cancellable,
                                       GError **error);
gboolean kr_secret_verb_reject_token (const char *id,
                                      const char *fingerprint,
                                      KrSecretToken *kept,
                                      gboolean *out_was_stored,
                                      gint64 deadline,
                                      GCancellable *cancellable,
                                      GError **error);
gboolean kr_secret_verb_revoke_token (const char *id,
                                      KrSecretToken *kept,
                                      KrSecretRevokeResult *out_result,
                                      gint64 deadline,
                                      GCancellable *cancellable,
                                      GError **error);
gboolean kr_secret_verb_forget_token (const char *id,
                                      gboolean *out_was_there,
                                      gint64 deadline,
                                      GCancellable *cancellable,
                                      GError **error);

/* Parts that several verbs are made of. */
GPtrArray *
kr_secret_verb_read_accounts (gint64 deadline, GCancellable *cancellable, GError **error);
gboolean kr_secret_verb_check_unique (KrSecretRecord *wanted, GPtrArray *others, GError **error);
gboolean kr_secret_verb_clear_batches (gint64 deadline, GCancellable *cancellable, GError **error);
KrSecretRecord *kr_secret_verb_read_account (const char *id,
                                             gint64 deadline,
                                             GCancellable *cancellable,
                                             GError **error);
KrSecretLedger *
kr_secret_verb_lock (const char *id, gint64 deadline, GCancellable *cancellable, GError **error);
gboolean kr_secret_verb_store_kept (const char *id,
                                    KrSecretToken *kept,
                                    gint64 deadline,
                                    GCancellable *cancellable,
                                    GError **error);
KrSecretBroker *kr_secret_verb_find_broker (KrSecretRecord *account, GError **error);
gboolean kr_secret_verb_read_token (const char *id,
                                    KrSecretTokenKind kind,
                                    KrSecretToken **out_token,
                                    gint64 deadline,
                                    GCancellable *cancellable,
                                    GError **error);
gboolean kr_secret_verb_is_revoking (const char *id, gint64 deadline, GCancellable *cancellable);
gboolean kr_secret_verb_erase_tokens (const char *id,
                                      gboolean *out_was_there,
                                      gint64 deadline,
                                      GCancellable *cancellable,
                                      GError **error);
gboolean kr_secret_verb_revoke_locked (const char *id,
                                       KrSecretLedger *lock,
                                       KrSecretRevokeResult *out_result,
                                       gint64 deadline,
                                       GCancellable *cancellable,
                                       GError **error);
