/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "accounts/obtain.h"

#include "accounts/lookup.h"
#include "terminal/options.h"
#include "terminal/progress.h"
#include "terminal/report.h"
#include "terminal/text.h"

/* Reads the value of an option; without it *out_seconds stays. */
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
    Tool *tool, const char *min_validity, const char *wait, Wish *wish, int *out_status)
{
  if (min_validity != NULL)
    wish->flags |= KR_SECRET_TOKEN_STRICT;
  return read_seconds (tool, "--min-validity", min_validity, &wish->min_validity, out_status)
         && read_seconds (tool, "--wait", wait, &wish->wait, out_status);
}

/* Sleeps, unless another program brings a token meanwhile. */
static KrSecretToken *
sleep_till_token (KrSecretClient *client, KrSecretAccount *account, const Wish *wish, gint64 pause)
{
  const gint64 until = g_get_monotonic_time () + pause * G_USEC_PER_SEC;
  KrSecretToken *token = NULL;

  while (token == NULL && g_get_monotonic_time () < until)
    {
      g_usleep (G_USEC_PER_SEC / 5);
      token = kr_secret_client_get_token (client, account, wish->kind, wish->min_validity,
                                          wish->flags | KR_SECRET_TOKEN_NO_ISSUE, NULL, NULL);
    }
  return token;
}

static KrSecretToken *
wait_for_token (
    Tool *tool, KrSecretClient *client, KrSecretAccount *account, const Wish *wish, GError **error)
{
  const gint64 until = g_get_monotonic_time () + (gint64) wish->wait * G_USEC_PER_SEC;

  for (;;)
    {
      g_autoptr (GError) local = NULL;
      KrSecretToken *token = kr_secret_client_get_token (
          client, account, wish->kind, wish->min_validity, wish->flags, NULL, &local);
      gint64 pause = MAX (kr_secret_error_get_retry_after (local), 1);

      if (token != NULL)
        return token;
      if (!g_error_matches (local, KR_SECRET_ERROR, KR_SECRET_ERROR_RATE_LIMITED)
          || g_get_monotonic_time () + pause * G_USEC_PER_SEC > until)
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return NULL;
        }
      if (tool->verbose)
        {
          g_autofree char *text = text_duration (pause);
          report_detail (tool, _ ("waiting %s for the broker's rate limit to pass"), text);
        }
      token = sleep_till_token (client, account, wish, pause);
      if (token != NULL)
        return token;
    }
}

void
obtain_say_waiting (Tool *tool, KrSecretAccount *account)
{
  g_autofree char *alias = lookup_name_for_people (account);

  progress_begin (tool, _ ("waiting for a token of '%s'"), alias);
}

KrSecretToken *
obtain_token (
    Tool *tool, KrSecretClient *client, KrSecretAccount *account, const Wish *wish, GError **error)
{
  KrSecretToken *token;

  obtain_say_waiting (tool, account);
  token = wait_for_token (tool, client, account, wish, error);
  progress_end ();
  return token;
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
      g_autofree char *wait = text_duration (retry_after);
      next = g_strdup_printf (_ ("try again in %s, or have it wait with --wait %d"), wait,
                              (int) retry_after);
    }
  return report_error (tool, error, next, _ ("no token for '%s'"), alias);
}

void
obtain_report_token (Tool *tool, KrSecretToken *token, const Wish *wish)
{
  gint64 expires_at = kr_secret_token_get_expires_at (token);
  gint64 seconds = expires_at - g_get_real_time () / G_USEC_PER_SEC;
  g_autofree char *time = NULL;
  g_autofree char *left = NULL;

  if (kr_secret_token_get_warning (token) != NULL)
    report_warning (tool, "%s", kr_secret_token_get_warning (token));
  /* No token lives longer than the broker lets it. */
  if ((wish->flags & KR_SECRET_TOKEN_STRICT) != 0 && seconds < wish->min_validity)
    {
      g_autofree char *short_time = text_duration (seconds);
      report_warning (tool, _ ("the broker gives no token that lasts so long: it ends in %s"),
                      short_time);
    }
  if (!tool->verbose)
    return;
  time = text_time (expires_at);
  left = text_duration (seconds);
  report_detail (tool, _ ("the token is valid until %s (%s)"), time, left);
}
