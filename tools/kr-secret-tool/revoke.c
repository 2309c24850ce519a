/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commands.h"
#include "accounts/batch.h"
#include "accounts/lookup.h"
#include "terminal/options.h"
#include "terminal/report.h"
#include "terminal/text.h"

/* revoke: ends a token, at the broker and then here. */

static struct
{
  gboolean all;
  char *environment;
} given;

static const GOptionEntry options[] = {
  { "all", 0, 0, G_OPTION_ARG_NONE, &given.all, N_ ("Those of all accounts"), NULL },
  { "env", 0, 0, G_OPTION_ARG_FILENAME, &given.environment,
    N_ ("With --all: of this environment only"), "real|paper" },
  { NULL },
};

static gboolean
revoke_token (Tool *tool,
              KrSecretClient *client,
              KrSecretAccount *account,
              const char **out_result,
              char **out_text,
              GError **error)
{
  g_autofree char *alias = lookup_name_for_people (account);
  gint64 expires_at = kr_secret_account_get_token_expires_at (account);
  g_autofree char *time = text_time (expires_at);
  KrSecretRevokeResult result;

  if (!kr_secret_client_revoke_token (client, account, &result, NULL, error))
    {
      *out_text = g_strdup_printf (_ ("the token of '%s' was not revoked"), alias);
      return FALSE;
    }
  switch (result)
    {
    case KR_SECRET_REVOKE_NOTHING:
      *out_result = "nothing";
      *out_text = g_strdup_printf (_ ("'%s' has no valid token; nothing to revoke"), alias);
      break;
    case KR_SECRET_REVOKE_LOCAL_ONLY:
      *out_result = "forgotten";
      *out_text = g_strdup_printf (_ ("forgot the token of '%s'; this broker cannot revoke, so it "
                                      "stays valid there until %s"),
                                   alias, time);
      break;
    case KR_SECRET_REVOKE_DONE:
    default:
      *out_result = "revoked";
      *out_text = g_strdup_printf (_ ("revoked the token of '%s'"), alias);
      break;
    }
  return TRUE;
}

static int
run (Tool *tool, char **args)
{
  g_autoptr (KrSecretClient) client = lookup_client (tool);
  KrSecretEnvironment environment;
  Batch batch = {
    .act = revoke_token,
    .question = N_ ("this is a real account. Type its alias to revoke its token:"),
    .all = given.all,
  };
  int status;

  if (given.environment != NULL)
    {
      if (!given.all)
        return report_usage (tool, NULL, NULL, _ ("--env needs --all"));
      if (!options_parse_environment (tool, given.environment, &environment, &status))
        return status;
      batch.environment = &environment;
    }
  return batch_run (tool, client, &batch, args);
}

const Command revoke_command = {
  "revoke",
  N_ ("ALIAS… | --all [--env real|paper]"),
  N_ ("Revoke tokens at the broker, then forget them here"),
  options,
  run,
};
