/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "values/kr-secret-account-private.h"
#include "client/kr-secret-task-private.h"
#include "keyring/kr-secret-store-private.h"
#include "client/kr-secret-engine-private.h"
#include "verbs/kr-secret-verb-private.h"

/* The client's verbs about the set of accounts. */

static gboolean
load_body (KrSecretClient *self,
           KrSecretTask *call,
           gint64 deadline,
           GCancellable *cancellable,
           GError **error)
{
  guint generation;

  return kr_secret_engine_reload (kr_secret_client_get_state (self), &generation, deadline,
                                  cancellable, error);
}

/**
 * kr_secret_client_load:
 * @self: a client
 * @cancellable: (nullable): to give up early
 * @error: (out) (optional): where to put an error
 *
 * Finds the accounts in the keyring. Asks no broker and shows no prompt. Accounts that were known
 * already keep their objects, and notify of what has changed. Errors: %KR_SECRET_ERROR_LOCKED,
 * %KR_SECRET_ERROR_NO_KEYRING, %KR_SECRET_ERROR_DEADLINE; then the accounts are as they were.
 *
 * Returns: whether the keyring could be read
 * Since: 0.1
 */
gboolean
kr_secret_client_load (KrSecretClient *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (KrSecretTask) call = NULL;

  g_return_val_if_fail (KR_SECRET_IS_CLIENT (self), FALSE);

  call = kr_secret_task_new (load_body, NULL, NULL);
  return kr_secret_task_run (self, call, cancellable, error);
}

/**
 * kr_secret_client_load_async:
 * @self: a client
 * @cancellable: (nullable): to give up early
 * @callback: called in the thread-default main context of the calling thread when it is done
 * @user_data: for @callback
 *
 * The asynchronous form of [method@Client.load].
 *
 * Since: 0.1
 */
void
kr_secret_client_load_async (KrSecretClient *self,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  g_return_if_fail (KR_SECRET_IS_CLIENT (self));

  kr_secret_task_start (self, kr_secret_task_new (load_body, NULL, NULL),
                        kr_secret_client_load_async, cancellable, callback, user_data);
}

/**
 * kr_secret_client_load_finish:
 * @self: a client
 * @result: what the callback was given
 * @error: (out) (optional): where to put an error
 *
 * Gets the result of [method@Client.load_async].
 *
 * Returns: whether the keyring could be read
 * Since: 0.1
 */
gboolean
kr_secret_client_load_finish (KrSecretClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return kr_secret_task_finish (result, kr_secret_client_load_async, error) != NULL;
}

static gboolean
add_body (KrSecretClient *self,
          KrSecretTask *call,
          gint64 deadline,
          GCancellable *cancellable,
          GError **error)
{
  g_autoptr (KrSecretAccount) account
      = kr_secret_verb_add (call->broker, call->alias, call->environment, call->endpoint,
                            call->credential, call->flags, deadline, cancellable, error);

  if (account == NULL)
    return FALSE;
  call->result = kr_secret_accounts_insert (kr_secret_client_get_state (self), account);
  return TRUE;
}

static KrSecretTask *
add_call (KrSecretBroker *broker,
          const char *alias,
          KrSecretEnvironment environment,
          const char *endpoint,
          KrSecretCredential *credential,
          KrSecretAddFlags flags)
{
  KrSecretTask *call = kr_secret_task_new (add_body, NULL, g_object_unref);

  call->broker = kr_secret_broker_ref (broker);
  call->alias = g_strdup (alias);
  call->environment = environment;
  call->endpoint = g_strdup (endpoint);
  call->credential = kr_secret_credential_ref (credential);
  call->flags = flags;
  return call;
}

/**
 * kr_secret_client_add:
 * @self: a client
 * @broker: the broker
 * @alias: the user's name for the account; see [func@alias_normalize]
 * @environment: which of the broker's systems the key is for
 * @endpoint: (nullable): a test endpoint on this machine instead of the broker's host
 * @credential: the key; see [method@Broker.make_credential]
 * @flags: how
 * @cancellable: (nullable): to give up early
 * @error: (out) (optional): where to put an error
 *
 * Adds an account. Unless told otherwise the key is verified by one issue, and that token is kept;
 * if the broker refuses the key (%KR_SECRET_ERROR_REFUSED) or cannot be asked
 * (%KR_SECRET_ERROR_UNREACHABLE), nothing is stored. An alias or a key that another account already
 * has is %KR_SECRET_ERROR_USAGE. Some brokers send the user a message for each issue. Errors also
 * as of [method@Client.get_token].
 *
 * Returns: (transfer full): the account
 * Since: 0.1
 */
KrSecretAccount *
kr_secret_client_add (KrSecretClient *self,
                      KrSecretBroker *broker,
                      const char *alias,
                      KrSecretEnvironment environment,
                      const char *endpoint,
                      KrSecretCredential *credential,
                      KrSecretAddFlags flags,
                      GCancellable *cancellable,
                      GError **error)
{
  g_autoptr (KrSecretTask) call = NULL;

  g_return_val_if_fail (
      KR_SECRET_IS_CLIENT (self) && broker != NULL && alias != NULL && credential != NULL, NULL);

  call = add_call (broker, alias, environment, endpoint, credential, flags);
  if (!kr_secret_task_run (self, call, cancellable, error))
    return NULL;
  return g_steal_pointer (&call->result);
}

/**
 * kr_secret_client_add_async:
 * @self: a client
 * @broker: the broker
 * @alias: the user's name for the account; see [func@alias_normalize]
 * @environment: which of the broker's systems the key is for
 * @endpoint: (nullable): a test endpoint on this machine instead of the broker's host
 * @credential: the key; see [method@Broker.make_credential]
 * @flags: how
 * @cancellable: (nullable): to give up early
 * @callback: called in the thread-default main context of the calling thread when it is done
 * @user_data: for @callback
 *
 * The asynchronous form of [method@Client.add].
 *
 * Since: 0.1
 */
void
kr_secret_client_add_async (KrSecretClient *self,
                            KrSecretBroker *broker,
                            const char *alias,
                            KrSecretEnvironment environment,
                            const char *endpoint,
                            KrSecretCredential *credential,
                            KrSecretAddFlags flags,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  g_return_if_fail (KR_SECRET_IS_CLIENT (self) && broker != NULL && alias != NULL
                    && credential != NULL);

  kr_secret_task_start (self, add_call (broker, alias, environment, endpoint, credential, flags),
                        kr_secret_client_add_async, cancellable, callback, user_data);
}

/**
 * kr_secret_client_add_finish:
 * @self: a client
 * @result: what the callback was given
 * @error: (out) (optional): where to put an error
 *
 * Gets the result of [method@Client.add_async].
 *
 * Returns: (transfer full): the account
 * Since: 0.1
 */
KrSecretAccount *
kr_secret_client_add_finish (KrSecretClient *self, GAsyncResult *result, GError **error)
{
  KrSecretTask *call;

  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  call = kr_secret_task_finish (result, kr_secret_client_add_async, error);
  if (call == NULL)
    return NULL;
  return g_steal_pointer (&call->result);
}

static gboolean
remove_body (KrSecretClient *self,
             KrSecretTask *call,
             gint64 deadline,
             GCancellable *cancellable,
             GError **error)
{
  KrSecretAccounts *state = kr_secret_client_get_state (self);

  g_autoptr (KrSecretToken) kept = kr_secret_token_memory_recall_unstored (
      kr_secret_accounts_get_memory (state), kr_secret_task_get_id (call), KR_SECRET_TOKEN_ACCESS);

  if (!kr_secret_verb_remove (kr_secret_task_get_id (call), kept, call->flags, deadline,
                              cancellable, error))
    return FALSE;
  kr_secret_token_memory_drop (kr_secret_accounts_get_memory (state), kr_secret_task_get_id (call),
                               NULL);
  kr_secret_accounts_drop (state, call->account);
  return TRUE;
}

static KrSecretTask *
remove_call (KrSecretAccount *account, KrSecretRemoveFlags flags)
{
  KrSecretTask *call = kr_secret_task_new (remove_body, account, NULL);

  call->flags = flags;
  return call;
}

/**
 * kr_secret_client_remove:
 * @self: a client
 * @account: one of the client's accounts
 * @flags: how
 * @cancellable: (nullable): to give up early
 * @error: (out) (optional): where to put an error
 *
 * Removes an account: its token is revoked at the broker, then token and key are erased. If the
 * broker cannot be asked or refuses, nothing is removed, unless @flags say so. Errors as of
 * [method@Client.revoke_token].
 *
 * Returns: whether the account is gone
 * Since: 0.1
 */
gboolean
kr_secret_client_remove (KrSecretClient *self,
                         KrSecretAccount *account,
                         KrSecretRemoveFlags flags,
                         GCancellable *cancellable,
                         GError **error)
{
  g_autoptr (KrSecretTask) call = NULL;

  g_return_val_if_fail (KR_SECRET_IS_CLIENT (self) && KR_SECRET_IS_ACCOUNT (account), FALSE);

  call = remove_call (account, flags);
  return kr_secret_task_run (self, call, cancellable, error);
}

/**
 * kr_secret_client_remove_async:
 * @self: a client
 * @account: one of the client's accounts
 * @flags: how
 * @cancellable: (nullable): to give up early
 * @callback: called in the thread-default main context of the calling thread when it is done
 * @user_data: for @callback
 *
 * The asynchronous form of [method@Client.remove].
 *
 * Since: 0.1
 */
void
kr_secret_client_remove_async (KrSecretClient *self,
                               KrSecretAccount *account,
                               KrSecretRemoveFlags flags,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  g_return_if_fail (KR_SECRET_IS_CLIENT (self) && KR_SECRET_IS_ACCOUNT (account));

  kr_secret_task_start (self, remove_call (account, flags), kr_secret_client_remove_async,
                        cancellable, callback, user_data);
}

/**
 * kr_secret_client_remove_finish:
 * @self: a client
 * @result: what the callback was given
 * @error: (out) (optional): where to put an error
 *
 * Gets the result of [method@Client.remove_async].
 *
 * Returns: whether the account is gone
 * Since: 0.1
 */
gboolean
kr_secret_client_remove_finish (KrSecretClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return kr_secret_task_finish (result, kr_secret_client_remove_async, error) != NULL;
}
