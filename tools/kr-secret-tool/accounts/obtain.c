/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "accounts/obtain.h"

#include "accounts/lookup.h"
#include "common/kr-duration.h"
#include "terminal/options.h"
#include "terminal/progress.h"
#include "terminal/report.h"
#include "terminal/text.h"

/* *out_seconds keeps its value if the option is not given. */
static gboolean
read_seconds (Tool *tool, const char *option, const char *text, guint *out_seconds, int *out_status)
{
  if (text == NULL || options_parse_seconds (text, out_seconds))
    return TRUE;
  *out_status
      = report_usage (tool, _ ("a number with or without a unit is needed: 90, 90s, 10m, 2h"), NULL,
                      _ ("%s is not a time"), option);
  return FALSE;
}

gboolean
obtain_read_times (
    Tool *tool, const char *min_validity, const char *wait, TokenOptions *options, int *out_status)
{
  if (min_validity != NULL)
    options->flags |= KR_SECRET_TOKEN_STRICT;
  if (wait != NULL)
    options->flags |= KR_SECRET_TOKEN_WAIT;
  return read_seconds (tool, "--min-validity", min_validity, &options->min_validity, out_status)
         && read_seconds (tool, "--wait", wait, &options->wait, out_status);
}

void
obtain_say_waiting (Tool *tool, KrSecretAccount *account)
{
  g_autofree char *alias = lookup_name_for_people (account);

  progress_begin (tool, _ ("waiting for a token of '%s'"), alias);
}

static void
on_delayed (KrSecretClient *client, KrSecretAccount *account, guint seconds, Tool *tool)
{
  g_autofree char *text = kr_duration_format (seconds);

  report_detail (tool, _ ("waiting %s for the broker's rate limit to pass"), text);
}

int
obtain_report_failure (Tool *tool,
                       KrSecretAccount *account,
                       KrSecretTokenFlags flags,
                       const GError *error)
{
  gint64 retry_after = kr_secret_error_get_retry_after (error);
  g_autofree char *alias = lookup_name_for_people (account);
  g_autofree char *next = NULL;

  if (g_error_matches (error, KR_SECRET_ERROR, KR_SECRET_ERROR_NOT_FOUND)
      && (flags & KR_SECRET_TOKEN_NO_ISSUE) != 0)
    next = g_strdup (_ ("without --no-issue the broker is asked for one"));
  else if (g_error_matches (error, KR_SECRET_ERROR, KR_SECRET_ERROR_RATE_LIMITED)
           && retry_after > 0)
    {
      g_autofree char *wait = kr_duration_format (retry_after);
      next = g_strdup_printf (_ ("try again in %s, or have it wait with --wait %d"), wait,
                              (int) retry_after);
    }
  return report_error (tool, error, next, _ ("no token for '%s'"), alias);
}

/* Shows the token's warnings, and with -v its expiry. */
static void
report_token (Tool *tool, KrSecretToken *token, const TokenOptions *options)
{
  gint64 expires_at = kr_secret_token_get_expires_at (token);
  gint64 seconds = expires_at - g_get_real_time () / G_USEC_PER_SEC;
  g_autofree char *time = NULL;
  g_autofree char *left = NULL;

  if (kr_secret_token_get_warning (token) != NULL)
    report_warning (tool, "%s", kr_secret_token_get_warning (token));
  /* The broker limits how long a token lives. */
  if ((options->flags & KR_SECRET_TOKEN_STRICT) != 0 && seconds < options->min_validity)
    {
      g_autofree char *short_time = kr_duration_format (seconds);
      report_warning (tool, _ ("the broker issues no token that lasts that long: it ends in %s"),
                      short_time);
    }
  if (!tool->verbose)
    return;
  time = text_time (expires_at);
  left = kr_duration_format (seconds);
  report_detail (tool, _ ("the token is valid until %s (%s)"), time, left);
}

KrSecretToken *
obtain_token (Tool *tool,
              KrSecretClient *client,
              KrSecretAccount *account,
              const TokenOptions *options,
              int *out_status)
{
  g_autoptr (GError) error = NULL;
  gulong handler = g_signal_connect (client, "token-delayed", G_CALLBACK (on_delayed), tool);
  KrSecretToken *token;

  obtain_say_waiting (tool, account);
  kr_secret_client_set_token_wait (client, options->wait);
  token = kr_secret_client_get_token (client, account, options->kind, options->min_validity,
                                      options->flags, NULL, &error);
  progress_end ();
  g_signal_handler_disconnect (client, handler);
  if (token != NULL)
    report_token (tool, token, options);
  else
    *out_status = obtain_report_failure (tool, account, options->flags, error);
  return token;
}
