/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Brokers of the two classes that none of our plugins belongs to, end to end: one issues the same
 * token as long as it is valid, the other a new one each time and lets the old one live. They use
 * test plugins, and the simulator with a window as long as a token's life. */
#include "client-events.h"
#include "client-fixture.h"
#include "test-keyring.h"
#include "test-process.h"
#include "test-record.h"

#define RENEW KR_SECRET_TOKEN_RENEW

/* The simulator that the plugins talk to, and the setting that makes it return the same token while
 * it is valid. */
#define PLAYED "kiwoom"
#define SAME "'same_token_window':1000000"
#define SHORT SAME ",'lifetime':6"

static guint
count_issues (Fixture *f)
{
  return test_simulator_count (f->simulator, PLAYED, "issue");
}

static KrSecretToken *
try_get (Fixture *f, KrSecretAccount *account, guint min_validity, guint flags, GError **error)
{
  return kr_secret_client_get_token (f->client, account, KR_SECRET_TOKEN_ACCESS, min_validity,
                                     (KrSecretTokenFlags) flags, NULL, error);
}

static KrSecretToken *
get (Fixture *f, KrSecretAccount *account, guint flags)
{
  g_autoptr (GError) error = NULL;
  KrSecretToken *token = try_get (f, account, KR_SECRET_MIN_VALIDITY, flags, &error);

  g_assert_no_error (error);
  return token;
}

static gint64
get_limited (Fixture *f, KrSecretAccount *account, guint flags)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (KrSecretToken) token = try_get (f, account, KR_SECRET_MIN_VALIDITY, flags, &error);

  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_RATE_LIMITED);
  g_assert_null (token);
  return kr_secret_error_get_retry_after (error);
}

/* The caller is told to wait until then. */
static void
assert_limited_until (Fixture *f, KrSecretAccount *account, guint flags, gint64 moment)
{
  gint64 before = fixture_now ();
  gint64 wait = get_limited (f, account, flags);

  g_assert_cmpint (before + wait, <=, moment + 1);
  g_assert_cmpint (fixture_now () + wait, >=, moment);
}

static void
assert_other (KrSecretToken *a, KrSecretToken *b)
{
  g_assert_cmpstr (kr_secret_token_get_fingerprint (a), !=, kr_secret_token_get_fingerprint (b));
}

/* If the broker requires a minute between two issues, makes that be over. */
static void
end_wait (KrSecretAccount *account)
{
  test_ledger_end_wait (kr_secret_account_get_id (account));
}

static gboolean
is_over (Fixture *f, KrSecretAccount *account)
{
  g_autoptr (KrSecretToken) token = try_get (f, account, 0, KR_SECRET_TOKEN_NO_ISSUE, NULL);

  return token == NULL;
}

static KrSecretAccount *
add (Fixture *f, gconstpointer broker, const char *settings, KrSecretToken **out_token)
{
  KrSecretAccount *account;

  test_simulator_set (f->simulator, PLAYED, settings);
  account = fixture_add (f, broker, "a", KR_SECRET_ADD_DEFAULT);
  *out_token = get (f, account, KR_SECRET_TOKEN_NO_ISSUE);
  g_assert_cmpuint (count_issues (f), ==, 1);
  return account;
}

static void
test_renew_waits_for_the_end (Fixture *f, gconstpointer broker)
{
  g_autoptr (KrSecretToken) token = NULL;
  g_autoptr (KrSecretAccount) account = add (f, broker, SAME, &token);
  gint64 expires_at = kr_secret_token_get_expires_at (token);
  g_autoptr (KrSecretToken) still = NULL;

  g_assert_cmpint (expires_at, >, fixture_now () + 23 * 60 * 60);
  assert_limited_until (f, account, RENEW, expires_at);
  end_wait (account);
  assert_limited_until (f, account, RENEW, expires_at);
  assert_limited_until (f, account, KR_SECRET_TOKEN_STRICT | RENEW, expires_at);
  still = get (f, account, 0);
  fixture_assert_same (still, token);
  g_assert_null (kr_secret_token_get_warning (still));
  g_assert_cmpuint (count_issues (f), ==, 1);
}

/* With force the broker is asked, and issues the same token with the same expiry. */
static void
test_force_brings_the_same (Fixture *f, gconstpointer broker)
{
  g_autoptr (KrSecretToken) token = NULL;
  g_autoptr (KrSecretAccount) account = add (f, broker, SAME, &token);
  gint64 expires_at = kr_secret_token_get_expires_at (token);
  g_autoptr (KrSecretToken) still = NULL;

  end_wait (account);
  assert_limited_until (f, account, RENEW | KR_SECRET_TOKEN_FORCE, expires_at);
  g_assert_cmpuint (count_issues (f), ==, 2);
  still = fixture_get_stored (f, account);
  fixture_assert_same (still, token);
  g_assert_cmpint (kr_secret_token_get_expires_at (still), ==, expires_at);
}

static void
test_short_life_is_used_up (Fixture *f, gconstpointer broker)
{
  g_autoptr (KrSecretToken) first = NULL;
  g_autoptr (KrSecretAccount) account = add (f, broker, SHORT, &first);
  g_autoptr (KrSecretToken) second = NULL;
  g_autoptr (KrSecretToken) again = NULL;

  end_wait (account);
  /* More than half of its life is over. */
  fixture_wait_expired (f, account);
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (KrSecretToken) token = get (f, account, 0);

      fixture_assert_same (token, first);
      g_assert_nonnull (kr_secret_token_get_warning (token));
    }
  g_assert_cmpint (get_limited (f, account, KR_SECRET_TOKEN_STRICT), <=, 3);
  g_assert_cmpuint (count_issues (f), ==, 1);

  test_wait_until (is_over (f, account));
  second = get (f, account, 0);
  again = get (f, account, 0);
  assert_other (second, first);
  fixture_assert_same (second, again);
  g_assert_null (kr_secret_token_get_warning (second));
  g_assert_cmpint (fixture_now (), >=, kr_secret_token_get_expires_at (first));
  g_assert_cmpuint (count_issues (f), ==, 2);
}

static void
test_held_one_is_renewed_after_the_end (Fixture *f, gconstpointer broker)
{
  g_autoptr (KrSecretToken) first = NULL;
  g_autoptr (KrSecretAccount) added = add (f, broker, SHORT, &first);
  gint64 end = kr_secret_token_get_expires_at (first);
  g_autoptr (KrSecretAccount) account = NULL;
  g_autoptr (Events) events = NULL;
  g_autoptr (KrSecretToken) second = NULL;

  end_wait (added);
  events = events_new_holding (&account);
  test_wait_until (count_issues (f) == 2);
  test_wait_until (events_count (events, "token-changed a") == 1);
  second = get (f, added, KR_SECRET_TOKEN_NO_ISSUE);
  assert_other (second, first);
  g_assert_cmpint (kr_secret_token_get_issued_at (second), >=, end);
  g_assert_cmpint (events_count (events, "attention *"), ==, 0);
  g_assert_cmpuint (count_issues (f), ==, 2);
}

static void
reject (Fixture *f, KrSecretAccount *account, KrSecretToken *token)
{
  g_autoptr (GError) error = NULL;
  gboolean forgotten = FALSE;

  kr_secret_client_reject_token (f->client, account, token, &forgotten, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (forgotten);
}

/* The broker returns the dead token as long as it takes it for a valid one. */
static void
test_rejected_one_comes_back (Fixture *f, gconstpointer broker)
{
  g_autoptr (KrSecretToken) token = NULL;
  g_autoptr (KrSecretAccount) account = add (f, broker, SAME, &token);
  gint64 expires_at = kr_secret_token_get_expires_at (token);

  reject (f, account, token);
  end_wait (account);
  for (guint i = 0; i < 3; i++)
    {
      assert_limited_until (f, account, 0, expires_at);
      end_wait (account);
      g_assert_cmpuint (count_issues (f), ==, 2);
    }
  g_assert_cmpuint (test_keyring_count (NULL, "krsecret-token"), ==, 0);
}

/* It is not asked again before the minute is over either. */
static void
test_rejected_one_within_the_interval (Fixture *f, gconstpointer broker)
{
  g_autoptr (KrSecretToken) token = NULL;
  g_autoptr (KrSecretAccount) account = add (f, broker, SAME, &token);
  gint64 wait;

  reject (f, account, token);
  wait = get_limited (f, account, 0);
  g_assert_cmpint (wait, >, 30);
  g_assert_cmpint (wait, <=, 60);
  g_assert_cmpuint (count_issues (f), ==, 1);
}

/* Once it has expired, the next one can be issued. */
static void
test_rejected_one_runs_out (Fixture *f, gconstpointer broker)
{
  g_autoptr (KrSecretToken) dead = NULL;
  g_autoptr (KrSecretAccount) account = add (f, broker, SHORT, &dead);
  g_autoptr (KrSecretToken) token = NULL;

  reject (f, account, dead);
  assert_limited_until (f, account, 0, kr_secret_token_get_expires_at (dead));
  token = get (f, account, KR_SECRET_TOKEN_WAIT);
  assert_other (token, dead);
  g_assert_cmpint (kr_secret_token_get_issued_at (token), >=,
                   kr_secret_token_get_expires_at (dead));
  g_assert_cmpuint (count_issues (f), ==, 3);
}

static void
test_new_each_time_renews (Fixture *f, gconstpointer broker)
{
  g_autoptr (KrSecretToken) first = NULL;
  g_autoptr (KrSecretAccount) account = add (f, broker, "'lifetime':86400", &first);
  g_autoptr (KrSecretToken) second = get (f, account, RENEW);
  g_autoptr (KrSecretToken) stored = fixture_get_stored (f, account);
  g_autoptr (KrSecretToken) third = NULL;

  assert_other (second, first);
  fixture_assert_same (stored, second);
  g_assert_cmpuint (count_issues (f), ==, 2);
  reject (f, account, second);
  third = get (f, account, 0);
  assert_other (third, second);
  g_assert_cmpuint (count_issues (f), ==, 3);
}

static void
test_new_each_time_held (Fixture *f, gconstpointer broker)
{
  g_autoptr (KrSecretToken) first = NULL;
  g_autoptr (KrSecretAccount) added = add (f, broker, "'lifetime':12", &first);
  gint64 end = kr_secret_token_get_expires_at (first);
  g_autoptr (KrSecretAccount) account = NULL;
  g_autoptr (Events) events = events_new_holding (&account);
  g_autoptr (KrSecretToken) second = NULL;

  test_wait_until (count_issues (f) == 2);
  test_wait_until (events_count (events, "token-changed a") == 1);
  second = get (f, added, KR_SECRET_TOKEN_NO_ISSUE);
  assert_other (second, first);
  g_assert_cmpint (kr_secret_token_get_issued_at (second), <, end);
  g_assert_cmpint (events_count (events, "attention *"), ==, 0);
}

static void
add_test (const char *name, const char *broker, void (*test) (Fixture *, gconstpointer))
{
  g_autofree char *path = g_strdup_printf ("/classes/%s/%s", broker, name);

  g_test_add (path, Fixture, broker, fixture_set_up, test, fixture_tear_down);
}

int
main (int argc, char **argv)
{
  static const char *const same[] = { "same", "same_slow" };

  g_test_init (&argc, &argv, NULL);
  g_setenv ("KR_SECRET_PLUGIN_DIR", g_getenv ("KR_TEST_FIXTURES"), TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (same); i++)
    {
      add_test ("renew-waits-for-the-end", same[i], test_renew_waits_for_the_end);
      add_test ("force-brings-the-same", same[i], test_force_brings_the_same);
      add_test ("short-life-is-used-up", same[i], test_short_life_is_used_up);
      add_test ("held-one-is-renewed-after-the-end", same[i],
                test_held_one_is_renewed_after_the_end);
      add_test ("rejected-one-comes-back", same[i], test_rejected_one_comes_back);
    }
  add_test ("rejected-one-within-the-interval", "same_slow", test_rejected_one_within_the_interval);
  add_test ("rejected-one-runs-out", "same", test_rejected_one_runs_out);
  add_test ("renews", "new_each", test_new_each_time_renews);
  add_test ("held-one-is-renewed-before-the-end", "new_each", test_new_each_time_held);
  return g_test_run ();
}
