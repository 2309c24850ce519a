/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/kr-secret-task-private.h"

static gpointer
get_token_in_thread (KrSecretTask *task, GError **error)
{
  return kr_secret_engine_get_token (task->engine, &task->wish, task->deadline, error);
}

/**
 * kr_secret_client_get_token:
 * @self: a client
 * @account: one of the client's accounts
 * @kind: what the token is for
 * @min_validity: how long it should be good for, in seconds; %KR_SECRET_MIN_VALIDITY is a good
 * choice. More than half of a token's life counts as half
 * @flags: how
 * @cancellable: (nullable): to give up early
 * @error: (out) (optional): where to put an error
 *
 * Gets a token that can be used now: the stored one if it is good for long enough, otherwise a new
 * one. However many of the user's programs ask at once, the broker is asked once, and all get the
 * same token or the same error. An expired token is never returned. A stored one that ends sooner
 * than was asked for is returned if no better one is available now, unless @flags say otherwise;
 * see [method@Token.get_warning].
 *
 * The client remembers a token until the keyring changes, and returns it without asking the
 * keyring.
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
  const KrSecretWish wish = { account, kind, min_validity, flags };

  g_return_val_if_fail (KR_SECRET_IS_CLIENT (self) && KR_SECRET_IS_ACCOUNT (account), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  /* The usual case needs no thread, no bus and no memory. */
  return kr_secret_engine_get_token (self->engine, &wish, (KrSecretDeadline){ 0, cancellable },
                                     error);
}

/**
 * kr_secret_client_get_token_async:
 * @self: a client
 * @account: one of the client's accounts
 * @kind: what the token is for
 * @min_validity: how long it should be good for, in seconds; %KR_SECRET_MIN_VALIDITY is a good
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
  const KrSecretWish wish = { account, kind, min_validity, flags };

  g_return_if_fail (KR_SECRET_IS_CLIENT (self) && KR_SECRET_IS_ACCOUNT (account));

  kr_secret_task_run (
      self, kr_secret_client_get_token_async, get_token_in_thread,
      &(KrSecretTask){ .account = g_object_ref (account),
                       .free_result = (GDestroyNotify) kr_secret_token_unref,
                       .wish = wish,
                       .result = kr_secret_engine_recall_token (self->engine, &wish, cancellable) },
      cancellable, callback, user_data);
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
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return kr_secret_task_finish (self, result, kr_secret_client_get_token_async, error);
}

/* Forgets all tokens of the account that the client knows. */
static void
forget (KrSecretEngine *engine, KrSecretAccount *account)
{
  kr_secret_token_memory_drop (engine->memory, kr_secret_account_get_id (account), NULL);
  kr_secret_accounts_set_token (engine->accounts, account, NULL);
}

static gboolean
revoke_token (KrSecretEngine *engine,
              KrSecretAccount *account,
              KrSecretRevokeResult *out_result,
              KrSecretDeadline deadline,
              GError **error)
{
  const char *id = kr_secret_account_get_id (account);
  g_autoptr (KrSecretToken) kept
      = kr_secret_token_memory_recall_unstored (engine->memory, id, KR_SECRET_TOKEN_ACCESS);
  KrSecretRevokeResult result = KR_SECRET_REVOKE_NOTHING;

  if (!kr_secret_verb_revoke_token (id, kept, &result, deadline, error))
    return FALSE;
  forget (engine, account);
  if (out_result != NULL)
    *out_result = result;
  return TRUE;
}

static gpointer
revoke_token_in_thread (KrSecretTask *task, GError **error)
{
  return GINT_TO_POINTER (
      revoke_token (task->engine, task->account, &task->revoke_result, task->deadline, error));
}

/**
 * kr_secret_client_revoke_token:
 * @self: a client
 * @account: one of the client's accounts
 * @out_result: (out) (optional): what it came to
 * @cancellable: (nullable): to give up early
 * @error: (out) (optional): where to put an error
 *
 * Revokes the account's access token at the broker, then erases it here. A token that the broker
 * does not know counts as revoked. A broker that cannot revoke is not asked; the token is erased.
 * If the broker cannot be reached (%KR_SECRET_ERROR_UNREACHABLE), the token stays; if it may have
 * been revoked, it is kept but no longer handed out. Other errors: %KR_SECRET_ERROR_REFUSED,
 * %KR_SECRET_ERROR_RATE_LIMITED, %KR_SECRET_ERROR_BAD_REPLY, %KR_SECRET_ERROR_PLUGIN,
 * %KR_SECRET_ERROR_DEADLINE, and those of [method@Client.load].
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
  g_return_val_if_fail (KR_SECRET_IS_CLIENT (self) && KR_SECRET_IS_ACCOUNT (account), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return revoke_token (self->engine, account, out_result,
                       kr_secret_engine_get_deadline (self->engine, cancellable), error);
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

  kr_secret_task_run (self, kr_secret_client_revoke_token_async, revoke_token_in_thread,
                      &(KrSecretTask){ .account = g_object_ref (account) }, cancellable, callback,
                      user_data);
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
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (kr_secret_task_finish (self, result, kr_secret_client_revoke_token_async, error) == NULL)
    return FALSE;
  if (out_result != NULL)
    *out_result = kr_secret_task_get (result)->revoke_result;
  return TRUE;
}

static gboolean
forget_token (KrSecretEngine *engine,
              KrSecretAccount *account,
              gboolean *out_was_there,
              KrSecretDeadline deadline,
              GError **error)
{
  if (!kr_secret_verb_forget_token (kr_secret_account_get_id (account), out_was_there, deadline,
                                    error))
    return FALSE;
  forget (engine, account);
  return TRUE;
}

static gpointer
forget_token_in_thread (KrSecretTask *task, GError **error)
{
  return GINT_TO_POINTER (
      forget_token (task->engine, task->account, &task->was_there, task->deadline, error));
}

/**
 * kr_secret_client_forget_token:
 * @self: a client
 * @account: one of the client's accounts
 * @out_was_there: (out) (optional): whether there was one
 * @cancellable: (nullable): to give up early
 * @error: (out) (optional): where to put an error
 *
 * Erases the account's tokens here, without telling the broker. Errors: %KR_SECRET_ERROR_DEADLINE
 * if another program holds the account's lock too long, and those of [method@Client.load].
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
  g_return_val_if_fail (KR_SECRET_IS_CLIENT (self) && KR_SECRET_IS_ACCOUNT (account), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return forget_token (self->engine, account, out_was_there,
                       kr_secret_engine_get_deadline (self->engine, cancellable), error);
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

  kr_secret_task_run (self, kr_secret_client_forget_token_async, forget_token_in_thread,
                      &(KrSecretTask){ .account = g_object_ref (account) }, cancellable, callback,
                      user_data);
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
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (kr_secret_task_finish (self, result, kr_secret_client_forget_token_async, error) == NULL)
    return FALSE;
  if (out_was_there != NULL)
    *out_was_there = kr_secret_task_get (result)->was_there;
  return TRUE;
}

static gboolean
reject_token (KrSecretEngine *engine,
              KrSecretAccount *account,
              KrSecretToken *token,
              gboolean *out_was_stored,
              KrSecretDeadline deadline,
              GError **error)
{
  const char *id = kr_secret_account_get_id (account);
  const char *fingerprint = kr_secret_token_get_fingerprint (token);
  KrSecretTokenKind kind = kr_secret_token_get_kind (token);
  g_autoptr (KrSecretToken) kept
      = kr_secret_token_memory_recall_unstored (engine->memory, id, kind);
  gboolean was_stored;

  if (!kr_secret_verb_reject_token (id, fingerprint, kept, &was_stored, deadline, error))
    return FALSE;
  kr_secret_token_memory_drop (engine->memory, id, fingerprint);
  if (was_stored && kind == KR_SECRET_TOKEN_ACCESS)
    kr_secret_accounts_set_token (engine->accounts, account, NULL);
  if (out_was_stored != NULL)
    *out_was_stored = was_stored;
  return TRUE;
}

static gpointer
reject_token_in_thread (KrSecretTask *task, GError **error)
{
  return GINT_TO_POINTER (reject_token (task->engine, task->account, task->token, &task->was_there,
                                        task->deadline, error));
}

/**
 * kr_secret_client_reject_token:
 * @self: a client
 * @account: one of the client's accounts
 * @token: the token that the broker called dead
 * @out_forgotten: (out) (optional): whether it was the stored one, and is forgotten now
 * @cancellable: (nullable): to give up early
 * @error: (out) (optional): where to put an error
 *
 * Forgets a token that the broker calls dead; see [method@Client.classify_reply]. If another
 * program was faster and another token is stored by now, that stays. Then get a token again: the
 * first is issued at once. If it dies young too, the next ones come after a pause that doubles each
 * time, up to an hour; if the broker gives the dead one again, they come when its rules allow
 * another. Until then [method@Client.get_token] fails with %KR_SECRET_ERROR_RATE_LIMITED and says
 * how long that is. Only the token's value counts. Errors: see [method@Client.load], and
 * %KR_SECRET_ERROR_DAMAGED.
 *
 * Returns: whether @token is not stored any more
 * Since: 0.1
 */
gboolean
kr_secret_client_reject_token (KrSecretClient *self,
                               KrSecretAccount *account,
                               KrSecretToken *token,
                               gboolean *out_forgotten,
                               GCancellable *cancellable,
                               GError **error)
{
  g_return_val_if_fail (
      KR_SECRET_IS_CLIENT (self) && KR_SECRET_IS_ACCOUNT (account) && token != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return reject_token (self->engine, account, token, out_forgotten,
                       kr_secret_engine_get_deadline (self->engine, cancellable), error);
}

/**
 * kr_secret_client_reject_token_async:
 * @self: a client
 * @account: one of the client's accounts
 * @token: the token that the broker called dead
 * @cancellable: (nullable): to give up early
 * @callback: called in the thread-default main context of the calling thread when it is done
 * @user_data: for @callback
 *
 * The asynchronous form of [method@Client.reject_token].
 *
 * Since: 0.1
 */
void
kr_secret_client_reject_token_async (KrSecretClient *self,
                                     KrSecretAccount *account,
                                     KrSecretToken *token,
                                     GCancellable *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data)
{
  g_return_if_fail (KR_SECRET_IS_CLIENT (self) && KR_SECRET_IS_ACCOUNT (account) && token != NULL);

  kr_secret_task_run (
      self, kr_secret_client_reject_token_async, reject_token_in_thread,
      &(KrSecretTask){ .account = g_object_ref (account), .token = kr_secret_token_ref (token) },
      cancellable, callback, user_data);
}

/**
 * kr_secret_client_reject_token_finish:
 * @self: a client
 * @result: what the callback was given
 * @out_forgotten: (out) (optional): whether it was the stored one, and is forgotten now
 * @error: (out) (optional): where to put an error
 *
 * Gets the result of [method@Client.reject_token_async].
 *
 * Returns: whether the token is not stored any more
 * Since: 0.1
 */
gboolean
kr_secret_client_reject_token_finish (KrSecretClient *self,
                                      GAsyncResult *result,
                                      gboolean *out_forgotten,
                                      GError **error)
{
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (kr_secret_task_finish (self, result, kr_secret_client_reject_token_async, error) == NULL)
    return FALSE;
  if (out_forgotten != NULL)
    *out_forgotten = kr_secret_task_get (result)->was_there;
  return TRUE;
}
