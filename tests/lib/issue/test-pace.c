/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The broker's interval and the results of attempts, as the account's ledger records them. */
#include <string.h>

#include "base/kr-secret-clock-private.h"
#include "kr-secret-error.h"
#include "issue/kr-secret-pace-private.h"
#include "pace-ledger.h"
#include "test-assert.h"
#include "test-files.h"
#include "test-process.h"

#define ACCESS KR_SECRET_TOKEN_ACCESS
#define WEBSOCKET KR_SECRET_TOKEN_WEBSOCKET

#define DAY (24 * 60 * 60)

static void
test_wait_counts_from_the_answer (void)
{
  g_autoptr (KrSecretLedger) ledger = pace_ledger_new ();
  g_autoptr (GError) error = NULL;

  g_assert_true (kr_secret_pace_begin (ledger, ACCESS, 600, &error));
  pace_change_int (ledger, "access.boottime_ms", -500 * 1000);
  pace_assert_about (kr_secret_pace_get_wait (ledger, ACCESS), 100);
  g_assert_true (kr_secret_pace_end (ledger, ACCESS, 600, "key", NULL, &error));
  pace_assert_about (kr_secret_pace_get_wait (ledger, ACCESS), 600);
  ledger = pace_ledger_again (g_steal_pointer (&ledger));
  pace_assert_about (kr_secret_pace_get_wait (ledger, ACCESS), 600);
  g_assert_cmpint (kr_secret_pace_get_wait (ledger, WEBSOCKET), ==, 0);
}

/* Setting the clock makes the wait neither shorter nor longer. */
static void
test_wait_does_not_look_at_the_wall_clock (void)
{
  g_autoptr (KrSecretLedger) ledger = pace_ledger_new ();

  pace_attempt (ledger, ACCESS, 600, "key", 0, 0);
  pace_change_int (ledger, "access.time", -DAY);
  pace_assert_about (kr_secret_pace_get_wait (ledger, ACCESS), 600);
  pace_change_int (ledger, "access.time", 2 * DAY);
  pace_assert_about (kr_secret_pace_get_wait (ledger, ACCESS), 600);
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
      g_autoptr (KrSecretLedger) ledger = pace_ledger_new ();

      pace_attempt (ledger, ACCESS, 600, "key", 0, 0);
      pace_reboot (ledger, "access", cases[i].ago);
      pace_save (ledger);
      ledger = pace_ledger_again (g_steal_pointer (&ledger));
      if (cases[i].left == 0)
        g_assert_cmpint (kr_secret_pace_get_wait (ledger, ACCESS), ==, 0);
      else
        pace_assert_about (kr_secret_pace_get_wait (ledger, ACCESS), cases[i].left);
    }
}

/* After a restart with a clock that has lost its time, the wait still runs down. */
static void
test_wait_from_a_clock_that_was_ahead_runs_down (void)
{
  g_autoptr (KrSecretLedger) ledger = pace_ledger_new ();

  g_assert_true (kr_secret_pace_begin (ledger, ACCESS, 1, NULL));
  pace_change (ledger, "access.boot_id", "of-another-start");
  pace_set_int (ledger, "access.time", kr_secret_clock_now () + DAY);
  g_assert_cmpint (kr_secret_pace_get_wait (ledger, ACCESS), >, 0);
  test_wait_until (kr_secret_pace_get_wait (ledger, ACCESS) == 0);
}

/* The helper was killed between the two: whether the request has left is unknown. */
static void
test_wait_is_there_after_a_crash (void)
{
  g_autoptr (KrSecretLedger) ledger = pace_ledger_new ();
  g_autoptr (GError) error = NULL;

  g_assert_true (kr_secret_pace_begin (ledger, ACCESS, 60, &error));
  ledger = pace_ledger_again (g_steal_pointer (&ledger));
  pace_assert_about (kr_secret_pace_get_wait (ledger, ACCESS), 60);
  g_assert_false (kr_secret_pace_get_failure (ledger, ACCESS, 0, NULL));
}

static void
test_unsent_request_leaves_the_wait_as_it_was (void)
{
  g_autoptr (KrSecretLedger) ledger = pace_ledger_new ();
  g_autoptr (GError) failure = pace_failure_new (KR_SECRET_ERROR_UNREACHABLE, 0, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) found = NULL;
  gint64 before = kr_secret_clock_boottime_ms ();

  pace_attempt (ledger, ACCESS, 60, "key", 0, 0);
  for (guint i = 0; i < 3; i++)
    {
      g_assert_true (kr_secret_pace_begin (ledger, ACCESS, 3600, &error));
      g_assert_true (kr_secret_pace_end_unsent (ledger, ACCESS, failure, &error));
    }
  pace_assert_about (kr_secret_pace_get_wait (ledger, ACCESS), 60);
  /* A caller that waited for it still shares its result. */
  g_assert_true (kr_secret_pace_get_failure (ledger, ACCESS, before, &found));
  g_assert_error (found, KR_SECRET_ERROR, KR_SECRET_ERROR_UNREACHABLE);
}

static void
test_torn_ledger_is_an_attempt_of_any_kind (void)
{
  g_autoptr (KrSecretLedger) ledger = pace_ledger_new ();
  g_autofree char *path = pace_ledger_dup_path ();

  pace_attempt (ledger, ACCESS, 10, "key", KR_SECRET_ERROR_REFUSED, 0);
  test_file_write (path, "krsecret 1 ledger 30 torn", -1, 0600);
  ledger = pace_ledger_again (g_steal_pointer (&ledger));
  pace_assert_about (kr_secret_pace_get_wait (ledger, ACCESS), 60);
  pace_assert_about (kr_secret_pace_get_wait (ledger, WEBSOCKET), 60);
  g_assert_false (kr_secret_pace_get_failure (ledger, ACCESS, 0, NULL));
  g_assert_cmpuint (kr_secret_pace_get_refusals (ledger, ACCESS, "key"), ==, 0);
}

/* Whatever was there before, an attempt may have been made. Only the next one knows better. */
static void
test_torn_ledger_stays_torn_till_the_next_attempt (void)
{
  g_autoptr (KrSecretLedger) ledger = pace_ledger_new ();

  pace_set_int (ledger, "torn", kr_secret_clock_now ());
  pace_assert_about (kr_secret_pace_get_wait (ledger, ACCESS), 60);
  pace_reject (ledger, "dead-token-0000000000000001", ACCESS, 5);
  pace_assert_about (kr_secret_pace_get_wait (ledger, ACCESS), 60);
  g_assert_true (kr_secret_pace_begin (ledger, ACCESS, 0, NULL));
  g_assert_cmpint (kr_secret_pace_get_wait (ledger, ACCESS), ==, 0);
}

static void
test_failure_is_shared_by_who_waited (void)
{
  g_autoptr (KrSecretLedger) ledger = pace_ledger_new ();
  g_autoptr (GError) found = NULL;
  gint64 before = kr_secret_clock_boottime_ms ();

  g_assert_false (kr_secret_pace_get_failure (ledger, ACCESS, before, &found));
  pace_attempt (ledger, ACCESS, 0, "key", KR_SECRET_ERROR_REFUSED, 0);
  ledger = pace_ledger_again (g_steal_pointer (&ledger));
  g_assert_true (kr_secret_pace_get_failure (ledger, ACCESS, before, &found));
  g_assert_error (found, KR_SECRET_ERROR, KR_SECRET_ERROR_REFUSED);
  g_assert_cmpstr (kr_secret_error_get_broker_code (found), ==, "EGW00001");
  g_assert_cmpint (kr_secret_error_get_retry_after (found), ==, 0);
  test_assert_lacks (found->message, "PSsecret");
  /* A later caller asks by itself; and the other kind is separate. */
  g_assert_false (
      kr_secret_pace_get_failure (ledger, ACCESS, kr_secret_clock_boottime_ms () + 1, NULL));
  g_assert_false (kr_secret_pace_get_failure (ledger, WEBSOCKET, 0, NULL));
}

static void
test_success_is_no_failure (void)
{
  g_autoptr (KrSecretLedger) ledger = pace_ledger_new ();

  pace_attempt (ledger, ACCESS, 0, "key", KR_SECRET_ERROR_UNREACHABLE, 0);
  g_assert_true (kr_secret_pace_get_failure (ledger, ACCESS, 0, NULL));
  pace_attempt (ledger, ACCESS, 0, "key", 0, 0);
  g_assert_false (kr_secret_pace_get_failure (ledger, ACCESS, 0, NULL));
}

static void
test_failure_does_not_outlive_a_reboot (void)
{
  g_autoptr (KrSecretLedger) ledger = pace_ledger_new ();

  pace_attempt (ledger, ACCESS, 0, "key", KR_SECRET_ERROR_UNREACHABLE, 0);
  pace_reboot (ledger, "access.end", 0);
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
      g_autoptr (KrSecretLedger) ledger = pace_ledger_new ();
      g_autoptr (GError) found = NULL;

      pace_attempt (ledger, ACCESS, 0, "key", KR_SECRET_ERROR_RATE_LIMITED, 100);
      pace_change_int (ledger, "access.end.boottime_ms", -cases[i].ago * 1000);
      g_assert_true (kr_secret_pace_get_failure (ledger, ACCESS, G_MININT64, &found));
      g_assert_error (found, KR_SECRET_ERROR, KR_SECRET_ERROR_RATE_LIMITED);
      g_assert_cmpint (kr_secret_error_get_retry_after (found), >=, cases[i].least);
      g_assert_cmpint (kr_secret_error_get_retry_after (found), <=, cases[i].most);
    }
}

static void
test_refusals_count_for_one_key (void)
{
  g_autoptr (KrSecretLedger) ledger = pace_ledger_new ();

  for (guint i = 1; i <= KR_SECRET_PACE_MAX_REFUSALS; i++)
    {
      g_assert_true (kr_secret_pace_is_clear (ledger, ACCESS));
      pace_attempt (ledger, ACCESS, 0, "key", KR_SECRET_ERROR_REFUSED, 0);
      ledger = pace_ledger_again (g_steal_pointer (&ledger));
      g_assert_cmpuint (kr_secret_pace_get_refusals (ledger, ACCESS, "key"), ==, i);
      g_assert_cmpuint (kr_secret_pace_get_refusals (ledger, ACCESS, "other"), ==, 0);
      g_assert_cmpuint (kr_secret_pace_get_refusals (ledger, WEBSOCKET, "key"), ==, 0);
    }
  g_assert_false (kr_secret_pace_is_clear (ledger, ACCESS));
  g_assert_true (kr_secret_pace_is_clear (ledger, WEBSOCKET));

  pace_attempt (ledger, ACCESS, 0, "other", KR_SECRET_ERROR_REFUSED, 0);
  g_assert_cmpuint (kr_secret_pace_get_refusals (ledger, ACCESS, "other"), ==, 1);
  g_assert_cmpuint (kr_secret_pace_get_refusals (ledger, ACCESS, "key"), ==, 0);
}

/* An error that says nothing about the key neither counts nor clears. */
static void
test_only_success_ends_the_refusals (void)
{
  static const int others[]
      = { KR_SECRET_ERROR_UNREACHABLE, KR_SECRET_ERROR_RATE_LIMITED, KR_SECRET_ERROR_BAD_REPLY };
  g_autoptr (KrSecretLedger) ledger = pace_ledger_new ();

  pace_attempt (ledger, ACCESS, 0, "key", KR_SECRET_ERROR_REFUSED, 0);
  pace_attempt (ledger, ACCESS, 0, "key", KR_SECRET_ERROR_REFUSED, 0);
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    {
      pace_attempt (ledger, ACCESS, 0, "key", others[i], 0);
      g_assert_cmpuint (kr_secret_pace_get_refusals (ledger, ACCESS, "key"), ==, 2);
    }
  pace_attempt (ledger, ACCESS, 0, "key", 0, 0);
  g_assert_cmpuint (kr_secret_pace_get_refusals (ledger, ACCESS, "key"), ==, 0);
  g_assert_true (kr_secret_pace_is_clear (ledger, ACCESS));
  pace_attempt (ledger, ACCESS, 0, "key", KR_SECRET_ERROR_REFUSED, 0);
  g_assert_cmpuint (kr_secret_pace_get_refusals (ledger, ACCESS, "key"), ==, 1);
}

/* We know each key that version 0.1.0 wrote, and write it under the same name; unknown keys are
 * kept. */
static void
test_ledger_of_0_1_0_is_read_and_kept (void)
{
  g_autoptr (KrSecretLedger) ledger = pace_ledger_new ();
  g_autoptr (KrSecretRecord) known = kr_secret_record_new (KR_SECRET_RECORD_LEDGER);
  g_autoptr (KrSecretRecord) saved = NULL;
  g_autofree char *place = pace_ledger_dup_path ();
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "ledger-0.1.0", NULL);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  test_file_write (place, text, -1, 0600);
  ledger = pace_ledger_again (g_steal_pointer (&ledger));
  pace_change (ledger, "access.of_tomorrow", "kept");
  saved = pace_ledger_read (ledger);
  kr_secret_history_write (kr_secret_ledger_get_history (ledger), known);
  lines = g_strsplit (strchr (text, '\n') + 1, "\n", -1);
  for (guint i = 0; *lines[i] != '\0'; i++)
    {
      g_auto (GStrv) parts = g_strsplit (lines[i], "=", 2);
      const char *value = g_str_equal (parts[1], "0") ? NULL : parts[1];

      g_assert_cmpstr (kr_secret_record_get (known, parts[0]), ==, value);
      g_assert_cmpstr (kr_secret_record_get (saved, parts[0]), ==, value);
    }
  g_assert_cmpstr (kr_secret_record_get (saved, "access.of_tomorrow"), ==, "kept");
  g_assert_cmpuint (kr_secret_pace_get_refusals (ledger, ACCESS, "key-a"), ==, 2);
  g_assert_cmpuint (kr_secret_pace_get_refusals (ledger, WEBSOCKET, "key-a"), ==, 2);
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
  g_test_add_func ("/pace/wait-from-a-clock-that-was-ahead-runs-down",
                   test_wait_from_a_clock_that_was_ahead_runs_down);
  g_test_add_func ("/pace/wait-is-there-after-a-crash", test_wait_is_there_after_a_crash);
  g_test_add_func ("/pace/unsent-request-leaves-the-wait-as-it-was",
                   test_unsent_request_leaves_the_wait_as_it_was);
  g_test_add_func ("/pace/torn-ledger-is-an-attempt-of-any-kind",
                   test_torn_ledger_is_an_attempt_of_any_kind);
  g_test_add_func ("/pace/torn-ledger-stays-torn-till-the-next-attempt",
                   test_torn_ledger_stays_torn_till_the_next_attempt);
  g_test_add_func ("/pace/failure-is-shared-by-who-waited", test_failure_is_shared_by_who_waited);
  g_test_add_func ("/pace/success-is-no-failure", test_success_is_no_failure);
  g_test_add_func ("/pace/failure-does-not-outlive-a-reboot",
                   test_failure_does_not_outlive_a_reboot);
  g_test_add_func ("/pace/retry-after-shrinks-but-never-away",
                   test_retry_after_shrinks_but_never_away);
  g_test_add_func ("/pace/refusals-count-for-one-key", test_refusals_count_for_one_key);
  g_test_add_func ("/pace/only-success-ends-the-refusals", test_only_success_ends_the_refusals);
  g_test_add_func ("/pace/ledger-of-0.1.0-is-read-and-kept", test_ledger_of_0_1_0_is_read_and_kept);
  return g_test_run ();
}
