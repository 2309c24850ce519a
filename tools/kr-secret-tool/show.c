/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commands.h"
#include "accounts/describe.h"

#include "common/kr-duration.h"
#include "terminal/json.h"
#include "accounts/credentials.h"
#include "accounts/lookup.h"
#include "terminal/table.h"
#include "terminal/report.h"
#include "terminal/text.h"

/* show ALIAS: everything about one account but its secrets. */

/* The token's state and expiry. */
static char *
describe_token (Tool *tool, KrSecretAccount *account)
{
  gint64 expires_at = kr_secret_account_get_token_expires_at (account);
  g_autofree char *state = describe_state (tool, account);
  g_autofree char *time = text_time (expires_at);
  g_autofree char *left = kr_duration_format (describe_get_remaining (account));

  switch (kr_secret_account_get_token_state (account))
    {
    case KR_SECRET_TOKEN_STATE_VALID:
    case KR_SECRET_TOKEN_STATE_EXPIRING:
      return g_strdup_printf (_ ("%s, until %s (%s)"), state, time, left);
    case KR_SECRET_TOKEN_STATE_EXPIRED:
      return g_strdup_printf (_ ("%s since %s"), state, time);
    case KR_SECRET_TOKEN_STATE_NONE:
    default:
      return g_steal_pointer (&state);
    }
}

/* The broker's id, and its name if the plugin is loaded. */
static char *
describe_broker (KrSecretAccount *account)
{
  const char *id = kr_secret_account_get_broker_id (account);
  g_autoptr (KrSecretBroker) broker = id != NULL ? kr_secret_broker_find (id, NULL) : NULL;

  if (id == NULL)
    return g_strdup ("-");
  return broker != NULL ? g_strdup_printf ("%s (%s)", id, text_broker_name (broker))
                        : g_strdup (id);
}

static void
write_text (Tool *tool, KrSecretAccount *account, KrSecretCredential *credential)
{
  g_autoptr (GPtrArray) rows = table_new ();
  g_autofree char *alias = lookup_name_for_people (account);
  g_autofree char *broker = describe_broker (account);
  g_autofree char *hint = credentials_get_hint (credential);
  g_autofree char *key = g_strconcat (hint != NULL ? hint : "", "…", NULL);
  g_autofree char *token = describe_token (tool, account);
  g_autofree char *endpoint = kr_secret_account_dup_endpoint (account);
  const char *problem = kr_secret_account_get_problem (account);
  const char *environment = text_environment (kr_secret_account_get_environment (account));

  table_add (rows, _ ("Alias"), alias, NULL);
  table_add (rows, _ ("Broker"), broker, NULL);
  table_add (rows, _ ("Environment"), environment, NULL);
  table_add (rows, _ ("App key"), key, NULL);
  table_add (rows, _ ("Token"), token, NULL);
  if (endpoint != NULL)
    table_add (rows, _ ("Test endpoint"), endpoint, NULL);
  if (problem != NULL)
    table_add (rows, _ ("Problem"), problem, NULL);
  table_add (rows, _ ("Id"), kr_secret_account_get_id (account), NULL);
  table_print (rows);
}

static int
run (Tool *tool, char **args)
{
  g_autoptr (KrSecretClient) client = lookup_client (tool);
  g_autoptr (KrSecretAccount) account = NULL;
  g_autoptr (KrSecretCredential) credential = NULL;
  int status;

  account = lookup_one (tool, client, args, &status);
  if (account == NULL)
    return status;
  credential = credentials_read (tool, client, account, &status);
  if (credential == NULL)
    return status;
  if (tool->json)
    describe_write_document (account, credential);
  else
    write_text (tool, account, credential);
  return report_finish (tool);
}

const Command show_command = {
  "show", N_ ("ALIAS"), N_ ("Show an account, without its secrets"), NULL, run,
};
