/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/kr-secret-task-private.h"

static KrSecretAccount *
add_account (KrSecretEngine *engine,
             KrSecretBroker *broker,
             const char *alias,
             KrSecretEnvironment environment,
             const char *endpoint,
             KrSecretCredential *credential,
             KrSecretAddFlags flags,
             KrSecretDeadline deadline,
             GError **error)
{
  g_autoptr (KrSecretAccount) account = kr_secret_verb_add (broker, alias, environment, endpoint,
                                                            credential, flags, deadline, error);

  return account != NULL ? kr_secret_accounts_insert (engine->accounts, account) : NULL;
}

static gpointer
add_in_thread (KrSecretTask *task, GError **error)
{
  return add_account (task->engine, task->broker, task->alias, task->environment, task->endpoint,
                      task->credential, task->flags, task->deadline, error);
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
 * Adds an account. Unless told otherwise, the key is verified by one issue, whose token is kept. If
 * the broker refuses the key (%KR_SECRET_ERROR_REFUSED) or cannot be asked
 * (%KR_SECRET_ERROR_UNREACHABLE), nothing is stored. An alias or a key that another account already
 * has is %KR_SECRET_ERROR_USAGE. Some brokers send the user a message for each issue. Other errors:
 * see [method@Client.get_token].
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
  g_return_val_if_fail (
      KR_SECRET_IS_CLIENT (self) && broker != NULL && alias != NULL && credential != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return add_account (self->engine, broker, alias, environment, endpoint, credential, flags,
                      kr_secret_engine_get_deadline (self->engine, cancellable), error);
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

  kr_secret_task_run (self, kr_secret_client_add_async, add_in_thread,
                      &(KrSecretTask){ .free_result = g_object_unref,
                                       .broker = kr_secret_broker_ref (broker),
                                       .alias = g_strdup (alias),
                                       .environment = environment,
                                       .endpoint = g_strdup (endpoint),
                                       .credential = kr_secret_credential_ref (credential),
                                       .flags = flags },
                      cancellable, callback, user_data);
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
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return kr_secret_task_finish (self, result, kr_secret_client_add_async, error);
}

/* Mistakes in a draft are found later. */
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

static GPtrArray *
add_accounts (KrSecretEngine *engine, GPtrArray *records, KrSecretDeadline deadline, GError **error)
{
  g_autoptr (GPtrArray) accounts = kr_secret_verb_add_all (records, deadline, error);
  GPtrArray *known;

  if (accounts == NULL)
    return NULL;
  known = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < accounts->len; i++)
    g_ptr_array_add (known,
                     kr_secret_accounts_insert (engine->accounts, g_ptr_array_index (accounts, i)));
  return known;
}

/* For kr-secret-tool: kr_secret_client_add_all for complete records. Those without an id get
 * one. */
GPtrArray *
kr_secret_client_add_records (KrSecretClient *self,
                              GPtrArray *records,
                              GCancellable *cancellable,
                              GError **error)
{
  return add_accounts (self->engine, records,
                       kr_secret_engine_get_deadline (self->engine, cancellable), error);
}

static gpointer
add_all_in_thread (KrSecretTask *task, GError **error)
{
  return add_accounts (task->engine, task->records, task->deadline, error);
}

/**
 * kr_secret_client_add_all:
 * @self: a client
 * @drafts: (array length=n_drafts): the accounts to add
 * @n_drafts: how many
 * @cancellable: (nullable): to give up early
 * @error: (out) (optional): where to put an error
 *
 * Adds several accounts, all or none, without trying their keys, as for keys from a file. Each is
 * read back from the keyring before this returns. No program sees any of them until all are there;
 * if the program is killed meanwhile, what it leaves behind is erased when the next account is
 * added, changed or renamed. An alias, key or id that is taken, also by another draft, a bad alias
 * or endpoint, and more than 1000 drafts are %KR_SECRET_ERROR_USAGE. A draft's broker_id and
 * credential must not be %NULL. The client's timeout is extended by a quarter of a second for each
 * account. Other errors: see [method@Client.load].
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
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  records = make_records (drafts, n_drafts);
  return kr_secret_client_add_records (self, records, cancellable, error);
}

/**
 * kr_secret_client_add_all_async:
 * @self: a client
 * @drafts: (array length=n_drafts): the accounts to add
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

  kr_secret_task_run (self, kr_secret_client_add_all_async, add_all_in_thread,
                      &(KrSecretTask){ .free_result = (GDestroyNotify) g_ptr_array_unref,
                                       .records = make_records (drafts, n_drafts) },
                      cancellable, callback, user_data);
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
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return kr_secret_task_finish (self, result, kr_secret_client_add_all_async, error);
}
