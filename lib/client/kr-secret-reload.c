/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/kr-secret-reload-private.h"

#include "keyring/kr-secret-connection-private.h"
#include "verbs/kr-secret-verb-private.h"

/* Tokens that only this client has count too. */
static void
add_unstored (GPtrArray *found, KrSecretTokenMemory *memory)
{
  for (guint i = 0; i < found->len; i++)
    {
      KrSecretAccount *account = g_ptr_array_index (found, i);
      g_autoptr (KrSecretToken) token = kr_secret_token_memory_recall_unstored (
          memory, kr_secret_account_get_id (account), KR_SECRET_TOKEN_ACCESS);
      gint64 issued_at, expires_at;

      if (token == NULL)
        continue;
      kr_secret_account_get_token_times (account, &issued_at, &expires_at);
      if (kr_secret_token_get_issued_at (token) > issued_at)
        kr_secret_account_set_token (account, token);
    }
}

/* Reads them once. *out_current: nothing in the client has changed meanwhile. */
static gboolean
read_once (KrSecretEngine *engine,
           gboolean *out_current,
           guint *out_generation,
           KrSecretDeadline deadline,
           GError **error)
{
  g_autoptr (KrSecretConnection) connection = kr_secret_connection_get (deadline, error);
  guint generation = kr_secret_connection_get_generation ();
  guint revision = kr_secret_accounts_get_revision (engine->accounts);
  g_autoptr (GHashTable) tokens = NULL;
  g_autoptr (GPtrArray) found = NULL;
  GHashTableIter iter;
  gpointer id, token;

  if (out_generation != NULL)
    *out_generation = generation;
  if (connection == NULL)
    return FALSE;
  found = kr_secret_verb_load (&tokens, deadline, error);
  if (found == NULL)
    return FALSE;
  add_unstored (found, engine->memory);
  *out_current = kr_secret_accounts_set (engine->accounts, found, revision);
  g_hash_table_iter_init (&iter, tokens);
  while (*out_current && g_hash_table_iter_next (&iter, &id, &token))
    kr_secret_token_memory_keep (engine->memory, id, token, generation);
  return TRUE;
}

gboolean
kr_secret_reload (KrSecretEngine *engine,
                  guint *out_generation,
                  KrSecretDeadline deadline,
                  GError **error)
{
  gboolean current = FALSE;

  while (!current)
    if (!read_once (engine, &current, out_generation, deadline, error))
      return FALSE;
  return TRUE;
}
