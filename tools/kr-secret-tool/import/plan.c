/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "import/plan.h"

#include <string.h>

#include "accounts/credentials.h"
#include "accounts/lookup.h"
#include "common/kr-text.h"
#include "terminal/report.h"
#include "terminal/text.h"

/* The plan for each key: made before anything is stored, then carried out and verified. */

static void
import_item_free (ImportItem *self)
{
  g_clear_pointer (&self->credential, kr_secret_credential_unref);
  g_clear_object (&self->account);
  g_free (self->alias);
  g_free (self->hint);
  g_free (self->reason);
  g_free (self);
}

/* Takes ownership of both. */
ImportPlan *
import_plan_new (FoundKeys *found, GPtrArray *brokers)
{
  ImportPlan *self = g_new0 (ImportPlan, 1);

  self->found = found;
  self->brokers = brokers;
  self->items = g_ptr_array_new_with_free_func ((GDestroyNotify) import_item_free);
  return self;
}

void
import_plan_free (ImportPlan *self)
{
  g_ptr_array_unref (self->items);
  g_ptr_array_unref (self->brokers);
  found_keys_free (self->found);
  g_free (self);
}

static void
skip (ImportItem *item, const char *reason)
{
  g_free (item->reason);
  item->reason = g_strdup (reason);
  item->result = IMPORT_SKIPPED;
}

/* Makes a credential of the found fields, if they are complete and valid. */
static void
read_item (Tool *tool, ImportItem *item, KrSecretBroker *broker)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autoptr (GPtrArray) values = g_ptr_array_new ();
  g_autofree char *label = kr_text_printable (item->key->label);
  g_auto (GStrv) warnings = NULL;

  g_ptr_array_extend (names, item->key->names, NULL, NULL);
  g_ptr_array_extend (values, item->key->values, NULL, NULL);
  g_ptr_array_add (names, NULL);
  g_ptr_array_add (values, NULL);
  item->credential
      = kr_secret_broker_make_credential (broker, (const char *const *) names->pdata,
                                          (SecretValue *const *) values->pdata, &warnings, &error);
  if (item->credential == NULL)
    {
      skip (item, error->message);
      return;
    }
  item->hint = credentials_get_hint (item->credential);
  for (char **warning = warnings; warning != NULL && *warning != NULL; warning++)
    report_warning (tool, "%s: %s", label, *warning);
}

/* The file may contain a key twice. */
static void
compare_with_others (ImportPlan *self, ImportItem *item)
{
  for (guint i = 0; i < self->items->len; i++)
    {
      ImportItem *other = self->items->pdata[i];

      if (other->credential == NULL || !g_str_equal (other->key->broker_id, item->key->broker_id)
          || other->key->environment != item->key->environment
          || !credentials_have_same (other->credential, item->credential, "appkey"))
        continue;
      item->covered = credentials_are_same (other->credential, item->credential);
      skip (item, item->covered ? _ ("the file has the same key above")
                                : _ ("the file has the same key above, with another secret"));
      return;
    }
}

/* Whether account has the key of item; if so, decides the item. */
static gboolean
compare_with_account (ImportItem *item,
                      KrSecretClient *client,
                      KrSecretAccount *account,
                      GError **error)
{
  g_autoptr (KrSecretCredential) stored = NULL;
  g_autofree char *shown = NULL;

  if (g_strcmp0 (kr_secret_account_get_broker_id (account), item->key->broker_id) != 0
      || kr_secret_account_get_environment (account) != item->key->environment)
    return TRUE;
  stored = kr_secret_client_get_credential (client, account, NULL, error);
  if (stored == NULL)
    return FALSE;
  if (!credentials_have_same (stored, item->credential, "appkey"))
    return TRUE;
  g_set_object (&item->account, account);
  item->covered = credentials_are_same (item->credential, stored);
  item->result = IMPORT_PRESENT;
  item->alias = kr_secret_account_dup_alias (account);
  if (item->covered)
    return TRUE;
  shown = lookup_name_for_people (account);
  item->reason
      = g_strdup_printf (_ ("'%s' in the keyring has this key with another secret"), shown);
  item->result = IMPORT_SKIPPED;
  return TRUE;
}

static gboolean
compare_with_keyring (ImportItem *item, KrSecretClient *client, GPtrArray *accounts, GError **error)
{
  for (guint i = 0; i < accounts->len && item->account == NULL; i++)
    if (kr_secret_account_get_problem (accounts->pdata[i]) == NULL
        && !compare_with_account (item, client, accounts->pdata[i], error))
      return FALSE;
  return TRUE;
}

static gboolean
add_item (ImportPlan *self,
          Tool *tool,
          KrSecretClient *client,
          GPtrArray *accounts,
          FoundKey *key,
          int *out_status)
{
  g_autoptr (KrSecretBroker) broker = lookup_broker (tool, key->broker_id, out_status);
  g_autoptr (GError) error = NULL;
  ImportItem *item;

  if (broker == NULL)
    return FALSE;
  item = g_new0 (ImportItem, 1);
  item->key = key;
  read_item (tool, item, broker);
  if (item->result == IMPORT_NEW && kr_secret_broker_get_uri (broker, key->environment) == NULL)
    skip (item, _ ("the broker has no such environment"));
  if (item->result == IMPORT_NEW)
    compare_with_others (self, item);
  g_ptr_array_add (self->items, item);
  if (item->result != IMPORT_NEW || compare_with_keyring (item, client, accounts, &error))
    return TRUE;
  *out_status = report_error (tool, error, NULL, _ ("cannot compare with the accounts"));
  return FALSE;
}

static gboolean
is_taken (ImportPlan *self, GPtrArray *accounts, const char *alias)
{
  if (lookup_has_alias (accounts, alias))
    return TRUE;
  for (guint i = 0; i < self->items->len; i++)
    if (g_strcmp0 (((ImportItem *) self->items->pdata[i])->alias, alias) == 0)
      return TRUE;
  return FALSE;
}

/* kis, kis-paper; kis-isa-paper if the names have that tag; kis-2 if kis exists. */
static char *
make_alias (ImportPlan *self, GPtrArray *accounts, FoundKey *key)
{
  const char *paper = key->environment == KR_SECRET_ENVIRONMENT_PAPER ? "-paper" : "";
  g_autofree char *whole
      = g_strdup_printf ("%s%s%s%s", key->broker_id, *key->tag != '\0' ? "-" : "", key->tag, paper);
  g_autofree char *base = kr_secret_alias_normalize (whole, NULL);

  if (base == NULL || g_utf8_strlen (base, -1) > 48)
    {
      g_free (base);
      base = g_strconcat (key->broker_id, paper, NULL);
    }
  for (guint n = 2; is_taken (self, accounts, base); n++)
    {
      g_autofree char *next = g_strdup_printf ("%s-%u", base, n);
      if (!is_taken (self, accounts, next))
        return g_steal_pointer (&next);
    }
  return g_steal_pointer (&base);
}

static gboolean
take_alias (ImportPlan *self, Tool *tool, GPtrArray *accounts, const char *alias, int *out_status)
{
  if (import_plan_count (self, IMPORT_NEW) > 1)
    {
      *out_status = report_usage (tool, _ ("the file has several keys that are new"),
                                  _ ("leave it out, and use 'rename' afterwards"),
                                  _ ("--alias cannot be used here"));
      return FALSE;
    }
  if (is_taken (self, accounts, alias))
    {
      *out_status = report_usage (tool, _ ("another account has this alias"),
                                  _ ("take another alias"), _ ("--alias cannot be used here"));
      return FALSE;
    }
  return TRUE;
}

/* alias: NULL to generate aliases. */
gboolean
import_plan_make (
    ImportPlan *self, Tool *tool, KrSecretClient *client, const char *alias, int *out_status)
{
  g_autoptr (GPtrArray) accounts = kr_secret_client_dup_accounts (client);

  for (guint i = 0; i < self->found->keys->len; i++)
    if (!add_item (self, tool, client, accounts, self->found->keys->pdata[i], out_status))
      return FALSE;
  if (alias != NULL && import_plan_count (self, IMPORT_NEW) > 0
      && !take_alias (self, tool, accounts, alias, out_status))
    return FALSE;
  for (guint i = 0; i < self->items->len; i++)
    {
      ImportItem *item = self->items->pdata[i];
      if (item->result == IMPORT_NEW)
        item->alias = alias != NULL ? g_strdup (alias) : make_alias (self, accounts, item->key);
    }
  return TRUE;
}

guint
import_plan_count (ImportPlan *self, ImportResult result)
{
  guint n = 0;

  for (guint i = 0; i < self->items->len; i++)
    n += ((ImportItem *) self->items->pdata[i])->result == result;
  return n;
}

/* Whether the keyring has, or will have, every key in the file. */
gboolean
import_plan_is_covered (ImportPlan *self)
{
  for (guint i = 0; i < self->items->len; i++)
    {
      ImportItem *item = self->items->pdata[i];
      if (item->result == IMPORT_SKIPPED && !item->covered)
        return FALSE;
    }
  return self->found->strays->len == 0 && self->found->hidden->len == 0
         && self->found->doubtful->len == 0;
}

/* Whether any key is complete. *out_name: an account with the same key and another secret. */
gboolean
import_plan_find_other_secret (ImportPlan *self, char **out_name)
{
  gboolean whole = FALSE;

  for (guint i = 0; i < self->items->len; i++)
    {
      ImportItem *item = self->items->pdata[i];

      whole = whole || item->credential != NULL;
      if (item->account != NULL && !item->covered && *out_name == NULL)
        *out_name = lookup_name_for_people (item->account);
    }
  return whole;
}

/* Stores all new keys or none. */
gboolean
import_plan_store (ImportPlan *self, KrSecretClient *client, GError **error)
{
  g_autoptr (GArray) drafts = g_array_new (FALSE, TRUE, sizeof (KrSecretDraft));
  g_autoptr (GPtrArray) accounts = NULL;
  guint n = 0;

  for (guint i = 0; i < self->items->len; i++)
    {
      ImportItem *item = self->items->pdata[i];
      const KrSecretDraft draft = {
        .alias = item->alias,
        .broker_id = item->key->broker_id,
        .environment = item->key->environment,
        .credential = item->credential,
      };

      if (item->result == IMPORT_NEW)
        g_array_append_val (drafts, draft);
    }
  if (drafts->len == 0)
    return TRUE;
  accounts = kr_secret_client_add_all (client, (const KrSecretDraft *) (void *) drafts->data,
                                       drafts->len, NULL, error);
  if (accounts == NULL)
    return FALSE;
  for (guint i = 0; i < self->items->len; i++)
    {
      ImportItem *item = self->items->pdata[i];

      if (item->result != IMPORT_NEW)
        continue;
      g_set_object (&item->account, accounts->pdata[n++]);
      item->result = IMPORT_STORED;
      item->covered = TRUE;
    }
  return TRUE;
}

/* Whether the keyring returns what is in the file. */
gboolean
import_plan_read_back (ImportPlan *self, KrSecretClient *client, GError **error)
{
  for (guint i = 0; i < self->items->len; i++)
    {
      ImportItem *item = self->items->pdata[i];
      g_autoptr (KrSecretCredential) stored = NULL;
      g_autofree char *shown = NULL;

      if (item->account == NULL)
        continue;
      stored = kr_secret_client_get_credential (client, item->account, NULL, error);
      if (stored == NULL)
        return FALSE;
      if (!item->covered || credentials_are_same (item->credential, stored))
        continue;
      shown = lookup_name_for_people (item->account);
      return KR_SECRET_FAIL (error, KR_SECRET_ERROR_DAMAGED,
                             _ ("the keyring gives another key for '%s' than the file has"), shown);
    }
  return TRUE;
}
