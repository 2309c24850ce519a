/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "client/kr-secret-reload-private.h"
#include "client/kr-secret-task-private.h"
#include "common/kr-intl.h"

/* Shorter prefixes of an id match nothing. */
#define ID_PREFIX_MIN 8

static gpointer
load_in_thread (KrSecretTask *task, GError **error)
{
  return GINT_TO_POINTER (kr_secret_reload (task->engine, NULL, task->deadline, error));
}

/**
 * kr_secret_client_load:
 * @self: a client
 * @cancellable: (nullable): to give up early
 * @error: (out) (optional): where to put an error
 *
 * Finds the accounts in the keyring. Asks no broker and shows no prompt. Known accounts keep their
 * objects, which notify changes. Errors, which leave the accounts as they were:
 * %KR_SECRET_ERROR_LOCKED, %KR_SECRET_ERROR_NO_KEYRING, %KR_SECRET_ERROR_DEADLINE.
 *
 * Returns: whether the keyring could be read
 * Since: 0.1
 */
gboolean
kr_secret_client_load (KrSecretClient *self, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (KR_SECRET_IS_CLIENT (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return kr_secret_reload (self->engine, NULL,
                           kr_secret_engine_get_deadline (self->engine, cancellable), error);
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

  kr_secret_task_run (self, kr_secret_client_load_async, load_in_thread, &(KrSecretTask){ NULL },
                      cancellable, callback, user_data);
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
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return kr_secret_task_finish (self, result, kr_secret_client_load_async, error) != NULL;
}

static gboolean
remove_account (KrSecretEngine *engine,
                KrSecretAccount *account,
                KrSecretRemoveFlags flags,
                KrSecretDeadline deadline,
                GError **error)
{
  const char *id = kr_secret_account_get_id (account);
  g_autoptr (KrSecretToken) kept
      = kr_secret_token_memory_recall_unstored (engine->memory, id, KR_SECRET_TOKEN_ACCESS);

  if (!kr_secret_verb_remove (id, kept, flags, deadline, error))
    return FALSE;
  kr_secret_token_memory_drop (engine->memory, id, NULL);
  kr_secret_accounts_drop (engine->accounts, account);
  return TRUE;
}

static gpointer
remove_in_thread (KrSecretTask *task, GError **error)
{
  return GINT_TO_POINTER (
      remove_account (task->engine, task->account, task->flags, task->deadline, error));
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
 * broker cannot be asked or refuses, nothing is removed, unless @flags say so. Errors: see
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
  g_return_val_if_fail (KR_SECRET_IS_CLIENT (self) && KR_SECRET_IS_ACCOUNT (account), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return remove_account (self->engine, account, flags,
                         kr_secret_engine_get_deadline (self->engine, cancellable), error);
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

  kr_secret_task_run (self, kr_secret_client_remove_async, remove_in_thread,
                      &(KrSecretTask){ .account = g_object_ref (account), .flags = flags },
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
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return kr_secret_task_finish (self, result, kr_secret_client_remove_async, error) != NULL;
}

/**
 * kr_secret_client_dup_accounts:
 * @self: a client
 *
 * Gets the accounts as they were last found. Any thread may call it; in the client's thread the
 * list model has the same.
 *
 * Returns: (transfer full) (element-type KrSecretAccount): the accounts, sorted by alias
 * Since: 0.1
 */
GPtrArray *
kr_secret_client_dup_accounts (KrSecretClient *self)
{
  g_return_val_if_fail (KR_SECRET_IS_CLIENT (self), NULL);

  return kr_secret_accounts_dup (self->engine->accounts);
}

/* Whether name, in NFC, is the account's alias, BROKER/ALIAS, or the beginning of its id. */
static gboolean
is_named (KrSecretAccount *account, const char *name)
{
  g_autofree char *alias = kr_secret_account_dup_alias (account);
  const char *broker_id = kr_secret_account_get_broker_id (account);
  const char *slash = strchr (name, '/');

  if (alias != NULL && g_str_equal (alias, name))
    return TRUE;
  if (alias != NULL && slash != NULL && strlen (broker_id) == (gsize) (slash - name)
      && strncmp (broker_id, name, (gsize) (slash - name)) == 0 && g_str_equal (slash + 1, alias))
    return TRUE;
  return strlen (name) >= ID_PREFIX_MIN
         && g_str_has_prefix (kr_secret_account_get_id (account), name);
}

static void
set_ambiguous (GError **error, const char *name, GPtrArray *candidates)
{
  g_autoptr (GString) list = g_string_new (NULL);

  for (guint i = 0; i < candidates->len; i++)
    {
      KrSecretAccount *account = g_ptr_array_index (candidates, i);
      g_autofree char *alias = kr_secret_account_dup_alias (account);

      g_string_append_printf (list, "%s%s (%s)", i > 0 ? ", " : "", alias != NULL ? alias : "?",
                              kr_secret_account_get_id (account));
    }
  kr_secret_error_set (error, KR_SECRET_ERROR_USAGE, 0, NULL, _ ("'%s' names several accounts: %s"),
                       name, list->str);
}

/**
 * kr_secret_client_find_account:
 * @self: a client
 * @name: an alias, `BROKER/ALIAS`, or at least 8 characters of an id
 * @error: (out) (optional): where to put an error
 *
 * Finds one of the accounts that were loaded. Errors: %KR_SECRET_ERROR_NOT_FOUND, or
 * %KR_SECRET_ERROR_USAGE if the name fits several. Any thread may call it.
 *
 * Returns: (transfer full): the account
 * Since: 0.1
 */
KrSecretAccount *
kr_secret_client_find_account (KrSecretClient *self, const char *name, GError **error)
{
  g_autoptr (GPtrArray) accounts = NULL;
  g_autoptr (GPtrArray) candidates = g_ptr_array_new ();
  g_autofree char *normal = NULL;

  g_return_val_if_fail (KR_SECRET_IS_CLIENT (self) && name != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  accounts = kr_secret_client_dup_accounts (self);
  normal = g_utf8_validate (name, -1, NULL) ? g_utf8_normalize (name, -1, G_NORMALIZE_NFC) : NULL;
  for (guint i = 0; normal != NULL && i < accounts->len; i++)
    if (is_named (g_ptr_array_index (accounts, i), normal))
      g_ptr_array_add (candidates, g_ptr_array_index (accounts, i));
  if (candidates->len == 1)
    return g_object_ref (g_ptr_array_index (candidates, 0));
  if (candidates->len == 0)
    kr_secret_error_set (error, KR_SECRET_ERROR_NOT_FOUND, 0, NULL, _ ("there is no account '%s'"),
                         name);
  else
    set_ambiguous (error, name, candidates);
  return NULL;
}
