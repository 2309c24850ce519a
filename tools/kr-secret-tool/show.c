/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commands.h"
#include "show.h"

#include <string.h>
#include <unistd.h>

#include "common/kr-duration.h"
#include "terminal/json.h"
#include "accounts/credentials.h"
#include "accounts/lookup.h"
#include "terminal/layout.h"
#include "terminal/output.h"
#include "terminal/report.h"
#include "terminal/text.h"

/* show ALIAS: one account, everything but its secrets. */

static const char *const state_words[] = {
  [KR_SECRET_TOKEN_STATE_NONE] = N_ ("none"),
  [KR_SECRET_TOKEN_STATE_VALID] = N_ ("valid"),
  [KR_SECRET_TOKEN_STATE_EXPIRING] = N_ ("expiring"),
  [KR_SECRET_TOKEN_STATE_EXPIRED] = N_ ("expired"),
};

static const char *const state_styles[] = {
  [KR_SECRET_TOKEN_STATE_NONE] = TEXT_FAINT,
  [KR_SECRET_TOKEN_STATE_VALID] = TEXT_GREEN,
  [KR_SECRET_TOKEN_STATE_EXPIRING] = TEXT_YELLOW,
  [KR_SECRET_TOKEN_STATE_EXPIRED] = TEXT_RED,
};

/* valid, expiring, expired or none; for people translated. */
static const char *
get_state_word (KrSecretTokenState state)
{
  return state_words[state];
}

char *
show_state_for_people (Tool *tool, KrSecretAccount *account)
{
  KrSecretTokenState state = kr_secret_account_get_token_state (account);

  return text_paint (tool->color_out, state_styles[state], _ (state_words[state]));
}

gint64
show_remaining (KrSecretAccount *account)
{
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;

  return MAX (kr_secret_account_get_token_expires_at (account) - now, 0);
}

void
show_write_members (KrSecretAccount *account)
{
  KrSecretTokenState state = kr_secret_account_get_token_state (account);
  const char *broker_id = kr_secret_account_get_broker_id (account); /* NULL: damaged */
  KrSecretEnvironment environment = kr_secret_account_get_environment (account);
  g_autofree char *alias = kr_secret_account_dup_alias (account);
  g_autofree char *endpoint = kr_secret_account_dup_endpoint (account);

  json_string ("id", kr_secret_account_get_id (account));
  json_string ("alias", alias);
  json_string ("broker", broker_id);
  json_string ("environment",
               broker_id != NULL ? kr_secret_environment_to_string (environment) : NULL);
  json_string ("endpoint", endpoint);
  json_open ("token", '{');
  json_string ("state", get_state_word (state));
  if (state == KR_SECRET_TOKEN_STATE_NONE)
    {
      json_null ("kind");
      json_time ("expires_at", 0);
      json_null ("remaining");
    }
  else
    {
      json_string ("kind", kr_secret_token_kind_to_string (KR_SECRET_TOKEN_ACCESS));
      json_time ("expires_at", kr_secret_account_get_token_expires_at (account));
      json_int ("remaining", show_remaining (account));
    }
  json_close ('}');
  json_string ("problem", kr_secret_account_get_problem (account));
}

void
show_write_document (KrSecretAccount *account, KrSecretCredential *credential)
{
  g_autofree char *hint = credentials_get_hint (credential);

  json_begin ();
  show_write_members (account);
  json_string ("appkey_hint", hint);
  json_end ();
}

/* The same without what takes another look into the keyring. */
void
show_write_account (KrSecretAccount *account)
{
  json_begin ();
  show_write_members (account);
  json_end ();
}

void
show_report_token (Tool *tool, KrSecretAccount *account, KrSecretToken *token)
{
  gint64 expires_at = kr_secret_token_get_expires_at (token);
  g_autofree char *alias = lookup_name_for_people (account);
  g_autofree char *time = text_time (expires_at);
  g_autofree char *left = kr_duration_format (show_remaining (account));

  if (tool->json)
    show_write_account (account);
  report_note (tool, _ ("the token of '%s' is valid until %s (%s)"), alias, time, left);
}

/* The token's state, and until when. */
static char *
describe_token (Tool *tool, KrSecretAccount *account)
{
  gint64 expires_at = kr_secret_account_get_token_expires_at (account);
  g_autofree char *state = show_state_for_people (tool, account);
  g_autofree char *time = text_time (expires_at);
  g_autofree char *left = kr_duration_format (show_remaining (account));

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

/* The id, and the name if the plugin is there. */
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
  g_autoptr (GPtrArray) rows = layout_table_new ();
  g_autoptr (GString) out = g_string_new (NULL);
  g_autofree char *alias = lookup_name_for_people (account);
  g_autofree char *broker = describe_broker (account);
  g_autofree char *hint = credentials_get_hint (credential);
  g_autofree char *key = g_strconcat (hint != NULL ? hint : "", "…", NULL);
  g_autofree char *token = describe_token (tool, account);
  g_autofree char *endpoint = kr_secret_account_dup_endpoint (account);
  const char *problem = kr_secret_account_get_problem (account);
  const char *environment = text_environment (kr_secret_account_get_environment (account));

  layout_table_add (rows, _ ("Alias"), alias, NULL);
  layout_table_add (rows, _ ("Broker"), broker, NULL);
  layout_table_add (rows, _ ("Environment"), environment, NULL);
  layout_table_add (rows, _ ("App key"), key, NULL);
  layout_table_add (rows, _ ("Token"), token, NULL);
  if (endpoint != NULL)
    layout_table_add (rows, _ ("Test endpoint"), endpoint, NULL);
  if (problem != NULL)
    layout_table_add (rows, _ ("Problem"), problem, NULL);
  layout_table_add (rows, _ ("Id"), kr_secret_account_get_id (account), NULL);
  layout_append_table (out, rows, STDOUT_FILENO);
  output_text (out->str);
}

static int
run (Tool *tool, char **args)
{
  g_autoptr (KrSecretClient) client = lookup_client (tool);
  g_autoptr (KrSecretAccount) account = NULL;
  g_autoptr (KrSecretCredential) credential = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  account = lookup_one (tool, client, args, &status);
  if (account == NULL)
    return status;
  credential = kr_secret_client_get_credential (client, account, NULL, &error);
  if (credential == NULL)
    {
      g_autofree char *alias = lookup_name_for_people (account);
      return report_error (tool, error, NULL, _ ("cannot read the key of '%s'"), alias);
    }
  if (tool->json)
    show_write_document (account, credential);
  else
    write_text (tool, account, credential);
  return report_finish (tool);
}

const Command show_command = {
  "show", N_ ("ALIAS"), N_ ("Show an account, without its secrets"), NULL, run,
};
