/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "verbs/kr-secret-verbs-private.h"

#include "values/kr-secret-account-private.h"
#include "base/kr-secret-deadline-private.h"
#include "base/kr-secret-intl-private.h"
#include "keyring/kr-secret-store-private.h"

/* Several accounts at once, all or none. The keyring can store only one item at a time, so a batch
 * item that names the accounts is stored first and erased last. As long as it is there, the
 * accounts are not: kr-secret-loading.c leaves them out, and whoever adds or changes the next
 * account erases them. */

/* For taking back what was begun: whatever the caller's deadline. Where that is not enough, the
 * next one does it. */
#define UNDO_MS (3 * 1000)

/* A stored account costs more the more there are: the whole file is written, twice. */
#define MS_PER_ACCOUNT 250

/* The batch item has their ids: they must not be more than a record holds. */
#define MOST_ACCOUNTS 1000
#define ID_SIZE 37 /* with the space after it */

G_STATIC_ASSERT (MOST_ACCOUNTS *ID_SIZE < KR_SECRET_RECORD_MAX - 1024);

static gboolean
undo_one (const char *id, GError **error)
{
  g_autoptr (KrSecretLedger) lock = NULL;
  gint64 deadline = kr_secret_deadline_in (UNDO_MS);

  /* They name files too. */
  if (!g_uuid_string_is_valid (id))
    return TRUE;
  if (!kr_secret_store_erase (id, NULL, NULL, deadline, NULL, error))
    return FALSE;
  if (kr_secret_ledger_is_there (id))
    lock = kr_secret_ledger_lock (id, deadline, NULL, NULL);
  if (lock != NULL)
    kr_secret_ledger_discard (lock, id);
  return TRUE;
}

static gboolean
undo_end (const char *batch_id, GError **error)
{
  return kr_secret_store_erase (batch_id, KR_SECRET_STORE_BATCH, NULL,
                                kr_secret_deadline_in (UNDO_MS), NULL, error);
}

/* What was begun here. */
static void
undo (char **ids, const char *batch_id)
{
  for (char **id = ids; *id != NULL; id++)
    if (!undo_one (*id, NULL))
      return;
  undo_end (batch_id, NULL);
}

/* What another program has left. It may be more than there is time for: as long as the batch item
 * is there, the next one goes on with it. */
static gboolean
clear_one (
    char **ids, const char *batch_id, gint64 deadline, GCancellable *cancellable, GError **error)
{
  for (char **id = ids; *id != NULL; id++)
    if (!kr_secret_deadline_check (deadline, cancellable, error) || !undo_one (*id, error))
      return FALSE;
  return undo_end (batch_id, error);
}

/* Takes back what a program that was killed had begun. To be called with the lock of the set of
 * accounts. */
gboolean
kr_secret_verb_clear_batches (gint64 deadline, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) items
      = kr_secret_store_search (NULL, KR_SECRET_STORE_BATCH, deadline, cancellable, error);

  for (guint i = 0; items != NULL && i < items->len; i++)
    {
      const KrSecretItem *item = g_ptr_array_index (items, i);
      g_autoptr (KrSecretRecord) record
          = kr_secret_store_decode_item (item, KR_SECRET_STORE_BATCH, NULL);
      g_auto (GStrv) ids = NULL;
      g_autofree char *batch_id = NULL;
      g_autofree char *kind = NULL;
      const char *words = record != NULL ? kr_secret_record_get (record, "ids") : NULL;

      /* One that is torn was killed before there was an account. */
      ids = g_strsplit (words != NULL ? words : "", " ", -1);
      if (!kr_secret_store_identify (item->path, &batch_id, &kind, deadline, cancellable, error)
          || !clear_one (ids, batch_id, deadline, cancellable, error))
        return FALSE;
    }
  return items != NULL;
}

static gboolean
is_taken (KrSecretRecord *record, GError **error)
{
  kr_secret_error_set (error, KR_SECRET_ERROR_USAGE, 0, NULL,
                       _ ("there is already an account with the id of '%s'"),
                       kr_secret_record_get (record, "alias"));
  return FALSE;
}

/* Whether nothing is stored under an id that was brought along, not even an account that is
 * damaged: a batch that is taken back would take it away. */
static gboolean
check_id (KrSecretRecord *record, gint64 deadline, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) items = kr_secret_store_search (
      kr_secret_record_get (record, "id"), KR_SECRET_STORE_ACCOUNT, deadline, cancellable, error);

  return items != NULL && (items->len == 0 || is_taken (record, error));
}

/* Makes the records ones that can be stored beside the others, and beside each other. */
static gboolean
finish_records (GPtrArray *records,
                GPtrArray *others,
                gint64 deadline,
                GCancellable *cancellable,
                GError **error)
{
  g_autoptr (GPtrArray) known = g_ptr_array_new ();

  g_ptr_array_extend (known, others, NULL, NULL);
  for (guint i = 0; i < records->len; i++)
    {
      KrSecretRecord *record = g_ptr_array_index (records, i);
      gboolean has_id = kr_secret_record_get (record, "id") != NULL;

      if (!kr_secret_account_record_finish (record, error)
          || !kr_secret_verb_check_unique (record, known, error))
        return FALSE;
      for (guint j = 0; j < known->len; j++)
        if (g_strcmp0 (kr_secret_record_get (record, "id"),
                       kr_secret_record_get (g_ptr_array_index (known, j), "id"))
            == 0)
          return is_taken (record, error);
      if (has_id && !check_id (record, deadline, cancellable, error))
        return FALSE;
      g_ptr_array_add (known, record);
    }
  return TRUE;
}

static gboolean
write_batch (const char *batch_id,
             GPtrArray *records,
             char ***out_ids,
             gint64 deadline,
             GCancellable *cancellable,
             GError **error)
{
  g_autoptr (KrSecretRecord) batch = kr_secret_record_new (KR_SECRET_RECORD_BATCH);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) ids = NULL;
  g_autofree char *joined = NULL;

  for (guint i = 0; i < records->len; i++)
    g_strv_builder_add (builder, kr_secret_record_get (g_ptr_array_index (records, i), "id"));
  ids = g_strv_builder_end (builder);
  joined = g_strjoinv (" ", ids);
  kr_secret_record_set (batch, "ids", joined);
  if (!kr_secret_store_write_record (batch_id, KR_SECRET_STORE_BATCH, batch, deadline, cancellable,
                                     error))
    return FALSE;
  *out_ids = g_steal_pointer (&ids);
  return TRUE;
}

static gboolean
write_accounts (GPtrArray *records, gint64 deadline, GCancellable *cancellable, GError **error)
{
  for (guint i = 0; i < records->len; i++)
    {
      KrSecretRecord *record = g_ptr_array_index (records, i);
      const char *id = kr_secret_record_get (record, "id");

      if (!kr_secret_deadline_check (deadline, cancellable, error)
          || !kr_secret_ledger_make (id, error)
          || !kr_secret_store_write_record (id, KR_SECRET_STORE_ACCOUNT, record, deadline,
                                            cancellable, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
check_number (guint n, GError **error)
{
  if (n <= MOST_ACCOUNTS)
    return TRUE;
  kr_secret_error_set (error, KR_SECRET_ERROR_USAGE, 0, NULL,
                       _ ("%u accounts are too many to be added at once; %u can be"), n,
                       MOST_ACCOUNTS);
  return FALSE;
}

/* Stores accounts, without asking a broker. records: of accounts, as they were given; afterwards as
 * they are stored. */
GPtrArray *
kr_secret_verb_add_all (GPtrArray *records,
                        gint64 deadline,
                        GCancellable *cancellable,
                        GError **error)
{
  g_autofree char *batch_id = g_uuid_string_random ();
  g_autoptr (KrSecretLedger) lock = NULL;
  g_autoptr (GPtrArray) others = NULL;
  g_autoptr (GPtrArray) accounts = g_ptr_array_new_with_free_func (g_object_unref);
  g_auto (GStrv) ids = NULL;

  if (!check_number (records->len, error))
    return NULL;
  lock = kr_secret_ledger_lock (KR_SECRET_LEDGER_ACCOUNTS, deadline, cancellable, error);
  if (lock == NULL || !kr_secret_verb_clear_batches (deadline, cancellable, error))
    return NULL;
  others = kr_secret_verb_read_accounts (deadline, cancellable, error);
  if (others == NULL || !finish_records (records, others, deadline, cancellable, error))
    return NULL;
  if (records->len == 0)
    return g_steal_pointer (&accounts);

  deadline += (gint64) records->len * MS_PER_ACCOUNT * 1000;
  if (!write_batch (batch_id, records, &ids, deadline, cancellable, error))
    {
      /* It may be there all the same; it names no account that is. */
      undo_end (batch_id, NULL);
      return NULL;
    }
  if (!write_accounts (records, deadline, cancellable, error)
      || !kr_secret_store_erase (batch_id, KR_SECRET_STORE_BATCH, NULL, deadline, cancellable,
                                 error))
    {
      undo (ids, batch_id);
      return NULL;
    }
  for (guint i = 0; i < records->len; i++)
    g_ptr_array_add (accounts, kr_secret_account_new (ids[i], g_ptr_array_index (records, i)));
  return g_steal_pointer (&accounts);
}
