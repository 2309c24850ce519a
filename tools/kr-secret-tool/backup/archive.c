/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "backup/archive.h"

#include <glib/gi18n.h>
#include <string.h>

#include "kr-secret-fail.h"
#include "common/kr-sensitive.h"

/* A record about the backup itself, then each account's, as in the keyring. */

#define MADE_AT "made_at"

static gboolean
damaged (const char *why, GError **error)
{
  return KR_SECRET_FAIL (error, KR_SECRET_ERROR_DAMAGED, _ ("what it holds is damaged: %s"), why);
}

static gboolean
add_part (GPtrArray *parts, KrSecretRecord *record, GError **error)
{
  SecretValue *part = kr_secret_record_encode (record, error);

  if (part != NULL)
    g_ptr_array_add (parts, part);
  return part != NULL;
}

/* The buffer has its final size, so that growing leaves no copies of secrets. */
static SecretValue *
join (GPtrArray *parts)
{
  char *whole;
  gsize total = 0, at = 0;

  for (guint i = 0; i < parts->len; i++)
    {
      gsize length;

      secret_value_get (parts->pdata[i], &length);
      total += length;
    }
  whole = g_malloc (total);
  for (guint i = 0; i < parts->len; i++)
    {
      gsize length;
      const char *part = secret_value_get (parts->pdata[i], &length);

      memcpy (whole + at, part, length);
      at += length;
    }
  return kr_sensitive_take (whole, total);
}

SecretValue *
archive_encode (GPtrArray *accounts, gint64 made_at, GError **error)
{
  g_autoptr (GPtrArray) parts = g_ptr_array_new_with_free_func (secret_value_unref);
  g_autoptr (KrSecretRecord) head = kr_secret_record_new (KR_SECRET_RECORD_BACKUP);

  g_return_val_if_fail (accounts->len > 0, NULL);

  if (accounts->len > BACKUP_ACCOUNT_MAX)
    return KR_SECRET_FAIL_NULL (error, KR_SECRET_ERROR_USAGE,
                                _ ("there are %u accounts, and a backup holds at most %u"),
                                accounts->len, BACKUP_ACCOUNT_MAX);
  kr_secret_record_set_int (head, MADE_AT, made_at);
  if (!backup_account_check_all (accounts, error) || !add_part (parts, head, error))
    return NULL;
  for (guint i = 0; i < accounts->len; i++)
    if (!add_part (parts, ((const BackupAccount *) accounts->pdata[i])->record, error))
      return NULL;
  return join (parts);
}

/* Takes the next record off the unread data. */
static KrSecretRecord *
take_record (const char **data, gsize *length, const char *type, GError **error)
{
  gsize size = kr_secret_record_measure (*data, *length);
  KrSecretRecord *record = kr_secret_record_decode (*data, size, type, error);

  *data += size;
  *length -= size;
  return record;
}

static gboolean
read_accounts (const char *data, gsize length, GPtrArray *accounts, GError **error)
{
  do
    {
      KrSecretRecord *record = take_record (&data, &length, KR_SECRET_RECORD_ACCOUNT, error);
      BackupAccount *account = record != NULL ? backup_account_new (record, error) : NULL;

      if (account == NULL)
        return FALSE;
      g_ptr_array_add (accounts, account);
      if (accounts->len > BACKUP_ACCOUNT_MAX)
        return damaged (_ ("there are too many accounts"), error);
    }
  while (length > 0);
  return backup_account_check_all (accounts, error);
}

GPtrArray *
archive_decode (const char *data, gsize length, gint64 *out_made_at, GError **error)
{
  g_autoptr (GPtrArray) accounts
      = g_ptr_array_new_with_free_func ((GDestroyNotify) backup_account_free);
  g_autoptr (KrSecretRecord) head = take_record (&data, &length, KR_SECRET_RECORD_BACKUP, error);
  gint64 made_at;

  if (head == NULL)
    return NULL;
  made_at = kr_secret_record_get_int (head, MADE_AT, -1);
  if (!(made_at >= 0 || damaged (_ ("it does not say when it was made"), error))
      || !read_accounts (data, length, accounts, error))
    return NULL;
  *out_made_at = made_at;
  return g_steal_pointer (&accounts);
}
