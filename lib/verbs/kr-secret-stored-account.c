/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "verbs/kr-secret-stored-account-private.h"

#include "base/kr-secret-error-private.h"
#include "common/kr-intl.h"
#include "common/kr-sensitive.h"
#include "keyring/kr-secret-store-private.h"

/* The record of an account; it is an error if there is none. */
KrSecretRecord *
kr_secret_stored_account_read (const char *id, KrSecretDeadline deadline, GError **error)
{
  g_autoptr (GError) local = NULL;
  KrSecretRecord *record
      = kr_secret_store_read_record (id, KR_SECRET_STORE_ACCOUNT, deadline, &local);

  if (record == NULL && local == NULL)
    kr_secret_error_set (error, KR_SECRET_ERROR_NOT_FOUND, 0, NULL,
                         _ ("the account is no longer in the keyring"));
  else if (record == NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  return record;
}

/* The records of all accounts that can be read. (element-type KrSecretRecord) */
GPtrArray *
kr_secret_stored_account_read_all (KrSecretDeadline deadline, GError **error)
{
  g_autoptr (GPtrArray) items
      = kr_secret_store_search (NULL, KR_SECRET_STORE_ACCOUNT, deadline, error);
  GPtrArray *records;

  if (items == NULL)
    return NULL;
  records = g_ptr_array_new_with_free_func ((GDestroyNotify) kr_secret_record_free);
  for (guint i = 0; i < items->len; i++)
    {
      g_autoptr (KrSecretRecord) record = kr_secret_store_decode_item (
          g_ptr_array_index (items, i), KR_SECRET_STORE_ACCOUNT, NULL);

      if (record != NULL && kr_secret_record_get (record, "alias") != NULL)
        g_ptr_array_add (records, g_steal_pointer (&record));
    }
  return records;
}

static gboolean
same_value (KrSecretRecord *a, KrSecretRecord *b, const char *key)
{
  return g_strcmp0 (kr_secret_record_get (a, key), kr_secret_record_get (b, key)) == 0;
}

/* Fails if another account has the alias, or the key: two would fight over one token. */
gboolean
kr_secret_stored_account_check_unique (KrSecretRecord *wanted, GPtrArray *others, GError **error)
{
  for (guint i = 0; i < others->len; i++)
    {
      KrSecretRecord *other = g_ptr_array_index (others, i);
      const char *alias = kr_secret_record_get (other, "alias");

      if (same_value (wanted, other, "id"))
        continue;
      if (same_value (wanted, other, "alias"))
        return KR_SECRET_FAIL (error, KR_SECRET_ERROR_USAGE,
                               _ ("there is already an account named '%s'"), alias);
      if (same_value (wanted, other, "broker") && same_value (wanted, other, "environment")
          && kr_sensitive_equal (kr_secret_record_get_secret (other, "secret.field.appkey"),
                                 kr_secret_record_get_secret (wanted, "secret.field.appkey")))
        return KR_SECRET_FAIL (error, KR_SECRET_ERROR_USAGE,
                               _ ("the account '%s' already holds this key; two accounts would "
                                  "fight over one token"),
                               alias);
    }
  return TRUE;
}
