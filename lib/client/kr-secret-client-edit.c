/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/kr-secret-reload-private.h"
#include "client/kr-secret-task-private.h"

static gboolean
edit_account (KrSecretEngine *engine,
              KrSecretAccount *account,
              KrSecretCredential *credential,
              const char *endpoint,
              KrSecretDeadline deadline,
              GError **error)
{
  const char *id = kr_secret_account_get_id (account);

  if (!kr_secret_verb_edit (id, credential, endpoint, deadline, error))
    return FALSE;
  kr_secret_token_memory_drop (engine->memory, id, NULL);
  /* The change was made, even if it cannot be read now. */
  kr_secret_reload (engine, NULL, deadline, NULL);
  return TRUE;
}

static gpointer
edit_in_thread (KrSecretTask *task, GError **error)
{
  return GINT_TO_POINTER (edit_account (task->engine, task->account, task->credential,
                                        task->endpoint, task->deadline, error));
}

/**
 * kr_secret_client_edit:
 * @self: a client
 * @account: one of the client's accounts
 * @credential: (nullable): the new key; %NULL leaves it
 * @endpoint: (nullable): the new test endpoint on this machine, or an empty string for the broker's
 * own host; %NULL leaves it
 * @cancellable: (nullable): to give up early
 * @error: (out) (optional): where to put an error
 *
 * Changes an account's key or server. Its tokens are forgotten, but not revoked: they belong to the
 * old key. The new key is not tried; the next [method@Client.get_token] does that, and asks the
 * broker again even if the old key was refused. A key that another account has, or a bad endpoint,
 * is %KR_SECRET_ERROR_USAGE. Other errors: see [method@Client.remove].
 *
 * Returns: whether the account was changed
 * Since: 0.1
 */
gboolean
kr_secret_client_edit (KrSecretClient *self,
                       KrSecretAccount *account,
                       KrSecretCredential *credential,
                       const char *endpoint,
                       GCancellable *cancellable,
                       GError **error)
{
  g_return_val_if_fail (KR_SECRET_IS_CLIENT (self) && KR_SECRET_IS_ACCOUNT (account), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return edit_account (self->engine, account, credential, endpoint,
                       kr_secret_engine_get_deadline (self->engine, cancellable), error);
}

/**
 * kr_secret_client_edit_async:
 * @self: a client
 * @account: one of the client's accounts
 * @credential: (nullable): the new key; %NULL leaves it
 * @endpoint: (nullable): the new test endpoint on this machine, or an empty string for the broker's
 * own host; %NULL leaves it
 * @cancellable: (nullable): to give up early
 * @callback: called in the thread-default main context of the calling thread when it is done
 * @user_data: for @callback
 *
 * The asynchronous form of [method@Client.edit].
 *
 * Since: 0.1
 */
void
kr_secret_client_edit_async (KrSecretClient *self,
                             KrSecretAccount *account,
                             KrSecretCredential *credential,
                             const char *endpoint,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  g_return_if_fail (KR_SECRET_IS_CLIENT (self) && KR_SECRET_IS_ACCOUNT (account));

  kr_secret_task_run (self, kr_secret_client_edit_async, edit_in_thread,
                      &(KrSecretTask){ .account = g_object_ref (account),
                                       .credential = credential != NULL
                                                         ? kr_secret_credential_ref (credential)
                                                         : NULL,
                                       .endpoint = g_strdup (endpoint) },
                      cancellable, callback, user_data);
}

/**
 * kr_secret_client_edit_finish:
 * @self: a client
 * @result: what the callback was given
 * @error: (out) (optional): where to put an error
 *
 * Gets the result of [method@Client.edit_async].
 *
 * Returns: whether the account was changed
 * Since: 0.1
 */
gboolean
kr_secret_client_edit_finish (KrSecretClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return kr_secret_task_finish (self, result, kr_secret_client_edit_async, error) != NULL;
}

static gboolean
rename_account (KrSecretEngine *engine,
                KrSecretAccount *account,
                const char *alias,
                KrSecretDeadline deadline,
                GError **error)
{
  if (!kr_secret_verb_rename (kr_secret_account_get_id (account), alias, deadline, error))
    return FALSE;
  kr_secret_reload (engine, NULL, deadline, NULL);
  return TRUE;
}

static gpointer
rename_in_thread (KrSecretTask *task, GError **error)
{
  return GINT_TO_POINTER (
      rename_account (task->engine, task->account, task->alias, task->deadline, error));
}

/**
 * kr_secret_client_rename:
 * @self: a client
 * @account: one of the client's accounts
 * @alias: its new alias; see [func@alias_normalize]
 * @cancellable: (nullable): to give up early
 * @error: (out) (optional): where to put an error
 *
 * Gives an account another alias. Its id, key and tokens stay. An alias that is taken or not valid
 * is %KR_SECRET_ERROR_USAGE. Other errors: see [method@Client.load].
 *
 * Returns: whether the account was renamed
 * Since: 0.1
 */
gboolean
kr_secret_client_rename (KrSecretClient *self,
                         KrSecretAccount *account,
                         const char *alias,
                         GCancellable *cancellable,
                         GError **error)
{
  g_return_val_if_fail (
      KR_SECRET_IS_CLIENT (self) && KR_SECRET_IS_ACCOUNT (account) && alias != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return rename_account (self->engine, account, alias,
                         kr_secret_engine_get_deadline (self->engine, cancellable), error);
}

/**
 * kr_secret_client_rename_async:
 * @self: a client
 * @account: one of the client's accounts
 * @alias: its new alias; see [func@alias_normalize]
 * @cancellable: (nullable): to give up early
 * @callback: called in the thread-default main context of the calling thread when it is done
 * @user_data: for @callback
 *
 * The asynchronous form of [method@Client.rename].
 *
 * Since: 0.1
 */
void
kr_secret_client_rename_async (KrSecretClient *self,
                               KrSecretAccount *account,
                               const char *alias,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  g_return_if_fail (KR_SECRET_IS_CLIENT (self) && KR_SECRET_IS_ACCOUNT (account) && alias != NULL);

  kr_secret_task_run (
      self, kr_secret_client_rename_async, rename_in_thread,
      &(KrSecretTask){ .account = g_object_ref (account), .alias = g_strdup (alias) }, cancellable,
      callback, user_data);
}

/**
 * kr_secret_client_rename_finish:
 * @self: a client
 * @result: what the callback was given
 * @error: (out) (optional): where to put an error
 *
 * Gets the result of [method@Client.rename_async].
 *
 * Returns: whether the account was renamed
 * Since: 0.1
 */
gboolean
kr_secret_client_rename_finish (KrSecretClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return kr_secret_task_finish (self, result, kr_secret_client_rename_async, error) != NULL;
}
