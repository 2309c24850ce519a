/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kr-secret-client-private.h"

#include "kr-secret-clock-private.h"
#include "kr-secret-store-private.h"
#include "kr-secret-verbs-private.h"

/* The two forms of each verb, from one body: blocking in the caller's thread, or in a thread of
 * GTask's. */

typedef struct _Call Call;
typedef gboolean (*Body) (
    KrSecretClient *self, Call *call, gint64 deadline, GCancellable *cancellable, GError **error);

/* The arguments and the result of any verb. */
struct _Call
{
  Body body;

  KrSecretAccount *account;
  KrSecretBroker *broker;
  KrSecretCredential *credential;
  char *alias;
  char *endpoint;
  KrSecretEnvironment environment;
  KrSecretTokenKind kind;
  guint min_validity;
  guint flags;

  gpointer result;
  GDestroyNotify free_result;
  int number;
};

static void
call_free (gpointer data)
{
  Call *call = data;

  g_clear_object (&call->account);
  g_clear_pointer (&call->broker, kr_secret_broker_unref);
  g_clear_pointer (&call->credential, kr_secret_credential_unref);
  g_free (call->alias);
  g_free (call->endpoint);
  if (call->result != NULL)
    call->free_result (call->result);
  g_free (call);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Call, call_free)

static Call *
call_new (Body body, KrSecretAccount *account, GDestroyNotify free_result)
{
  Call *call = g_new0 (Call, 1);

  call->body = body;
  call->free_result = free_result;
  if (account != NULL)
    call->account = g_object_ref (account);
  return call;
}

static gboolean
run (KrSecretClient *self, Call *call, GCancellable *cancellable, GError **error)
{
  return call->body (self, call, kr_secret_deadline_in (kr_secret_client_get_timeout (self)),
                     cancellable, error);
}

static void
run_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;

  if (run (source, data, cancellable, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
start (KrSecretClient *self,
       Call *call,
       gpointer tag,
       GCancellable *cancellable,
       GAsyncReadyCallback callback,
       gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, tag);
  /* The body reports a cancellation itself, in the library's own error domain. */
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, call, call_free);
  g_task_run_in_thread (task, run_in_thread);
}

/* The call of a finished task, or NULL with its error. */
static Call *
finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error) ? g_task_get_task_data (G_TASK (result))
                                                           : NULL;
}

static const char *
id_of (Call *call)
{
  return kr_secret_account_get_id (call->account);
}

static gboolean
load_body (
    KrSecretClient *self, Call *call, gint64 deadline, GCancellable *cancellable, GError **error)
{
  call->result = kr_secret_verb_load (deadline, cancellable, error);
  if (call->result != NULL)
    kr_secret_client_set_accounts (self, call->result);
  return call->result != NULL;
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
  g_autoptr (Call) call = NULL;

  g_return_val_if_fail (KR_SECRET_IS_CLIENT (self), FALSE);

  call = call_new (load_body, NULL, (GDestroyNotify) g_ptr_array_unref);
  if (!run (self, call, cancellable, error))
    return FALSE;
  return TRUE;
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

  start (self, call_new (load_body, NULL, (GDestroyNotify) g_ptr_array_unref),
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
  Call *call;

  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  call = finish (result, error);
  if (call == NULL)
    return FALSE;
  return TRUE;
}

static gboolean
check_keyring_body (
    KrSecretClient *self, Call *call, gint64 deadline, GCancellable *cancellable, GError **error)
{
  return kr_secret_store_probe (deadline, cancellable, error);
}

/**
 * kr_secret_client_check_keyring:
 * @self: a client
 * @cancellable: (nullable): to give up early
 * @error: (out) (optional): where to put an error
 *
 * Checks that the keyring takes an item, keeps it and gives it up, with one of no content. To be
 * called before a user is asked for keys. Errors as of [method@Client.load].
 *
 * Returns: whether it does
 * Since: 0.1
 */
gboolean
kr_secret_client_check_keyring (KrSecretClient *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (Call) call = NULL;

  g_return_val_if_fail (KR_SECRET_IS_CLIENT (self), FALSE);

  call = call_new (check_keyring_body, NULL, NULL);
  if (!run (self, call, cancellable, error))
    return FALSE;
  return TRUE;
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

  start (self, call_new (check_keyring_body, NULL, NULL), kr_secret_client_check_keyring_async,
         cancellable, callback, user_data);
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
  Call *call;

  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  call = finish (result, error);
  if (call == NULL)
    return FALSE;
  return TRUE;
}

static gboolean
add_body (
    KrSecretClient *self, Call *call, gint64 deadline, GCancellable *cancellable, GError **error)
{
  KrSecretAccount *account
      = kr_secret_verb_add (call->broker, call->alias, call->environment, call->endpoint,
                            call->credential, call->flags, deadline, cancellable, error);

  if (account != NULL)
    kr_secret_client_insert_account (self, account);
  call->result = account;
  return account != NULL;
}

static Call *
add_call (KrSecretBroker *broker,
          const char *alias,
          KrSecretEnvironment environment,
          const char *endpoint,
          KrSecretCredential *credential,
          KrSecretAddFlags flags)
{
  Call *call = call_new (add_body, NULL, g_object_unref);

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
  g_autoptr (Call) call = NULL;

  g_return_val_if_fail (KR_SECRET_IS_CLIENT (self), NULL);

  call = add_call (broker, alias, environment, endpoint, credential, flags);
  if (!run (self, call, cancellable, error))
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
  g_return_if_fail (KR_SECRET_IS_CLIENT (self));

  start (self, add_call (broker, alias, environment, endpoint, credential, flags),
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
  Call *call;

  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  call = finish (result, error);
  if (call == NULL)
    return NULL;
  return g_steal_pointer (&call->result);
}

static gboolean
remove_body (
    KrSecretClient *self, Call *call, gint64 deadline, GCancellable *cancellable, GError **error)
{
  if (!kr_secret_verb_remove (id_of (call), call->flags, deadline, cancellable, error))
    return FALSE;
  kr_secret_client_drop_account (self, call->account);
  return TRUE;
}

static Call *
remove_call (KrSecretAccount *account, KrSecretRemoveFlags flags)
{
  Call *call = call_new (remove_body, account, NULL);

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
  g_autoptr (Call) call = NULL;

  g_return_val_if_fail (KR_SECRET_IS_CLIENT (self) && KR_SECRET_IS_ACCOUNT (account), FALSE);

  call = remove_call (account, flags);
  if (!run (self, call, cancellable, error))
    return FALSE;
  return TRUE;
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

  start (self, remove_call (account, flags), kr_secret_client_remove_async, cancellable, callback,
         user_data);
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
  Call *call;

  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  call = finish (result, error);
  if (call == NULL)
    return FALSE;
  return TRUE;
}

static gboolean
get_credential_body (
    KrSecretClient *self, Call *call, gint64 deadline, GCancellable *cancellable, GError **error)
{
  call->result = kr_secret_verb_get_credential (id_of (call), deadline, cancellable, error);
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
  g_autoptr (Call) call = NULL;

  g_return_val_if_fail (KR_SECRET_IS_CLIENT (self) && KR_SECRET_IS_ACCOUNT (account), NULL);

  call = call_new (get_credential_body, account, (GDestroyNotify) kr_secret_credential_unref);
  if (!run (self, call, cancellable, error))
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

  start (self, call_new (get_credential_body, account, (GDestroyNotify) kr_secret_credential_unref),
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
  Call *call;

  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  call = finish (result, error);
  if (call == NULL)
    return NULL;
  return g_steal_pointer (&call->result);
}

static gboolean
get_token_body (
    KrSecretClient *self, Call *call, gint64 deadline, GCancellable *cancellable, GError **error)
{
  KrSecretToken *token = kr_secret_verb_get_token (id_of (call), call->kind, call->min_validity,
                                                   call->flags, deadline, cancellable, error);

  if (token != NULL && call->kind == KR_SECRET_TOKEN_ACCESS)
    kr_secret_client_set_token (self, call->account, token);
  call->result = token;
  return token != NULL;
}

static Call *
get_token_call (KrSecretAccount *account,
                KrSecretTokenKind kind,
                guint min_validity,
                KrSecretTokenFlags flags)
{
  Call *call = call_new (get_token_body, account, (GDestroyNotify) kr_secret_token_unref);

  call->kind = kind;
  call->min_validity = min_validity;
  call->flags = flags;
  return call;
}

/**
 * kr_secret_client_get_token:
 * @self: a client
 * @account: one of the client's accounts
 * @kind: what the token is for
 * @min_validity: how long it has to be good for, in seconds; %KR_SECRET_MIN_VALIDITY is a good
 * choice. More than half of a token's life counts as half
 * @flags: how
 * @cancellable: (nullable): to give up early
 * @error: (out) (optional): where to put an error
 *
 * Gets a token that can be used now: the one in the keyring if it is good for long enough, else a
 * new one. However many programs of the user ask at once, the broker is asked once, and all get the
 * same token. A token that has expired is never returned. See [method@Token.get_warning] for one
 * that could not be stored.
 *
 * Errors: %KR_SECRET_ERROR_LOCKED, and %KR_SECRET_ERROR_NO_KEYRING, in which case the broker is not
 * asked; %KR_SECRET_ERROR_RATE_LIMITED; %KR_SECRET_ERROR_REFUSED; %KR_SECRET_ERROR_UNREACHABLE;
 * %KR_SECRET_ERROR_BAD_REPLY; %KR_SECRET_ERROR_DEADLINE, also when another program holds the lock
 * too long; %KR_SECRET_ERROR_PLUGIN; %KR_SECRET_ERROR_NOT_FOUND if none is stored and none may be
 * issued; %KR_SECRET_ERROR_DAMAGED.
 *
 * Returns: (transfer full): the token
 * Since: 0.1
 */
KrSecretToken *
kr_secret_client_get_token (KrSecretClient *self,
                            KrSecretAccount *account,
                            KrSecretTokenKind kind,
                            guint min_validity,
                            KrSecretTokenFlags flags,
                            GCancellable *cancellable,
                            GError **error)
{
  g_autoptr (Call) call = NULL;

  g_return_val_if_fail (KR_SECRET_IS_CLIENT (self) && KR_SECRET_IS_ACCOUNT (account), NULL);

  call = get_token_call (account, kind, min_validity, flags);
  if (!run (self, call, cancellable, error))
    return NULL;
  return g_steal_pointer (&call->result);
}

/**
 * kr_secret_client_get_token_async:
 * @self: a client
 * @account: one of the client's accounts
 * @kind: what the token is for
 * @min_validity: how long it has to be good for, in seconds; %KR_SECRET_MIN_VALIDITY is a good
 * choice. More than half of a token's life counts as half
 * @flags: how
 * @cancellable: (nullable): to give up early
 * @callback: called in the thread-default main context of the calling thread when it is done
 * @user_data: for @callback
 *
 * The asynchronous form of [method@Client.get_token].
 *
 * Since: 0.1
 */
void
kr_secret_client_get_token_async (KrSecretClient *self,
                                  KrSecretAccount *account,
                                  KrSecretTokenKind kind,
                                  guint min_validity,
                                  KrSecretTokenFlags flags,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  g_return_if_fail (KR_SECRET_IS_CLIENT (self) && KR_SECRET_IS_ACCOUNT (account));

  start (self, get_token_call (account, kind, min_validity, flags),
         kr_secret_client_get_token_async, cancellable, callback, user_data);
}

/**
 * kr_secret_client_get_token_finish:
 * @self: a client
 * @result: what the callback was given
 * @error: (out) (optional): where to put an error
 *
 * Gets the result of [method@Client.get_token_async].
 *
 * Returns: (transfer full): the token
 * Since: 0.1
 */
KrSecretToken *
kr_secret_client_get_token_finish (KrSecretClient *self, GAsyncResult *result, GError **error)
{
  Call *call;

  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  call = finish (result, error);
  if (call == NULL)
    return NULL;
  return g_steal_pointer (&call->result);
}

static gboolean
get_headers_body (
    KrSecretClient *self, Call *call, gint64 deadline, GCancellable *cancellable, GError **error)
{
  g_autoptr (KrSecretBroker) broker = kr_secret_client_find_broker (call->account, error);

  if (broker == NULL)
    return FALSE;
  call->result = kr_secret_verb_get_headers (id_of (call), kr_secret_broker_get_id (broker),
                                             call->flags, deadline, cancellable, error);
  return call->result != NULL;
}

static Call *
get_headers_call (KrSecretAccount *account, KrSecretTokenFlags flags)
{
  Call *call = call_new (get_headers_body, account, (GDestroyNotify) g_ptr_array_unref);

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
  g_autoptr (Call) call = NULL;

  g_return_val_if_fail (KR_SECRET_IS_CLIENT (self) && KR_SECRET_IS_ACCOUNT (account), NULL);

  call = get_headers_call (account, flags);
  if (!run (self, call, cancellable, error))
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

  start (self, get_headers_call (account, flags), kr_secret_client_get_headers_async, cancellable,
         callback, user_data);
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
  Call *call;

  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  call = finish (result, error);
  if (call == NULL)
    return NULL;
  return g_steal_pointer (&call->result);
}

static gboolean
revoke_token_body (
    KrSecretClient *self, Call *call, gint64 deadline, GCancellable *cancellable, GError **error)
{
  KrSecretRevokeResult result = KR_SECRET_REVOKE_NOTHING;

  if (!kr_secret_verb_revoke_token (id_of (call), &result, deadline, cancellable, error))
    return FALSE;
  call->number = (int) result;
  kr_secret_client_set_token (self, call->account, NULL);
  return TRUE;
}

/**
 * kr_secret_client_revoke_token:
 * @self: a client
 * @account: one of the client's accounts
 * @out_result: (out) (optional): what it came to
 * @cancellable: (nullable): to give up early
 * @error: (out) (optional): where to put an error
 *
 * Revokes the account's access token at the broker, then erases it here. A token the broker does
 * not know counts as revoked. A broker that cannot revoke is not asked; the token is erased. If the
 * broker cannot be reached
 * (%KR_SECRET_ERROR_UNREACHABLE) the token stays; if it may have been revoked, it is kept but not
 * handed out any more. Other errors: %KR_SECRET_ERROR_REFUSED, %KR_SECRET_ERROR_RATE_LIMITED,
 * %KR_SECRET_ERROR_BAD_REPLY, %KR_SECRET_ERROR_PLUGIN, %KR_SECRET_ERROR_DEADLINE, and as of
 * [method@Client.load].
 *
 * Returns: whether no token is stored any more
 * Since: 0.1
 */
gboolean
kr_secret_client_revoke_token (KrSecretClient *self,
                               KrSecretAccount *account,
                               KrSecretRevokeResult *out_result,
                               GCancellable *cancellable,
                               GError **error)
{
  g_autoptr (Call) call = NULL;

  g_return_val_if_fail (KR_SECRET_IS_CLIENT (self) && KR_SECRET_IS_ACCOUNT (account), FALSE);

  call = call_new (revoke_token_body, account, NULL);
  if (!run (self, call, cancellable, error))
    return FALSE;
  if (out_result != NULL)
    *out_result = (KrSecretRevokeResult) call->number;
  return TRUE;
}

/**
 * kr_secret_client_revoke_token_async:
 * @self: a client
 * @account: one of the client's accounts
 * @cancellable: (nullable): to give up early
 * @callback: called in the thread-default main context of the calling thread when it is done
 * @user_data: for @callback
 *
 * The asynchronous form of [method@Client.revoke_token].
 *
 * Since: 0.1
 */
void
kr_secret_client_revoke_token_async (KrSecretClient *self,
                                     KrSecretAccount *account,
                                     GCancellable *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data)
{
  g_return_if_fail (KR_SECRET_IS_CLIENT (self) && KR_SECRET_IS_ACCOUNT (account));

  start (self, call_new (revoke_token_body, account, NULL), kr_secret_client_revoke_token_async,
         cancellable, callback, user_data);
}

/**
 * kr_secret_client_revoke_token_finish:
 * @self: a client
 * @result: what the callback was given
 * @out_result: (out) (optional): what it came to
 * @error: (out) (optional): where to put an error
 *
 * Gets the result of [method@Client.revoke_token_async].
 *
 * Returns: whether no token is stored any more
 * Since: 0.1
 */
gboolean
kr_secret_client_revoke_token_finish (KrSecretClient *self,
                                      GAsyncResult *result,
                                      KrSecretRevokeResult *out_result,
                                      GError **error)
{
  Call *call;

  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  call = finish (result, error);
  if (call == NULL)
    return FALSE;
  if (out_result != NULL)
    *out_result = (KrSecretRevokeResult) call->number;
  return TRUE;
}

static gboolean
forget_token_body (
    KrSecretClient *self, Call *call, gint64 deadline, GCancellable *cancellable, GError **error)
{
  if (!kr_secret_verb_forget_token (id_of (call), &call->number, deadline, cancellable, error))
    return FALSE;
  kr_secret_client_set_token (self, call->account, NULL);
  return TRUE;
}

/**
 * kr_secret_client_forget_token:
 * @self: a client
 * @account: one of the client's accounts
 * @out_was_there: (out) (optional): whether there was one
 * @cancellable: (nullable): to give up early
 * @error: (out) (optional): where to put an error
 *
 * Erases the account's tokens here, without a word to the broker. Errors: %KR_SECRET_ERROR_DEADLINE
 * if another program holds the account's lock too long, and as of [method@Client.load].
 *
 * Returns: whether no token is stored any more
 * Since: 0.1
 */
gboolean
kr_secret_client_forget_token (KrSecretClient *self,
                               KrSecretAccount *account,
                               gboolean *out_was_there,
                               GCancellable *cancellable,
                               GError **error)
{
  g_autoptr (Call) call = NULL;

  g_return_val_if_fail (KR_SECRET_IS_CLIENT (self) && KR_SECRET_IS_ACCOUNT (account), FALSE);

  call = call_new (forget_token_body, account, NULL);
  if (!run (self, call, cancellable, error))
    return FALSE;
  if (out_was_there != NULL)
    *out_was_there = call->number;
  return TRUE;
}

/**
 * kr_secret_client_forget_token_async:
 * @self: a client
 * @account: one of the client's accounts
 * @cancellable: (nullable): to give up early
 * @callback: called in the thread-default main context of the calling thread when it is done
 * @user_data: for @callback
 *
 * The asynchronous form of [method@Client.forget_token].
 *
 * Since: 0.1
 */
void
kr_secret_client_forget_token_async (KrSecretClient *self,
                                     KrSecretAccount *account,
                                     GCancellable *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data)
{
  g_return_if_fail (KR_SECRET_IS_CLIENT (self) && KR_SECRET_IS_ACCOUNT (account));

  start (self, call_new (forget_token_body, account, NULL), kr_secret_client_forget_token_async,
         cancellable, callback, user_data);
}

/**
 * kr_secret_client_forget_token_finish:
 * @self: a client
 * @result: what the callback was given
 * @out_was_there: (out) (optional): whether there was one
 * @error: (out) (optional): where to put an error
 *
 * Gets the result of [method@Client.forget_token_async].
 *
 * Returns: whether no token is stored any more
 * Since: 0.1
 */
gboolean
kr_secret_client_forget_token_finish (KrSecretClient *self,
                                      GAsyncResult *result,
                                      gboolean *out_was_there,
                                      GError **error)
{
  Call *call;

  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  call = finish (result, error);
  if (call == NULL)
    return FALSE;
  if (out_was_there != NULL)
    *out_was_there = call->number;
  return TRUE;
}
