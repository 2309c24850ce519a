/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/kr-secret-task-private.h"
#include "plugin/kr-secret-broker-private.h"
#include "verbs/kr-secret-stored-account-private.h"

/* What a program needs for requests to a broker, and what the answers mean. */

static gpointer
get_credential_in_thread (KrSecretTask *task, GError **error)
{
  return kr_secret_verb_get_credential (kr_secret_account_get_id (task->account), task->deadline,
                                        error);
}

/**
 * kr_secret_client_get_credential:
 * @self: a client
 * @account: one of the client's accounts
 * @cancellable: (nullable): to give up early
 * @error: (out) (optional): where to put an error
 *
 * Gets an account's key and secret. Errors: %KR_SECRET_ERROR_NOT_FOUND if the account has been
 * removed meanwhile, %KR_SECRET_ERROR_DAMAGED, and those of [method@Client.load].
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
  g_return_val_if_fail (KR_SECRET_IS_CLIENT (self) && KR_SECRET_IS_ACCOUNT (account), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return kr_secret_verb_get_credential (kr_secret_account_get_id (account),
                                        kr_secret_engine_get_deadline (self->engine, cancellable),
                                        error);
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

  kr_secret_task_run (self, kr_secret_client_get_credential_async, get_credential_in_thread,
                      &(KrSecretTask){ .account = g_object_ref (account),
                                       .free_result = (GDestroyNotify) kr_secret_credential_unref },
                      cancellable, callback, user_data);
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
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return kr_secret_task_finish (self, result, kr_secret_client_get_credential_async, error);
}

/* For kr-secret-tool only: an account with its key, and any fields of later versions. */
KrSecretRecord *
kr_secret_client_get_record (KrSecretClient *self,
                             KrSecretAccount *account,
                             GCancellable *cancellable,
                             GError **error)
{
  return kr_secret_stored_account_read (kr_secret_account_get_id (account),
                                        kr_secret_engine_get_deadline (self->engine, cancellable),
                                        error);
}

static GPtrArray *
get_headers (KrSecretEngine *engine,
             const KrSecretWish *wish,
             KrSecretDeadline deadline,
             GError **error)
{
  g_autoptr (KrSecretBroker) broker
      = kr_secret_broker_find_installed (kr_secret_account_get_broker_id (wish->account), error);
  g_autoptr (KrSecretToken) token
      = broker != NULL ? kr_secret_engine_get_token (engine, wish, deadline, error) : NULL;

  return token != NULL ? kr_secret_verb_get_headers (kr_secret_account_get_id (wish->account),
                                                     broker, token, deadline, error)
                       : NULL;
}

static gpointer
get_headers_in_thread (KrSecretTask *task, GError **error)
{
  return get_headers (task->engine, &task->wish, task->deadline, error);
}

/**
 * kr_secret_client_get_headers:
 * @self: a client
 * @account: one of the client's accounts
 * @flags: how the token is got
 * @cancellable: (nullable): to give up early
 * @error: (out) (optional): where to put an error
 *
 * Gets the headers that authorize a normal call to the account's broker. Those of the call itself,
 * such as KIS's `tr_id`, are the caller's. Errors: see [method@Client.get_token].
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
  const KrSecretWish wish = { account, KR_SECRET_TOKEN_ACCESS, KR_SECRET_MIN_VALIDITY, flags };

  g_return_val_if_fail (KR_SECRET_IS_CLIENT (self) && KR_SECRET_IS_ACCOUNT (account), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return get_headers (self->engine, &wish,
                      kr_secret_engine_get_deadline (self->engine, cancellable), error);
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

  kr_secret_task_run (
      self, kr_secret_client_get_headers_async, get_headers_in_thread,
      &(KrSecretTask){ .account = g_object_ref (account),
                       .free_result = (GDestroyNotify) g_ptr_array_unref,
                       .wish = { account, KR_SECRET_TOKEN_ACCESS, KR_SECRET_MIN_VALIDITY, flags } },
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
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return kr_secret_task_finish (self, result, kr_secret_client_get_headers_async, error);
}

/**
 * kr_secret_client_classify_reply:
 * @self: a client
 * @account: the account the call was made for
 * @status: the HTTP status of the answer
 * @body: (nullable): the answer's body
 * @length: its length in bytes, or -1 if it ends with a NUL
 * @out_verdict: (out): what the answer says about the token
 * @error: (out) (optional): where to put an error
 *
 * Judges the answer to a normal call. Errors are those of [func@Broker.find]; any thread may call
 * it.
 *
 * Returns: whether it could be judged
 * Since: 0.1
 */
gboolean
kr_secret_client_classify_reply (KrSecretClient *self,
                                 KrSecretAccount *account,
                                 guint status,
                                 const char *body,
                                 gssize length,
                                 KrSecretVerdict *out_verdict,
                                 GError **error)
{
  g_autoptr (KrSecretBroker) broker = NULL;
  g_autoptr (KrSecretReply) reply = NULL;

  g_return_val_if_fail (
      KR_SECRET_IS_CLIENT (self) && KR_SECRET_IS_ACCOUNT (account) && out_verdict != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  broker = kr_secret_broker_find_installed (kr_secret_account_get_broker_id (account), error);
  if (broker == NULL)
    return FALSE;
  if (body == NULL)
    length = 0;
  else if (length < 0)
    length = (gssize) strlen (body);
  reply = kr_secret_reply_new (status, 0, 0, body, (gsize) length);
  *out_verdict = kr_secret_protocol_classify (kr_secret_broker_get_plugin (broker), reply);
  return TRUE;
}
