/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/kr-secret-deadline-private.h"
#include "kr-secret-account.h"
#include "kr-secret-header.h"
#include "kr-secret-types.h"
#include "verbs/kr-secret-token-wait-private.h"

/* What the client's functions do, without threads and without memory. Each verb is one blocking
 * function that ends at its deadline. */

GPtrArray *kr_secret_verb_load (GHashTable **out_tokens, KrSecretDeadline deadline, GError **error);

KrSecretAccount *kr_secret_verb_add (KrSecretBroker *broker,
                                     const char *alias,
                                     KrSecretEnvironment environment,
                                     const char *endpoint,
                                     KrSecretCredential *credential,
                                     KrSecretAddFlags flags,
                                     KrSecretDeadline deadline,
                                     GError **error);
GPtrArray *kr_secret_verb_add_all (GPtrArray *records, KrSecretDeadline deadline, GError **error);
gboolean kr_secret_verb_rename (const char *id,
                                const char *alias,
                                KrSecretDeadline deadline,
                                GError **error);
gboolean kr_secret_verb_edit (const char *id,
                              KrSecretCredential *credential,
                              const char *endpoint,
                              KrSecretDeadline deadline,
                              GError **error);
gboolean kr_secret_verb_remove (const char *id,
                                KrSecretToken *kept,
                                KrSecretRemoveFlags flags,
                                KrSecretDeadline deadline,
                                GError **error);
KrSecretCredential *
kr_secret_verb_get_credential (const char *id, KrSecretDeadline deadline, GError **error);
/* kept: a token that could not be stored and only this client has, or NULL. */
KrSecretToken *kr_secret_verb_get_token (const KrSecretWish *wish,
                                         KrSecretToken *kept,
                                         KrSecretTokenWait *wait,
                                         KrSecretDeadline deadline,
                                         GError **error);
GPtrArray *kr_secret_verb_get_headers (const char *id,
                                       KrSecretBroker *broker,
                                       KrSecretToken *token,
                                       KrSecretDeadline deadline,
                                       GError **error);
gboolean kr_secret_verb_reject_token (const char *id,
                                      const char *fingerprint,
                                      KrSecretToken *kept,
                                      gboolean *out_was_stored,
                                      KrSecretDeadline deadline,
                                      GError **error);
gboolean kr_secret_verb_revoke_token (const char *id,
                                      KrSecretToken *kept,
                                      KrSecretRevokeResult *out_result,
                                      KrSecretDeadline deadline,
                                      GError **error);
gboolean kr_secret_verb_forget_token (const char *id,
                                      gboolean *out_was_there,
                                      KrSecretDeadline deadline,
                                      GError **error);

/* password: NULL shows the keyring's prompt. */
gboolean kr_secret_verb_unlock (SecretValue *password, KrSecretDeadline deadline, GError **error);
gboolean
kr_secret_verb_make_keyring (SecretValue *password, KrSecretDeadline deadline, GError **error);
