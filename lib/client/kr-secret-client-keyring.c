/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/kr-secret-task-private.h"
#include "issue/kr-secret-issuer-private.h"
#include "keyring/kr-secret-keyring-private.h"
#include "keyring/kr-secret-store-private.h"

/* The keyring as a whole, and the clock. */

static gpointer
check_keyring_in_thread (KrSecretTask *task, GError **error)
{
  return GINT_TO_POINTER (kr_secret_store_probe (task->deadline, error));
}

/**
 * kr_secret_client_check_keyring:
 * @self: a client
 * @cancellable: (nullable): to give up early
 * @error: (out) (optional): where to put an error
 *
 * Checks with an empty item that the keyring stores, returns and erases it. Call this before asking
 * a user for keys. Errors: see [method@Client.load].
 *
 * Returns: whether it does
 * Since: 0.1
 */
gboolean
kr_secret_client_check_keyring (KrSecretClient *self, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (KR_SECRET_IS_CLIENT (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return kr_secret_store_probe (kr_secret_engine_get_deadline (self->engine, cancellable), error);
}

/**
 * kr_secret_client_check_keyring_async:
 * @self: a client
 * @cancellable: (nullable): to give up early
 * @callback: called in the thread-default main context of the calling thread when it is done
 * @user_data: for @callback
 *
 * The asynchronous form of [method@Client.check_keyring].
 *
 * Since: 0.1
 */
void
kr_secret_client_check_keyring_async (KrSecretClient *self,
                                      GCancellable *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data)
{
  g_return_if_fail (KR_SECRET_IS_CLIENT (self));

  kr_secret_task_run (self, kr_secret_client_check_keyring_async, check_keyring_in_thread,
                      &(KrSecretTask){ NULL }, cancellable, callback, user_data);
}

/**
 * kr_secret_client_check_keyring_finish:
 * @self: a client
 * @result: what the callback was given
 * @error: (out) (optional): where to put an error
 *
 * Gets the result of [method@Client.check_keyring_async].
 *
 * Returns: whether it does
 * Since: 0.1
 */
gboolean
kr_secret_client_check_keyring_finish (KrSecretClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return kr_secret_task_finish (self, result, kr_secret_client_check_keyring_async, error) != NULL;
}

static gpointer
unlock_in_thread (KrSecretTask *task, GError **error)
{
  return GINT_TO_POINTER (kr_secret_verb_unlock (task->password, task->deadline, error));
}

/**
 * kr_secret_client_unlock:
 * @self: a client
 * @password: (nullable): the keyring's password; %NULL has the desktop ask for it
 * @cancellable: (nullable): to give up early
 * @error: (out) (optional): where to put an error
 *
 * Unlocks the keyring that holds the accounts. Without a password the keyring shows its own prompt,
 * for as long as the client's timeout: that should be minutes, as a person types. A process of its
 * own shows the prompt, so it can be given up at any time; its window then stays until somebody
 * answers or closes it, and only then does gnome-keyring show the next one. An unlocked keyring is
 * left as it is. Only gnome-keyring takes a password, which does not pass through the bus in clear.
 * Errors: %KR_SECRET_ERROR_LOCKED if the prompt was dismissed or cannot be shown, or the password
 * is wrong; and those of [method@Client.load].
 *
 * Returns: whether the keyring is unlocked
 * Since: 0.1
 */
gboolean
kr_secret_client_unlock (KrSecretClient *self,
                         SecretValue *password,
                         GCancellable *cancellable,
                         GError **error)
{
  g_return_val_if_fail (KR_SECRET_IS_CLIENT (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return kr_secret_verb_unlock (password, kr_secret_engine_get_deadline (self->engine, cancellable),
                                error);
}

/**
 * kr_secret_client_unlock_async:
 * @self: a client
 * @password: (nullable): the keyring's password; %NULL has the desktop ask for it
 * @cancellable: (nullable): to give up early
 * @callback: called in the thread-default main context of the calling thread when it is done
 * @user_data: for @callback
 *
 * The asynchronous form of [method@Client.unlock].
 *
 * Since: 0.1
 */
void
kr_secret_client_unlock_async (KrSecretClient *self,
                               SecretValue *password,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  g_return_if_fail (KR_SECRET_IS_CLIENT (self));

  kr_secret_task_run (
      self, kr_secret_client_unlock_async, unlock_in_thread,
      &(KrSecretTask){ .password = password != NULL ? secret_value_ref (password) : NULL },
      cancellable, callback, user_data);
}

/**
 * kr_secret_client_unlock_finish:
 * @self: a client
 * @result: what the callback was given
 * @error: (out) (optional): where to put an error
 *
 * Gets the result of [method@Client.unlock_async].
 *
 * Returns: whether the keyring is unlocked
 * Since: 0.1
 */
gboolean
kr_secret_client_unlock_finish (KrSecretClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return kr_secret_task_finish (self, result, kr_secret_client_unlock_async, error) != NULL;
}

static gpointer
lock_in_thread (KrSecretTask *task, GError **error)
{
  return GINT_TO_POINTER (kr_secret_keyring_lock (task->deadline, error));
}

/**
 * kr_secret_client_lock:
 * @self: a client
 * @cancellable: (nullable): to give up early
 * @error: (out) (optional): where to put an error
 *
 * Locks the keyring that holds the accounts, for all programs. One that is already locked is left
 * as it is. Other errors: see [method@Client.load].
 *
 * Returns: whether the keyring is locked
 * Since: 0.1
 */
gboolean
kr_secret_client_lock (KrSecretClient *self, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (KR_SECRET_IS_CLIENT (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return kr_secret_keyring_lock (kr_secret_engine_get_deadline (self->engine, cancellable), error);
}

/**
 * kr_secret_client_lock_async:
 * @self: a client
 * @cancellable: (nullable): to give up early
 * @callback: called in the thread-default main context of the calling thread when it is done
 * @user_data: for @callback
 *
 * The asynchronous form of [method@Client.lock].
 *
 * Since: 0.1
 */
void
kr_secret_client_lock_async (KrSecretClient *self,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  g_return_if_fail (KR_SECRET_IS_CLIENT (self));

  kr_secret_task_run (self, kr_secret_client_lock_async, lock_in_thread, &(KrSecretTask){ NULL },
                      cancellable, callback, user_data);
}

/**
 * kr_secret_client_lock_finish:
 * @self: a client
 * @result: what the callback was given
 * @error: (out) (optional): where to put an error
 *
 * Gets the result of [method@Client.lock_async].
 *
 * Returns: whether the keyring is locked
 * Since: 0.1
 */
gboolean
kr_secret_client_lock_finish (KrSecretClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return kr_secret_task_finish (self, result, kr_secret_client_lock_async, error) != NULL;
}

static gpointer
make_keyring_in_thread (KrSecretTask *task, GError **error)
{
  return GINT_TO_POINTER (kr_secret_verb_make_keyring (task->password, task->deadline, error));
}

/**
 * kr_secret_client_make_keyring:
 * @self: a client
 * @password: what will unlock it
 * @cancellable: (nullable): to give up early
 * @error: (out) (optional): where to put an error
 *
 * Makes the keyring for accounts, if there is none yet because nobody has ever logged in to a
 * desktop. A login with this password will open it. An existing keyring is left as it is, locked or
 * not, whatever its password. Only gnome-keyring can do this. Errors: see
 * [method@Client.check_keyring], and %KR_SECRET_ERROR_DAMAGED as in [method@Client.add].
 *
 * Returns: whether there is a keyring
 * Since: 0.1
 */
gboolean
kr_secret_client_make_keyring (KrSecretClient *self,
                               SecretValue *password,
                               GCancellable *cancellable,
                               GError **error)
{
  g_return_val_if_fail (KR_SECRET_IS_CLIENT (self) && password != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return kr_secret_verb_make_keyring (
      password, kr_secret_engine_get_deadline (self->engine, cancellable), error);
}

/**
 * kr_secret_client_make_keyring_async:
 * @self: a client
 * @password: what will unlock it
 * @cancellable: (nullable): to give up early
 * @callback: called in the thread-default main context of the calling thread when it is done
 * @user_data: for @callback
 *
 * The asynchronous form of [method@Client.make_keyring].
 *
 * Since: 0.1
 */
void
kr_secret_client_make_keyring_async (KrSecretClient *self,
                                     SecretValue *password,
                                     GCancellable *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data)
{
  g_return_if_fail (KR_SECRET_IS_CLIENT (self) && password != NULL);

  kr_secret_task_run (self, kr_secret_client_make_keyring_async, make_keyring_in_thread,
                      &(KrSecretTask){ .password = secret_value_ref (password) }, cancellable,
                      callback, user_data);
}

/**
 * kr_secret_client_make_keyring_finish:
 * @self: a client
 * @result: what the callback was given
 * @error: (out) (optional): where to put an error
 *
 * Gets the result of [method@Client.make_keyring_async].
 *
 * Returns: whether there is a keyring
 * Since: 0.1
 */
gboolean
kr_secret_client_make_keyring_finish (KrSecretClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return kr_secret_task_finish (self, result, kr_secret_client_make_keyring_async, error) != NULL;
}

static gpointer
check_clock_in_thread (KrSecretTask *task, GError **error)
{
  return GINT_TO_POINTER (kr_secret_issuer_check_clock (kr_secret_account_get_id (task->account),
                                                        &task->ahead, task->deadline, error));
}

/**
 * kr_secret_client_check_clock:
 * @self: a client
 * @account: one of the client's accounts
 * @out_ahead: (out): how many seconds the local clock is ahead of the broker's
 * @cancellable: (nullable): to give up early
 * @error: (out) (optional): where to put an error
 *
 * Compares the local clock with that of the account's broker. If they differ by more than a minute,
 * programs that trust their own clock take dead tokens for good. Sends one request for the broker's
 * front page, without any key, and issues nothing. Errors: %KR_SECRET_ERROR_UNREACHABLE,
 * %KR_SECRET_ERROR_BAD_REPLY if the answer tells no time, %KR_SECRET_ERROR_PLUGIN, and those of
 * [method@Client.load].
 *
 * Returns: whether that is known
 * Since: 0.1
 */
gboolean
kr_secret_client_check_clock (KrSecretClient *self,
                              KrSecretAccount *account,
                              gint64 *out_ahead,
                              GCancellable *cancellable,
                              GError **error)
{
  g_return_val_if_fail (
      KR_SECRET_IS_CLIENT (self) && KR_SECRET_IS_ACCOUNT (account) && out_ahead != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return kr_secret_issuer_check_clock (kr_secret_account_get_id (account), out_ahead,
                                       kr_secret_engine_get_deadline (self->engine, cancellable),
                                       error);
}

/**
 * kr_secret_client_check_clock_async:
 * @self: a client
 * @account: one of the client's accounts
 * @cancellable: (nullable): to give up early
 * @callback: called in the thread-default main context of the calling thread when it is done
 * @user_data: for @callback
 *
 * The asynchronous form of [method@Client.check_clock].
 *
 * Since: 0.1
 */
void
kr_secret_client_check_clock_async (KrSecretClient *self,
                                    KrSecretAccount *account,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data)
{
  g_return_if_fail (KR_SECRET_IS_CLIENT (self) && KR_SECRET_IS_ACCOUNT (account));

  kr_secret_task_run (self, kr_secret_client_check_clock_async, check_clock_in_thread,
                      &(KrSecretTask){ .account = g_object_ref (account) }, cancellable, callback,
                      user_data);
}

/**
 * kr_secret_client_check_clock_finish:
 * @self: a client
 * @result: what the callback was given
 * @out_ahead: (out): how many seconds the local clock is ahead of the broker's
 * @error: (out) (optional): where to put an error
 *
 * Gets the result of [method@Client.check_clock_async].
 *
 * Returns: whether that is known
 * Since: 0.1
 */
gboolean
kr_secret_client_check_clock_finish (KrSecretClient *self,
                                     GAsyncResult *result,
                                     gint64 *out_ahead,
                                     GError **error)
{
  g_return_val_if_fail (out_ahead != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (kr_secret_task_finish (self, result, kr_secret_client_check_clock_async, error) == NULL)
    return FALSE;
  *out_ahead = kr_secret_task_get (result)->ahead;
  return TRUE;
}
