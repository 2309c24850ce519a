/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commands.h"
#include "terminal/json.h"
#include "accounts/lookup.h"
#include "accounts/obtain.h"
#include "terminal/output.h"
#include "terminal/report.h"

/* token: prints a token that a program can use now. */

static struct
{
  char *kind;
  char *min_validity;
  char *wait;
  gboolean no_issue;
} given;

static const GOptionEntry token_options[] = {
  { "kind", 0, 0, G_OPTION_ARG_FILENAME, &given.kind, N_ ("Which token (default: access)"),
    "access|websocket" },
  { "min-validity", 0, 0, G_OPTION_ARG_FILENAME, &given.min_validity,
    N_ ("How long it must remain valid (default: 60s)"), N_ ("TIME") },
  { "no-issue", 0, 0, G_OPTION_ARG_NONE, &given.no_issue,
    N_ ("Only the stored token; never ask the broker"), NULL },
  { "wait", 0, 0, G_OPTION_ARG_FILENAME, &given.wait,
    N_ ("Wait this long for the broker's rate limit to pass"), N_ ("SECS") },
  { NULL },
};

static gboolean
read_options (Tool *tool, TokenOptions *options, int *out_status)
{
  if (given.kind != NULL && !kr_secret_token_kind_from_string (given.kind, &options->kind))
    {
      *out_status = report_usage (tool, _ ("'access' or 'websocket' is expected"), NULL,
                                  _ ("--kind is not known"));
      return FALSE;
    }
  if (given.no_issue)
    options->flags |= KR_SECRET_TOKEN_NO_ISSUE;
  return obtain_read_times (tool, given.min_validity, given.wait, options, out_status);
}

static void
write_document (KrSecretToken *token)
{
  json_begin ();
  json_secret ("token", kr_secret_token_get_value (token));
  json_string ("token_type", kr_secret_token_get_token_type (token));
  json_string ("kind", kr_secret_token_kind_to_string (kr_secret_token_get_kind (token)));
  json_time ("issued_at", kr_secret_token_get_issued_at (token));
  json_time ("expires_at", kr_secret_token_get_expires_at (token));
  json_end ();
}

static int
run (Tool *tool, char **args)
{
  TokenOptions options = TOKEN_OPTIONS_INIT;
  g_autoptr (KrSecretClient) client = lookup_client (tool);
  g_autoptr (KrSecretAccount) account = NULL;
  g_autoptr (KrSecretToken) token = NULL;
  int status;

  if (!read_options (tool, &options, &status))
    return status;
  account = lookup_one (tool, client, args, &status);
  if (account == NULL)
    return status;
  token = obtain_token (tool, client, account, &options, &status);
  if (token == NULL)
    return status;
  if (tool->json)
    write_document (token);
  else
    {
      output_secret (kr_secret_token_get_value (token));
      output_text ("\n");
    }
  return report_finish (tool);
}

const Command token_command = {
  "token",
  N_ ("ALIAS [--kind access|websocket] [--min-validity TIME] [--no-issue] [--wait SECS]"),
  N_ ("Print a usable token: the stored one, or a new one if it is due"),
  token_options,
  run,
};
