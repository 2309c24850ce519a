/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "accounts/lookup.h"

#include <string.h>

#include "common/kr-text.h"
#include "terminal/options.h"
#include "terminal/progress.h"
#include "terminal/report.h"
#include "terminal/text.h"
#include "accounts/unlocking.h"

/* Finds the accounts and brokers that the arguments name. */

/* A prefix of an id that is long enough for find_account. */
#define SHORT_ID 8

KrSecretClient *
lookup_client (Tool *tool)
{
  KrSecretClient *client = kr_secret_client_new ();

  if (tool->timeout > 0)
    kr_secret_client_set_timeout (client, tool->timeout * 1000);
  return client;
}

static gboolean
load (Tool *tool, KrSecretClient *client, gboolean offer, int *out_status)
{
  g_autoptr (GError) error = NULL;
  gboolean loaded;

  progress_begin (tool, "%s", _ ("looking for the accounts"));
  loaded = kr_secret_client_load (client, NULL, &error)
           || (offer && unlocking_offer (tool, client, &error)
               && kr_secret_client_load (client, NULL, &error));
  progress_end ();
  if (loaded)
    return TRUE;
  *out_status = report_error (tool, error, NULL, _ ("cannot read the accounts"));
  return FALSE;
}

gboolean
lookup_load (Tool *tool, KrSecretClient *client, int *out_status)
{
  return load (tool, client, TRUE, out_status);
}

gboolean
lookup_load_quietly (Tool *tool, KrSecretClient *client, int *out_status)
{
  return load (tool, client, FALSE, out_status);
}

/* Whether name is well-formed as an alias, BROKER/ALIAS or id. */
static gboolean
check_name (Tool *tool, const char *name, int *out_status)
{
  const char *slash = strchr (name, '/');
  g_autofree char *broker = slash != NULL ? g_strndup (name, (gsize) (slash - name)) : NULL;
  g_autofree char *shown = text_argument (name);
  g_autofree char *alias = NULL;
  g_autoptr (GError) error = NULL;

  if (broker != NULL && !lookup_is_broker_id (tool, broker, out_status))
    return FALSE;
  alias = kr_secret_alias_normalize (slash != NULL ? slash + 1 : name, &error);
  if (alias != NULL)
    return TRUE;
  *out_status = report_error (tool, error, _ ("'kr-secret-tool list' shows the accounts"),
                              _ ("'%s' does not name an account"), shown);
  return FALSE;
}

/* The alias that was probably meant. name must be well-formed, and may begin with a broker's id. */
static char *
suggest_account (KrSecretClient *client, const char *name)
{
  const char *slash = strchr (name, '/');
  g_autofree char *typed = kr_secret_alias_normalize (slash != NULL ? slash + 1 : name, NULL);
  g_autoptr (GPtrArray) accounts = kr_secret_client_dup_accounts (client);
  g_autoptr (GPtrArray) aliases = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *shown = NULL;
  const char *closest;

  for (guint i = 0; i < accounts->len; i++)
    {
      char *alias = kr_secret_account_dup_alias (accounts->pdata[i]);

      if (alias != NULL)
        g_ptr_array_add (aliases, alias);
    }
  g_ptr_array_add (aliases, NULL);
  closest = typed != NULL ? text_closest (typed, (const char *const *) aliases->pdata) : NULL;
  if (closest == NULL)
    return NULL;
  shown = kr_text_printable (closest);
  return g_strdup_printf (_ ("did you mean '%s'?"), shown);
}

/* Finds an account by alias, BROKER/ALIAS or the start of its id. */
KrSecretAccount *
lookup_named (Tool *tool, KrSecretClient *client, const char *name, int *out_status)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *shown = text_argument (name);
  KrSecretAccount *account = NULL;

  if (!check_name (tool, name, out_status))
    return NULL;
  account = kr_secret_client_find_account (client, name, &error);
  if (account == NULL)
    {
      g_autofree char *next = suggest_account (client, name);
      *out_status = report_error (
          tool, error, next != NULL ? next : _ ("'kr-secret-tool list' shows the accounts"),
          _ ("'%s' does not name an account"), shown);
    }
  return account;
}

const char *
lookup_get_usual (void)
{
  const char *name = g_getenv ("KR_SECRET_ACCOUNT");

  return g_strcmp0 (name, "") != 0 ? name : NULL;
}

gboolean
lookup_has_alias (GPtrArray *accounts, const char *alias)
{
  for (guint i = 0; i < accounts->len; i++)
    {
      g_autofree char *taken = kr_secret_account_dup_alias (accounts->pdata[i]);

      if (g_strcmp0 (taken, alias) == 0)
        return TRUE;
    }
  return FALSE;
}

/* Finds the account that the only argument or KR_SECRET_ACCOUNT names. Loads the accounts. */
KrSecretAccount *
lookup_one (Tool *tool, KrSecretClient *client, char **args, int *out_status)
{
  const char *name = lookup_get_usual ();

  if (!options_count (tool, args, name != NULL ? 0 : 1, 1, out_status)
      || !lookup_load (tool, client, out_status))
    return NULL;
  return lookup_named (tool, client, args[0] != NULL ? args[0] : name, out_status);
}

static char *
suggest_broker (const char *id)
{
  g_autoptr (GPtrArray) brokers = kr_secret_broker_list (NULL);
  g_autoptr (GPtrArray) ids = g_ptr_array_new ();
  g_autofree char *all = NULL;
  const char *closest;

  for (guint i = 0; i < brokers->len; i++)
    g_ptr_array_add (ids, (char *) kr_secret_broker_get_id (brokers->pdata[i]));
  g_ptr_array_add (ids, NULL);
  closest = text_closest (id, (const char *const *) ids->pdata);
  if (closest != NULL)
    return g_strdup_printf (_ ("did you mean '%s'?"), closest);
  if (brokers->len == 0)
    return g_strdup (_ ("'kr-secret-tool brokers' says why there is none"));
  all = g_strjoinv (", ", (char **) ids->pdata);
  return g_strdup_printf (_ ("there are: %s"), all);
}

/* Whether id is well-formed. */
gboolean
lookup_is_broker_id (Tool *tool, const char *id, int *out_status)
{
  gsize length = strlen (id);
  g_autofree char *shown = text_argument (id);

  if (length > 0 && length <= 32 && strspn (id, "abcdefghijklmnopqrstuvwxyz0123456789_-") == length)
    return TRUE;
  *out_status = report_usage (tool, _ ("an id is made of small letters and digits, such as 'kis'"),
                              _ ("'kr-secret-tool brokers' lists them"),
                              _ ("'%s' is not the id of a broker"), shown);
  return FALSE;
}

KrSecretBroker *
lookup_broker (Tool *tool, const char *id, int *out_status)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *next = NULL;
  KrSecretBroker *broker;

  if (!lookup_is_broker_id (tool, id, out_status))
    return NULL;
  broker = kr_secret_broker_find (id, &error);
  if (broker != NULL)
    return broker;
  if (g_error_matches (error, KR_SECRET_ERROR, KR_SECRET_ERROR_NOT_FOUND))
    next = suggest_broker (id);
  *out_status = report_error (tool, error, next, _ ("no broker '%s'"), id);
  return NULL;
}

/* The account exists, so what may be missing is the plugin. */
KrSecretBroker *
lookup_broker_of (KrSecretAccount *account, GError **error)
{
  const char *id = kr_secret_account_get_broker_id (account);
  g_autoptr (GError) local = NULL;
  KrSecretBroker *broker = id != NULL ? kr_secret_broker_find (id, &local) : NULL;

  if (id == NULL)
    kr_secret_error_set (error, KR_SECRET_ERROR_DAMAGED, 0, NULL,
                         _ ("the account's record is damaged"));
  else if (g_error_matches (local, KR_SECRET_ERROR, KR_SECRET_ERROR_NOT_FOUND))
    kr_secret_error_set (error, KR_SECRET_ERROR_PLUGIN, 0, NULL, "%s", local->message);
  else if (local != NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  return broker;
}

/* The account's name for users: its alias as harmless text, whatever program wrote it into the
 * keyring, or the start of its id if the record is damaged. */
char *
lookup_name_for_people (KrSecretAccount *account)
{
  g_autofree char *alias = kr_secret_account_dup_alias (account);

  return alias != NULL ? kr_text_printable (alias)
                       : g_strndup (kr_secret_account_get_id (account), SHORT_ID);
}
