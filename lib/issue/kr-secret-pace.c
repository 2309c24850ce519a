/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "issue/kr-secret-pace-private.h"

#include "base/kr-secret-clock-private.h"
#include "kr-secret-error.h"
#include "common/kr-duration.h"
#include "common/kr-intl.h"

#define MINUTE 60
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define KST_OFFSET (9 * HOUR)

/* In seconds, after a torn ledger: the longest interval of any broker. */
#define TORN_WAIT MINUTE

/* In seconds. A token rejected sooner than this has not cured what the one before it died of. */
#define YOUNG (10 * MINUTE)

/* In seconds. From the second young token that is rejected on, doubled each time. */
#define COOL_DOWN MINUTE
#define COOL_DOWN_MAX HOUR

/* In seconds. A token that ends this close to a broker's daily death dies of it: clocks differ. */
#define DEATH_SLACK (15 * MINUTE)

static KrSecretAttempts *
get_attempts (KrSecretLedger *ledger, KrSecretTokenKind kind)
{
  return &kr_secret_ledger_get_history (ledger)->kinds[kind];
}

static void
set_span (KrSecretSpan *span, gint64 wait)
{
  g_strlcpy (span->boot_id, kr_secret_clock_boot_id (), sizeof span->boot_id);
  span->time = kr_secret_clock_now ();
  span->boottime_ms = kr_secret_clock_boottime_ms ();
  span->wait_ms = wait;
}

static gboolean
is_of_this_boot (const KrSecretSpan *span)
{
  return *span->boot_id != '\0' && g_str_equal (span->boot_id, kr_secret_clock_boot_id ());
}

/* What is left of the wait, by the boot-time clock, which cannot be set. Across a reboot by the
 * wall clock, and then never more than was asked for. */
static gint64
get_span (KrSecretLedger *ledger, KrSecretSpan *span)
{
  gint64 passed;

  /* The clock was set back: count from now on, or the wait would not run down. */
  if (span->wait_ms > 0 && !is_of_this_boot (span) && span->time > kr_secret_clock_now ())
    {
      set_span (span, span->wait_ms);
      kr_secret_ledger_save (ledger, NULL);
    }
  if (is_of_this_boot (span))
    passed = kr_secret_clock_boottime_ms () - span->boottime_ms;
  else
    passed = (kr_secret_clock_now () - span->time) * 1000;
  return CLAMP (span->wait_ms - passed, 0, span->wait_ms);
}

/* How long the next issue must wait; 0: not at all. */
gint64
kr_secret_pace_get_wait (KrSecretLedger *ledger, KrSecretTokenKind kind)
{
  gint64 torn = kr_secret_ledger_get_history (ledger)->torn;

  /* An attempt may have been made when the torn record was written. */
  if (torn > 0)
    return CLAMP (torn + TORN_WAIT - kr_secret_clock_now (), 0, TORN_WAIT) * 1000;
  return get_span (ledger, &get_attempts (ledger, kind)->attempt);
}

static gboolean
check (gint64 wait, gboolean is_held, GError **error)
{
  gint64 seconds = (wait + 999) / 1000;
  g_autofree char *span = kr_duration_format (seconds);

  if (seconds > 0)
    kr_secret_error_set (
        error, KR_SECRET_ERROR_RATE_LIMITED, seconds, NULL,
        is_held ? _ ("the last token was dead; another can be issued in %s")
                : _ ("the last issue was a moment ago; the broker allows the next in %s"),
        span);
  return seconds == 0;
}

/* Fails if the broker does not allow an issue yet. */
gboolean
kr_secret_pace_check_wait (KrSecretLedger *ledger, KrSecretTokenKind kind, GError **error)
{
  return check (kr_secret_pace_get_wait (ledger, kind), FALSE, error);
}

/* Called before an issue request leaves: whatever comes of it, the next must wait this interval, in
 * seconds from now. */
gboolean
kr_secret_pace_begin (KrSecretLedger *ledger,
                      KrSecretTokenKind kind,
                      guint interval,
                      GError **error)
{
  KrSecretAttempts *attempts = get_attempts (ledger, kind);

  /* To be restored if the request does not leave. */
  attempts->before_ms = kr_secret_pace_get_wait (ledger, kind);
  kr_secret_ledger_get_history (ledger)->torn = 0;
  set_span (&attempts->attempt, (gint64) interval * 1000);
  return kr_secret_ledger_save (ledger, error);
}

/* Notes what an attempt came to, for those who waited and to count refusals. The next must wait. */
static gboolean
end (KrSecretLedger *ledger,
     KrSecretTokenKind kind,
     gint64 wait,
     const char *key,
     const GError *failure,
     GError **error)
{
  KrSecretAttempts *attempts = get_attempts (ledger, kind);
  const char *broker_code = kr_secret_error_get_broker_code (failure);

  set_span (&attempts->attempt, wait);
  set_span (&attempts->end, 0);
  attempts->code = failure != NULL ? failure->code : 0;
  g_strlcpy (attempts->broker_code, broker_code != NULL ? broker_code : "",
             sizeof attempts->broker_code);
  attempts->retry_after = kr_secret_error_get_retry_after (failure);
  if (g_error_matches (failure, KR_SECRET_ERROR, KR_SECRET_ERROR_REFUSED))
    {
      attempts->refusals = 1 + kr_secret_pace_get_refusals (ledger, kind, key);
      g_strlcpy (attempts->refused_key, key != NULL ? key : "", sizeof attempts->refused_key);
    }
  else if (failure == NULL)
    {
      attempts->refusals = 0;
      kr_secret_pace_set_hold (ledger, kind, 0);
    }
  return kr_secret_ledger_save (ledger, error);
}

/* Called when the answer is there: the interval counts by the broker's clock, and the broker may
 * have had the request only now, or have said how long to wait. key is the fingerprint of the key
 * used; failure is NULL if there is a token. */
gboolean
kr_secret_pace_end (KrSecretLedger *ledger,
                    KrSecretTokenKind kind,
                    guint interval,
                    const char *key,
                    const GError *failure,
                    GError **error)
{
  return end (ledger, kind, (gint64) interval * 1000, key, failure, error);
}

/* The request never left this machine: the broker counts nothing. */
gboolean
kr_secret_pace_end_unsent (KrSecretLedger *ledger,
                           KrSecretTokenKind kind,
                           const GError *failure,
                           GError **error)
{
  return end (ledger, kind, get_attempts (ledger, kind)->before_ms, NULL, failure, error);
}

/* Whether the last attempt ended since a point of the boot-time clock, and failed: those who waited
 * for it share its failure. The broker's words are not kept, as they may repeat the key. */
gboolean
kr_secret_pace_get_failure (KrSecretLedger *ledger,
                            KrSecretTokenKind kind,
                            gint64 since_boottime_ms,
                            GError **out_failure)
{
  const KrSecretAttempts *attempts = get_attempts (ledger, kind);
  gint64 ended_ms = attempts->end.boottime_ms;
  gint64 passed = (kr_secret_clock_boottime_ms () - ended_ms) / 1000;

  if (attempts->code == 0 || !is_of_this_boot (&attempts->end) || ended_ms < since_boottime_ms
      || passed < 0)
    return FALSE;
  kr_secret_error_set (out_failure, (KrSecretError) attempts->code,
                       attempts->retry_after > 0 ? MAX (attempts->retry_after - passed, 1) : 0,
                       *attempts->broker_code != '\0' ? attempts->broker_code : NULL,
                       _ ("the broker was asked a moment ago, without success"));
  return TRUE;
}

/* How often in a row the broker has refused this very key. */
guint
kr_secret_pace_get_refusals (KrSecretLedger *ledger, KrSecretTokenKind kind, const char *key)
{
  const KrSecretAttempts *attempts = get_attempts (ledger, kind);

  return g_strcmp0 (attempts->refused_key, key) == 0
             ? (guint) CLAMP (attempts->refusals, 0, G_MAXINT)
             : 0;
}

gint64
kr_secret_pace_get_hold (KrSecretLedger *ledger, KrSecretTokenKind kind)
{
  return get_span (ledger, &get_attempts (ledger, kind)->hold);
}

/* Fails if asking would not help yet. */
gboolean
kr_secret_pace_check_hold (KrSecretLedger *ledger, KrSecretTokenKind kind, GError **error)
{
  return check (kr_secret_pace_get_hold (ledger, kind), TRUE, error);
}

/* Saved with what comes next. */
void
kr_secret_pace_set_hold (KrSecretLedger *ledger, KrSecretTokenKind kind, gint64 wait)
{
  set_span (&get_attempts (ledger, kind)->hold, wait);
}

/* Whether nothing in the account's history speaks against asking. */
gboolean
kr_secret_pace_is_clear (KrSecretLedger *ledger, KrSecretTokenKind kind)
{
  return kr_secret_pace_get_hold (ledger, kind) == 0
         && get_attempts (ledger, kind)->refusals < KR_SECRET_PACE_MAX_REFUSALS;
}

static void
set_dead (KrSecretDead *dead, KrSecretToken *token)
{
  g_strlcpy (dead->fingerprint, token != NULL ? kr_secret_token_get_fingerprint (token) : "",
             sizeof dead->fingerprint);
  dead->issued_at = token != NULL ? kr_secret_token_get_issued_at (token) : 0;
}

/* Notes the last token that the broker may have been told to revoke, before the request leaves.
 * NULL: it was certainly not revoked. */
gboolean
kr_secret_pace_set_withdrawn (KrSecretLedger *ledger, KrSecretToken *token, GError **error)
{
  set_dead (&kr_secret_ledger_get_history (ledger)->withdrawn, token);
  return kr_secret_ledger_save (ledger, error);
}

/* Notes that the broker called the token dead. After the first an issue follows at once; if that
 * token dies young too, and soon after, more issues would not help. The same token counts once. */
gboolean
kr_secret_pace_reject (KrSecretLedger *ledger, KrSecretToken *token, GError **error)
{
  KrSecretTokenKind kind = kr_secret_token_get_kind (token);
  KrSecretAttempts *attempts = get_attempts (ledger, kind);
  gint64 lived = kr_secret_clock_now () - kr_secret_token_get_issued_at (token);
  gboolean in_a_row = lived < YOUNG && get_span (ledger, &attempts->row) > 0;
  gint64 length = in_a_row ? attempts->row_length + 1 : 1;
  gint64 hold = length > 1 ? MIN (COOL_DOWN << MIN (length - 2, 10), COOL_DOWN_MAX) : 0;

  if (g_str_equal (attempts->rejected.fingerprint, kr_secret_token_get_fingerprint (token)))
    return TRUE;
  set_dead (&attempts->rejected, token);
  attempts->row_length = length;
  /* Until then another rejection is the next in a row. */
  set_span (&attempts->row, MAX (YOUNG, 2 * hold) * (gint64) 1000);
  if (hold > 0)
    kr_secret_pace_set_hold (ledger, kind, hold * 1000);
  return kr_secret_ledger_save (ledger, error);
}

/* Whether a token was revoked or rejected, and when it was issued. */
gboolean
kr_secret_pace_is_dead (KrSecretLedger *ledger, const char *fingerprint, gint64 *out_issued_at)
{
  const KrSecretHistory *history = kr_secret_ledger_get_history (ledger);
  const KrSecretDead *dead[]
      = { &history->withdrawn, &history->kinds[0].rejected, &history->kinds[1].rejected };

  for (guint i = 0; i < G_N_ELEMENTS (dead); i++)
    if (g_str_equal (dead[i]->fingerprint, fingerprint))
      {
        *out_issued_at = dead[i]->issued_at;
        return TRUE;
      }
  return FALSE;
}

gint64
kr_secret_pace_get_trial (KrSecretLedger *accounts, const char *key)
{
  KrSecretHistory *history = kr_secret_ledger_get_history (accounts);

  return g_strcmp0 (history->trial_key, key) == 0 ? get_span (accounts, &history->trial) : 0;
}

gboolean
kr_secret_pace_set_trial (KrSecretLedger *accounts, const char *key, gint64 wait, GError **error)
{
  KrSecretHistory *history = kr_secret_ledger_get_history (accounts);

  g_strlcpy (history->trial_key, key, sizeof history->trial_key);
  set_span (&history->trial, wait);
  return kr_secret_ledger_save (accounts, error);
}

/* When asking begins to bring a token other than this one. */
gint64
kr_secret_pace_get_new_from (const KrSecretTraits *traits, gint64 issued_at, gint64 expires_at)
{
  switch (traits->reissue)
    {
    case KR_SECRET_REISSUE_SAME_WHILE_VALID:
      return expires_at;
    case KR_SECRET_REISSUE_SAME_WITHIN_WINDOW:
      return MIN (issued_at + (gint64) traits->same_token_window, expires_at);
    case KR_SECRET_REISSUE_NEW_EACH_TIME:
    case KR_SECRET_REISSUE_NEW_KILLS_OLD:
    default:
      return issued_at;
    }
}

/* The next daily death of a broker's tokens after a point of the broker's clock. */
static gint64
get_death_after (const KrSecretTraits *traits, gint64 time)
{
  gint64 midnight = (time + KST_OFFSET) / DAY * DAY - KST_OFFSET;
  gint64 death = midnight + (gint64) traits->death_time * MINUTE;

  return death <= time ? death + DAY : death;
}

/* The token's end, or the daily death of tokens if that is earlier, by the broker's clock. */
gint64
kr_secret_pace_cap_expiry (const KrSecretTraits *traits, gint64 issued_at, gint64 expires_at)
{
  if (traits->death_time == 0)
    return expires_at;
  return MIN (expires_at, get_death_after (traits, issued_at));
}

static gboolean
ends_by_daily_death (const KrSecretTraits *traits, gint64 expires_at)
{
  return traits->death_time != 0
         && get_death_after (traits, expires_at - DEATH_SLACK) <= expires_at + DEATH_SLACK;
}

/* When asking begins to bring a token that outlives this one. */
gint64
kr_secret_pace_get_better_from (const KrSecretTraits *traits, gint64 issued_at, gint64 expires_at)
{
  if (ends_by_daily_death (traits, expires_at))
    return expires_at;
  return kr_secret_pace_get_new_from (traits, issued_at, expires_at);
}

/* When to renew a token to keep it fresh: in good time, but not before there is a better one. */
gint64
kr_secret_pace_get_renewal (const KrSecretTraits *traits, gint64 issued_at, gint64 expires_at)
{
  gint64 life = MAX (expires_at - issued_at, 0);
  gint64 margin = MIN (CLAMP (life / 20, 5 * MINUTE, 30 * MINUTE), life / 4);

  return MAX (expires_at - margin, kr_secret_pace_get_better_from (traits, issued_at, expires_at));
}
