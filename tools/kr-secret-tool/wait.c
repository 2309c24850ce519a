/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "commands.h"
#include "accounts/lookup.h"
#include "common/kr-duration.h"
#include "terminal/options.h"
#include "terminal/progress.h"
#include "terminal/report.h"
#include "accounts/describe.h"
#include "terminal/text.h"

/* wait: waits for a token that lasts until a time of day, so that a program started then need not
 * renew it midway. */

/* Seconds between two attempts if the error does not say when to try again. */
#define PAUSE 10

static struct
{
  char *valid_until;
} given;

static const GOptionEntry wait_options[] = {
  { "valid-until", 0, 0, G_OPTION_ARG_FILENAME, &given.valid_until,
    N_ ("The local time until which the token must last (required); waits no longer than that, or "
        "than --timeout allows"),
    "HH:MM" },
  { NULL },
};

typedef struct
{
  Tool *tool;
  KrSecretClient *client;
  KrSecretAccount *account;
  gint64 target;   /* seconds since 1970 */
  gint64 deadline; /* monotonic */
  guint longest;   /* milliseconds for one attempt */
  gboolean renewed;
  GMainLoop *loop;
} Waiting;

static gint64
get_now (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

/* The next time that the local clock shows HH:MM. */
static gboolean
parse_clock (const char *text, gint64 *out_target)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autoptr (GDateTime) today = NULL;
  g_autoptr (GDateTime) tomorrow = NULL;
  int hour, minute;

  if (!g_regex_match_simple ("^([01]?[0-9]|2[0-3]):[0-5][0-9]$", text, G_REGEX_DOLLAR_ENDONLY, 0))
    return FALSE;
  hour = (int) g_ascii_strtoull (text, NULL, 10);
  minute = (int) g_ascii_strtoull (strchr (text, ':') + 1, NULL, 10);
  today = g_date_time_new_local (g_date_time_get_year (now), g_date_time_get_month (now),
                                 g_date_time_get_day_of_month (now), hour, minute, 0);
  tomorrow = g_date_time_add_days (today, 1);
  *out_target = g_date_time_to_unix (g_date_time_compare (today, now) > 0 ? today : tomorrow);
  return TRUE;
}

static gboolean
is_passing (const GError *error)
{
  return g_error_matches (error, KR_SECRET_ERROR, KR_SECRET_ERROR_RATE_LIMITED)
         || g_error_matches (error, KR_SECRET_ERROR, KR_SECRET_ERROR_UNREACHABLE)
         || g_error_matches (error, KR_SECRET_ERROR, KR_SECRET_ERROR_DEADLINE);
}

/* Returns a token that lasts until the target, or NULL with the reason why there is none yet. */
static KrSecretToken *
try (Waiting *self, KrSecretTokenFlags flags, GError **error)
{
  gint64 needed = self->target - get_now ();
  gint64 left = (self->deadline - g_get_monotonic_time ()) / 1000;
  g_autoptr (KrSecretToken) token = NULL;
  g_autofree char *time = NULL;

  kr_secret_client_set_timeout (self->client, (guint) CLAMP (left, 1, self->longest));
  token = kr_secret_client_get_token (self->client, self->account, KR_SECRET_TOKEN_ACCESS,
                                      (guint) CLAMP (needed, 0, G_MAXINT), flags, NULL, error);
  if (token == NULL || kr_secret_token_get_expires_at (token) >= self->target)
    return g_steal_pointer (&token);
  time = text_time (kr_secret_token_get_expires_at (token));
  return KR_SECRET_FAIL_NULL (error, KR_SECRET_ERROR_DEADLINE, _ ("the token ends at %s"), time);
}

/* Whether a token issued now would last until the target, judged by the present one: tokens live
 * equally long, or expire at a fixed time of day. */
static gboolean
is_new_one_better (Waiting *self)
{
  const char *id = kr_secret_account_get_broker_id (self->account);
  g_autoptr (KrSecretBroker) broker = id != NULL ? kr_secret_broker_find (id, NULL) : NULL;
  gint64 expires_at = kr_secret_account_get_token_expires_at (self->account);

  return !self->renewed && broker != NULL && kr_secret_broker_get_traits (broker)->death_time == 0
         && expires_at > get_now () && expires_at < self->target;
}

/* One attempt. get_token alone does not replace a token with more than half of its life left. */
static KrSecretToken *
attempt (Waiting *self, GError **error)
{
  g_autoptr (GError) local = NULL;
  KrSecretToken *token = try (self, KR_SECRET_TOKEN_STRICT, &local);

  if (token == NULL && g_error_matches (local, KR_SECRET_ERROR, KR_SECRET_ERROR_DEADLINE)
      && is_new_one_better (self))
    {
      g_clear_error (&local);
      token = try (self, KR_SECRET_TOKEN_RENEW, &local);
      self->renewed
          = token != NULL || g_error_matches (local, KR_SECRET_ERROR, KR_SECRET_ERROR_DEADLINE);
    }
  if (token == NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  return token;
}

static gboolean
quit (gpointer loop)
{
  g_main_loop_quit (loop);
  return G_SOURCE_REMOVE;
}

static void
on_token_changed (KrSecretClient *client, KrSecretAccount *account, gpointer loop)
{
  g_main_loop_quit (loop);
}

/* Pauses until moment, or until another program stores a token. */
static void
pause_till (Waiting *self, gint64 moment)
{
  gint64 left = (MIN (moment, self->deadline) - g_get_monotonic_time ()) / 1000;
  guint timer = g_timeout_add ((guint) CLAMP (left, 0, G_MAXINT), quit, self->loop);
  gulong handler
      = g_signal_connect (self->client, "token-changed", G_CALLBACK (on_token_changed), self->loop);
  GSource *source;

  g_main_loop_run (self->loop);
  g_signal_handler_disconnect (self->client, handler);
  source = g_main_context_find_source_by_id (NULL, timer);
  if (source != NULL)
    g_source_destroy (source);
}

/* Returns the seconds to pause after a failure. */
static gint64
get_pause (Waiting *self, const GError *error)
{
  gint64 expires_at = kr_secret_account_get_token_expires_at (self->account);
  gint64 now = get_now ();

  if (kr_secret_error_get_retry_after (error) > 0)
    return kr_secret_error_get_retry_after (error);
  /* A valid token that ends too early: try again at its end, or in a minute if that is sooner. */
  if (expires_at > now && g_error_matches (error, KR_SECRET_ERROR, KR_SECRET_ERROR_DEADLINE))
    return MIN (expires_at - now + 1, 6 * PAUSE);
  return PAUSE;
}

static int
report_too_late (Waiting *self, const GError *last)
{
  g_autofree char *alias = lookup_name_for_people (self->account);
  g_autofree char *time = text_time (self->target);
  g_autoptr (GError) error = NULL;

  kr_secret_error_set (&error, KR_SECRET_ERROR_DEADLINE, 0, NULL, "%s", last->message);
  return report_error (self->tool, error,
                       _ ("allow more time with --timeout, or ask for an earlier time"),
                       _ ("'%s' has no token that is valid until %s"), alias, time);
}

static void
say_waiting (Waiting *self)
{
  g_autofree char *alias = lookup_name_for_people (self->account);
  g_autofree char *time = text_time (self->target);

  progress_begin (self->tool, _ ("waiting for a token of '%s' that is valid until %s"), alias,
                  time);
}

static int
run_waiting (Waiting *self)
{
  for (;;)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (KrSecretToken) token = NULL;
      gint64 pause;

      say_waiting (self);
      token = attempt (self, &error);

      if (token != NULL)
        {
          describe_report_token (self->tool, self->account, token);
          return report_finish (self->tool);
        }
      if (!is_passing (error))
        {
          g_autofree char *alias = lookup_name_for_people (self->account);
          return report_error (self->tool, error, NULL, _ ("no token for '%s'"), alias);
        }
      if (g_get_monotonic_time () >= self->deadline)
        return report_too_late (self, error);
      pause = get_pause (self, error);
      {
        g_autofree char *text = kr_duration_format (pause);
        report_detail (self->tool, _ ("%s; looking again in %s"), error->message, text);
      }
      kr_secret_client_follow (self->client);
      say_waiting (self);
      pause_till (self, g_get_monotonic_time () + pause * G_USEC_PER_SEC);
    }
}

static int
run (Tool *tool, char **args)
{
  g_autoptr (KrSecretClient) client = lookup_client (tool);
  g_autoptr (KrSecretAccount) account = NULL;
  g_autoptr (GMainLoop) loop = NULL;
  Waiting waiting = { tool, client };
  gint64 limit;
  int status;

  if (given.valid_until == NULL || !parse_clock (given.valid_until, &waiting.target))
    return report_usage (tool, _ ("a time of the day is needed, as in --valid-until 15:30"), NULL,
                         given.valid_until == NULL ? _ ("--valid-until is missing")
                                                   : _ ("--valid-until is not a time"));
  account = lookup_one (tool, client, args, &status);
  if (account == NULL)
    return status;
  /* Waiting past the target is pointless. */
  limit = tool->timeout > 0 ? (gint64) tool->timeout : waiting.target - get_now ();
  waiting.account = account;
  waiting.longest = kr_secret_client_get_timeout (client);
  waiting.deadline = g_get_monotonic_time () + limit * G_USEC_PER_SEC;
  waiting.loop = loop = g_main_loop_new (NULL, FALSE);
  return run_waiting (&waiting);
}

const Command wait_command = {
  "wait",
  N_ ("ALIAS --valid-until HH:MM [--timeout SECS]"),
  N_ ("Wait for a token that is valid until a time of the day"),
  wait_options,
  run,
};
