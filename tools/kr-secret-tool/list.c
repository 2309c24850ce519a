/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "commands.h"
#include "common/kr-duration.h"
#include "terminal/json.h"
#include "accounts/lookup.h"
#include "terminal/table.h"
#include "terminal/options.h"
#include "terminal/report.h"
#include "accounts/describe.h"
#include "terminal/text.h"

/* list: the accounts in the keyring. Uses no network and no plugin, and asks nothing. */

static struct
{
  char *broker;
  char *environment;
} given;

static const GOptionEntry options[] = {
  { "broker", 0, 0, G_OPTION_ARG_FILENAME, &given.broker, N_ ("Only accounts of this broker"),
    N_ ("ID") },
  { "env", 0, 0, G_OPTION_ARG_FILENAME, &given.environment,
    N_ ("Only accounts of this environment"), "real|paper" },
  { NULL },
};

static void
add_row (Tool *tool, GPtrArray *rows, KrSecretAccount *account)
{
  KrSecretTokenState state = kr_secret_account_get_token_state (account);
  gboolean lives = state == KR_SECRET_TOKEN_STATE_VALID || state == KR_SECRET_TOKEN_STATE_EXPIRING;
  const char *broker_id = kr_secret_account_get_broker_id (account); /* NULL: damaged */
  const char *environment = text_environment (kr_secret_account_get_environment (account));
  const char *problem = kr_secret_account_get_problem (account);
  g_autofree char *name = lookup_name_for_people (account);
  g_autofree char *word = describe_state (tool, account);
  g_autofree char *left
      = lives ? kr_duration_format (describe_get_remaining (account)) : g_strdup ("-");
  g_autofree char *trouble
      = text_paint (tool->color_out && problem != NULL, TEXT_RED, problem != NULL ? problem : "-");

  table_add (rows, name, broker_id != NULL ? broker_id : "-", broker_id != NULL ? environment : "-",
             word, left, trouble, tool->verbose ? kr_secret_account_get_id (account) : NULL, NULL);
}

static void
write_table (Tool *tool, GPtrArray *accounts)
{
  g_autoptr (GPtrArray) rows = table_new ();

  table_add (rows, _ ("ALIAS"), _ ("BROKER"), _ ("ENVIRONMENT"), _ ("TOKEN"), _ ("LEFT"),
             _ ("PROBLEM"), tool->verbose ? _ ("ID") : NULL, NULL);
  for (guint i = 0; i < accounts->len; i++)
    add_row (tool, rows, accounts->pdata[i]);
  table_print (rows);
}

static void
write_document (GPtrArray *accounts)
{
  json_begin ();
  json_open ("accounts", '[');
  for (guint i = 0; i < accounts->len; i++)
    {
      json_open (NULL, '{');
      describe_write_members (accounts->pdata[i]);
      json_close ('}');
    }
  json_close (']');
  json_end ();
}

static gboolean
is_wanted (KrSecretAccount *account, const KrSecretEnvironment *environment)
{
  return (given.broker == NULL
          || g_strcmp0 (kr_secret_account_get_broker_id (account), given.broker) == 0)
         && (environment == NULL || kr_secret_account_get_environment (account) == *environment);
}

static gboolean
is_used (GPtrArray *accounts, const char *broker_id)
{
  for (guint i = 0; i < accounts->len; i++)
    if (g_strcmp0 (kr_secret_account_get_broker_id (accounts->pdata[i]), broker_id) == 0)
      return TRUE;
  return FALSE;
}

static void
say_that_nothing_is_there (Tool *tool, GPtrArray *all)
{
  if (all->len > 0)
    report_note (tool,
                 ngettext ("no account matches; there is %u other",
                           "no account matches; there are %u others", all->len),
                 all->len);
  else
    report_note (tool,
                 _ ("there is no account yet; 'kr-secret-tool add BROKER ALIAS --env real|paper' "
                    "adds one"));
}

static int
run (Tool *tool, char **args)
{
  g_autoptr (KrSecretClient) client = lookup_client (tool);
  g_autoptr (GPtrArray) all = NULL;
  g_autoptr (GPtrArray) accounts = g_ptr_array_new ();
  KrSecretEnvironment environment;
  int status;

  if (!options_count (tool, args, 0, 0, &status)
      || (given.environment != NULL
          && !options_parse_environment (tool, given.environment, &environment, &status))
      || (given.broker != NULL && !lookup_is_broker_id (tool, given.broker, &status))
      || !lookup_load_quietly (tool, client, &status))
    return status;

  all = kr_secret_client_dup_accounts (client);
  for (guint i = 0; i < all->len; i++)
    if (is_wanted (all->pdata[i], given.environment != NULL ? &environment : NULL))
      g_ptr_array_add (accounts, all->pdata[i]);

  /* An unknown broker is an error, not an empty list. */
  if (given.broker != NULL && accounts->len == 0 && !is_used (all, given.broker))
    {
      g_autoptr (KrSecretBroker) broker = lookup_broker (tool, given.broker, &status);
      if (broker == NULL)
        return status;
    }

  if (tool->json)
    write_document (accounts);
  else if (accounts->len > 0)
    write_table (tool, accounts);
  else
    say_that_nothing_is_there (tool, all);
  return report_finish (tool);
}

const Command list_command = {
  "list",
  N_ ("[--broker ID] [--env real|paper]"),
  N_ ("List the accounts and the state of their tokens"),
  options,
  run,
};
