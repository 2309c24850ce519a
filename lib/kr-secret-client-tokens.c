/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kr-secret-call-private.h"
#include "kr-secret-link-private.h"
#include "kr-secret-verbs-private.h"

/* The client's verbs about one account's key and tokens. */

static gboolean
get_credential_body (KrSecretClient *self,
                     KrSecretCall *call,
                     gint64 deadline,
                     GCancellable *cancellable,
                     GError **error)
{
  call->result
      = kr_secret_verb_get_credential (kr_secret_call_get_id (call), deadline, cancellable, error);
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
  g_autoptr (KrSecretCall) call = NULL;

  g_return_val_if_fail (KR_SECRET_IS_CLIENT (self) && KR_SECRET_IS_ACCOUNT (account), NULL);

  call = kr_secret_call_new (get_credential_body, account,
                             (GDestroyNotify) kr_secret_credential_unref);
  if (!kr_secret_call_run (self, call, cancellable, error))
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

  kr_secret_call_start (self,
                        kr_secret_call_new (get_credential_body, account,
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
  KrSecretCall *call;

  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  call = kr_secret_call_finish (result, error);
  if (call == NULL)
    return NULL;
  return g_steal_pointer (&call->result);
}

static gboolean
get_token_body (KrSecretClient *self,
                KrSecretCall *call,
                gint64 deadline,
                GCancellable *cancellable,
                GError **error)
{
  const char *id = kr_secret_call_get_id (call);
  gboolean access = call->kind == KR_SECRET_TOKEN_ACCESS;
  guint generation = kr_secret_link_get_generation ();
  KrSecretToken *token
      = access ? kr_secret_client_recall_token (self, call->account, call->min_validity) : NULL;

  if (token == NULL)
    {
      token = kr_secret_verb_get_token (id, call->kind, call->min_validity, call->flags, deadline,
                                        cancellable, error);
      /* One that was issued meanwhile is news, and read from the keyring the next time. */
      if (token != NULL && access && kr_secret_token_get_warning (token) == NULL)
        kr_secret_client_remember_token (self, id, token, generation);
    }
  if (token != NULL && access)
    kr_secret_client_set_token (self, call->account, token);
  call->result = token;
  return token != NULL;
}

static KrSecretCall *
get_token_call (KrSecretAccount *account,
                KrSecretTokenKind kind,
                guint min_validity,
                KrSecretTokenFlags flags)
{
  KrSecretCall *call
      = kr_secret_call_new (get_token_body, account, (GDestroyNotify) kr_secret_token_unref);

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
  g_autoptr (KrSecretCall) call = NULL;

  g_return_val_if_fail (KR_SECRET_IS_CLIENT (self) && KR_SECRET_IS_ACCOUNT (account), NULL);

  call = get_token_call (account, kind, min_validity, flags);
  if (!kr_secret_call_run (self, call, cancellable, error))
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

  kr_secret_call_start (self, get_token_call (account, kind, min_validity, flags),
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
  KrSecretCall *call;

  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  call = kr_secret_call_finish (result, error);
  if (call == NULL)
    return NULL;
  return g_steal_pointer (&call->result);
}

static gboolean
get_headers_body (KrSecretClient *self,
                  KrSecretCall *call,
                  gint64 deadline,
                  GCancellable *cancellable,
                  GError **error)
{
  g_autoptr (KrSecretBroker) broker = kr_secret_client_find_broker (call->account, error);

  if (broker == NULL)
    return FALSE;
  call->result
      = kr_secret_verb_get_headers (kr_secret_call_get_id (call), kr_secret_broker_get_id (broker),
                                    call->flags, deadline, cancellable, error);
  return call->result != NULL;
}

static KrSecretCall *
get_headers_call (KrSecretAccount *account, KrSecretTokenFlags flags)
{
  KrSecretCall *call
      = kr_secret_call_new (get_headers_body, account, (GDestroyNotify) g_ptr_array_unref);

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
  g_autoptr (KrSecretCall) call = NULL;

  g_return_val_if_fail (KR_SECRET_IS_CLIENT (self) && KR_SECRET_IS_ACCOUNT (account), NULL);

  call = get_headers_call (account, flags);
  if (!kr_secret_call_run (self, call, cancellable, error))
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

  kr_secret_call_start (self, get_headers_call (account, flags), kr_secret_client_get_headers_async,
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
  KrSecretCall *call;

  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  call = kr_secret_call_finish (result, error);
  if (call == NULL)
    return NULL;
  return g_steal_pointer (&call->result);
}

static gboolean
revoke_token_body (KrSecretClient *self,
                   KrSecretCall *call,
                   gint64 deadline,
                   GCancellable *cancellable,
                   GError **error)
{
  KrSecretRevokeResult result = KR_SECRET_REVOKE_NOTHING;

  if (!kr_secret_verb_revoke_token (kr_secret_call_get_id (call), &result, deadline, cancellable,
                                    error))
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
  g_autoptr (KrSecretCall) call = NULL;

  g_return_val_if_fail (KR_SECRET_IS_CLIENT (self) && KR_SECRET_IS_ACCOUNT (account), FALSE);

  call = kr_secret_call_new (revoke_token_body, account, NULL);
  if (!kr_secret_call_run (self, call, cancellable, error))
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

  kr_secret_call_start (self, kr_secret_call_new (revoke_token_body, account, NULL),
                        kr_secret_client_revoke_token_async, cancellable, callback, user_data);
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
  KrSecretCall *call;

  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  call = kr_secret_call_finish (result, error);
  if (call == NULL)
    return FALSE;
  if (out_result != NULL)
    *out_result = (KrSecretRevokeResult) call->number;
  return TRUE;
}

static gboolean
forget_token_body (KrSecretClient *self,
                   KrSecretCall *call,
                   gint64 deadline,
                   GCancellable *cancellable,
                   GError **error)
{
  if (!kr_secret_verb_forget_token (kr_secret_call_get_id (call), &call->number, deadline,
                                    cancellable, error))
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
  g_autoptr (KrSecretCall) call = NULL;

  g_return_val_if_fail (KR_SECRET_IS_CLIENT (self) && KR_SECRET_IS_ACCOUNT (account), FALSE);

  call = kr_secret_call_new (forget_token_body, account, NULL);
  if (!kr_secret_call_run (self, call, cancellable, error))
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

  kr_secret_call_start (self, kr_secret_call_new (forget_token_body, account, NULL),
                        kr_secret_client_forget_token_async, cancellable, callback, user_data);
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
  KrSecretCall *call;

  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  call = kr_secret_call_finish (result, error);
  if (call == NULL)
    return FALSE;
  if (out_was_there != NULL)
    *out_was_there = call->number;
  return TRUE;
}
