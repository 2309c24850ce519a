/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "verbs/kr-secret-verb-private.h"

#include "base/kr-secret-deadline-private.h"
#include "base/kr-secret-error-private.h"
#include "common/kr-intl.h"
#include "issue/kr-secret-ledger-private.h"
#include "keyring/kr-secret-store-private.h"
#include "values/kr-secret-account-private.h"
#include "verbs/kr-secret-batch-private.h"
#include "verbs/kr-secret-stored-account-private.h"

/* Storing takes longer the more accounts there are: the whole file is written, twice. */
#define MS_PER_ACCOUNT 250

static gboolean
is_taken (KrSecretRecord *record, GError **error)
{
  return KR_SECRET_FAIL (error, KR_SECRET_ERROR_USAGE,
                         _ ("there is already an account with the id of '%s'"),
                         kr_secret_record_get (record, "alias"));
}

/* Whether the given ids are free, even of damaged accounts: undoing the batch would erase those. */
static gboolean
check_id (KrSecretRecord *record, KrSecretDeadline deadline, GError **error)
{
  g_autoptr (GPtrArray) items = kr_secret_store_search (kr_secret_record_get (record, "id"),
                                                        KR_SECRET_STORE_ACCOUNT, deadline, error);

  return items != NULL && (items->len == 0 || is_taken (record, error));
}

/* Completes the records, and checks them against the stored accounts and each other. */
static gboolean
finish_records (GPtrArray *records, GPtrArray *others, KrSecretDeadline deadline, GError **error)
{
  g_autoptr (GPtrArray) known = g_ptr_array_new ();

  g_ptr_array_extend (known, others, NULL, NULL);
  for (guint i = 0; i < records->len; i++)
    {
      KrSecretRecord *record = g_ptr_array_index (records, i);
      gboolean has_id = kr_secret_record_get (record, "id") != NULL;

      if (!kr_secret_account_record_finish (record, error)
          || !kr_secret_stored_account_check_unique (record, known, error))
        return FALSE;
      for (guint j = 0; j < known->len; j++)
        if (g_strcmp0 (kr_secret_record_get (record, "id"),
                       kr_secret_record_get (g_ptr_array_index (known, j), "id"))
            == 0)
          return is_taken (record, error);
      if (has_id && !check_id (record, deadline, error))
        return FALSE;
      g_ptr_array_add (known, record);
    }
  return TRUE;
}

static gboolean
write_accounts (GPtrArray *records, KrSecretDeadline deadline, GError **error)
{
  for (guint i = 0; i < records->len; i++)
    {
      KrSecretRecord *record = g_ptr_array_index (records, i);
      const char *id = kr_secret_record_get (record, "id");

      if (!kr_secret_deadline_check (deadline, error) || !kr_secret_ledger_make (id, error)
          || !kr_secret_store_write_record (id, KR_SECRET_STORE_ACCOUNT, record, deadline, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
check_number (guint n, GError **error)
{
  if (n <= KR_SECRET_BATCH_MAX)
    return TRUE;
  return KR_SECRET_FAIL (error, KR_SECRET_ERROR_USAGE,
                         _ ("%u accounts are too many to add at once; the most is %u"), n,
                         KR_SECRET_BATCH_MAX);
}

/* Stores accounts without asking a broker. records: as given; afterwards as stored. */
GPtrArray *
kr_secret_verb_add_all (GPtrArray *records, KrSecretDeadline deadline, GError **error)
{
  g_autofree char *batch_id = g_uuid_string_random ();
  g_autoptr (KrSecretLedger) lock = NULL;
  g_autoptr (GPtrArray) others = NULL;
  g_autoptr (GPtrArray) accounts = g_ptr_array_new_with_free_func (g_object_unref);

  if (!check_number (records->len, error))
    return NULL;
  lock = kr_secret_ledger_lock (KR_SECRET_LEDGER_ACCOUNTS, deadline, error);
  if (lock == NULL || !kr_secret_batch_clear_all (deadline, error))
    return NULL;
  others = kr_secret_stored_account_read_all (deadline, error);
  if (others == NULL || !finish_records (records, others, deadline, error))
    return NULL;
  if (records->len == 0)
    return g_steal_pointer (&accounts);

  deadline.at += (gint64) records->len * MS_PER_ACCOUNT * 1000;
  if (!kr_secret_batch_begin (batch_id, records, deadline, error))
    return NULL;
  if (!write_accounts (records, deadline, error)
      || !kr_secret_batch_end (batch_id, deadline, error))
    {
      kr_secret_batch_undo (batch_id, records);
      return NULL;
    }
  for (guint i = 0; i < records->len; i++)
    {
      KrSecretRecord *record = g_ptr_array_index (records, i);

      g_ptr_array_add (accounts,
                       kr_secret_account_new (kr_secret_record_get (record, "id"), record));
    }
  return g_steal_pointer (&accounts);
}
