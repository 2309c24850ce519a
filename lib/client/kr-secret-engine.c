/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/kr-secret-engine-private.h"

#include "keyring/kr-secret-connection-private.h"
#include "keyring/kr-secret-store-private.h"
#include "values/kr-secret-token-private.h"
#include "verbs/kr-secret-verb-private.h"

/* What the client and its follower both do: a verb, whose result goes into the state and the
 * memory.
 */

/* A token that only this client has is the account's as well. */
static void
add_unstored (KrSecretAccounts *self, GPtrArray *accounts)
{
  for (guint i = 0; i < accounts->len; i++)
    {
      KrSecretAccount *account = g_ptr_array_index (accounts, i);
      g_autoptr (KrSecretToken) token = kr_secret_token_memory_recall_unstored (
          kr_secret_accounts_get_memory (self), kr_secret_account_get_id (account),
          KR_SECRET_TOKEN_ACCESS);
      gint64 issued_at, expires_at;

      if (token == NULL)
        continue;
      kr_secret_account_get_token_times (account, &issued_at, &expires_at);
      if (kr_secret_token_get_issued_at (token) > issued_at)
        kr_secret_account_set_token (account, token);
    }
}

/* Reads all accounts once. *out_current: whether the client has not changed meanwhile. */
static gboolean
read_accounts (KrSecretAccounts *self,
               gboolean *out_current,
               guint *out_generation,
               gint64 deadline,
               GCancellable *cancellable,
               GError **error)
{
  g_autoptr (KrSecretConnection) connection
      = kr_secret_connection_get (deadline, cancellable, error);
  guint generation = *out_generation = kr_secret_connection_get_generation ();
  guint revision = kr_secret_accounts_get_revision (self);
  g_autoptr (GHashTable) tokens = NULL;
  g_autoptr (GPtrArray) accounts = NULL;
  GHashTableIter iter;
  gpointer id, token;

  if (connection == NULL)
    return FALSE;
  accounts = kr_secret_verb_load (&tokens, deadline, cancellable, error);
  if (accounts == NULL)
    return FALSE;
  add_unstored (self, accounts);
  *out_current = kr_secret_accounts_set (self, accounts, revision);
  g_hash_table_iter_init (&iter, tokens);
  while (*out_current && g_hash_table_iter_next (&iter, &id, &token))
    kr_secret_token_memory_keep (kr_secret_accounts_get_memory (self), id, token, generation);
  return TRUE;
}

gboolean
kr_secret_engine_reload (KrSecretAccounts *self,
                         guint *out_generation,
                         gint64 deadline,
                         GCancellable *cancellable,
                         GError **error)
{
  gboolean current = FALSE;

  while (!current)
    if (!read_accounts (self, &current, out_generation, deadline, cancellable, error))
      return FALSE;
  return TRUE;
}

/* A token that is remembered, where one that is stored and fresh will do. */
KrSecretToken *
kr_secret_engine_recall (KrSecretAccounts *self,
                         KrSecretAccount *account,
                         KrSecretTokenKind kind,
                         guint min_validity,
                         guint flags,
                         GCancellable *cancellable)
{
  if ((flags & KR_SECRET_TOKEN_RENEW) != 0 || g_cancellable_is_cancelled (cancellable))
    return NULL;
  return kr_secret_token_memory_recall (kr_secret_accounts_get_memory (self),
                                        kr_secret_account_get_id (account), kind, min_validity);
}

KrSecretToken *
kr_secret_engine_obtain (KrSecretAccounts *self,
                         KrSecretAccount *account,
                         KrSecretTokenKind kind,
                         guint min_validity,
                         guint flags,
                         gint64 deadline,
                         GCancellable *cancellable,
                         GError **error)
{
  KrSecretTokenMemory *memory = kr_secret_accounts_get_memory (self);
  const char *id = kr_secret_account_get_id (account);
  guint generation = kr_secret_connection_get_generation ();
  g_autoptr (KrSecretToken) kept = kr_secret_token_memory_recall_unstored (memory, id, kind);
  const KrSecretWish wish = { id, kind, min_validity, (KrSecretTokenFlags) flags, kept };
  KrSecretToken *token
      = kr_secret_engine_recall (self, account, kind, min_validity, flags, cancellable);

  /* What is remembered is not to be remembered anew: its end by the boot-time clock was taken when
   * it was read. */
  if (token != NULL)
    return token;
  token = kr_secret_verb_get_token (&wish, deadline, cancellable, error);
  if (token == NULL)
    return NULL;
  /* One that was issued meanwhile is news, and read from the keyring the next time. */
  if (kr_secret_token_get_warning (token) == NULL || !kr_secret_token_is_stored (token))
    kr_secret_token_memory_keep (memory, id, token, generation);
  if (kind == KR_SECRET_TOKEN_ACCESS)
    kr_secret_accounts_set_token (self, account, token);
  return token;
}
