/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "verbs/kr-secret-verb-private.h"

#include "base/kr-secret-clock-private.h"
#include "base/kr-secret-error-private.h"
#include "keyring/kr-secret-store-private.h"
#include "plugin/kr-secret-registry-private.h"
#include "values/kr-secret-account-private.h"
#include "values/kr-secret-token-private.h"

/* All items of the keyring: first the accounts, by id, then the tokens onto them. Only a damaged
 * item costs one more call, for its attributes. */
typedef struct
{
  GHashTable *accounts;      /* id -> KrSecretAccount */
  GPtrArray *records;        /* of tokens */
  GHashTable *tokens;        /* id -> KrSecretToken, those that may be handed out */
  GPtrArray *damaged_tokens; /* ids */
  GStrvBuilder *unborn;      /* ids of accounts still being added */
  KrSecretDeadline deadline;
} Loading;

static KrSecretAccount *
get_or_add_damaged (Loading *loading, const char *id)
{
  KrSecretAccount *account = g_hash_table_lookup (loading->accounts, id);

  if (account == NULL)
    {
      account = kr_secret_account_new_damaged (id);
      g_hash_table_insert (loading->accounts, (gpointer) kr_secret_account_get_id (account),
                           account);
    }
  return account;
}

static gboolean
load_damaged (Loading *loading, const KrSecretItem *item, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autofree char *id = NULL;
  g_autofree char *kind = NULL;

  if (!kr_secret_store_identify (item->path, &id, &kind, loading->deadline, &local))
    {
      if (g_error_matches (local, KR_SECRET_ERROR, KR_SECRET_ERROR_NOT_FOUND))
        return TRUE; /* gone while we looked */
      return KR_SECRET_PASS (error, local);
    }
  if (g_str_equal (kind, KR_SECRET_STORE_ACCOUNT))
    get_or_add_damaged (loading, id);
  else if (g_str_equal (kind, KR_SECRET_STORE_TOKEN))
    g_ptr_array_add (loading->damaged_tokens, g_steal_pointer (&id));
  return TRUE;
}

/* Called with older records first: of several, in different collections, the newest counts. */
static void
load_token (Loading *loading, KrSecretRecord *record)
{
  const char *id = kr_secret_record_get (record, "id");
  KrSecretAccount *account = id != NULL ? g_hash_table_lookup (loading->accounts, id) : NULL;
  gboolean revoking = kr_secret_record_get (record, KR_SECRET_RECORD_REVOKING) != NULL;
  g_autoptr (KrSecretToken) token = kr_secret_record_get_token (record, NULL);

  if (account == NULL || token == NULL
      || kr_secret_token_get_kind (token) != KR_SECRET_TOKEN_ACCESS)
    return;
  kr_secret_account_set_token (account, revoking ? NULL : token);
  if (revoking && kr_secret_account_get_problem (account) == NULL)
    kr_secret_account_set_problem (account, "revoke-pending");
  else if (!revoking && g_strcmp0 (kr_secret_account_get_problem (account), "revoke-pending") == 0)
    kr_secret_account_set_problem (account, NULL);
  if (revoking || !kr_secret_token_check (token, kr_secret_clock_now (), NULL))
    g_hash_table_remove (loading->tokens, id);
  else
    g_hash_table_insert (loading->tokens, g_strdup (id), g_steal_pointer (&token));
}

static int
compare_ages (gconstpointer a, gconstpointer b)
{
  KrSecretRecord *one = *(KrSecretRecord *const *) a;
  KrSecretRecord *other = *(KrSecretRecord *const *) b;

  return (int) kr_secret_record_is_newer (one, other)
         - (int) kr_secret_record_is_newer (other, one);
}

/* Looks at the folder only; loads no plugin. */
static void
note_missing_plugins (Loading *loading)
{
  g_autoptr (GPtrArray) ids = kr_secret_registry_list_ids ();
  GHashTableIter iter;
  gpointer account;

  g_hash_table_iter_init (&iter, loading->accounts);
  while (g_hash_table_iter_next (&iter, NULL, &account))
    {
      const char *id = kr_secret_account_get_broker_id (account);

      if (id != NULL && !g_ptr_array_find_with_equal_func (ids, id, g_str_equal, NULL))
        kr_secret_account_set_problem (account, "plugin-missing");
    }
}

/* Leaves out the accounts of an unfinished batch. */
static gboolean
load_batch (Loading *loading, const KrSecretItem *item)
{
  g_autoptr (KrSecretRecord) record
      = kr_secret_store_decode_item (item, KR_SECRET_STORE_BATCH, NULL);
  const char *ids = record != NULL ? kr_secret_record_get (record, "ids") : NULL;
  g_auto (GStrv) words = NULL;

  if (ids == NULL)
    return FALSE;
  words = g_strsplit (ids, " ", -1);
  g_strv_builder_addv (loading->unborn, (const char **) words);
  return TRUE;
}

/* Whether this is the dummy of a program that was killed while it checked the keyring. */
static gboolean
is_probe (const KrSecretItem *item)
{
  g_autoptr (KrSecretRecord) record
      = kr_secret_store_decode_item (item, KR_SECRET_STORE_PROBE, NULL);

  return record != NULL;
}

static gboolean
load_item (Loading *loading, const KrSecretItem *item, GError **error)
{
  g_autoptr (KrSecretRecord) account
      = kr_secret_store_decode_item (item, KR_SECRET_STORE_ACCOUNT, NULL);
  g_autoptr (KrSecretRecord) token = NULL;
  const char *id = account != NULL ? kr_secret_record_get (account, "id") : NULL;

  if (id != NULL)
    {
      KrSecretAccount *found = kr_secret_account_new (id, account);

      g_hash_table_replace (loading->accounts, (gpointer) kr_secret_account_get_id (found), found);
      return TRUE;
    }
  token = kr_secret_store_decode_item (item, KR_SECRET_STORE_TOKEN, NULL);
  if (token == NULL)
    return load_batch (loading, item) || is_probe (item) || load_damaged (loading, item, error);
  g_ptr_array_add (loading->records, g_steal_pointer (&token));
  return TRUE;
}

static void
drop_unborn (Loading *loading)
{
  g_auto (GStrv) ids = g_strv_builder_end (loading->unborn);

  for (char **id = ids; *id != NULL; id++)
    g_hash_table_remove (loading->accounts, *id);
}

static gboolean
load_items (Loading *loading, GPtrArray *items, GError **error)
{
  for (guint i = 0; i < items->len; i++)
    if (!load_item (loading, g_ptr_array_index (items, i), error))
      return FALSE;

  drop_unborn (loading);
  note_missing_plugins (loading);
  g_ptr_array_sort (loading->records, compare_ages);
  for (guint i = 0; i < loading->records->len; i++)
    load_token (loading, g_ptr_array_index (loading->records, i));
  for (guint i = 0; i < loading->damaged_tokens->len; i++)
    {
      KrSecretAccount *account
          = g_hash_table_lookup (loading->accounts, g_ptr_array_index (loading->damaged_tokens, i));

      if (account != NULL && kr_secret_account_get_problem (account) == NULL)
        kr_secret_account_set_problem (account, "token-damaged");
    }
  return TRUE;
}

/* All accounts by alias, and their access tokens by id. Two calls, however many there are. */
GPtrArray *
kr_secret_verb_load (GHashTable **out_tokens, KrSecretDeadline deadline, GError **error)
{
  g_autoptr (GPtrArray) items = kr_secret_store_search (NULL, NULL, deadline, error);
  g_autoptr (GHashTable) accounts
      = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_object_unref);
  g_autoptr (GHashTable) tokens = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                                         (GDestroyNotify) kr_secret_token_unref);
  g_autoptr (GPtrArray) records
      = g_ptr_array_new_with_free_func ((GDestroyNotify) kr_secret_record_free);
  g_autoptr (GPtrArray) damaged_tokens = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GStrvBuilder) unborn = g_strv_builder_new ();
  Loading loading = { accounts, records, tokens, damaged_tokens, unborn, deadline };
  GPtrArray *result;
  GHashTableIter iter;
  gpointer account;

  if (items == NULL || !load_items (&loading, items, error))
    return NULL;
  result = g_ptr_array_new_with_free_func (g_object_unref);
  g_hash_table_iter_init (&iter, accounts);
  while (g_hash_table_iter_next (&iter, NULL, &account))
    g_ptr_array_add (result, g_object_ref (account));
  g_ptr_array_sort (result, kr_secret_account_compare);
  *out_tokens = g_steal_pointer (&tokens);
  return result;
}
