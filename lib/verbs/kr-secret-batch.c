/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "verbs/kr-secret-batch-private.h"

#include "base/kr-secret-deadline-private.h"
#include "issue/kr-secret-ledger-private.h"
#include "keyring/kr-secret-store-private.h"

/* Stores several accounts, all or none. The keyring stores one item at a time, so a batch item that
 * names them is stored first and erased last. While it exists, its accounts do not count: loading
 * leaves them out, and the next change or addition of any account erases them. */

/* For undoing, whatever the caller's deadline. If it is not enough, the next caller goes on. */
#define UNDO_MS (3 * 1000)

/* With the space after it. */
#define ID_SIZE 37

G_STATIC_ASSERT (KR_SECRET_BATCH_MAX *ID_SIZE < KR_SECRET_RECORD_MAX - 1024);

static const char *
get_id (GPtrArray *records, guint i)
{
  return kr_secret_record_get (g_ptr_array_index (records, i), "id");
}

static gboolean
undo_one (const char *id, GError **error)
{
  g_autoptr (KrSecretLedger) lock = NULL;
  KrSecretDeadline deadline = kr_secret_deadline_in (UNDO_MS, NULL);

  /* Ids are also names of files. */
  if (!g_uuid_string_is_valid (id))
    return TRUE;
  if (!kr_secret_store_erase (id, NULL, NULL, deadline, error))
    return FALSE;
  if (kr_secret_ledger_is_there (id))
    lock = kr_secret_ledger_lock (id, deadline, NULL);
  if (lock != NULL)
    kr_secret_ledger_discard (lock, id);
  return TRUE;
}

static gboolean
undo_end (const char *batch_id, GError **error)
{
  return kr_secret_store_erase (batch_id, KR_SECRET_STORE_BATCH, NULL,
                                kr_secret_deadline_in (UNDO_MS, NULL), error);
}

/* After a failure the item may still exist, and is erased: no account of it is stored. */
gboolean
kr_secret_batch_begin (const char *batch_id,
                       GPtrArray *records,
                       KrSecretDeadline deadline,
                       GError **error)
{
  g_autoptr (KrSecretRecord) batch = kr_secret_record_new (KR_SECRET_RECORD_BATCH);
  g_autoptr (GString) ids = g_string_new (NULL);

  for (guint i = 0; i < records->len; i++)
    g_string_append_printf (ids, "%s%s", i > 0 ? " " : "", get_id (records, i));
  kr_secret_record_set (batch, "ids", ids->str);
  if (kr_secret_store_write_record (batch_id, KR_SECRET_STORE_BATCH, batch, deadline, error))
    return TRUE;
  undo_end (batch_id, NULL);
  return FALSE;
}

/* From now on the accounts exist. */
gboolean
kr_secret_batch_end (const char *batch_id, KrSecretDeadline deadline, GError **error)
{
  return kr_secret_store_erase (batch_id, KR_SECRET_STORE_BATCH, NULL, deadline, error);
}

/* Undoes what was begun here. */
void
kr_secret_batch_undo (const char *batch_id, GPtrArray *records)
{
  for (guint i = 0; i < records->len; i++)
    if (!undo_one (get_id (records, i), NULL))
      return;
  undo_end (batch_id, NULL);
}

/* Undoes what another program left. If time runs out the batch item stays, for the next caller. */
static gboolean
clear_one (char **ids, const char *batch_id, KrSecretDeadline deadline, GError **error)
{
  for (char **id = ids; *id != NULL; id++)
    if (!kr_secret_deadline_check (deadline, error) || !undo_one (*id, error))
      return FALSE;
  return undo_end (batch_id, error);
}

/* Undoes the batches of programs that were killed. */
gboolean
kr_secret_batch_clear_all (KrSecretDeadline deadline, GError **error)
{
  g_autoptr (GPtrArray) items
      = kr_secret_store_search (NULL, KR_SECRET_STORE_BATCH, deadline, error);

  for (guint i = 0; items != NULL && i < items->len; i++)
    {
      const KrSecretItem *item = g_ptr_array_index (items, i);
      g_autoptr (KrSecretRecord) record
          = kr_secret_store_decode_item (item, KR_SECRET_STORE_BATCH, NULL);
      g_auto (GStrv) ids = NULL;
      g_autofree char *batch_id = NULL;
      g_autofree char *kind = NULL;
      const char *words = record != NULL ? kr_secret_record_get (record, "ids") : NULL;

      /* If the item is torn, no account was stored yet. */
      ids = g_strsplit (words != NULL ? words : "", " ", -1);
      if (!kr_secret_store_identify (item->path, &batch_id, &kind, deadline, error)
          || !clear_one (ids, batch_id, deadline, error))
        return FALSE;
    }
  return items != NULL;
}
