/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "issue/kr-secret-pace-private.h"

#include "base/kr-secret-clock-private.h"
#include "kr-secret-error.h"
#include "base/kr-secret-intl-private.h"
#include "base/kr-secret-text-private.h"

#define MINUTE 60
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define KST_OFFSET (9 * HOUR)

/* After a torn ledger: the longest interval of any broker. In seconds. */
#define TORN_WAIT MINUTE

/* A token that was rejected sooner after its issue has not cured what the one before it died of.
 * In seconds. */
#define YOUNG (10 * MINUTE)

/* From the second young token that is rejected on: doubled each time. In seconds. */
#define COOL_DOWN MINUTE
#define COOL_DOWN_MAX HOUR

/* How far a token's end may be from the daily death of a broker's tokens to be counted as that:
 * clocks differ. In seconds. */
#define DEATH_SLACK (15 * MINUTE)

#define WITHDRAWN "withdrawn"
#define REJECTED ".rejected" /* after the kind */
#define TRIAL "trial"

/* A key of the ledger about one kind of token: "access.wait_ms". */
static char *
key_for (KrSecretTokenKind kind, const char *what)
{
  return g_strconcat (kr_secret_token_kind_to_string (kind), what, NULL);
}

static gint64
get_int (KrSecretLedger *ledger, const char *prefix, const char *what)
{
  g_autofree char *key = g_strconcat (prefix, what, NULL);

  return kr_secret_record_get_int (kr_secret_ledger_get_record (ledger), key, 0);
}

static const char *
get_text (KrSecretLedger *ledger, const char *prefix, const char *what)
{
  g_autofree char *key = g_strconcat (prefix, what, NULL);

  return kr_secret_record_get (kr_secret_ledger_get_record (ledger), key);
}

static void
set_int (KrSecretLedger *ledger, const char *prefix, const char *what, gint64 value)
{
  g_autofree char *key = g_strconcat (prefix, what, NULL);

  kr_secret_record_set_int (kr_secret_ledger_get_record (ledger), key, value);
}

static void
set_text (KrSecretLedger *ledger, const char *prefix, const char *what, const char *value)
{
  g_autofree char *key = g_strconcat (prefix, what, NULL);

  kr_secret_record_set (kr_secret_ledger_get_record (ledger), key, value);
}

/* A point of time, by both clocks, and how long to wait from it on. */
static void
set_span (KrSecretLedger *ledger, const char *prefix, gint64 wait)
{
  set_text (ledger, prefix, ".boot_id", kr_secret_clock_boot_id ());
  set_int (ledger, prefix, ".time", kr_secret_clock_now ());
  set_int (ledger, prefix, ".boottime_ms", kr_secret_clock_boottime_ms ());
  set_int (ledger, prefix, ".wait_ms", wait);
}

static gboolean
is_of_this_boot (KrSecretLedger *ledger, const char *prefix)
{
  const char *boot_id = kr_secret_clock_boot_id ();

  return *boot_id != '\0' && g_strcmp0 (get_text (ledger, prefix, ".boot_id"), boot_id) == 0;
}

/* What is left of the wait. Counted by the boot-time clock, which cannot be set; across a restart
 * by the wall clock, and then never longer than was asked for. */
static gint64
get_span (KrSecretLedger *ledger, const char *prefix)
{
  gint64 wait = get_int (ledger, prefix, ".wait_ms");
  gint64 passed;

  /* The clock is behind what it was: counted from now on, or it would not run down. */
  if (wait > 0 && !is_of_this_boot (ledger, prefix)
      && get_int (ledger, prefix, ".time") > kr_secret_clock_now ())
    {
      set_span (ledger, prefix, wait);
      kr_secret_ledger_save (ledger, NULL);
    }
  if (is_of_this_boot (ledger, prefix))
    passed = kr_secret_clock_boottime_ms () - get_int (ledger, prefix, ".boottime_ms");
  else
    passed = (kr_secret_clock_now () - get_int (ledger, prefix, ".time")) * 1000;
  return CLAMP (wait - passed, 0, wait);
}

/* How long the next issue still has to wait, 0 if not at all. */
gint64
kr_secret_pace_get_wait (KrSecretLedger *ledger, KrSecretTokenKind kind)
{
  gint64 torn
      = kr_secret_record_get_int (kr_secret_ledger_get_record (ledger), KR_SECRET_LEDGER_TORN, 0);

  /* Whatever stood there, an attempt may have been made when it was written. */
  if (torn > 0)
    return CLAMP (torn + TORN_WAIT - kr_secret_clock_now (), 0, TORN_WAIT) * 1000;
  return get_span (ledger, kr_secret_token_kind_to_string (kind));
}

/* Fails if the broker does not allow it yet. */
gboolean
kr_secret_pace_check_wait (KrSecretLedger *ledger, KrSecretTokenKind kind, GError **error)
{
  gint64 seconds = (kr_secret_pace_get_wait (ledger, kind) + 999) / 1000;
  g_autofree char *span = NULL;

  if (seconds == 0)
    return TRUE;
  span = kr_secret_text_duration (seconds);
  kr_secret_error_set (error, KR_SECRET_ERROR_RATE_LIMITED, seconds, NULL,
                       _ ("the last issue was a moment ago; the broker allows the next in %s"),
                       span);
  return FALSE;
}

/* To be called before an issue request leaves: whatever becomes of it, the next has to wait for
 * interval seconds from now. */
gboolean
kr_secret_pace_begin (KrSecretLedger *ledger,
                      KrSecretTokenKind kind,
                      guint interval,
                      GError **error)
{
  g_autofree char *before = key_for (kind, ".before_ms");

  /* What has to be put back if the request does not leave. */
  set_int (ledger, before, "", kr_secret_pace_get_wait (ledger, kind));
  kr_secret_record_set (kr_secret_ledger_get_record (ledger), KR_SECRET_LEDGER_TORN, NULL);
  set_span (ledger, kr_secret_token_kind_to_string (kind), (gint64) interval * 1000);
  return kr_secret_ledger_save (ledger, error);
}

/* What an attempt came to: for those who waited for it meanwhile, and to count refusals. */
static void
set_outcome (KrSecretLedger *ledger, KrSecretTokenKind kind, const char *key, const GError *failure)
{
  g_autofree char *end = key_for (kind, ".end");
  gboolean refused = g_error_matches (failure, KR_SECRET_ERROR, KR_SECRET_ERROR_REFUSED);

  set_span (ledger, end, 0);
  set_int (ledger, end, ".code", failure != NULL ? failure->code : 0);
  set_text (ledger, end, ".broker_code", kr_secret_error_get_broker_code (failure));
  set_int (ledger, end, ".retry_after", kr_secret_error_get_retry_after (failure));
  if (refused)
    {
      set_int (ledger, end, ".refusals", 1 + kr_secret_pace_get_refusals (ledger, kind, key));
      set_text (ledger, end, ".refused_key", key);
    }
  else if (failure == NULL)
    {
      set_int (ledger, end, ".refusals", 0);
      kr_secret_pace_set_hold (ledger, kind, 0);
    }
}

/* To be called when the answer is there: it is by the broker's clock that the interval counts, and
 * the broker may have had the request only now. It may also have said itself how long to wait. key
 * is the fingerprint of the key that was used; failure is NULL if there is a token. */
gboolean
kr_secret_pace_end (KrSecretLedger *ledger,
                    KrSecretTokenKind kind,
                    guint interval,
                    const char *key,
                    const GError *failure,
                    GError **error)
{
  set_span (ledger, kr_secret_token_kind_to_string (kind), (gint64) interval * 1000);
  set_outcome (ledger, kind, key, failure);
  return kr_secret_ledger_save (ledger, error);
}

/* The request never left this machine: the broker counts nothing. */
gboolean
kr_secret_pace_end_unsent (KrSecretLedger *ledger,
                           KrSecretTokenKind kind,
                           const GError *failure,
                           GError **error)
{
  g_autofree char *before = key_for (kind, ".before_ms");

  set_span (ledger, kr_secret_token_kind_to_string (kind), get_int (ledger, before, ""));
  set_outcome (ledger, kind, NULL, failure);
  return kr_secret_ledger_save (ledger, error);
}

/* Whether the last attempt ended since a point of the boot-time clock, and failed: whoever waited
 * for it shares what it came to. The broker's words are not kept: they may repeat the key. */
gboolean
kr_secret_pace_get_failure (KrSecretLedger *ledger,
                            KrSecretTokenKind kind,
                            gint64 since_boottime_ms,
                            GError **out_failure)
{
  g_autofree char *end = key_for (kind, ".end");
  gint64 code = get_int (ledger, end, ".code");
  gint64 ended_ms = get_int (ledger, end, ".boottime_ms");
  gint64 retry_after = get_int (ledger, end, ".retry_after");
  gint64 passed = (kr_secret_clock_boottime_ms () - ended_ms) / 1000;

  if (code == 0 || !is_of_this_boot (ledger, end) || ended_ms < since_boottime_ms || passed < 0)
    return FALSE;
  kr_secret_error_set (out_failure, (KrSecretError) code,
                       retry_after > 0 ? MAX (retry_after - passed, 1) : 0,
                       get_text (ledger, end, ".broker_code"),
                       _ ("the broker was just asked, and it came to nothing"));
  return TRUE;
}

/* How often in a row the broker has refused this very key. */
guint
kr_secret_pace_get_refusals (KrSecretLedger *ledger, KrSecretTokenKind kind, const char *key)
{
  g_autofree char *end = key_for (kind, ".end");

  if (g_strcmp0 (get_text (ledger, end, ".refused_key"), key) != 0)
    return 0;
  return (guint) CLAMP (get_int (ledger, end, ".refusals"), 0, G_MAXINT);
}

gint64
kr_secret_pace_get_hold (KrSecretLedger *ledger, KrSecretTokenKind kind)
{
  g_autofree char *hold = key_for (kind, ".hold");

  return get_span (ledger, hold);
}

/* Fails if it would do no good yet. */
gboolean
kr_secret_pace_check_hold (KrSecretLedger *ledger, KrSecretTokenKind kind, GError **error)
{
  gint64 seconds = (kr_secret_pace_get_hold (ledger, kind) + 999) / 1000;
  g_autofree char *span = NULL;

  if (seconds == 0)
    return TRUE;
  span = kr_secret_text_duration (seconds);
  kr_secret_error_set (error, KR_SECRET_ERROR_RATE_LIMITED, seconds, NULL,
                       _ ("the last token was dead; another can come in %s"), span);
  return FALSE;
}

/* To be saved with what comes next. */
void
kr_secret_pace_set_hold (KrSecretLedger *ledger, KrSecretTokenKind kind, gint64 wait)
{
  g_autofree char *hold = key_for (kind, ".hold");

  set_span (ledger, hold, wait);
}

/* Whether nothing of the account's history speaks against asking. */
gboolean
kr_secret_pace_is_clear (KrSecretLedger *ledger, KrSecretTokenKind kind)
{
  g_autofree char *end = key_for (kind, ".end");

  return kr_secret_pace_get_hold (ledger, kind) == 0
         && get_int (ledger, end, ".refusals") < KR_SECRET_PACE_MAX_REFUSALS;
}

static void
set_dead (KrSecretLedger *ledger, const char *what, KrSecretToken *token)
{
  set_text (ledger, what, "", token != NULL ? kr_secret_token_get_fingerprint (token) : NULL);
  set_int (ledger, what, ".issued_at", token != NULL ? kr_secret_token_get_issued_at (token) : 0);
}

/* The last token that the broker was, or may have been, told to revoke. To be called before the
 * request leaves; NULL when it was certainly not done. */
gboolean
kr_secret_pace_set_withdrawn (KrSecretLedger *ledger, KrSecretToken *token, GError **error)
{
  set_dead (ledger, WITHDRAWN, token);
  return kr_secret_ledger_save (ledger, error);
}

/* The broker has answered a call that the token is dead. The first is followed by an issue at once;
 * if what came of that dies young too, and soon after it, more of it would not help. The same one
 * again is no other.
 */
gboolean
kr_secret_pace_reject (KrSecretLedger *ledger, KrSecretToken *token, GError **error)
{
  KrSecretTokenKind kind = kr_secret_token_get_kind (token);
  g_autofree char *rejected = key_for (kind, REJECTED);
  gint64 lived = kr_secret_clock_now () - kr_secret_token_get_issued_at (token);
  gboolean in_a_row = lived < YOUNG && get_span (ledger, rejected) > 0;
  gint64 count = in_a_row ? get_int (ledger, rejected, ".count") + 1 : 1;
  gint64 hold = count > 1 ? MIN (COOL_DOWN << MIN (count - 2, 10), COOL_DOWN_MAX) : 0;

  if (g_strcmp0 (get_text (ledger, rejected, ""), kr_secret_token_get_fingerprint (token)) == 0)
    return TRUE;
  set_dead (ledger, rejected, token);
  set_int (ledger, rejected, ".count", count);
  /* For so long the next one counts as the next in a row. */
  set_span (ledger, rejected, MAX (YOUNG, 2 * hold) * (gint64) 1000);
  if (hold > 0)
    kr_secret_pace_set_hold (ledger, kind, hold * 1000);
  return kr_secret_ledger_save (ledger, error);
}

/* Whether a token is one of those, and when it was issued. */
gboolean
kr_secret_pace_is_dead (KrSecretLedger *ledger, const char *fingerprint, gint64 *out_issued_at)
{
  static const char *const lists[] = { WITHDRAWN, "access" REJECTED, "websocket" REJECTED };

  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    if (g_strcmp0 (get_text (ledger, lists[i], ""), fingerprint) == 0)
      {
        *out_issued_at = get_int (ledger, lists[i], ".issued_at");
        return TRUE;
      }
  return FALSE;
}

gint64
kr_secret_pace_get_trial (KrSecretLedger *accounts, const char *key)
{
  return g_strcmp0 (get_text (accounts, TRIAL, ".key"), key) == 0 ? get_span (accounts, TRIAL) : 0;
}

gboolean
kr_secret_pace_set_trial (KrSecretLedger *accounts, const char *key, gint64 wait, GError **error)
{
  set_text (accounts, TRIAL, ".key", key);
  set_span (accounts, TRIAL, wait);
  return kr_secret_ledger_save (accounts, error);
}

/* From when on asking brings another token than this one. */
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

/* The end of a token by the broker's daily clock, if it comes before the token's own. In the
 * broker's clock. */
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

/* From when on asking brings a token that outlives this one. */
gint64
kr_secret_pace_get_better_from (const KrSecretTraits *traits, gint64 issued_at, gint64 expires_at)
{
  if (ends_by_daily_death (traits, expires_at))
    return expires_at;
  return kr_secret_pace_get_new_from (traits, issued_at, expires_at);
}

/* When a token is to be renewed by whoever keeps it fresh: in good time, but not before there is
 * something to gain. */
gint64
kr_secret_pace_get_renewal (const KrSecretTraits *traits, gint64 issued_at, gint64 expires_at)
{
  gint64 life = MAX (expires_at - issued_at, 0);
  gint64 margin = MIN (CLAMP (life / 20, 5 * MINUTE, 30 * MINUTE), life / 4);

  return MAX (expires_at - margin, kr_secret_pace_get_better_from (traits, issued_at, expires_at));
}
