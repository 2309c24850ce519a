/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "values/kr-secret-account-private.h"
#include "client/kr-secret-task-private.h"
#include "client/kr-secret-engine-private.h"
#include "verbs/kr-secret-verb-private.h"

/* The client's verbs that put accounts into the keyring without asking a broker, or change them. */

static gboolean
add_all_body (KrSecretClient *self,
              KrSecretTask *call,
              gint64 deadline,
              GCancellable *cancellable,
              GError **error)
{
  g_autoptr (GPtrArray) accounts
      = kr_secret_verb_add_all (call->data, deadline, cancellable, error);
  g_autoptr (GPtrArray) known = NULL;

  if (accounts == NULL)
    return FALSE;
  known = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < accounts->len; i++)
    g_ptr_array_add (known, kr_secret_accounts_insert (kr_secret_client_get_state (self),
                                                       g_ptr_array_index (accounts, i)));
  call->result = g_steal_pointer (&known);
  return TRUE;
}

/* Takes over the records. */
static KrSecretTask *
add_all_call (GPtrArray *records)
{
  KrSecretTask *call = kr_secret_task_new (add_all_body, NULL, (GDestroyNotify) g_ptr_array_unref);

  call->data = records;
  call->free_data = (GDestroyNotify) g_ptr_array_unref;
  return call;
}

/* For kr-secret-tool alone: kr_secret_client_add_all of accounts' records, with all that is in
 * them. Those that lack one get an id. */
GPtrArray *
kr_secret_client_add_records (KrSecretClient *self,
                              GPtrArray *records,
                              GCancellable *cancellable,
                              GError **error)
{
  g_autoptr (KrSecretTask) call = add_all_call (g_ptr_array_ref (records));

  if (!kr_secret_task_run (self, call, cancellable, error))
    return NULL;
  return g_steal_pointer (&call->result);
}

/* What is wrong with a draft is found later. */
static GPtrArray *
make_records (const KrSecretDraft *drafts, guint n_drafts)
{
  GPtrArray *records = g_ptr_array_new_with_free_func ((GDestroyNotify) kr_secret_record_free);

  for (guint i = 0; i < n_drafts; i++)
    g_ptr_array_add (records, kr_secret_account_record_new (
                                  drafts[i].id, drafts[i].alias, drafts[i].broker_id,
                                  drafts[i].environment, drafts[i].endpoint, drafts[i].credential));
  return records;
}

/**
 * kr_secret_client_add_all:
 * @self: a client
 * @drafts: (array length=n_drafts): the accounts to be
 * @n_drafts: how many
 * @cancellable: (nullable): to give up early
 * @error: (out) (optional): where to put an error
 *
 * Adds several accounts without trying their keys, as for keys that come from a file: all of them,
 * or none. Each is read back from the keyring before this returns. Until all are there, no program
 * sees any of them; what a program leaves behind that is killed meanwhile is taken away when the
 * next account is added, changed or renamed. An alias, a key or an id that is taken, also by
 * another of them, a bad alias or endpoint, and more than 1000 drafts are %KR_SECRET_ERROR_USAGE.
 * The broker_id and the credential of a draft must not be %NULL. The client's timeout is extended
 * by a quarter of a second for each account. Errors also as of [method@Client.load].
 *
 * Returns: (transfer full) (element-type KrSecretAccount): the accounts, in the order of the drafts
 * Since: 0.1
 */
GPtrArray *
kr_secret_client_add_all (KrSecretClient *self,
                          const KrSecretDraft *drafts,
                          guint n_drafts,
                          GCancellable *cancellable,
                          GError **error)
{
  g_autoptr (GPtrArray) records = NULL;

  g_return_val_if_fail (KR_SECRET_IS_CLIENT (self) && (drafts != NULL || n_drafts == 0), NULL);

  records = make_records (drafts, n_drafts);
  return kr_secret_client_add_records (self, records, cancellable, error);
}

/**
 * kr_secret_client_add_all_async:
 * @self: a client
 * @drafts: (array length=n_drafts): the accounts to be
 * @n_drafts: how many
 * @cancellable: (nullable): to give up early
 * @callback: called in the thread-default main context of the calling thread when it is done
 * @user_data: for @callback
 *
 * The asynchronous form of [method@Client.add_all].
 *
 * Since: 0.1
 */
void
kr_secret_client_add_all_async (KrSecretClient *self,
                                const KrSecretDraft *drafts,
                                guint n_drafts,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data)
{
  g_return_if_fail (KR_SECRET_IS_CLIENT (self) && (drafts != NULL || n_drafts == 0));

  kr_secret_task_start (self, add_all_call (make_records (drafts, n_drafts)),
                        kr_secret_client_add_all_async, cancellable, callback, user_data);
}

/**
 * kr_secret_client_add_all_finish:
 * @self: a client
 * @result: what the callback was given
 * @error: (out) (optional): where to put an error
 *
 * Gets the result of [method@Client.add_all_async].
 *
 * Returns: (transfer full) (element-type KrSecretAccount): the accounts, in the order of the drafts
 * Since: 0.1
 */
GPtrArray *
kr_secret_client_add_all_finish (KrSecretClient *self, GAsyncResult *result, GError **error)
{
  KrSecretTask *call;

  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  call = kr_secret_task_finish (result, kr_secret_client_add_all_async, error);
  return call != NULL ? g_steal_pointer (&call->result) : NULL;
}

/* An account was changed in the keyring: what is known of it has to follow. If it cannot be read
 * now, it is with the next load. */
static void
follow_up (KrSecretClient *self, gint64 deadline, GCancellable *cancellable)
{
  guint generation;

  kr_secret_engine_reload (kr_secret_client_get_state (self), &generation, deadline, cancellable,
                           NULL);
}

static gboolean
edit_body (KrSecretClient *self,
           KrSecretTask *call,
           gint64 deadline,
           GCancellable *cancellable,
           GError **error)
{
  const char *id = kr_secret_task_get_id (call);

  if (!kr_secret_verb_edit (id, call->credential, call->endpoint, deadline, cancellable, error))
    return FALSE;
  kr_secret_token_memory_drop (kr_secret_accounts_get_memory (kr_secret_client_get_state (self)),
                               id, NULL);
  follow_up (self, deadline, cancellable);
  return TRUE;
}

static KrSecretTask *
edit_call (KrSecretAccount *account, KrSecretCredential *credential, const char *endpoint)
{
  KrSecretTask *call = kr_secret_task_new (edit_body, account, NULL);

  if (credential != NULL)
    call->credential = kr_secret_credential_ref (credential);
  call->endpoint = g_strdup (endpoint);
  return call;
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
 * broker again even if the old key had been refused. A key that another account holds, and a bad
 * endpoint, is %KR_SECRET_ERROR_USAGE. Errors also as of [method@Client.remove].
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
  g_autoptr (KrSecretTask) call = NULL;

  g_return_val_if_fail (KR_SECRET_IS_CLIENT (self) && KR_SECRET_IS_ACCOUNT (account), FALSE);

  call = edit_call (account, credential, endpoint);
  return kr_secret_task_run (self, call, cancellable, error);
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

  kr_secret_task_start (self, edit_call (account, credential, endpoint),
                        kr_secret_client_edit_async, cancellable, callback, user_data);
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
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return kr_secret_task_finish (result, kr_secret_client_edit_async, error) != NULL;
}

static gboolean
rename_body (KrSecretClient *self,
             KrSecretTask *call,
             gint64 deadline,
             GCancellable *cancellable,
             GError **error)
{
  if (!kr_secret_verb_rename (kr_secret_task_get_id (call), call->alias, deadline, cancellable,
                              error))
    return FALSE;
  follow_up (self, deadline, cancellable);
  return TRUE;
}

static KrSecretTask *
rename_call (KrSecretAccount *account, const char *alias)
{
  KrSecretTask *call = kr_secret_task_new (rename_body, account, NULL);

  call->alias = g_strdup (alias);
  return call;
}

/**
 * kr_secret_client_rename:
 * @self: a client
 * @account: one of the client's accounts
 * @alias: its new alias; see [func@alias_normalize]
 * @cancellable: (nullable): to give up early
 * @error: (out) (optional): where to put an error
 *
 * Gives an account another alias. Its id, key and tokens stay. An alias that another account has,
 * or that cannot be one, is %KR_SECRET_ERROR_USAGE. Errors also as of [method@Client.load].
 *
 * Returns: whether the account has it
 * Since: 0.1
 */
gboolean
kr_secret_client_rename (KrSecretClient *self,
                         KrSecretAccount *account,
                         const char *alias,
                         GCancellable *cancellable,
                         GError **error)
{
  g_autoptr (KrSecretTask) call = NULL;

  g_return_val_if_fail (
      KR_SECRET_IS_CLIENT (self) && KR_SECRET_IS_ACCOUNT (account) && alias != NULL, FALSE);

  call = rename_call (account, alias);
  return kr_secret_task_run (self, call, cancellable, error);
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

  kr_secret_task_start (self, rename_call (account, alias), kr_secret_client_rename_async,
                        cancellable, callback, user_data);
}

/**
 * kr_secret_client_rename_finish:
 * @self: a client
 * @result: what the callback was given
 * @error: (out) (optional): where to put an error
 *
 * Gets the result of [method@Client.rename_async].
 *
 * Returns: whether the account has it
 * Since: 0.1
 */
gboolean
kr_secret_client_rename_finish (KrSecretClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return kr_secret_task_finish (result, kr_secret_client_rename_async, error) != NULL;
}
