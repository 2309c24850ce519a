/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rejected tokens: how long we pause, and which tokens are known to be dead. */
#include "base/kr-secret-clock-private.h"
#include "kr-secret-error.h"
#include "issue/kr-secret-pace-private.h"
#include "pace-ledger.h"
#include "test-assert.h"
#include "test-files.h"

#define ACCESS KR_SECRET_TOKEN_ACCESS
#define WEBSOCKET KR_SECRET_TOKEN_WEBSOCKET

#define HOUR (60 * 60)
#define DAY (24 * HOUR)

static gboolean
is_dead (KrSecretLedger *ledger, const char *text, gint64 *out_issued_at)
{
  g_autoptr (KrSecretToken) token = pace_token_new (text, ACCESS, 0);

  return kr_secret_pace_is_dead (ledger, kr_secret_token_get_fingerprint (token), out_issued_at);
}

static void
test_hold_says_how_long (void)
{
  g_autoptr (KrSecretLedger) ledger = pace_ledger_new ();
  g_autoptr (GError) error = NULL;

  g_assert_true (kr_secret_pace_check_hold (ledger, ACCESS, &error));
  g_assert_true (kr_secret_pace_is_clear (ledger, ACCESS));
  kr_secret_pace_set_hold (ledger, ACCESS, 300 * 1000);
  pace_save (ledger);
  ledger = pace_ledger_again (g_steal_pointer (&ledger));
  pace_assert_about (kr_secret_pace_get_hold (ledger, ACCESS), 300);
  g_assert_false (kr_secret_pace_is_clear (ledger, ACCESS));
  g_assert_false (kr_secret_pace_check_hold (ledger, ACCESS, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_RATE_LIMITED);
  pace_assert_about (kr_secret_error_get_retry_after (error) * 1000, 300);
  g_assert_true (kr_secret_pace_check_hold (ledger, WEBSOCKET, NULL));
  /* It is our own: the broker's interval is another. */
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
      g_autoptr (KrSecretLedger) ledger = pace_ledger_new ();

      kr_secret_pace_set_hold (ledger, ACCESS, 300 * 1000);
      pace_change_int (ledger, "access.hold.time", -cases[i].ago);
      pace_assert_about (kr_secret_pace_get_hold (ledger, ACCESS), 300);
      pace_change_int (ledger, "access.hold.time", cases[i].ago);
      pace_reboot (ledger, "access.hold", cases[i].ago);
      pace_save (ledger);
      ledger = pace_ledger_again (g_steal_pointer (&ledger));
      if (cases[i].left == 0)
        g_assert_cmpint (kr_secret_pace_get_hold (ledger, ACCESS), ==, 0);
      else
        pace_assert_about (kr_secret_pace_get_hold (ledger, ACCESS), cases[i].left);
    }
}

static void
test_only_a_token_ends_a_hold (void)
{
  g_autoptr (KrSecretLedger) ledger = pace_ledger_new ();

  kr_secret_pace_set_hold (ledger, ACCESS, 300 * 1000);
  pace_attempt (ledger, ACCESS, 0, "key", KR_SECRET_ERROR_UNREACHABLE, 0);
  pace_attempt (ledger, WEBSOCKET, 0, "key", 0, 0);
  pace_assert_about (kr_secret_pace_get_hold (ledger, ACCESS), 300);
  pace_attempt (ledger, ACCESS, 0, "key", 0, 0);
  g_assert_cmpint (kr_secret_pace_get_hold (ledger, ACCESS), ==, 0);
}

static void
test_first_rejection_costs_nothing_later_ones_double (void)
{
  static const gint64 holds[] = { 0, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600 };
  g_autoptr (KrSecretLedger) ledger = pace_ledger_new ();

  for (guint i = 0; i < G_N_ELEMENTS (holds); i++)
    {
      g_autofree char *text = g_strdup_printf ("dead-token-%016u", i);

      pace_reject (ledger, text, ACCESS, 5);
      ledger = pace_ledger_again (g_steal_pointer (&ledger));
      if (holds[i] == 0)
        g_assert_cmpint (kr_secret_pace_get_hold (ledger, ACCESS), ==, 0);
      else
        pace_assert_about (kr_secret_pace_get_hold (ledger, ACCESS), holds[i]);
      /* A new token is issued, which ends the pause but not the count. */
      pace_attempt (ledger, ACCESS, 0, "key", 0, 0);
    }
  /* However many there were. */
  for (guint i = 0; i < 100; i++)
    pace_reject (ledger, i % 2 == 0 ? "dead-token-aaaaaaaaa" : "dead-token-bbbbbbbbb", ACCESS, 5);
  pace_assert_about (kr_secret_pace_get_hold (ledger, ACCESS), 3600);
}

static void
test_token_that_lived_ends_the_count (void)
{
  g_autoptr (KrSecretLedger) ledger = pace_ledger_new ();

  pace_reject (ledger, "dead-token-0000000000000001", ACCESS, 5);
  pace_reject (ledger, "dead-token-0000000000000002", ACCESS, 5);
  pace_attempt (ledger, ACCESS, 0, "key", 0, 0);
  pace_reject (ledger, "dead-token-0000000000000003", ACCESS, 3 * HOUR);
  g_assert_cmpint (kr_secret_pace_get_hold (ledger, ACCESS), ==, 0);
  pace_reject (ledger, "dead-token-0000000000000004", ACCESS, 5);
  pace_assert_about (kr_secret_pace_get_hold (ledger, ACCESS), 60);
}

/* A clock that was set back makes a token look as if it were from the future: that does not make it
 * old. */
static void
test_token_from_the_future_is_young (void)
{
  g_autoptr (KrSecretLedger) ledger = pace_ledger_new ();

  pace_reject (ledger, "dead-token-0000000000000001", ACCESS, -DAY);
  g_assert_cmpint (kr_secret_pace_get_hold (ledger, ACCESS), ==, 0);
  pace_reject (ledger, "dead-token-0000000000000002", ACCESS, -DAY);
  pace_assert_about (kr_secret_pace_get_hold (ledger, ACCESS), 60);
}

/* A token that died long ago, however young, does not count together with one that dies today. */
static void
test_rejections_far_apart_are_no_row (void)
{
  g_autoptr (KrSecretLedger) ledger = pace_ledger_new ();

  pace_reject (ledger, "dead-token-0000000000000001", ACCESS, 5);
  pace_reject (ledger, "dead-token-0000000000000002", ACCESS, 5);
  pace_assert_about (kr_secret_pace_get_hold (ledger, ACCESS), 60);
  kr_secret_pace_set_hold (ledger, ACCESS, 0);
  pace_set_int (ledger, "access.rejected.boottime_ms",
                kr_secret_clock_boottime_ms () - 60 * 60 * 1000);
  pace_reject (ledger, "dead-token-0000000000000003", ACCESS, 5);
  g_assert_cmpint (kr_secret_pace_get_hold (ledger, ACCESS), ==, 0);
  pace_reject (ledger, "dead-token-0000000000000004", ACCESS, 5);
  pace_assert_about (kr_secret_pace_get_hold (ledger, ACCESS), 60);
}

/* The rejection was recorded, and then the program was killed before the token was erased. The next
 * program rejects the same token, which is still the first one that died. */
static void
test_same_token_counts_once (void)
{
  g_autoptr (KrSecretLedger) ledger = pace_ledger_new ();

  pace_reject (ledger, "dead-token-0000000000000001", ACCESS, 5);
  pace_reject (ledger, "dead-token-0000000000000001", ACCESS, 5);
  g_assert_cmpint (kr_secret_pace_get_hold (ledger, ACCESS), ==, 0);
}

/* A dead websocket key says nothing about the access token. */
static void
test_kinds_are_counted_apart (void)
{
  g_autoptr (KrSecretLedger) ledger = pace_ledger_new ();

  pace_reject (ledger, "dead-socket-000000000000001", WEBSOCKET, 5);
  pace_reject (ledger, "dead-token-0000000000000001", ACCESS, 5);
  g_assert_cmpint (kr_secret_pace_get_hold (ledger, ACCESS), ==, 0);
  pace_reject (ledger, "dead-socket-000000000000002", WEBSOCKET, 5);
  g_assert_cmpint (kr_secret_pace_get_hold (ledger, ACCESS), ==, 0);
  pace_assert_about (kr_secret_pace_get_hold (ledger, WEBSOCKET), 60);
}

static void
test_dead_tokens_are_known (void)
{
  g_autoptr (KrSecretLedger) ledger = pace_ledger_new ();
  g_autoptr (KrSecretToken) withdrawn = pace_token_new ("withdrawn-token-00000001", ACCESS, 100);
  g_autoptr (GError) error = NULL;
  gint64 issued_at = 0;

  g_assert_false (is_dead (ledger, "withdrawn-token-00000001", &issued_at));
  g_assert_false (is_dead (ledger, "rejected-token-000000001", &issued_at));
  pace_reject (ledger, "rejected-token-000000001", ACCESS, 200);
  g_assert_true (kr_secret_pace_set_withdrawn (ledger, withdrawn, &error));
  ledger = pace_ledger_again (g_steal_pointer (&ledger));
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

/* A broker that returns the same access token is also detected if a websocket key was rejected in
 * between. */
static void
test_dead_kinds_are_kept_apart (void)
{
  g_autoptr (KrSecretLedger) ledger = pace_ledger_new ();
  gint64 issued_at = 0;

  pace_reject (ledger, "rejected-token-000000001", ACCESS, 200);
  pace_reject (ledger, "rejected-socket-00000001", WEBSOCKET, 100);
  g_assert_true (is_dead (ledger, "rejected-socket-00000001", &issued_at));
  g_assert_true (is_dead (ledger, "rejected-token-000000001", &issued_at));
}

static void
test_ledger_has_no_token_in_it (void)
{
  g_autoptr (KrSecretLedger) ledger = pace_ledger_new ();
  g_autofree char *path = pace_ledger_dup_path ();
  g_autofree char *text = NULL;

  pace_reject (ledger, "rejected-token-000000001", ACCESS, 200);
  pace_attempt (ledger, ACCESS, 60, "key", KR_SECRET_ERROR_REFUSED, 10);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  test_assert_lacks (text, "rejected-token");
  test_assert_lacks (text, "PSsecret");
}

int
main (int argc, char **argv)
{
  g_autoptr (TestDirectory) directory = NULL;

  g_test_init (&argc, &argv, NULL);
  directory = test_directory_new ();
  g_setenv ("XDG_STATE_HOME", directory, TRUE);
  g_test_add_func ("/pace-rejections/hold-says-how-long", test_hold_says_how_long);
  g_test_add_func ("/pace-rejections/hold-across-clocks-and-reboots",
                   test_hold_across_clocks_and_reboots);
  g_test_add_func ("/pace-rejections/only-a-token-ends-a-hold", test_only_a_token_ends_a_hold);
  g_test_add_func ("/pace-rejections/first-rejection-costs-nothing-later-ones-double",
                   test_first_rejection_costs_nothing_later_ones_double);
  g_test_add_func ("/pace-rejections/token-that-lived-ends-the-count",
                   test_token_that_lived_ends_the_count);
  g_test_add_func ("/pace-rejections/token-from-the-future-is-young",
                   test_token_from_the_future_is_young);
  g_test_add_func ("/pace-rejections/rejections-far-apart-are-no-row",
                   test_rejections_far_apart_are_no_row);
  g_test_add_func ("/pace-rejections/same-token-counts-once", test_same_token_counts_once);
  g_test_add_func ("/pace-rejections/kinds-are-counted-apart", test_kinds_are_counted_apart);
  g_test_add_func ("/pace-rejections/dead-tokens-are-known", test_dead_tokens_are_known);
  g_test_add_func ("/pace-rejections/dead-kinds-are-kept-apart", test_dead_kinds_are_kept_apart);
  g_test_add_func ("/pace-rejections/ledger-has-no-token-in-it", test_ledger_has_no_token_in_it);
  return g_test_run ();
}
