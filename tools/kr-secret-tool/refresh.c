/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commands.h"
#include "terminal/input.h"
#include "common/kr-duration.h"
#include "terminal/json.h"
#include "accounts/lookup.h"
#include "terminal/options.h"
#include "terminal/progress.h"
#include "terminal/report.h"
#include "show.h"
#include "terminal/text.h"

/* refresh and reject: another token than the stored one. */

static struct
{
  gboolean force;
  char *fd;
} given;

static const GOptionEntry refresh_options[] = {
  { "force", 0, 0, G_OPTION_ARG_NONE, &given.force,
    N_ ("Ask the broker also where nothing new is expected of it"), NULL },
  { NULL },
};

static const GOptionEntry reject_options[] = {
  { "fd", 0, 0, G_OPTION_ARG_FILENAME, &given.fd,
    N_ ("Read the token from descriptor N instead of standard input"), "N" },
  { NULL },
};

static char *
advise_refresh (KrSecretAccount *account, const GError *error)
{
  g_autoptr (KrSecretBroker) broker = lookup_broker_of (account, NULL);
  gint64 retry_after = kr_secret_error_get_retry_after (error);
  gint64 interval
      = broker != NULL ? (gint64) kr_secret_broker_get_traits (broker)->issue_interval : 0;
  g_autofree char *wait = kr_duration_format (retry_after);

  /* The broker's own interval holds in any case. */
  if (!g_error_matches (error, KR_SECRET_ERROR, KR_SECRET_ERROR_RATE_LIMITED)
      || retry_after <= interval || given.force)
    return NULL;
  return g_strdup_printf (_ ("try again in %s, or have the broker asked all the same with --force"),
                          wait);
}

static int
run_refresh (Tool *tool, char **args)
{
  const KrSecretTokenFlags flags
      = KR_SECRET_TOKEN_RENEW | (given.force ? KR_SECRET_TOKEN_FORCE : 0);
  g_autoptr (KrSecretClient) client = lookup_client (tool);
  g_autoptr (KrSecretAccount) account = NULL;
  g_autoptr (KrSecretToken) token = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *alias = NULL;
  int status;

  account = lookup_one (tool, client, args, &status);
  if (account == NULL)
    return status;
  alias = lookup_name_for_people (account);
  progress_begin (tool, _ ("waiting for a new token of '%s'"), alias);
  token = kr_secret_client_get_token (client, account, KR_SECRET_TOKEN_ACCESS, 0, flags, NULL,
                                      &error);
  progress_end ();
  if (token == NULL)
    {
      g_autofree char *next = advise_refresh (account, error);
      return report_error (tool, error, next, _ ("no new token for '%s'"), alias);
    }
  if (kr_secret_token_get_warning (token) != NULL)
    report_warning (tool, "%s", kr_secret_token_get_warning (token));
  show_report_token (tool, account, token);
  return report_finish (tool);
}

/* Only the value counts: it may be a token that nobody knows any more. */
static KrSecretToken *
read_token (Tool *tool, int fd, GError **error)
{
  g_autoptr (SecretValue) value = input_read_token (tool, fd, error);

  return value != NULL ? kr_secret_token_new (value, NULL, KR_SECRET_TOKEN_ACCESS, 0, 0) : NULL;
}

static int
run_reject (Tool *tool, char **args)
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

const Command refresh_command = {
  "refresh",
  N_ ("ALIAS [--force]"),
  N_ ("Have a new token issued, as the broker's rules allow"),
  refresh_options,
  run_refresh,
};

const Command reject_command = {
  "reject",
  N_ ("ALIAS [--fd N]"),
  N_ ("Forget the stored token if it is the one given"),
  reject_options,
  run_reject,
};
