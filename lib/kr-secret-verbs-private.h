/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "kr-secret-client.h"

/* What the client's verbs do, apart from which thread they run in and what the client remembers. */
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
gboolean kr_secret_verb_remove (const char *id,
                                KrSecretRemoveFlags flags,
                                gint64 deadline,
                                GCancellable *cancellable,
                                GError **error);
KrSecretCredential *kr_secret_verb_get_credential (const char *id,
                                                   gint64 deadline,
                                                   GCancellable *cancellable,
                                                   GError **error);
KrSecretToken *kr_secret_verb_get_token (const char *id,
                                         KrSecretTokenKind kind,
                                         guint min_validity,
                                         KrSecretTokenFlags flags,
                                         gint64 deadline,
                                         GCancellable *cancellable,
                                         GError **error);
GPtrArray *kr_secret_verb_get_headers (const char *id,
                                       const char *broker_id,
                                       KrSecretTokenFlags flags,
                                       gint64 deadline,
                                       GCancellable *cancellable,
                                       GError **error);
gboolean kr_secret_verb_revoke_token (const char *id,
                                      KrSecretRevokeResult *out_result,
                                      gint64 deadline,
                                      GCancellable *cancellable,
                                      GError **error);
gboolean kr_secret_verb_forget_token (const char *id,
                                      gboolean *out_was_there,
                                      gint64 deadline,
                                      GCancellable *cancellable,
                                      GError **error);
