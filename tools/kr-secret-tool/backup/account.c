/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "backup/account.h"

#include <glib/gi18n.h>
#include <string.h>

#include "client/kr-secret-client-private.h"
#include "kr-secret-fail.h"

#define MAX_FIELDS 16
#define MAX_NAME 32
#define SMALL "abcdefghijklmnopqrstuvwxyz0123456789_-"
#define CAPITAL "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

void
backup_account_free (BackupAccount *self)
{
  g_free (self->id);
  g_free (self->alias);
  g_free (self->broker_id);
  g_free (self->endpoint);
  g_clear_pointer (&self->record, kr_secret_record_free);
  g_clear_pointer (&self->credential, kr_secret_credential_unref);
  g_free (self);
}

BackupAccount *
backup_account_new (KrSecretRecord *record, GError **error)
{
  g_autoptr (BackupAccount) self = g_new0 (BackupAccount, 1);
  const char *environment = kr_secret_record_get (record, "environment");

  self->record = record;
  self->id = g_strdup (kr_secret_record_get (record, "id"));
  self->alias = g_strdup (kr_secret_record_get (record, "alias"));
  self->broker_id = g_strdup (kr_secret_record_get (record, "broker"));
  self->endpoint = g_strdup (kr_secret_record_get (record, "endpoint"));
  if (self->id == NULL || self->alias == NULL || self->broker_id == NULL || environment == NULL)
    return KR_SECRET_FAIL_NULL (error, KR_SECRET_ERROR_DAMAGED, _ ("an account is not complete"));
  if (!kr_secret_environment_from_string (environment, &self->environment)
      || !g_str_equal (kr_secret_environment_to_string (self->environment), environment))
    return KR_SECRET_FAIL_NULL (error, KR_SECRET_ERROR_DAMAGED,
                                _ ("the environment of an account is neither real nor paper"));
  self->credential = kr_secret_record_get_credential (record, error);
  return self->credential != NULL ? g_steal_pointer (&self) : NULL;
}

BackupAccount *
backup_account_read (KrSecretClient *client, KrSecretAccount *account, GError **error)
{
  g_autofree char *alias = kr_secret_account_dup_alias (account);
  KrSecretRecord *record;

  if (alias == NULL)
    {
      BackupAccount *damaged = g_new0 (BackupAccount, 1);

      damaged->id = g_strdup (kr_secret_account_get_id (account));
      return damaged;
    }
  record = kr_secret_client_get_record (client, account, NULL, error);
  return record != NULL ? backup_account_new (record, error) : NULL;
}

static gboolean
is_name (const char *text, const char *characters)
{
  gsize length = strlen (text);

  return length > 0 && length <= MAX_NAME && strspn (text, characters) == length;
}

static gboolean
is_normal_alias (const char *alias)
{
  g_autofree char *normal = kr_secret_alias_normalize (alias, NULL);

  return g_strcmp0 (normal, alias) == 0;
}

static gboolean
is_normal_endpoint (const char *endpoint)
{
  g_autofree char *normal = kr_secret_endpoint_normalize (endpoint, NULL);

  return g_strcmp0 (normal, endpoint) == 0;
}

static gboolean
has_good_fields (KrSecretCredential *credential)
{
  const char *const *names = kr_secret_credential_get_names (credential);

  if (g_strv_length ((char **) names) > MAX_FIELDS)
    return FALSE;
  for (guint i = 0; names[i] != NULL; i++)
    {
      gsize length;

      secret_value_get (kr_secret_credential_get (credential, names[i]), &length);
      if (length == 0 || !is_name (names[i], SMALL CAPITAL))
        return FALSE;
    }
  return TRUE;
}

static const char *
find_fault (const BackupAccount *self)
{
  if (!g_uuid_string_is_valid (self->id))
    return _ ("its id is not a UUID");
  if (!is_normal_alias (self->alias))
    return _ ("its alias is not valid");
  if (!is_name (self->broker_id, SMALL))
    return _ ("its broker is not valid");
  if (self->endpoint != NULL && !is_normal_endpoint (self->endpoint))
    return _ ("its endpoint is not valid");
  if (!has_good_fields (self->credential))
    return _ ("its key is not valid");
  return NULL;
}

gboolean
backup_account_check_all (GPtrArray *accounts, GError **error)
{
  g_autoptr (GHashTable) ids = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) aliases = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < accounts->len; i++)
    {
      const BackupAccount *self = accounts->pdata[i];
      const char *fault = find_fault (self);

      if (fault == NULL
          && (!g_hash_table_add (ids, self->id) || !g_hash_table_add (aliases, self->alias)))
        fault = _ ("another has the same id or alias");
      if (fault != NULL)
        return KR_SECRET_FAIL (error, KR_SECRET_ERROR_DAMAGED,
                               _ ("the account '%s' cannot be in a backup: %s"), self->alias,
                               fault);
    }
  return TRUE;
}
