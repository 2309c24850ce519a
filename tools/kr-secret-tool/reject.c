/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commands.h"
#include "accounts/lookup.h"
#include "terminal/input.h"
#include "terminal/json.h"
#include "terminal/options.h"
#include "terminal/progress.h"
#include "terminal/report.h"

/* reject: forgets a token that the broker calls dead, if it is the stored one. */

static struct
{
  char *fd;
} given;

static const GOptionEntry options[] = {
  { "fd", 0, 0, G_OPTION_ARG_FILENAME, &given.fd,
    N_ ("Read the token from descriptor N instead of standard input"), "N" },
  { NULL },
};

/* Only the value counts: the token may not be on record any more. */
static KrSecretToken *
read_token (Tool *tool, int fd, GError **error)
{
  g_autoptr (SecretValue) value = input_read_token (tool, fd, error);

  return value != NULL ? kr_secret_token_new (value, NULL, KR_SECRET_TOKEN_ACCESS, 0, 0) : NULL;
}

static int
run (Tool *tool, char **args)
{
  g_autoptr (KrSecretClient) client = lookup_client (tool);
  g_autoptr (KrSecretAccount) account = NULL;
  g_autoptr (KrSecretToken) token = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *alias = NULL;
  gboolean forgotten;
  int status, fd;

  if (!options_parse_descriptor (tool, "--fd", given.fd, &fd, &status))
    return status;
  account = lookup_one (tool, client, args, &status);
  if (account == NULL)
    return status;
  alias = lookup_name_for_people (account);
  token = read_token (tool, fd, &error);
  if (token == NULL)
    return report_error (tool, error, NULL, _ ("no token to reject for '%s'"), alias);
  progress_begin (tool, _ ("forgetting the token of '%s'"), alias);
  if (!kr_secret_client_reject_token (client, account, token, &forgotten, NULL, &error))
    return report_error (tool, error, NULL, _ ("the token of '%s' was not forgotten"), alias);

  if (tool->json)
    {
      json_begin ();
      json_string ("id", kr_secret_account_get_id (account));
      json_string ("alias", alias);
      json_string ("result", forgotten ? "forgotten" : "other");
      json_end ();
    }
  report_note (tool,
               forgotten ? _ ("forgot the token of '%s'; the next 'token' has a new one issued")
                         : _ ("that is not the stored token of '%s'; nothing was forgotten"),
               alias);
  return report_finish (tool);
}

const Command reject_command = {
  "reject", N_ ("ALIAS [--fd N]"), N_ ("Forget the stored token if it is the one given"), options,
  run,
};
