/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "kr-secret-account.h"
#include "kr-secret-credential.h"
#include "kr-secret-header.h"
#include "kr-secret-types.h"

G_BEGIN_DECLS

#define KR_SECRET_TYPE_CLIENT (kr_secret_client_get_type ())

KR_SECRET_AVAILABLE_IN_0_1
G_DECLARE_FINAL_TYPE (KrSecretClient, kr_secret_client, KR_SECRET, CLIENT, GObject)

KR_SECRET_AVAILABLE_IN_0_1
KrSecretClient *kr_secret_client_new (void);

KR_SECRET_AVAILABLE_IN_0_1
void kr_secret_client_set_timeout (KrSecretClient *self, guint milliseconds);

KR_SECRET_AVAILABLE_IN_0_1
guint kr_secret_client_get_timeout (KrSecretClient *self);

KR_SECRET_AVAILABLE_IN_0_2
void kr_secret_client_set_token_wait (KrSecretClient *self, guint seconds);

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
