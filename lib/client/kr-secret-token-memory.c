/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/kr-secret-token-memory-private.h"

#include "base/kr-secret-clock-private.h"
#include "keyring/kr-secret-connection-private.h"
#include "values/kr-secret-token-private.h"

/* Tokens that were in the keyring in a generation of the connection are good as long as that lasts.
 * Tokens that could not be stored, and only this client has, are good until they end. */

#define N_KINDS (KR_SECRET_TOKEN_WEBSOCKET + 1)

typedef struct
{
  KrSecretToken *token; /* NULL: none */
  guint generation;
  gint64 boottime_expires_ms;
} Entry;

struct _KrSecretTokenMemory
{
  GMutex mutex;
  GHashTable *entries; /* id -> Entry[N_KINDS] */
};

static void
entries_free (gpointer data)
{
  Entry *entries = data;

  for (guint i = 0; i < N_KINDS; i++)
    g_clear_pointer (&entries[i].token, kr_secret_token_unref);
  g_free (entries);
}

KrSecretTokenMemory *
kr_secret_token_memory_new (void)
{
  KrSecretTokenMemory *self = g_new0 (KrSecretTokenMemory, 1);

  g_mutex_init (&self->mutex);
  self->entries = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, entries_free);
  return self;
}

void
kr_secret_token_memory_free (KrSecretTokenMemory *self)
{
  g_hash_table_unref (self->entries);
  g_mutex_clear (&self->mutex);
  g_free (self);
}

/* By the wall clock, and by the boot-time clock, which cannot be set. */
static gboolean
is_fresh (const Entry *entry, guint min_validity)
{
  gint64 left = (entry->boottime_expires_ms - kr_secret_clock_boottime_ms ()) / 1000;
  gint64 expires_at = kr_secret_token_get_expires_at (entry->token);

  return kr_secret_token_is_fresh (entry->token, min_validity,
                                   MAX (kr_secret_clock_now (), expires_at - left));
}

/* Whether a token that only this client has is newer than the one in the keyring. */
static gboolean
outlasts (const Entry *entry, KrSecretToken *token)
{
  return !kr_secret_token_is_stored (entry->token) && kr_secret_token_is_stored (token)
         && is_fresh (entry, 0)
         && kr_secret_token_get_issued_at (entry->token) > kr_secret_token_get_issued_at (token);
}

/* Remembers a token that was read, or issued, while a generation lasted. */
void
kr_secret_token_memory_keep (KrSecretTokenMemory *self,
                             const char *id,
                             KrSecretToken *token,
                             guint generation)
{
  gint64 left = kr_secret_token_get_expires_at (token) - kr_secret_clock_now ();
  Entry *entries, *entry;

  g_mutex_lock (&self->mutex);
  entries = g_hash_table_lookup (self->entries, id);
  if (entries == NULL)
    {
      entries = g_new0 (Entry, N_KINDS);
      g_hash_table_insert (self->entries, g_strdup (id), entries);
    }
  entry = &entries[kr_secret_token_get_kind (token)];
  if (entry->token == NULL || !outlasts (entry, token))
    {
      g_clear_pointer (&entry->token, kr_secret_token_unref);
      entry->token = kr_secret_token_ref (token);
      entry->generation = generation;
      entry->boottime_expires_ms = kr_secret_clock_boottime_ms () + left * 1000;
    }
  g_mutex_unlock (&self->mutex);
}

/* Called with the mutex held. */
static const Entry *
find (KrSecretTokenMemory *self, const char *id, KrSecretTokenKind kind)
{
  const Entry *entries = g_hash_table_lookup (self->entries, id);

  return entries != NULL && entries[kind].token != NULL ? &entries[kind] : NULL;
}

/* A fresh token that is certainly in the keyring, or NULL. *out_unstored is then a token that only
 * this client has and that has not ended, or NULL. Allocates nothing. */
KrSecretToken *
kr_secret_token_memory_recall (KrSecretTokenMemory *self,
                               const char *id,
                               KrSecretTokenKind kind,
                               guint min_validity,
                               KrSecretToken **out_unstored)
{
  KrSecretToken *token = NULL;
  const Entry *entry;

  *out_unstored = NULL;
  g_mutex_lock (&self->mutex);
  entry = find (self, id, kind);
  if (entry == NULL)
    ;
  else if (!kr_secret_token_is_stored (entry->token))
    *out_unstored = is_fresh (entry, 0) ? kr_secret_token_ref (entry->token) : NULL;
  else if (kr_secret_connection_is_generation (entry->generation) && is_fresh (entry, min_validity))
    token = kr_secret_token_ref (entry->token);
  g_mutex_unlock (&self->mutex);
  return token;
}

/* A token that only this client has and that has not ended, or NULL. */
KrSecretToken *
kr_secret_token_memory_recall_unstored (KrSecretTokenMemory *self,
                                        const char *id,
                                        KrSecretTokenKind kind)
{
  KrSecretToken *token = NULL;
  const Entry *entry;

  g_mutex_lock (&self->mutex);
  entry = find (self, id, kind);
  if (entry != NULL && !kr_secret_token_is_stored (entry->token) && is_fresh (entry, 0))
    token = kr_secret_token_ref (entry->token);
  g_mutex_unlock (&self->mutex);
  return token;
}

/* Forgets an account's tokens, or only the one with a fingerprint. */
void
kr_secret_token_memory_drop (KrSecretTokenMemory *self, const char *id, const char *fingerprint)
{
  Entry *entries;

  g_mutex_lock (&self->mutex);
  entries = g_hash_table_lookup (self->entries, id);
  for (guint i = 0; entries != NULL && i < N_KINDS; i++)
    if (entries[i].token != NULL
        && (fingerprint == NULL
            || g_str_equal (kr_secret_token_get_fingerprint (entries[i].token), fingerprint)))
      g_clear_pointer (&entries[i].token, kr_secret_token_unref);
  g_mutex_unlock (&self->mutex);
}
