/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* When a broker may be asked: by its traits, and by what the account's ledger remembers. */
#include <string.h>

#include "kr-secret-clock-private.h"
#include "kr-secret-error.h"
#include "kr-secret-pace-private.h"
#include "test-process.h"
#include "test-assert.h"
#include "test-files.h"

#define ACCESS KR_SECRET_TOKEN_ACCESS
#define WEBSOCKET KR_SECRET_TOKEN_WEBSOCKET

#define MINUTE 60
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define WINDOW (6 * HOUR)

/* 2026-03-02 00:00:00 in Korea. */
#define MIDNIGHT G_GINT64_CONSTANT (1772377200)
#define SEVEN (MIDNIGHT + 7 * HOUR)

static const KrSecretTraits kis = { .reissue = KR_SECRET_REISSUE_SAME_WITHIN_WINDOW,
                                    .issue_interval = 60,
                                    .same_token_window = WINDOW };
static const KrSecretTraits db
    = { .reissue = KR_SECRET_REISSUE_SAME_WHILE_VALID, .issue_interval = 60 };
static const KrSecretTraits nh = { .reissue = KR_SECRET_REISSUE_NEW_EACH_TIME };
static const KrSecretTraits kiwoom
    = { .reissue = KR_SECRET_REISSUE_NEW_KILLS_OLD, .issue_interval = 1 };
static const KrSecretTraits ls
    = { .reissue = KR_SECRET_REISSUE_NEW_KILLS_OLD, .issue_interval = 1, .death_time = 7 * 60 };
static const KrSecretTraits midnight
    = { .reissue = KR_SECRET_REISSUE_NEW_KILLS_OLD, .death_time = 24 * 60 };

static guint next_name;

/* A ledger that no other test has. */
static KrSecretLedger *
ledger_at (guint n)
{
  g_autofree char *name = g_strdup_printf ("ledger-%u", n);
  g_autoptr (GError) error = NULL;
  KrSecretLedger *ledger
      = kr_secret_ledger_lock (name, kr_secret_deadline_in (10000), NULL, &error);

  g_assert_no_error (error);
  return ledger;
}

static KrSecretLedger *
ledger_new (void)
{
  return ledger_at (++next_name);
}

/* The same as the next program finds it. */
static KrSecretLedger *
ledger_again (KrSecretLedger *ledger)
{
  kr_secret_ledger_free (ledger);
  return ledger_at (next_name);
}

static void
change_int (KrSecretLedger *ledger, const char *key, gint64 difference)
{
  KrSecretRecord *record = kr_secret_ledger_get_record (ledger);
  gint64 value = kr_secret_record_get_int (record, key, G_MININT64);

  g_assert_cmpint (value, !=, G_MININT64);
  kr_secret_record_set_int (record, key, value + difference);
}

/* A span that was written in another life of the machine, so many seconds ago by the wall clock. */
static void
reboot (KrSecretLedger *ledger, const char *prefix, gint64 seconds_ago)
{
  KrSecretRecord *record = kr_secret_ledger_get_record (ledger);
  g_autofree char *boot_id = g_strconcat (prefix, ".boot_id", NULL);
  g_autofree char *boottime = g_strconcat (prefix, ".boottime_ms", NULL);
  g_autofree char *time = g_strconcat (prefix, ".time", NULL);

  g_assert_nonnull (kr_secret_record_get (record, boot_id));
  kr_secret_record_set (record, boot_id, "00000000-0000-0000-0000-000000000000");
  /* What another life's clock said means nothing. */
  kr_secret_record_set_int (record, boottime, G_MAXINT64 / 4);
  change_int (ledger, time, -seconds_ago);
}

static void
save (KrSecretLedger *ledger)
{
  g_autoptr (GError) error = NULL;

  kr_secret_ledger_save (ledger, &error);
  g_assert_no_error (error);
}

static GError *
failure_new (KrSecretError code, gint64 retry_after, const char *broker_code)
{
  GError *error = NULL;

  kr_secret_error_set (&error, code, retry_after, broker_code, "echo of PSsecret");
  return error;
}

/* One attempt from begin to end; code 0: there is a token. */
static void
attempt (KrSecretLedger *ledger,
         KrSecretTokenKind kind,
         guint interval,
         const char *key,
         int code,
         gint64 retry_after)
{
  g_autoptr (GError) failure
      = code != 0 ? failure_new ((KrSecretError) code, retry_after, "EGW00001") : NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (kr_secret_pace_begin (ledger, kind, interval, &error));
  g_assert_true (kr_secret_pace_end (ledger, kind, interval, key, failure, &error));
}

static KrSecretToken *
token_new (const char *text, KrSecretTokenKind kind, gint64 age)
{
  g_autoptr (SecretValue) value = secret_value_new (text, -1, "text/plain");
  gint64 now = kr_secret_clock_now ();

  return kr_secret_token_new (value, NULL, kind, now - age, now - age + DAY);
}

static void
reject (KrSecretLedger *ledger, const char *text, KrSecretTokenKind kind, gint64 age)
{
  g_autoptr (KrSecretToken) token = token_new (text, kind, age);
  g_autoptr (GError) error = NULL;

  kr_secret_pace_reject (ledger, token, &error);
  g_assert_no_error (error);
}

static gboolean
is_dead (KrSecretLedger *ledger, const char *text, gint64 *out_issued_at)
{
  g_autoptr (KrSecretToken) token = token_new (text, ACCESS, 0);

  return kr_secret_pace_is_dead (ledger, kr_secret_token_get_fingerprint (token), out_issued_at);
}

/* In milliseconds, with room for a machine that is slow. */
static void
assert_about (gint64 ms, gint64 seconds)
{
  g_assert_cmpint (ms, >, seconds * 1000 - 20 * 1000);
  g_assert_cmpint (ms, <=, seconds * 1000);
}

static void
test_wait_counts_from_the_answer (void)
{
  g_autoptr (KrSecretLedger) ledger = ledger_new ();
  g_autoptr (GError) error = NULL;

  g_assert_true (kr_secret_pace_begin (ledger, ACCESS, 600, &error));
  change_int (ledger, "access.boottime_ms", -500 * 1000);
  assert_about (kr_secret_pace_get_wait (ledger, ACCESS), 100);
  g_assert_true (kr_secret_pace_end (ledger, ACCESS, 600, "key", NULL, &error));
  assert_about (kr_secret_pace_get_wait (ledger, ACCESS), 600);
  ledger = ledger_again (g_steal_pointer (&ledger));
  assert_about (kr_secret_pace_get_wait (ledger, ACCESS), 600);
  g_assert_cmpint (kr_secret_pace_get_wait (ledger, WEBSOCKET), ==, 0);
}

/* A clock that somebody sets does not shorten the wait, nor does it make it longer. */
static void
test_wait_does_not_look_at_the_wall_clock (void)
{
  g_autoptr (KrSecretLedger) ledger = ledger_new ();

  attempt (ledger, ACCESS, 600, "key", 0, 0);
  change_int (ledger, "access.time", -DAY);
  assert_about (kr_secret_pace_get_wait (ledger, ACCESS), 600);
  change_int (ledger, "access.time", 2 * DAY);
  assert_about (kr_secret_pace_get_wait (ledger, ACCESS), 600);
}

static void
test_wait_across_a_reboot (void)
{
  static const struct
  {
    gint64 ago;
    gint64 left;
  } cases[] = { { 0, 600 }, { 200, 400 }, { 599, 1 }, { 600, 0 }, { DAY, 0 }, { -DAY, 600 } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (KrSecretLedger) ledger = ledger_new ();

      attempt (ledger, ACCESS, 600, "key", 0, 0);
      reboot (ledger, "access", cases[i].ago);
      save (ledger);
      ledger = ledger_again (g_steal_pointer (&ledger));
      if (cases[i].left == 0)
        g_assert_cmpint (kr_secret_pace_get_wait (ledger, ACCESS), ==, 0);
      else
        assert_about (kr_secret_pace_get_wait (ledger, ACCESS), cases[i].left);
    }
}

/* The helper was killed between the two: nobody knows whether the request has left. */
static void
test_wait_is_there_after_a_crash (void)
{
  g_autoptr (KrSecretLedger) ledger = ledger_new ();
  g_autoptr (GError) error = NULL;

  g_assert_true (kr_secret_pace_begin (ledger, ACCESS, 60, &error));
  ledger = ledger_again (g_steal_pointer (&ledger));
  assert_about (kr_secret_pace_get_wait (ledger, ACCESS), 60);
  g_assert_false (kr_secret_pace_get_failure (ledger, ACCESS, 0, NULL));
}

static void
test_unsent_request_leaves_the_wait_as_it_was (void)
{
  g_autoptr (KrSecretLedger) ledger = ledger_new ();
  g_autoptr (GError) failure = failure_new (KR_SECRET_ERROR_UNREACHABLE, 0, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) found = NULL;
  gint64 before = kr_secret_clock_boottime_ms ();

  attempt (ledger, ACCESS, 60, "key", 0, 0);
  for (guint i = 0; i < 3; i++)
    {
      g_assert_true (kr_secret_pace_begin (ledger, ACCESS, 3600, &error));
      g_assert_true (kr_secret_pace_end_unsent (ledger, ACCESS, failure, &error));
    }
  assert_about (kr_secret_pace_get_wait (ledger, ACCESS), 60);
  /* Who waited for it shares what it came to all the same. */
  g_assert_true (kr_secret_pace_get_failure (ledger, ACCESS, before, &found));
  g_assert_error (found, KR_SECRET_ERROR, KR_SECRET_ERROR_UNREACHABLE);
}

static void
test_torn_ledger_is_an_attempt_of_any_kind (void)
{
  g_autoptr (KrSecretLedger) ledger = ledger_new ();
  g_autofree char *name = g_strdup_printf ("ledger-%u", next_name);
  g_autofree char *path = g_build_filename (g_get_user_state_dir (), "krsecret", name, NULL);

  attempt (ledger, ACCESS, 10, "key", KR_SECRET_ERROR_REFUSED, 0);
  test_file_write (path, "krsecret 1 ledger 30 torn", -1, 0600);
  ledger = ledger_again (g_steal_pointer (&ledger));
  assert_about (kr_secret_pace_get_wait (ledger, ACCESS), 60);
  assert_about (kr_secret_pace_get_wait (ledger, WEBSOCKET), 60);
  g_assert_false (kr_secret_pace_get_failure (ledger, ACCESS, 0, NULL));
  g_assert_cmpuint (kr_secret_pace_get_refusals (ledger, ACCESS, "key"), ==, 0);
}

static void
test_failure_is_shared_by_who_waited (void)
{
  g_autoptr (KrSecretLedger) ledger = ledger_new ();
  g_autoptr (GError) found = NULL;
  gint64 before = kr_secret_clock_boottime_ms ();

  g_assert_false (kr_secret_pace_get_failure (ledger, ACCESS, before, &found));
  attempt (ledger, ACCESS, 0, "key", KR_SECRET_ERROR_REFUSED, 0);
  ledger = ledger_again (g_steal_pointer (&ledger));
  g_assert_true (kr_secret_pace_get_failure (ledger, ACCESS, before, &found));
  g_assert_error (found, KR_SECRET_ERROR, KR_SECRET_ERROR_REFUSED);
  g_assert_cmpstr (kr_secret_error_get_broker_code (found), ==, "EGW00001");
  g_assert_cmpint (kr_secret_error_get_retry_after (found), ==, 0);
  test_assert_lacks (found->message, "PSsecret");
  /* Who came later asks for himself; and the other kind is another matter. */
  g_assert_false (
      kr_secret_pace_get_failure (ledger, ACCESS, kr_secret_clock_boottime_ms () + 1, NULL));
  g_assert_false (kr_secret_pace_get_failure (ledger, WEBSOCKET, 0, NULL));
}

static void
test_success_is_no_failure (void)
{
  g_autoptr (KrSecretLedger) ledger = ledger_new ();

  attempt (ledger, ACCESS, 0, "key", KR_SECRET_ERROR_UNREACHABLE, 0);
  g_assert_true (kr_secret_pace_get_failure (ledger, ACCESS, 0, NULL));
  attempt (ledger, ACCESS, 0, "key", 0, 0);
  g_assert_false (kr_secret_pace_get_failure (ledger, ACCESS, 0, NULL));
}

static void
test_failure_does_not_outlive_a_reboot (void)
{
  g_autoptr (KrSecretLedger) ledger = ledger_new ();

  attempt (ledger, ACCESS, 0, "key", KR_SECRET_ERROR_UNREACHABLE, 0);
  reboot (ledger, "access.end", 0);
  g_assert_false (kr_secret_pace_get_failure (ledger, ACCESS, 0, NULL));
}

static void
test_retry_after_shrinks_but_never_away (void)
{
  static const struct
  {
    gint64 ago;
    gint64 least;
    gint64 most;
  } cases[] = { { 0, 80, 100 }, { 40, 40, 60 }, { 99, 1, 1 }, { 100, 1, 1 }, { 5000, 1, 1 } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (KrSecretLedger) ledger = ledger_new ();
      g_autoptr (GError) found = NULL;

      attempt (ledger, ACCESS, 0, "key", KR_SECRET_ERROR_RATE_LIMITED, 100);
      change_int (ledger, "access.end.boottime_ms", -cases[i].ago * 1000);
      g_assert_true (kr_secret_pace_get_failure (ledger, ACCESS, G_MININT64, &found));
      g_assert_error (found, KR_SECRET_ERROR, KR_SECRET_ERROR_RATE_LIMITED);
      g_assert_cmpint (kr_secret_error_get_retry_after (found), >=, cases[i].least);
      g_assert_cmpint (kr_secret_error_get_retry_after (found), <=, cases[i].most);
    }
}

static void
test_refusals_count_for_one_key (void)
{
  g_autoptr (KrSecretLedger) ledger = ledger_new ();

  for (guint i = 1; i <= KR_SECRET_PACE_MAX_REFUSALS; i++)
    {
      g_assert_true (kr_secret_pace_is_clear (ledger, ACCESS));
      attempt (ledger, ACCESS, 0, "key", KR_SECRET_ERROR_REFUSED, 0);
      ledger = ledger_again (g_steal_pointer (&ledger));
      g_assert_cmpuint (kr_secret_pace_get_refusals (ledger, ACCESS, "key"), ==, i);
      g_assert_cmpuint (kr_secret_pace_get_refusals (ledger, ACCESS, "other"), ==, 0);
      g_assert_cmpuint (kr_secret_pace_get_refusals (ledger, WEBSOCKET, "key"), ==, 0);
    }
  g_assert_false (kr_secret_pace_is_clear (ledger, ACCESS));
  g_assert_true (kr_secret_pace_is_clear (ledger, WEBSOCKET));

  attempt (ledger, ACCESS, 0, "other", KR_SECRET_ERROR_REFUSED, 0);
  g_assert_cmpuint (kr_secret_pace_get_refusals (ledger, ACCESS, "other"), ==, 1);
  g_assert_cmpuint (kr_secret_pace_get_refusals (ledger, ACCESS, "key"), ==, 0);
}

/* What says nothing about the key neither counts nor clears. */
static void
test_only_success_ends_the_refusals (void)
{
  static const int others[]
      = { KR_SECRET_ERROR_UNREACHABLE, KR_SECRET_ERROR_RATE_LIMITED, KR_SECRET_ERROR_BAD_REPLY };
  g_autoptr (KrSecretLedger) ledger = ledger_new ();

  attempt (ledger, ACCESS, 0, "key", KR_SECRET_ERROR_REFUSED, 0);
  attempt (ledger, ACCESS, 0, "key", KR_SECRET_ERROR_REFUSED, 0);
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    {
      attempt (ledger, ACCESS, 0, "key", others[i], 0);
      g_assert_cmpuint (kr_secret_pace_get_refusals (ledger, ACCESS, "key"), ==, 2);
    }
  attempt (ledger, ACCESS, 0, "key", 0, 0);
  g_assert_cmpuint (kr_secret_pace_get_refusals (ledger, ACCESS, "key"), ==, 0);
  g_assert_true (kr_secret_pace_is_clear (ledger, ACCESS));
  attempt (ledger, ACCESS, 0, "key", KR_SECRET_ERROR_REFUSED, 0);
  g_assert_cmpuint (kr_secret_pace_get_refusals (ledger, ACCESS, "key"), ==, 1);
}

static void
test_hold_says_how_long (void)
{
  g_autoptr (KrSecretLedger) ledger = ledger_new ();
  g_autoptr (GError) error = NULL;

  g_assert_true (kr_secret_pace_check_hold (ledger, ACCESS, &error));
  g_assert_true (kr_secret_pace_is_clear (ledger, ACCESS));
  kr_secret_pace_set_hold (ledger, ACCESS, 300 * 1000);
  save (ledger);
  ledger = ledger_again (g_steal_pointer (&ledger));
  assert_about (kr_secret_pace_get_hold (ledger, ACCESS), 300);
  g_assert_false (kr_secret_pace_is_clear (ledger, ACCESS));
  g_assert_false (kr_secret_pace_check_hold (ledger, ACCESS, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_RATE_LIMITED);
  assert_about (kr_secret_error_get_retry_after (error) * 1000, 300);
  g_assert_true (kr_secret_pace_check_hold (ledger, WEBSOCKET, NULL));
  /* It is ours: the broker's interval is another. */
  g_assert_cmpint (kr_secret_pace_get_wait (ledger, ACCESS), ==, 0);
}

static void
test_hold_across_clocks_and_reboots (void)
{
  static const struct
  {
    gint64 ago;
    gint64 left;
  } cases[] = { { 0, 300 }, { 100, 200 }, { 300, 0 }, { 10 * DAY, 0 }, { -10 * DAY, 300 } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (KrSecretLedger) ledger = ledger_new ();

      kr_secret_pace_set_hold (ledger, ACCESS, 300 * 1000);
      change_int (ledger, "access.hold.time", -cases[i].ago);
      assert_about (kr_secret_pace_get_hold (ledger, ACCESS), 300);
      change_int (ledger, "access.hold.time", cases[i].ago);
      reboot (ledger, "access.hold", cases[i].ago);
      save (ledger);
      ledger = ledger_again (g_steal_pointer (&ledger));
      if (cases[i].left == 0)
        g_assert_cmpint (kr_secret_pace_get_hold (ledger, ACCESS), ==, 0);
      else
        assert_about (kr_secret_pace_get_hold (ledger, ACCESS), cases[i].left);
    }
}

static void
test_only_a_token_ends_a_hold (void)
{
  g_autoptr (KrSecretLedger) ledger = ledger_new ();

  kr_secret_pace_set_hold (ledger, ACCESS, 300 * 1000);
  attempt (ledger, ACCESS, 0, "key", KR_SECRET_ERROR_UNREACHABLE, 0);
  attempt (ledger, WEBSOCKET, 0, "key", 0, 0);
  assert_about (kr_secret_pace_get_hold (ledger, ACCESS), 300);
  attempt (ledger, ACCESS, 0, "key", 0, 0);
  g_assert_cmpint (kr_secret_pace_get_hold (ledger, ACCESS), ==, 0);
}

static void
test_first_rejection_costs_nothing_later_ones_double (void)
{
  static const gint64 holds[] = { 0, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600 };
  g_autoptr (KrSecretLedger) ledger = ledger_new ();

  for (guint i = 0; i < G_N_ELEMENTS (holds); i++)
    {
      g_autofree char *text = g_strdup_printf ("dead-token-%016u", i);

      reject (ledger, text, ACCESS, 5);
      ledger = ledger_again (g_steal_pointer (&ledger));
      if (holds[i] == 0)
        g_assert_cmpint (kr_secret_pace_get_hold (ledger, ACCESS), ==, 0);
      else
        assert_about (kr_secret_pace_get_hold (ledger, ACCESS), holds[i]);
      /* It comes to a new one, which ends the pause but not the count. */
      attempt (ledger, ACCESS, 0, "key", 0, 0);
    }
  /* However many there were. */
  for (guint i = 0; i < 100; i++)
    reject (ledger, i % 2 == 0 ? "dead-token-aaaaaaaaa" : "dead-token-bbbbbbbbb", ACCESS, 5);
  assert_about (kr_secret_pace_get_hold (ledger, ACCESS), 3600);
}

static void
test_token_that_lived_ends_the_count (void)
{
  g_autoptr (KrSecretLedger) ledger = ledger_new ();

  reject (ledger, "dead-token-0000000000000001", ACCESS, 5);
  reject (ledger, "dead-token-0000000000000002", ACCESS, 5);
  attempt (ledger, ACCESS, 0, "key", 0, 0);
  reject (ledger, "dead-token-0000000000000003", ACCESS, 3 * HOUR);
  g_assert_cmpint (kr_secret_pace_get_hold (ledger, ACCESS), ==, 0);
  reject (ledger, "dead-token-0000000000000004", ACCESS, 5);
  assert_about (kr_secret_pace_get_hold (ledger, ACCESS), 60);
}

/* A clock that was set back makes a token seem to be from the future: that is not old. */
static void
test_token_from_the_future_is_young (void)
{
  g_autoptr (KrSecretLedger) ledger = ledger_new ();

  reject (ledger, "dead-token-0000000000000001", ACCESS, -DAY);
  g_assert_cmpint (kr_secret_pace_get_hold (ledger, ACCESS), ==, 0);
  reject (ledger, "dead-token-0000000000000002", ACCESS, -DAY);
  assert_about (kr_secret_pace_get_hold (ledger, ACCESS), 60);
}

/* What died long ago, however young, is no row with what dies today. */
static void
test_rejections_far_apart_are_no_row (void)
{
  g_autoptr (KrSecretLedger) ledger = ledger_new ();
  KrSecretRecord *record = kr_secret_ledger_get_record (ledger);

  reject (ledger, "dead-token-0000000000000001", ACCESS, 5);
  reject (ledger, "dead-token-0000000000000002", ACCESS, 5);
  assert_about (kr_secret_pace_get_hold (ledger, ACCESS), 60);
  kr_secret_pace_set_hold (ledger, ACCESS, 0);
  kr_secret_record_set_int (record, "access.rejected.boottime_ms",
                            kr_secret_clock_boottime_ms () - 60 * 60 * 1000);
  reject (ledger, "dead-token-0000000000000003", ACCESS, 5);
  g_assert_cmpint (kr_secret_pace_get_hold (ledger, ACCESS), ==, 0);
  reject (ledger, "dead-token-0000000000000004", ACCESS, 5);
  assert_about (kr_secret_pace_get_hold (ledger, ACCESS), 60);
}

/* Of whatever was there before: an attempt may have been made. Only the next one knows better. */
static void
test_torn_ledger_stays_torn_till_the_next_attempt (void)
{
  g_autoptr (KrSecretLedger) ledger = ledger_new ();
  KrSecretRecord *record = kr_secret_ledger_get_record (ledger);

  kr_secret_record_set_int (record, KR_SECRET_LEDGER_TORN, kr_secret_clock_now ());
  assert_about (kr_secret_pace_get_wait (ledger, ACCESS), 60);
  reject (ledger, "dead-token-0000000000000001", ACCESS, 5);
  assert_about (kr_secret_pace_get_wait (ledger, ACCESS), 60);
  g_assert_true (kr_secret_pace_begin (ledger, ACCESS, 0, NULL));
  g_assert_cmpint (kr_secret_pace_get_wait (ledger, ACCESS), ==, 0);
}

/* After a restart, with a clock that has lost its time, it runs down all the same. */
static void
test_wait_from_a_clock_that_was_ahead_runs_down (void)
{
  g_autoptr (KrSecretLedger) ledger = ledger_new ();
  KrSecretRecord *record = kr_secret_ledger_get_record (ledger);

  g_assert_true (kr_secret_pace_begin (ledger, ACCESS, 1, NULL));
  kr_secret_record_set (record, "access.boot_id", "of-another-start");
  kr_secret_record_set_int (record, "access.time", kr_secret_clock_now () + DAY);
  g_assert_cmpint (kr_secret_pace_get_wait (ledger, ACCESS), >, 0);
  test_wait_until (kr_secret_pace_get_wait (ledger, ACCESS) == 0);
}

/* Written down, and then the program was killed before the token was erased: the next rejects the
 * same one. It is still the first that died. */
static void
test_same_token_counts_once (void)
{
  g_autoptr (KrSecretLedger) ledger = ledger_new ();

  reject (ledger, "dead-token-0000000000000001", ACCESS, 5);
  reject (ledger, "dead-token-0000000000000001", ACCESS, 5);
  g_assert_cmpint (kr_secret_pace_get_hold (ledger, ACCESS), ==, 0);
}

/* That a websocket key was dead says nothing about the access token. */
static void
test_kinds_are_counted_apart (void)
{
  g_autoptr (KrSecretLedger) ledger = ledger_new ();

  reject (ledger, "dead-socket-000000000000001", WEBSOCKET, 5);
  reject (ledger, "dead-token-0000000000000001", ACCESS, 5);
  g_assert_cmpint (kr_secret_pace_get_hold (ledger, ACCESS), ==, 0);
  reject (ledger, "dead-socket-000000000000002", WEBSOCKET, 5);
  g_assert_cmpint (kr_secret_pace_get_hold (ledger, ACCESS), ==, 0);
  assert_about (kr_secret_pace_get_hold (ledger, WEBSOCKET), 60);
}

static void
test_dead_tokens_are_known (void)
{
  g_autoptr (KrSecretLedger) ledger = ledger_new ();
  g_autoptr (KrSecretToken) withdrawn = token_new ("withdrawn-token-00000001", ACCESS, 100);
  g_autoptr (GError) error = NULL;
  gint64 issued_at = 0;

  g_assert_false (is_dead (ledger, "withdrawn-token-00000001", &issued_at));
  g_assert_false (is_dead (ledger, "rejected-token-000000001", &issued_at));
  reject (ledger, "rejected-token-000000001", ACCESS, 200);
  g_assert_true (kr_secret_pace_set_withdrawn (ledger, withdrawn, &error));
  ledger = ledger_again (g_steal_pointer (&ledger));
  g_assert_true (is_dead (ledger, "withdrawn-token-00000001", &issued_at));
  g_assert_cmpint (issued_at, ==, kr_secret_token_get_issued_at (withdrawn));
  g_assert_true (is_dead (ledger, "rejected-token-000000001", &issued_at));
  g_assert_cmpint (issued_at, <=, kr_secret_clock_now () - 200);
  g_assert_cmpint (issued_at, >, kr_secret_clock_now () - 250);
  g_assert_false (is_dead (ledger, "other-token-000000000001", &issued_at));

  g_assert_true (kr_secret_pace_set_withdrawn (ledger, NULL, &error));
  g_assert_false (is_dead (ledger, "withdrawn-token-00000001", &issued_at));
  g_assert_true (is_dead (ledger, "rejected-token-000000001", &issued_at));
}

/* A broker that hands out the same access token again is to be found out also when a websocket key
 * was rejected meanwhile. */
static void
test_dead_kinds_are_kept_apart (void)
{
  g_autoptr (KrSecretLedger) ledger = ledger_new ();
  gint64 issued_at = 0;

  reject (ledger, "rejected-token-000000001", ACCESS, 200);
  reject (ledger, "rejected-socket-00000001", WEBSOCKET, 100);
  g_assert_true (is_dead (ledger, "rejected-socket-00000001", &issued_at));
  g_assert_true (is_dead (ledger, "rejected-token-000000001", &issued_at));
}

static void
test_ledger_has_no_token_in_it (void)
{
  g_autoptr (KrSecretLedger) ledger = ledger_new ();
  g_autofree char *name = g_strdup_printf ("ledger-%u", next_name);
  g_autofree char *path = g_build_filename (g_get_user_state_dir (), "krsecret", name, NULL);
  g_autofree char *text = NULL;

  reject (ledger, "rejected-token-000000001", ACCESS, 200);
  attempt (ledger, ACCESS, 60, "key", KR_SECRET_ERROR_REFUSED, 10);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  test_assert_lacks (text, "rejected-token");
  test_assert_lacks (text, "PSsecret");
}

/* Life and class, and from when on a new one, and a better one, can come; after the issue. */
static const struct
{
  const char *name;
  const KrSecretTraits *traits;
  gint64 issued_at;
  gint64 life;
  gint64 new_from;
  gint64 better_from;
} classes[] = {
  { "kis", &kis, MIDNIGHT, DAY, WINDOW, WINDOW },
  { "kis, shorter than its window", &kis, MIDNIGHT, HOUR, HOUR, HOUR },
  { "kis, a few seconds", &kis, MIDNIGHT, 8, 8, 8 },
  { "kis, a week", &kis, MIDNIGHT, 7 * DAY, WINDOW, WINDOW },
  { "db", &db, MIDNIGHT, DAY, DAY, DAY },
  { "db, a few seconds", &db, MIDNIGHT, 8, 8, 8 },
  { "db, a week", &db, MIDNIGHT, 7 * DAY, 7 * DAY, 7 * DAY },
  { "nh", &nh, MIDNIGHT, DAY, 0, 0 },
  { "nh, a second", &nh, MIDNIGHT, 1, 0, 0 },
  { "nh, a week", &nh, MIDNIGHT, 7 * DAY, 0, 0 },
  { "kiwoom", &kiwoom, MIDNIGHT, DAY, 0, 0 },
  { "kiwoom, a few seconds", &kiwoom, MIDNIGHT, 8, 0, 0 },
  { "kiwoom, none", &kiwoom, MIDNIGHT, 0, 0, 0 },
  { "ls, the evening before", &ls, SEVEN - 10 * HOUR, 10 * HOUR, 0, 10 * HOUR },
  { "ls, just after seven", &ls, SEVEN + 1, DAY - 1, 0, DAY - 1 },
  { "ls, just before seven", &ls, SEVEN - 20, 20, 0, 20 },
  { "ls, ahead of the broker's clock", &ls, SEVEN - HOUR, HOUR - 10 * MINUTE, 0,
    HOUR - 10 * MINUTE },
  { "ls, behind the broker's clock", &ls, SEVEN - HOUR, HOUR + 10 * MINUTE, 0, HOUR + 10 * MINUTE },
  { "ls, shorter than the day", &ls, SEVEN - 5 * HOUR, HOUR, 0, 0 },
  { "ls, a few seconds at noon", &ls, SEVEN + 5 * HOUR, 8, 0, 0 },
  { "midnight", &midnight, MIDNIGHT + HOUR, 23 * HOUR, 0, 23 * HOUR },
  { "midnight, shorter", &midnight, MIDNIGHT + HOUR, 10 * HOUR, 0, 0 },
};

static void
test_when_asking_helps (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (classes); i++)
    {
      gint64 issued_at = classes[i].issued_at;
      gint64 expires_at = issued_at + classes[i].life;

      g_test_message ("%s", classes[i].name);
      g_assert_cmpint (kr_secret_pace_get_new_from (classes[i].traits, issued_at, expires_at), ==,
                       issued_at + classes[i].new_from);
      g_assert_cmpint (kr_secret_pace_get_better_from (classes[i].traits, issued_at, expires_at),
                       ==, issued_at + classes[i].better_from);
    }
}

static void
test_renewal_is_in_time_and_not_for_nothing (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (classes); i++)
    {
      gint64 issued_at = classes[i].issued_at;
      gint64 expires_at = issued_at + classes[i].life;
      gint64 better = issued_at + classes[i].better_from;
      gint64 renewal = kr_secret_pace_get_renewal (classes[i].traits, issued_at, expires_at);

      g_test_message ("%s: %" G_GINT64_FORMAT " before the end", classes[i].name,
                      expires_at - renewal);
      g_assert_cmpint (renewal, >=, better);
      g_assert_cmpint (renewal, <=, expires_at);
      /* Most of a token's life is used. */
      g_assert_cmpint (renewal - issued_at, >=, classes[i].life * 3 / 4);
      g_assert_cmpint (expires_at - renewal, <=, 30 * MINUTE);
      if (better == expires_at)
        g_assert_cmpint (renewal, ==, expires_at);
      else if (classes[i].life >= 4)
        g_assert_cmpint (renewal, <, expires_at);
      if (better < expires_at && classes[i].life >= HOUR)
        g_assert_cmpint (expires_at - renewal, >=, 5 * MINUTE);
    }
}

/* Whatever life a token has. */
static void
test_renewal_is_never_before_it_helps (void)
{
  static const KrSecretTraits *const all[] = { &kis, &db, &nh, &kiwoom, &ls, &midnight };

  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    for (gint64 start = MIDNIGHT; start < MIDNIGHT + DAY; start += 17 * MINUTE + 3)
      for (gint64 life = 0; life < 8 * DAY; life = life * 3 / 2 + 1)
        {
          gint64 end = start + life;
          gint64 renewal = kr_secret_pace_get_renewal (all[i], start, end);

          g_assert_cmpint (renewal, >=, kr_secret_pace_get_better_from (all[i], start, end));
          g_assert_cmpint (kr_secret_pace_get_better_from (all[i], start, end), >=,
                           kr_secret_pace_get_new_from (all[i], start, end));
          g_assert_cmpint (renewal, >=, start);
          g_assert_cmpint (renewal, <=, end);
        }
}

static void
test_daily_death_cuts_a_life_short (void)
{
  static const struct
  {
    const KrSecretTraits *traits;
    gint64 issued_at;
    gint64 expires_at;
    gint64 capped;
  } cases[] = {
    { &ls, SEVEN - 1, SEVEN - 1 + DAY, SEVEN },
    { &ls, SEVEN, SEVEN + DAY, SEVEN + DAY },
    { &ls, SEVEN + 1, SEVEN + 1 + DAY, SEVEN + DAY },
    { &ls, MIDNIGHT, MIDNIGHT + DAY, SEVEN },
    { &ls, MIDNIGHT + 23 * HOUR, MIDNIGHT + 23 * HOUR + 7 * DAY, SEVEN + DAY },
    { &ls, SEVEN + HOUR, SEVEN + 2 * HOUR, SEVEN + 2 * HOUR },
    { &ls, SEVEN + HOUR, SEVEN, SEVEN },
    { &midnight, MIDNIGHT - 1, MIDNIGHT + DAY, MIDNIGHT },
    { &midnight, MIDNIGHT, MIDNIGHT + 2 * DAY, MIDNIGHT + DAY },
    { &kis, MIDNIGHT, MIDNIGHT + DAY, MIDNIGHT + DAY },
    { &kiwoom, MIDNIGHT, MIDNIGHT + 7 * DAY, MIDNIGHT + 7 * DAY },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpint (
        kr_secret_pace_cap_expiry (cases[i].traits, cases[i].issued_at, cases[i].expires_at), ==,
        cases[i].capped);
}

int
main (int argc, char **argv)
{
  g_autoptr (TestDirectory) directory = NULL;

  g_test_init (&argc, &argv, NULL);
  directory = test_directory_new ();
  g_setenv ("XDG_STATE_HOME", directory, TRUE);
  g_test_add_func ("/pace/wait-counts-from-the-answer", test_wait_counts_from_the_answer);
  g_test_add_func ("/pace/wait-does-not-look-at-the-wall-clock",
                   test_wait_does_not_look_at_the_wall_clock);
  g_test_add_func ("/pace/wait-across-a-reboot", test_wait_across_a_reboot);
  g_test_add_func ("/pace/wait-is-there-after-a-crash", test_wait_is_there_after_a_crash);
  g_test_add_func ("/pace/unsent-request-leaves-the-wait-as-it-was",
                   test_unsent_request_leaves_the_wait_as_it_was);
  g_test_add_func ("/pace/torn-ledger-is-an-attempt-of-any-kind",
                   test_torn_ledger_is_an_attempt_of_any_kind);
  g_test_add_func ("/pace/failure-is-shared-by-who-waited", test_failure_is_shared_by_who_waited);
  g_test_add_func ("/pace/success-is-no-failure", test_success_is_no_failure);
  g_test_add_func ("/pace/failure-does-not-outlive-a-reboot",
                   test_failure_does_not_outlive_a_reboot);
  g_test_add_func ("/pace/retry-after-shrinks-but-never-away",
                   test_retry_after_shrinks_but_never_away);
  g_test_add_func ("/pace/refusals-count-for-one-key", test_refusals_count_for_one_key);
  g_test_add_func ("/pace/only-success-ends-the-refusals", test_only_success_ends_the_refusals);
  g_test_add_func ("/pace/hold-says-how-long", test_hold_says_how_long);
  g_test_add_func ("/pace/hold-across-clocks-and-reboots", test_hold_across_clocks_and_reboots);
  g_test_add_func ("/pace/only-a-token-ends-a-hold", test_only_a_token_ends_a_hold);
  g_test_add_func ("/pace/first-rejection-costs-nothing-later-ones-double",
                   test_first_rejection_costs_nothing_later_ones_double);
  g_test_add_func ("/pace/token-that-lived-ends-the-count", test_token_that_lived_ends_the_count);
  g_test_add_func ("/pace/token-from-the-future-is-young", test_token_from_the_future_is_young);
  g_test_add_func ("/pace/rejections-far-apart-are-no-row", test_rejections_far_apart_are_no_row);
  g_test_add_func ("/pace/torn-ledger-stays-torn-till-the-next-attempt",
                   test_torn_ledger_stays_torn_till_the_next_attempt);
  g_test_add_func ("/pace/wait-from-a-clock-that-was-ahead-runs-down",
                   test_wait_from_a_clock_that_was_ahead_runs_down);
  g_test_add_func ("/pace/same-token-counts-once", test_same_token_counts_once);
  g_test_add_func ("/pace/kinds-are-counted-apart", test_kinds_are_counted_apart);
  g_test_add_func ("/pace/dead-tokens-are-known", test_dead_tokens_are_known);
  g_test_add_func ("/pace/dead-kinds-are-kept-apart", test_dead_kinds_are_kept_apart);
  g_test_add_func ("/pace/ledger-has-no-token-in-it", test_ledger_has_no_token_in_it);
  g_test_add_func ("/pace/when-asking-helps", test_when_asking_helps);
  g_test_add_func ("/pace/renewal-is-in-time-and-not-for-nothing",
                   test_renewal_is_in_time_and_not_for_nothing);
  g_test_add_func ("/pace/renewal-is-never-before-it-helps", test_renewal_is_never_before_it_helps);
  g_test_add_func ("/pace/daily-death-cuts-a-life-short", test_daily_death_cuts_a_life_short);
  return g_test_run ();
}
