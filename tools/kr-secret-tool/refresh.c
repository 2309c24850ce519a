/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commands.h"
#include "common/kr-duration.h"
#include "accounts/lookup.h"
#include "terminal/options.h"
#include "terminal/progress.h"
#include "terminal/report.h"
#include "accounts/describe.h"
#include "terminal/text.h"

/* refresh: replaces the stored token. */

static struct
{
  gboolean force;
} given;

static const GOptionEntry options[] = {
  { "force", 0, 0, G_OPTION_ARG_NONE, &given.force,
    N_ ("Ask the broker even where nothing new is expected"), NULL },
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

  /* The broker's own interval always applies. */
  if (!g_error_matches (error, KR_SECRET_ERROR, KR_SECRET_ERROR_RATE_LIMITED)
      || retry_after <= interval || given.force)
    return NULL;
  return g_strdup_printf (_ ("try again in %s, or ask the broker anyway with --force"), wait);
}

static int
run (Tool *tool, char **args)
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
  describe_report_token (tool, account, token);
  return report_finish (tool);
}

const Command refresh_command = {
  "refresh",
  N_ ("ALIAS [--force]"),
  N_ ("Have a new token issued, as the broker's rules allow"),
  options,
  run,
};
