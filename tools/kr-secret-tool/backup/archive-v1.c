/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "backup/archive-v1.h"

#include <glib/gi18n.h>
#include <string.h>

#include "kr-secret-fail.h"
#include "common/kr-text.h"

/* A magic line, a block about the backup, and one for each account, each after an empty line. A
 * block has key=value lines; unknown keys are ignored. No version writes this any more, and every
 * version reads it. */

#define MAGIC "kr-secret-accounts 1\n"
#define MADE_AT "made_at"
#define FIELD_PREFIX "field."

static const char *const start_keys[] = { MADE_AT, NULL };
static const char *const account_keys[]
    = { "id", "alias", "broker", "environment", "endpoint", NULL };

typedef struct
{
  const char *at;
  const char *end;
  guint line; /* the number of the last line read */
} Reader;

static gboolean
damaged (const Reader *self, const char *why, GError **error)
{
  return KR_SECRET_FAIL (error, KR_SECRET_ERROR_DAMAGED,
                         _ ("what it holds is damaged at line %u: %s"), self->line, why);
}

/* Adds a field under its key in the library's records. */
static gboolean
add_field (const Reader *self,
           KrSecretRecord *block,
           const char *key,
           const char *value,
           gsize length,
           GError **error)
{
  g_autofree char *own_key = g_strconcat ("secret.", key, NULL);
  g_autoptr (SecretValue) secret = NULL;

  if (kr_secret_record_get_secret (block, own_key) != NULL)
    return damaged (self, _ ("a key appears twice"), error);
  secret = secret_value_new (value, (gssize) length, "text/plain");
  kr_secret_record_set_secret (block, own_key, secret);
  return TRUE;
}

static gboolean
add_line (const Reader *self,
          KrSecretRecord *block,
          const char *const *known,
          const char *line,
          gsize length,
          GError **error)
{
  const char *equals = memchr (line, '=', length);
  g_autofree char *key = NULL;
  g_autofree char *text = NULL;

  if (equals == NULL || !kr_text_is_plain (line, (gssize) length))
    return damaged (self, _ ("it is not a key and a value"), error);
  key = g_strndup (line, (gsize) (equals - line));
  length -= (gsize) (equals + 1 - line);
  if (known == account_keys && g_str_has_prefix (key, FIELD_PREFIX))
    return add_field (self, block, key, equals + 1, length, error);
  if (!g_strv_contains (known, key))
    return TRUE;
  if (kr_secret_record_get (block, key) != NULL)
    return damaged (self, _ ("a key appears twice"), error);
  text = g_strndup (equals + 1, length);
  kr_secret_record_set (block, key, text);
  return TRUE;
}

static KrSecretRecord *
read_block (Reader *self, const char *type, const char *const *known, GError **error)
{
  g_autoptr (KrSecretRecord) block = kr_secret_record_new (type);

  while (self->at < self->end)
    {
      const char *line = self->at;
      const char *newline = memchr (line, '\n', (gsize) (self->end - line));

      self->line++;
      if (newline == NULL)
        {
          damaged (self, _ ("its end is missing"), error);
          return NULL;
        }
      self->at = newline + 1;
      if (newline == line)
        break;
      if (!add_line (self, block, known, line, (gsize) (newline - line), error))
        return NULL;
    }
  return g_steal_pointer (&block);
}

static gboolean
read_start (Reader *self, gint64 *out_made_at, GError **error)
{
  g_autoptr (KrSecretRecord) start = NULL;

  if ((gsize) (self->end - self->at) < strlen (MAGIC)
      || memcmp (self->at, MAGIC, strlen (MAGIC)) != 0)
    return damaged (self, _ ("these are not accounts"), error);
  self->at += strlen (MAGIC);
  self->line++;
  start = read_block (self, KR_SECRET_RECORD_BACKUP, start_keys, error);
  if (start == NULL)
    return FALSE;
  *out_made_at = kr_secret_record_get_int (start, MADE_AT, -1);
  return *out_made_at >= 0 || damaged (self, _ ("it does not say when it was made"), error);
}

GPtrArray *
archive_v1_decode (const char *data, gsize length, gint64 *out_made_at, GError **error)
{
  g_autoptr (GPtrArray) accounts
      = g_ptr_array_new_with_free_func ((GDestroyNotify) backup_account_free);
  Reader reader = { data, length > 0 ? data + length : data, 0 };
  gint64 made_at;

  if (!read_start (&reader, &made_at, error))
    return NULL;
  do
    {
      KrSecretRecord *block = read_block (&reader, KR_SECRET_RECORD_ACCOUNT, account_keys, error);
      BackupAccount *account = block != NULL ? backup_account_new (block, error) : NULL;

      if (account == NULL)
        return NULL;
      g_ptr_array_add (accounts, account);
      if (accounts->len > BACKUP_ACCOUNT_MAX)
        {
          damaged (&reader, _ ("there are too many accounts"), error);
          return NULL;
        }
    }
  while (reader.at < reader.end);
  if (!backup_account_check_all (accounts, error))
    return NULL;
  *out_made_at = made_at;
  return g_steal_pointer (&accounts);
}
