/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plugin/kr-secret-broker-private.h"
#include "client/kr-secret-task-private.h"
#include "client/kr-secret-engine-private.h"
#include "verbs/kr-secret-stored-account-private.h"
#include "verbs/kr-secret-verb-private.h"

/* The client's verbs for who makes calls to a broker: the key, and the headers. */

static gboolean
get_credential_body (KrSecretClient *self,
                     KrSecretTask *call,
                     gint64 deadline,
                     GCancellable *cancellable,
                     GError **error)
{
  call->result
      = kr_secret_verb_get_credential (kr_secret_task_get_id (call), deadline, cancellable, error);
  return call->result != NULL;
}

/**
 * kr_secret_client_get_credential:
 * @self: a client
 * @account: one of the client's accounts
 * @cancellable: (nullable): to give up early
 * @error: (out) (optional): where to put an error
 *
 * Gets an account's key and secret. Errors: %KR_SECRET_ERROR_NOT_FOUND if the account has been
 * removed meanwhile, %KR_SECRET_ERROR_DAMAGED, and as of [method@Client.load].
 *
 * Returns: (transfer full): the credential
 * Since: 0.1
 */
KrSecretCredential *
kr_secret_client_get_credential (KrSecretClient *self,
                                 KrSecretAccount *account,
                                 GCancellable *cancellable,
                                 GError **error)
{
  g_autoptr (KrSecretTask) call = NULL;

  g_return_val_if_fail (KR_SECRET_IS_CLIENT (self) && KR_SECRET_IS_ACCOUNT (account), NULL);

  call = kr_secret_task_new (get_credential_body, account,
                             (GDestroyNotify) kr_secret_credential_unref);
  if (!kr_secret_task_run (self, call, cancellable, error))
    return NULL;
  return g_steal_pointer (&call->result);
}

/**
 * kr_secret_client_get_credential_async:
 * @self: a client
 * @account: one of the client's accounts
 * @cancellable: (nullable): to give up early
 * @callback: called in the thread-default main context of the calling thread when it is done
 * @user_data: for @callback
 *
 * The asynchronous form of [method@Client.get_credential].
 *
 * Since: 0.1
 */
void
kr_secret_client_get_credential_async (KrSecretClient *self,
                                       KrSecretAccount *account,
                                       GCancellable *cancellable,
                                       GAsyncReadyCallback callback,
                                       gpointer user_data)
{
  g_return_if_fail (KR_SECRET_IS_CLIENT (self) && KR_SECRET_IS_ACCOUNT (account));

  kr_secret_task_start (self,
                        kr_secret_task_new (get_credential_body, account,
                                            (GDestroyNotify) kr_secret_credential_unref),
                        kr_secret_client_get_credential_async, cancellable, callback, user_data);
}

/**
 * kr_secret_client_get_credential_finish:
 * @self: a client
 * @result: what the callback was given
 * @error: (out) (optional): where to put an error
 *
 * Gets the result of [method@Client.get_credential_async].
 *
 * Returns: (transfer full): the credential
 * Since: 0.1
 */
KrSecretCredential *
kr_secret_client_get_credential_finish (KrSecretClient *self, GAsyncResult *result, GError **error)
{
  KrSecretTask *call;

  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  call = kr_secret_task_finish (result, kr_secret_client_get_credential_async, error);
  if (call == NULL)
    return NULL;
  return g_steal_pointer (&call->result);
}

static gboolean
get_record_body (KrSecretClient *self,
                 KrSecretTask *call,
                 gint64 deadline,
                 GCancellable *cancellable,
                 GError **error)
{
  call->result
      = kr_secret_stored_account_read (kr_secret_task_get_id (call), deadline, cancellable, error);
  return call->result != NULL;
}

/* For kr-secret-tool alone: an account with its key, and with what a later version has added. */
KrSecretRecord *
kr_secret_client_get_record (KrSecretClient *self,
                             KrSecretAccount *account,
                             GCancellable *cancellable,
                             GError **error)
{
  g_autoptr (KrSecretTask) call
      = kr_secret_task_new (get_record_body, account, (GDestroyNotify) kr_secret_record_free);

  if (!kr_secret_task_run (self, call, cancellable, error))
    return NULL;
  return g_steal_pointer (&call->result);
}

static gboolean
get_headers_body (KrSecretClient *self,
                  KrSecretTask *call,
                  gint64 deadline,
                  GCancellable *cancellable,
                  GError **error)
{
  g_autoptr (KrSecretBroker) broker
      = kr_secret_broker_find_installed (kr_secret_account_get_broker_id (call->account), error);
  g_autoptr (KrSecretToken) token
      = broker != NULL ? kr_secret_engine_obtain (kr_secret_client_get_state (self), call->account,
                                                  call->kind, call->min_validity, call->flags,
                                                  deadline, cancellable, error)
                       : NULL;

  if (token == NULL)
    return FALSE;
  call->result
      = kr_secret_verb_get_headers (kr_secret_task_get_id (call), kr_secret_broker_get_id (broker),
                                    token, deadline, cancellable, error);
  return call->result != NULL;
}

static KrSecretTask *
get_headers_call (KrSecretAccount *account, KrSecretTokenFlags flags)
{
  KrSecretTask *call
      = kr_secret_task_new (get_headers_body, account, (GDestroyNotify) g_ptr_array_unref);

  call->kind = KR_SECRET_TOKEN_ACCESS;
  call->min_validity = KR_SECRET_MIN_VALIDITY;
  call->flags = flags;
  return call;
}

/**
 * kr_secret_client_get_headers:
 * @self: a client
 * @account: one of the client's accounts
 * @flags: how the token is got
 * @cancellable: (nullable): to give up early
 * @error: (out) (optional): where to put an error
 *
 * Gets the headers that a normal call to the account's broker carries to be let in. Those of the
 * call itself, such as KIS's `tr_id`, are the caller's. Errors as of [method@Client.get_token].
 *
 * Returns: (transfer full) (element-type KrSecretHeader): the headers
 * Since: 0.1
 */
GPtrArray *
kr_secret_client_get_headers (KrSecretClient *self,
                              KrSecretAccount *account,
                              KrSecretTokenFlags flags,
                              GCancellable *cancellable,
                              GError **error)
{
  g_autoptr (KrSecretTask) call = NULL;

  g_return_val_if_fail (KR_SECRET_IS_CLIENT (self) && KR_SECRET_IS_ACCOUNT (account), NULL);

  call = get_headers_call (account, flags);
  if (!kr_secret_task_run (self, call, cancellable, error))
    return NULL;
  return g_steal_pointer (&call->result);
}

/**
 * kr_secret_client_get_headers_async:
 * @self: a client
 * @account: one of the client's accounts
 * @flags: how the token is got
 * @cancellable: (nullable): to give up early
 * @callback: called in the thread-default main context of the calling thread when it is done
 * @user_data: for @callback
 *
 * The asynchronous form of [method@Client.get_headers].
 *
 * Since: 0.1
 */
void
kr_secret_client_get_headers_async (KrSecretClient *self,
                                    KrSecretAccount *account,
                                    KrSecretTokenFlags flags,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data)
{
  g_return_if_fail (KR_SECRET_IS_CLIENT (self) && KR_SECRET_IS_ACCOUNT (account));

  kr_secret_task_start (self, get_headers_call (account, flags), kr_secret_client_get_headers_async,
                        cancellable, callback, user_data);
}

/**
 * kr_secret_client_get_headers_finish:
 * @self: a client
 * @result: what the callback was given
 * @error: (out) (optional): where to put an error
 *
 * Gets the result of [method@Client.get_headers_async].
 *
 * Returns: (transfer full) (element-type KrSecretHeader): the headers
 * Since: 0.1
 */
GPtrArray *
kr_secret_client_get_headers_finish (KrSecretClient *self, GAsyncResult *result, GError **error)
{
  KrSecretTask *call;

  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  call = kr_secret_task_finish (result, kr_secret_client_get_headers_async, error);
  if (call == NULL)
    return NULL;
  return g_steal_pointer (&call->result);
}
