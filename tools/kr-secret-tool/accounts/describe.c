/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "accounts/describe.h"

#include "accounts/credentials.h"
#include "accounts/lookup.h"
#include "common/kr-duration.h"
#include "terminal/json.h"
#include "terminal/report.h"
#include "terminal/text.h"

/* Describes accounts for users and programs, without their secrets. */

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

char *
describe_state (Tool *tool, KrSecretAccount *account)
{
  KrSecretTokenState state = kr_secret_account_get_token_state (account);

  return text_paint (tool->color_out, state_styles[state], _ (state_words[state]));
}

gint64
describe_get_remaining (KrSecretAccount *account)
{
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;

  return MAX (kr_secret_account_get_token_expires_at (account) - now, 0);
}

void
describe_write_members (KrSecretAccount *account)
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
  json_string ("state", state_words[state]);
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
      json_int ("remaining", describe_get_remaining (account));
    }
  json_close ('}');
  json_string ("problem", kr_secret_account_get_problem (account));
}

void
describe_write_document (KrSecretAccount *account, KrSecretCredential *credential)
{
  g_autofree char *hint = credentials_get_hint (credential);

  json_begin ();
  describe_write_members (account);
  json_string ("appkey_hint", hint);
  json_end ();
}

/* Writes only members that need no further look into the keyring. */
static void
write_account (KrSecretAccount *account)
{
  json_begin ();
  describe_write_members (account);
  json_end ();
}

void
describe_report_token (Tool *tool, KrSecretAccount *account, KrSecretToken *token)
{
  gint64 expires_at = kr_secret_token_get_expires_at (token);
  g_autofree char *alias = lookup_name_for_people (account);
  g_autofree char *time = text_time (expires_at);
  g_autofree char *left = kr_duration_format (describe_get_remaining (account));

  if (kr_secret_token_get_warning (token) != NULL)
    report_warning (tool, "%s", kr_secret_token_get_warning (token));
  if (tool->json)
    write_account (account);
  report_note (tool, _ ("the token of '%s' is valid until %s (%s)"), alias, time, left);
}

int
describe_finish (Tool *tool, KrSecretAccount *account)
{
  if (tool->json)
    write_account (account);
  return report_finish (tool);
}
