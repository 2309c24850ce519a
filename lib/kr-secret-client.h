/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "kr-secret-account.h"
#include "kr-secret-credential.h"
#include "kr-secret-header.h"

G_BEGIN_DECLS

/**
 * KrSecretAddFlags:
 * @KR_SECRET_ADD_DEFAULT: verify the key by one issue and keep that token
 * @KR_SECRET_ADD_NO_VERIFY: store without asking the broker
 *
 * How [method@Client.add] works.
 *
 * Since: 0.1
 */
typedef enum
{
  KR_SECRET_ADD_DEFAULT = 0,
  KR_SECRET_ADD_NO_VERIFY = 1 << 0
} KrSecretAddFlags;

/**
 * KrSecretTokenFlags:
 * @KR_SECRET_TOKEN_DEFAULT: the stored token if it is fresh, else a new one
 * @KR_SECRET_TOKEN_NO_ISSUE: never ask the broker
 * @KR_SECRET_TOKEN_WAIT: wait out a rate limit, as far as the client's timeout reaches
 * @KR_SECRET_TOKEN_RENEW: a new token although the stored one is good, where the broker's rules let
 * one come; else %KR_SECRET_ERROR_RATE_LIMITED
 * @KR_SECRET_TOKEN_FORCE: ask the broker although it is expected to give the same token again, to
 * give a dead one, or to refuse the key. Its minimum interval holds all the same
 * @KR_SECRET_TOKEN_STRICT: fail rather than return one that ends sooner than was asked for, unless
 * another program is stuck with the lock; of a token's lifetime no more than half is asked for
 *
 * How [method@Client.get_token] works.
 *
 * Since: 0.1
 */
typedef enum
{
  KR_SECRET_TOKEN_DEFAULT = 0,
  KR_SECRET_TOKEN_NO_ISSUE = 1 << 0,
  KR_SECRET_TOKEN_WAIT = 1 << 1,
  KR_SECRET_TOKEN_RENEW = 1 << 2,
  KR_SECRET_TOKEN_FORCE = 1 << 3,
  KR_SECRET_TOKEN_STRICT = 1 << 4
} KrSecretTokenFlags;

/**
 * KrSecretRemoveFlags:
 * @KR_SECRET_REMOVE_DEFAULT: revoke the token at the broker first; if that fails, remove nothing
 * @KR_SECRET_REMOVE_KEEP_TOKEN: do not revoke
 * @KR_SECRET_REMOVE_FORCE: try to revoke, remove in any case
 *
 * How [method@Client.remove] works.
 *
 * Since: 0.1
 */
typedef enum
{
  KR_SECRET_REMOVE_DEFAULT = 0,
  KR_SECRET_REMOVE_KEEP_TOKEN = 1 << 0,
  KR_SECRET_REMOVE_FORCE = 1 << 1
} KrSecretRemoveFlags;

/**
 * KrSecretRevokeResult:
 * @KR_SECRET_REVOKE_DONE: revoked at the broker, or not known there any more
 * @KR_SECRET_REVOKE_NOTHING: no token was stored, or it had expired
 * @KR_SECRET_REVOKE_LOCAL_ONLY: this broker cannot revoke; the token was forgotten here
 *
 * What [method@Client.revoke_token] came to.
 *
 * Since: 0.1
 */
typedef enum
{
  KR_SECRET_REVOKE_DONE,
  KR_SECRET_REVOKE_NOTHING,
  KR_SECRET_REVOKE_LOCAL_ONLY
} KrSecretRevokeResult;

/**
 * KrSecretDraft:
 * @id: (nullable): the account's id, if it had one before; else it gets a new one
 * @alias: the user's name for it; see [func@alias_normalize]
 * @broker_id: the broker's id, whose plugin does not have to be there
 * @environment: which of the broker's systems the key is for
 * @endpoint: (nullable): a test endpoint on this machine instead of the broker's host
 * @credential: the key
 *
 * An account that is not in the keyring yet. See [method@Client.add_all].
 *
 * Since: 0.1
 */
typedef struct
{
  const char *id;
  const char *alias;
  const char *broker_id;
  KrSecretEnvironment environment;
  const char *endpoint;
  KrSecretCredential *credential;
} KrSecretDraft;

#define KR_SECRET_TYPE_CLIENT (kr_secret_client_get_type ())

KR_SECRET_AVAILABLE_IN_0_1
G_DECLARE_FINAL_TYPE (KrSecretClient, kr_secret_client, KR_SECRET, CLIENT, GObject)

KR_SECRET_AVAILABLE_IN_0_1
KrSecretClient *kr_secret_client_new (void);

KR_SECRET_AVAILABLE_IN_0_1
void kr_secret_client_set_timeout (KrSecretClient *self, guint milliseconds);

KR_SECRET_AVAILABLE_IN_0_1
guint kr_secret_client_get_timeout (KrSecretClient *self);

KR_SECRET_AVAILABLE_IN_0_1
GPtrArray *kr_secret_client_dup_accounts (KrSecretClient *self);

KR_SECRET_AVAILABLE_IN_0_1
KrSecretAccount *
kr_secret_client_find_account (KrSecretClient *self, const char *name, GError **error);

KR_SECRET_AVAILABLE_IN_0_1
gboolean kr_secret_client_classify_reply (KrSecretClient *self,
                                          KrSecretAccount *account,
                                          guint status,
                                          const char *body,
                                          gssize length,
                                          KrSecretVerdict *out_verdict,
                                          GError **error);

/* The verbs. Each blocks at most as long as the timeout says; each has an asynchronous form. */

KR_SECRET_AVAILABLE_IN_0_1
gboolean kr_secret_client_load (KrSecretClient *self, GCancellable *cancellable, GError **error);

KR_SECRET_AVAILABLE_IN_0_1
void kr_secret_client_load_async (KrSecretClient *self,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);

KR_SECRET_AVAILABLE_IN_0_1
gboolean kr_secret_client_load_finish (KrSecretClient *self, GAsyncResult *result, GError **error);

KR_SECRET_AVAILABLE_IN_0_1
gboolean
kr_secret_client_check_keyring (KrSecretClient *self, GCancellable *cancellable, GError **error);

KR_SECRET_AVAILABLE_IN_0_1
void kr_secret_client_check_keyring_async (KrSecretClient *self,
                                           GCancellable *cancellable,
                                           GAsyncReadyCallback callback,
                                           gpointer user_data);

KR_SECRET_AVAILABLE_IN_0_1
gboolean
kr_secret_client_check_keyring_finish (KrSecretClient *self, GAsyncResult *result, GError **error);

KR_SECRET_AVAILABLE_IN_0_1
gboolean kr_secret_client_unlock (KrSecretClient *self,
                                  SecretValue *password,
                                  GCancellable *cancellable,
                                  GError **error);

KR_SECRET_AVAILABLE_IN_0_1
void kr_secret_client_unlock_async (KrSecretClient *self,
                                    SecretValue *password,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);

KR_SECRET_AVAILABLE_IN_0_1
gboolean
kr_secret_client_unlock_finish (KrSecretClient *self, GAsyncResult *result, GError **error);

KR_SECRET_AVAILABLE_IN_0_1
gboolean kr_secret_client_make_keyring (KrSecretClient *self,
                                        SecretValue *password,
                                        GCancellable *cancellable,
                                        GError **error);

KR_SECRET_AVAILABLE_IN_0_1
void kr_secret_client_make_keyring_async (KrSecretClient *self,
                                          SecretValue *password,
                                          GCancellable *cancellable,
                                          GAsyncReadyCallback callback,
                                          gpointer user_data);

KR_SECRET_AVAILABLE_IN_0_1
gboolean
kr_secret_client_make_keyring_finish (KrSecretClient *self, GAsyncResult *result, GError **error);

KR_SECRET_AVAILABLE_IN_0_1
gboolean kr_secret_client_lock (KrSecretClient *self, GCancellable *cancellable, GError **error);

KR_SECRET_AVAILABLE_IN_0_1
void kr_secret_client_lock_async (KrSecretClient *self,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);

KR_SECRET_AVAILABLE_IN_0_1
gboolean kr_secret_client_lock_finish (KrSecretClient *self, GAsyncResult *result, GError **error);

KR_SECRET_AVAILABLE_IN_0_1
KrSecretAccount *kr_secret_client_add (KrSecretClient *self,
                                       KrSecretBroker *broker,
                                       const char *alias,
                                       KrSecretEnvironment environment,
                                       const char *endpoint,
                                       KrSecretCredential *credential,
                                       KrSecretAddFlags flags,
                                       GCancellable *cancellable,
                                       GError **error);

KR_SECRET_AVAILABLE_IN_0_1
void kr_secret_client_add_async (KrSecretClient *self,
                                 KrSecretBroker *broker,
                                 const char *alias,
                                 KrSecretEnvironment environment,
                                 const char *endpoint,
                                 KrSecretCredential *credential,
                                 KrSecretAddFlags flags,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);

KR_SECRET_AVAILABLE_IN_0_1
KrSecretAccount *
kr_secret_client_add_finish (KrSecretClient *self, GAsyncResult *result, GError **error);

KR_SECRET_AVAILABLE_IN_0_1
GPtrArray *kr_secret_client_add_all (KrSecretClient *self,
                                     const KrSecretDraft *drafts,
                                     guint n_drafts,
                                     GCancellable *cancellable,
                                     GError **error);

KR_SECRET_AVAILABLE_IN_0_1
void kr_secret_client_add_all_async (KrSecretClient *self,
                                     const KrSecretDraft *drafts,
                                     guint n_drafts,
                                     GCancellable *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data);

KR_SECRET_AVAILABLE_IN_0_1
GPtrArray *
kr_secret_client_add_all_finish (KrSecretClient *self, GAsyncResult *result, GError **error);

KR_SECRET_AVAILABLE_IN_0_1
gboolean kr_secret_client_edit (KrSecretClient *self,
                                KrSecretAccount *account,
                                KrSecretCredential *credential,
                                const char *endpoint,
                                GCancellable *cancellable,
                                GError **error);

KR_SECRET_AVAILABLE_IN_0_1
void kr_secret_client_edit_async (KrSecretClient *self,
                                  KrSecretAccount *account,
                                  KrSecretCredential *credential,
                                  const char *endpoint,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);

KR_SECRET_AVAILABLE_IN_0_1
gboolean kr_secret_client_edit_finish (KrSecretClient *self, GAsyncResult *result, GError **error);

KR_SECRET_AVAILABLE_IN_0_1
gboolean kr_secret_client_rename (KrSecretClient *self,
                                  KrSecretAccount *account,
                                  const char *alias,
                                  GCancellable *cancellable,
                                  GError **error);

KR_SECRET_AVAILABLE_IN_0_1
void kr_secret_client_rename_async (KrSecretClient *self,
                                    KrSecretAccount *account,
                                    const char *alias,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);

KR_SECRET_AVAILABLE_IN_0_1
gboolean
kr_secret_client_rename_finish (KrSecretClient *self, GAsyncResult *result, GError **error);

KR_SECRET_AVAILABLE_IN_0_1
gboolean kr_secret_client_remove (KrSecretClient *self,
                                  KrSecretAccount *account,
                                  KrSecretRemoveFlags flags,
                                  GCancellable *cancellable,
                                  GError **error);

KR_SECRET_AVAILABLE_IN_0_1
void kr_secret_client_remove_async (KrSecretClient *self,
                                    KrSecretAccount *account,
                                    KrSecretRemoveFlags flags,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);

KR_SECRET_AVAILABLE_IN_0_1
gboolean
kr_secret_client_remove_finish (KrSecretClient *self, GAsyncResult *result, GError **error);

KR_SECRET_AVAILABLE_IN_0_1
KrSecretCredential *kr_secret_client_get_credential (KrSecretClient *self,
                                                     KrSecretAccount *account,
                                                     GCancellable *cancellable,
                                                     GError **error);

KR_SECRET_AVAILABLE_IN_0_1
void kr_secret_client_get_credential_async (KrSecretClient *self,
                                            KrSecretAccount *account,
                                            GCancellable *cancellable,
                                            GAsyncReadyCallback callback,
                                            gpointer user_data);

KR_SECRET_AVAILABLE_IN_0_1
KrSecretCredential *
kr_secret_client_get_credential_finish (KrSecretClient *self, GAsyncResult *result, GError **error);

KR_SECRET_AVAILABLE_IN_0_1
KrSecretToken *kr_secret_client_get_token (KrSecretClient *self,
                                           KrSecretAccount *account,
                                           KrSecretTokenKind kind,
                                           guint min_validity,
                                           KrSecretTokenFlags flags,
                                           GCancellable *cancellable,
                                           GError **error);

KR_SECRET_AVAILABLE_IN_0_1
void kr_secret_client_get_token_async (KrSecretClient *self,
                                       KrSecretAccount *account,
                                       KrSecretTokenKind kind,
                                       guint min_validity,
                                       KrSecretTokenFlags flags,
                                       GCancellable *cancellable,
                                       GAsyncReadyCallback callback,
                                       gpointer user_data);

KR_SECRET_AVAILABLE_IN_0_1
KrSecretToken *
kr_secret_client_get_token_finish (KrSecretClient *self, GAsyncResult *result, GError **error);

KR_SECRET_AVAILABLE_IN_0_1
GPtrArray *kr_secret_client_get_headers (KrSecretClient *self,
                                         KrSecretAccount *account,
                                         KrSecretTokenFlags flags,
                                         GCancellable *cancellable,
                                         GError **error);

KR_SECRET_AVAILABLE_IN_0_1
void kr_secret_client_get_headers_async (KrSecretClient *self,
                                         KrSecretAccount *account,
                                         KrSecretTokenFlags flags,
                                         GCancellable *cancellable,
                                         GAsyncReadyCallback callback,
                                         gpointer user_data);

KR_SECRET_AVAILABLE_IN_0_1
GPtrArray *
kr_secret_client_get_headers_finish (KrSecretClient *self, GAsyncResult *result, GError **error);

KR_SECRET_AVAILABLE_IN_0_1
gboolean kr_secret_client_revoke_token (KrSecretClient *self,
                                        KrSecretAccount *account,
                                        KrSecretRevokeResult *out_result,
                                        GCancellable *cancellable,
                                        GError **error);

KR_SECRET_AVAILABLE_IN_0_1
void kr_secret_client_revoke_token_async (KrSecretClient *self,
                                          KrSecretAccount *account,
                                          GCancellable *cancellable,
                                          GAsyncReadyCallback callback,
                                          gpointer user_data);

KR_SECRET_AVAILABLE_IN_0_1
gboolean kr_secret_client_revoke_token_finish (KrSecretClient *self,
                                               GAsyncResult *result,
                                               KrSecretRevokeResult *out_result,
                                               GError **error);

KR_SECRET_AVAILABLE_IN_0_1
gboolean kr_secret_client_forget_token (KrSecretClient *self,
                                        KrSecretAccount *account,
                                        gboolean *out_was_there,
                                        GCancellable *cancellable,
                                        GError **error);

KR_SECRET_AVAILABLE_IN_0_1
void kr_secret_client_forget_token_async (KrSecretClient *self,
                                          KrSecretAccount *account,
                                          GCancellable *cancellable,
                                          GAsyncReadyCallback callback,
                                          gpointer user_data);

KR_SECRET_AVAILABLE_IN_0_1
gboolean kr_secret_client_forget_token_finish (KrSecretClient *self,
                                               GAsyncResult *result,
                                               gboolean *out_was_there,
                                               GError **error);

KR_SECRET_AVAILABLE_IN_0_1
gboolean kr_secret_client_reject_token (KrSecretClient *self,
                                        KrSecretAccount *account,
                                        KrSecretToken *token,
                                        gboolean *out_forgotten,
                                        GCancellable *cancellable,
                                        GError **error);

KR_SECRET_AVAILABLE_IN_0_1
void kr_secret_client_reject_token_async (KrSecretClient *self,
                                          KrSecretAccount *account,
                                          KrSecretToken *token,
                                          GCancellable *cancellable,
                                          GAsyncReadyCallback callback,
                                          gpointer user_data);

KR_SECRET_AVAILABLE_IN_0_1
gboolean kr_secret_client_reject_token_finish (KrSecretClient *self,
                                               GAsyncResult *result,
                                               gboolean *out_forgotten,
                                               GError **error);

KR_SECRET_AVAILABLE_IN_0_1
gboolean kr_secret_client_check_clock (KrSecretClient *self,
                                       KrSecretAccount *account,
                                       gint64 *out_ahead,
                                       GCancellable *cancellable,
                                       GError **error);

KR_SECRET_AVAILABLE_IN_0_1
void kr_secret_client_check_clock_async (KrSecretClient *self,
                                         KrSecretAccount *account,
                                         GCancellable *cancellable,
                                         GAsyncReadyCallback callback,
                                         gpointer user_data);

KR_SECRET_AVAILABLE_IN_0_1
gboolean kr_secret_client_check_clock_finish (KrSecretClient *self,
                                              GAsyncResult *result,
                                              gint64 *out_ahead,
                                              GError **error);

KR_SECRET_AVAILABLE_IN_0_1
void kr_secret_client_follow (KrSecretClient *self);

KR_SECRET_AVAILABLE_IN_0_1
void kr_secret_client_hold (KrSecretClient *self, KrSecretAccount *account);

KR_SECRET_AVAILABLE_IN_0_1
void kr_secret_client_release (KrSecretClient *self, KrSecretAccount *account);

G_END_DECLS
