/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A new token although the stored one is good, where the broker's rules allow; a good one although
 * no better one can be had; and one that only this program has. */
#include "client-events.h"
#include "client-fixture.h"
#include "test-keyring.h"
#include "test-process.h"
#include "test-record.h"

#define MINUTE 60
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

#define RENEW KR_SECRET_TOKEN_RENEW
#define FORCE KR_SECRET_TOKEN_FORCE
#define STRICT KR_SECRET_TOKEN_STRICT

static KrSecretToken *
try_get (KrSecretClient *client,
         KrSecretAccount *account,
         guint min_validity,
         guint flags,
         GError **error)
{
  return kr_secret_client_get_token (client, account, KR_SECRET_TOKEN_ACCESS, min_validity,
                                     (KrSecretTokenFlags) flags, NULL, error);
}

static KrSecretToken *
get (Fixture *f, KrSecretAccount *account, guint min_validity, guint flags)
{
  g_autoptr (GError) error = NULL;
  KrSecretToken *token = try_get (f->client, account, min_validity, flags, &error);

  g_assert_no_error (error);
  return token;
}

static void
assert_fails (Fixture *f,
              KrSecretAccount *account,
              guint min_validity,
              guint flags,
              KrSecretError code,
              gint64 *out_wait)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (KrSecretToken) token = try_get (f->client, account, min_validity, flags, &error);

  g_assert_error (error, KR_SECRET_ERROR, (int) code);
  g_assert_null (token);
  if (out_wait != NULL)
    *out_wait = kr_secret_error_get_retry_after (error);
}

static void
assert_about (gint64 value, gint64 expected)
{
  g_assert_cmpint (value, >, expected - 30);
  g_assert_cmpint (value, <=, expected + 5);
}

static void
assert_other (KrSecretToken *a, KrSecretToken *b)
{
  g_assert_cmpstr (kr_secret_token_get_fingerprint (a), !=, kr_secret_token_get_fingerprint (b));
}

static void
set_times (KrSecretAccount *account, gint64 issued_at, gint64 expires_at)
{
  test_token_set_times (kr_secret_account_get_id (account), issued_at, expires_at);
}

/* Another client of the same accounts, as in another program. */
static KrSecretClient *
client_new (KrSecretAccount **out_account)
{
  KrSecretClient *client = kr_secret_client_new ();
  g_autoptr (GError) error = NULL;

  kr_secret_client_set_timeout (client, 20000);
  kr_secret_client_load (client, NULL, &error);
  g_assert_no_error (error);
  *out_account = kr_secret_client_find_account (client, "a", &error);
  g_assert_no_error (error);
  return client;
}

static void
test_new_one_replaces_the_old (Fixture *f, gconstpointer data)
{
  static const char *const brokers[] = { "ls", "kiwoom" };

  for (guint i = 0; i < G_N_ELEMENTS (brokers); i++)
    {
      const char *alias = brokers[i];
      g_autoptr (KrSecretAccount) account = fixture_add (f, brokers[i], alias, 0);
      g_autoptr (KrSecretToken) old = fixture_get_token (f, account);
      g_autoptr (KrSecretToken) token = get (f, account, 60, RENEW);
      g_autoptr (KrSecretToken) again = get (f, account, 60, 0);
      g_autofree char *printed = events_run_tool (NULL, "token", alias, NULL);

      assert_other (token, old);
      fixture_assert_same (token, again);
      g_assert_cmpstr (printed, ==, secret_value_get_text (kr_secret_token_get_value (token)));
      g_assert_cmpuint (fixture_count_issues (f, brokers[i]), ==, 2);
      g_assert_cmpuint (test_keyring_count (kr_secret_account_get_id (account), "krsecret-token"),
                        ==, 1);
    }
}

/* KIS returns the same token for six hours, and sends the user a message each time. */
static void
test_not_where_it_would_be_the_same (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "kis", "a", KR_SECRET_ADD_DEFAULT);
  g_autoptr (KrSecretToken) token = fixture_get_token (f, account);
  g_autoptr (KrSecretToken) still = NULL;
  gint64 wait;

  assert_fails (f, account, 60, RENEW, KR_SECRET_ERROR_RATE_LIMITED, &wait);
  assert_about (wait, 6 * HOUR);
  test_ledger_end_wait (kr_secret_account_get_id (account));
  assert_fails (f, account, 60, RENEW, KR_SECRET_ERROR_RATE_LIMITED, &wait);
  assert_about (wait, 6 * HOUR);
  set_times (account, fixture_now () - 4 * HOUR, fixture_now () + 20 * HOUR);
  assert_fails (f, account, 60, RENEW, KR_SECRET_ERROR_RATE_LIMITED, &wait);
  assert_about (wait, 2 * HOUR);
  still = fixture_get_stored (f, account);
  fixture_assert_same (still, token);
  g_assert_cmpuint (fixture_count_issues (f, "kis"), ==, 1);
}

static void
test_force_asks_and_tells_what_came (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = NULL;
  g_autoptr (KrSecretToken) token = NULL;
  g_autoptr (KrSecretToken) still = NULL;
  gint64 wait, issued_at;

  test_simulator_set (f->simulator, "kis", "'issue_interval':0");
  account = fixture_add (f, "kis", "a", KR_SECRET_ADD_DEFAULT);
  token = fixture_get_token (f, account);
  test_ledger_end_wait (kr_secret_account_get_id (account));
  issued_at = fixture_now () - HOUR;
  set_times (account, issued_at, kr_secret_token_get_expires_at (token));
  assert_fails (f, account, 60, RENEW | FORCE, KR_SECRET_ERROR_RATE_LIMITED, &wait);
  g_assert_cmpuint (fixture_count_issues (f, "kis"), ==, 2);

  /* Having been sent again does not make it younger. */
  assert_about (wait, 5 * HOUR);
  still = fixture_get_stored (f, account);
  fixture_assert_same (still, token);
  g_assert_cmpint (kr_secret_token_get_issued_at (still), ==, issued_at);
  g_assert_cmpint (kr_secret_account_get_token_state (account), ==, KR_SECRET_TOKEN_STATE_VALID);
  /* The minute is the broker's. */
  assert_fails (f, account, 60, RENEW | FORCE, KR_SECRET_ERROR_RATE_LIMITED, &wait);
  assert_about (wait, MINUTE);
  g_assert_cmpuint (fixture_count_issues (f, "kis"), ==, 2);
}

static void
test_new_one_after_the_window (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = NULL;
  g_autoptr (KrSecretToken) old = NULL;
  g_autoptr (KrSecretToken) token = NULL;

  test_simulator_set (f->simulator, "kis", "'issue_interval':0,'same_token_window':0");
  account = fixture_add (f, "kis", "a", KR_SECRET_ADD_DEFAULT);
  old = fixture_get_token (f, account);
  test_ledger_end_wait (kr_secret_account_get_id (account));
  set_times (account, fixture_now () - 7 * HOUR, fixture_now () + 17 * HOUR);
  token = get (f, account, 60, RENEW);
  assert_other (token, old);
  g_assert_cmpuint (fixture_count_issues (f, "kis"), ==, 2);
}

/* The broker returns the same token against its rules. */
static void
test_same_one_against_the_rules (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "ls", "a", KR_SECRET_ADD_DEFAULT);
  g_autoptr (KrSecretToken) token = fixture_get_token (f, account);
  g_autofree char *fault = g_strdup_printf (
      "'fault':'token','token':'%s'", secret_value_get_text (kr_secret_token_get_value (token)));
  g_autoptr (KrSecretToken) still = NULL;
  gint64 wait;

  test_simulator_fault_at (f->simulator, "ls", "/oauth2/token", fault);
  assert_fails (f, account, 60, RENEW, KR_SECRET_ERROR_RATE_LIMITED, &wait);
  g_assert_cmpint (wait, >, 0);
  still = fixture_get_stored (f, account);
  fixture_assert_same (still, token);
}

static void
test_nobody_to_ask (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "ls", "a", KR_SECRET_ADD_DEFAULT);
  g_autoptr (KrSecretToken) token = fixture_get_token (f, account);
  g_autoptr (KrSecretToken) still = NULL;

  test_simulator_stop (f->simulator);
  assert_fails (f, account, 60, RENEW, KR_SECRET_ERROR_UNREACHABLE, NULL);
  still = get (f, account, 60, 0);
  fixture_assert_same (still, token);
  g_assert_null (kr_secret_token_get_warning (still));
}

typedef struct
{
  Fixture *f;
  KrSecretAccount *account;
  guint flags;
  KrSecretToken *token;
  GError *error;
} Asker;

static gpointer
ask (gpointer data)
{
  Asker *self = data;
  g_autoptr (KrSecretAccount) account = NULL;
  g_autoptr (KrSecretClient) client = client_new (&account);

  self->token = try_get (client, account, KR_SECRET_MIN_VALIDITY, self->flags, &self->error);
  return NULL;
}

/* This many clients ask while the broker works for the first. */
static void
ask_together (Fixture *f, KrSecretAccount *account, const char *broker, Asker *askers, guint n)
{
  g_autofree GThread **threads = g_new0 (GThread *, n);

  test_simulator_set (f->simulator, broker, "'latency_ms':1000");
  for (guint i = 0; i < n; i++)
    threads[i] = g_thread_new ("ask", ask, &askers[i]);
  for (guint i = 0; i < n; i++)
    g_thread_join (threads[i]);
  test_simulator_set (f->simulator, broker, "'latency_ms':0");
}

static void
test_crowd_renews_once (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "ls", "a", KR_SECRET_ADD_DEFAULT);
  g_autoptr (KrSecretToken) old = fixture_get_token (f, account);
  Asker askers[8] = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (askers); i++)
    askers[i].flags = RENEW;
  ask_together (f, account, "ls", askers, G_N_ELEMENTS (askers));
  for (guint i = 0; i < G_N_ELEMENTS (askers); i++)
    {
      g_assert_no_error (askers[i].error);
      assert_other (askers[i].token, old);
      fixture_assert_same (askers[i].token, askers[0].token);
    }
  for (guint i = 0; i < G_N_ELEMENTS (askers); i++)
    kr_secret_token_unref (askers[i].token);
  g_assert_cmpuint (fixture_count_issues (f, "ls"), ==, 2);
}

/* They share a failure as they would a token; a later caller asks again. */
static void
test_crowd_fails_once (Fixture *f, gconstpointer data)
{
  static const struct
  {
    const char *fault;
    KrSecretError code;
  } cases[] = {
    { "'fault':'refuse-key'", KR_SECRET_ERROR_REFUSED },
    { "'fault':'server-error'", KR_SECRET_ERROR_UNREACHABLE },
  };
  g_autoptr (KrSecretAccount) account = fixture_add (f, "ls", "a", KR_SECRET_ADD_NO_VERIFY);
  g_autoptr (KrSecretToken) token = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Asker askers[8] = { 0 };

      test_simulator_fault_at (f->simulator, "ls", "/oauth2/token", cases[i].fault);
      ask_together (f, account, "ls", askers, G_N_ELEMENTS (askers));
      for (guint j = 0; j < G_N_ELEMENTS (askers); j++)
        {
          g_assert_error (askers[j].error, KR_SECRET_ERROR, (int) cases[i].code);
          g_assert_null (askers[j].token);
          g_clear_error (&askers[j].error);
        }
      g_assert_cmpuint (fixture_count_issues (f, "ls"), ==, i + 1);
    }
  token = get (f, account, 60, 0);
  g_assert_nonnull (token);
}

/* An account whose token is good, but for less than half its life. */
static KrSecretAccount *
add_with_short_token (Fixture *f, const char *broker, const char *alias, KrSecretToken **out_token)
{
  KrSecretAccount *account = fixture_add (f, broker, alias, KR_SECRET_ADD_DEFAULT);

  *out_token = fixture_get_token (f, account);
  set_times (account, fixture_now () - 9 * HOUR, fixture_now () + 2 * HOUR);
  return account;
}

/* Longer than the token is good for, but less than half its life. */
#define LONG (3 * HOUR)

static void
test_short_one_is_better_than_none (Fixture *f, gconstpointer data)
{
  static const struct
  {
    const char *fault;
    KrSecretError code;
  } cases[] = {
    { "'fault':'refuse-key'", KR_SECRET_ERROR_REFUSED },
    { "'fault':'rate-limited'", KR_SECRET_ERROR_RATE_LIMITED },
    { "'fault':'server-error'", KR_SECRET_ERROR_UNREACHABLE },
    { "'fault':'html200'", KR_SECRET_ERROR_BAD_REPLY },
    { "'fault':'reset'", KR_SECRET_ERROR_UNREACHABLE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *alias = g_strdup_printf ("a%u", i);
      g_autoptr (KrSecretToken) stored = NULL;
      g_autoptr (KrSecretAccount) account = add_with_short_token (f, "kiwoom", alias, &stored);
      g_autoptr (KrSecretToken) strict = NULL;
      G_GNUC_UNUSED g_autoptr (GError) error = NULL;
      guint before = test_simulator_count (f->simulator, "kiwoom", "connections");

      test_simulator_fault_at (f->simulator, "kiwoom", "/oauth2/token", cases[i].fault);
      /* One request; the broker is then left alone for a moment. */
      for (guint j = 0; j < 3; j++)
        {
          g_autoptr (KrSecretToken) token = get (f, account, LONG, 0);

          fixture_assert_same (token, stored);
          g_assert_nonnull (kr_secret_token_get_warning (token));
        }
      g_assert_cmpuint (test_simulator_count (f->simulator, "kiwoom", "connections"), ==,
                        before + 1);
      test_simulator_fault_at (f->simulator, "kiwoom", "/oauth2/token", cases[i].fault);
      assert_fails (f, account, LONG, STRICT, cases[i].code, NULL);
      if (i > 0)
        continue;
      /* Once the trouble is over, there is a better token. */
      strict = get (f, account, LONG, STRICT | KR_SECRET_TOKEN_WAIT);
      assert_other (strict, stored);
      g_assert_null (kr_secret_token_get_warning (strict));
    }
}

static void
test_expired_one_is_not (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretToken) stored = NULL;
  g_autoptr (KrSecretAccount) account = add_with_short_token (f, "kiwoom", "a", &stored);

  test_simulator_stop (f->simulator);
  set_times (account, fixture_now () - 24 * HOUR, fixture_now () - 1);
  assert_fails (f, account, 60, 0, KR_SECRET_ERROR_UNREACHABLE, NULL);
  assert_fails (f, account, 0, 0, KR_SECRET_ERROR_UNREACHABLE, NULL);
}

static void
test_locked_one_is_not (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretToken) stored = NULL;
  g_autoptr (KrSecretAccount) account = add_with_short_token (f, "kiwoom", "a", &stored);

  test_keyring_lock ();
  assert_fails (f, account, LONG, 0, KR_SECRET_ERROR_LOCKED, NULL);
  test_keyring_unlock ();
  g_assert_cmpuint (fixture_count_issues (f, "kiwoom"), ==, 1);
}

/* Asking within the six hours gains nothing. */
static void
test_short_one_where_asking_is_no_use (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "kis", "a", KR_SECRET_ADD_DEFAULT);
  g_autoptr (KrSecretToken) stored = fixture_get_token (f, account);
  g_autoptr (KrSecretToken) token = NULL;
  gint64 wait;

  test_ledger_end_wait (kr_secret_account_get_id (account));
  set_times (account, fixture_now () - 5 * HOUR, fixture_now () + HOUR);
  token = get (f, account, 2 * HOUR, 0);
  fixture_assert_same (token, stored);
  g_assert_nonnull (kr_secret_token_get_warning (token));
  assert_fails (f, account, 2 * HOUR, STRICT, KR_SECRET_ERROR_RATE_LIMITED, &wait);
  assert_about (wait, HOUR);
  g_assert_cmpuint (fixture_count_issues (f, "kis"), ==, 1);
}

static gint64
next_seven (void)
{
  gint64 kst = fixture_now () + 9 * HOUR;
  gint64 seven = kst / DAY * DAY + 7 * HOUR;

  return (seven > kst ? seven : seven + DAY) - 9 * HOUR;
}

/* A second token would die at the same time, and kill the first. */
static void
test_daily_death_is_not_run_away_from (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "ls", "a", KR_SECRET_ADD_DEFAULT);
  g_autoptr (KrSecretToken) stored = fixture_get_token (f, account);
  g_autoptr (KrSecretToken) renewed = NULL;
  gint64 death = next_seven ();
  gint64 wait;

  if (death - fixture_now () < HOUR)
    death += DAY;

  /* A life so long that its last day counts as its last minutes. */
  for (int off = -10; off <= 10; off += 10)
    {
      set_times (account, death - 300 * DAY, death + off * MINUTE);
      for (guint i = 0; i < 3; i++)
        {
          g_autoptr (KrSecretToken) token = get (f, account, 3 * DAY, 0);

          fixture_assert_same (token, stored);
          g_assert_nonnull (kr_secret_token_get_warning (token));
        }
      assert_fails (f, account, 3 * DAY, STRICT, KR_SECRET_ERROR_RATE_LIMITED, &wait);
      assert_about (wait, death + off * MINUTE - fixture_now ());
    }
  g_assert_cmpuint (fixture_count_issues (f, "ls"), ==, 1);
  renewed = get (f, account, 60, RENEW);
  assert_other (renewed, stored);
}

/* A token that ends at another time of the day can be improved on. */
static void
test_other_end_is_bettered (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "ls", "a", KR_SECRET_ADD_DEFAULT);
  g_autoptr (KrSecretToken) stored = fixture_get_token (f, account);
  g_autoptr (KrSecretToken) token = NULL;
  gint64 left = ABS (next_seven () - fixture_now () - HOUR) > 30 * MINUTE ? HOUR : 2 * HOUR;

  set_times (account, fixture_now () - 300 * DAY, fixture_now () + left);
  token = get (f, account, DAY, 0);
  assert_other (token, stored);
  g_assert_cmpuint (fixture_count_issues (f, "ls"), ==, 2);
}

static gpointer
get_in_thread (gpointer data)
{
  Asker *asker = data;

  return get (asker->f, asker->account, 60, asker->flags);
}

/* A token that could not be stored: the keyring is locked while the broker works, and stays
 * locked. */
static KrSecretToken *
get_unstored (Fixture *f, KrSecretAccount *account, const char *broker, guint flags)
{
  Asker asker = { f, account, flags, NULL, NULL };
  guint before = test_simulator_count (f->simulator, broker, "connections");
  KrSecretToken *token;
  GThread *thread;

  test_simulator_set (f->simulator, broker, "'latency_ms':700");
  thread = g_thread_new ("get", get_in_thread, &asker);
  test_wait_until (test_simulator_count (f->simulator, broker, "connections") > before);
  test_keyring_lock ();
  token = g_thread_join (thread);
  test_simulator_set (f->simulator, broker, "'latency_ms':0");
  g_assert_nonnull (kr_secret_token_get_warning (token));
  return token;
}

static void
test_unstored_one_is_used_again (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "ls", "a", KR_SECRET_ADD_DEFAULT);
  g_autoptr (KrSecretToken) old = fixture_get_token (f, account);
  g_autoptr (KrSecretToken) unstored = get_unstored (f, account, "ls", RENEW);
  g_autoptr (KrSecretAccount) others = NULL;
  g_autoptr (KrSecretClient) other = NULL;
  g_autoptr (KrSecretToken) seen = NULL;
  g_autoptr (GError) error = NULL;

  assert_other (unstored, old);
  /* While it is locked, and after it is open again and contains the token that is now dead. */
  for (guint i = 0; i < 2; i++)
    {
      for (guint j = 0; j < 3; j++)
        {
          g_autoptr (KrSecretToken) token = get (f, account, 60, 0);

          fixture_assert_same (token, unstored);
          g_assert_nonnull (kr_secret_token_get_warning (token));
        }
      if (i == 0)
        test_keyring_unlock ();
    }
  kr_secret_client_load (f->client, NULL, &error);
  g_assert_no_error (error);
  {
    g_autoptr (KrSecretToken) token = get (f, account, 60, 0);

    fixture_assert_same (token, unstored);
  }
  g_assert_cmpuint (fixture_count_issues (f, "ls"), ==, 2);
  other = client_new (&others);
  seen = try_get (other, others, 60, KR_SECRET_TOKEN_NO_ISSUE, &error);
  g_assert_no_error (error);
  fixture_assert_same (seen, old);
}

static void
test_unstored_one_gives_way_to_a_newer (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "ls", "a", KR_SECRET_ADD_NO_VERIFY);
  g_autoptr (KrSecretToken) unstored = get_unstored (f, account, "ls", 0);
  g_autoptr (KrSecretAccount) others = NULL;
  g_autoptr (KrSecretClient) other = NULL;
  g_autoptr (KrSecretToken) newer = NULL;
  g_autoptr (KrSecretToken) token = NULL;
  g_autoptr (GError) error = NULL;

  test_keyring_unlock ();
  other = client_new (&others);
  g_assert_null (try_get (other, others, 60, KR_SECRET_TOKEN_NO_ISSUE, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_NOT_FOUND);
  g_clear_error (&error);
  newer = try_get (other, others, 60, 0, &error);
  g_assert_no_error (error);
  assert_other (newer, unstored);
  token = get (f, account, 60, 0);
  fixture_assert_same (token, newer);
  g_assert_cmpuint (fixture_count_issues (f, "ls"), ==, 2);
}

/* It is as good as a stored one if no better one can be had. */
static void
test_unstored_one_that_is_short (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = NULL;
  g_autoptr (KrSecretToken) unstored = NULL;
  g_autoptr (KrSecretToken) token = NULL;

  test_simulator_set (f->simulator, "kiwoom", "'lifetime':10");
  account = fixture_add (f, "kiwoom", "a", KR_SECRET_ADD_NO_VERIFY);
  unstored = get_unstored (f, account, "kiwoom", 0);
  test_keyring_unlock ();
  test_simulator_stop (f->simulator);
  test_wait_until (fixture_now () > kr_secret_token_get_expires_at (unstored) - 4);
  token = get (f, account, 60, 0);
  fixture_assert_same (token, unstored);
}

static void
test_unstored_one_is_revoked_as_any (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "ls", "a", KR_SECRET_ADD_NO_VERIFY);
  G_GNUC_UNUSED g_autoptr (KrSecretToken) unstored = get_unstored (f, account, "ls", 0);
  g_autoptr (GError) error = NULL;

  test_keyring_unlock ();
  kr_secret_client_revoke_token (f->client, account, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (test_simulator_count (f->simulator, "ls", "revoke"), ==, 1);
}

static void
test_unstored_one_is_revoked_with_its_account (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "ls", "a", KR_SECRET_ADD_NO_VERIFY);
  g_autoptr (KrSecretToken) unstored = get_unstored (f, account, "ls", 0);
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (unstored);
  test_keyring_unlock ();
  kr_secret_client_remove (f->client, account, KR_SECRET_REMOVE_DEFAULT, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (test_simulator_count (f->simulator, "ls", "revoke"), ==, 1);
}

static void
on_token (GObject *source, GAsyncResult *result, gpointer data)
{
  Asker *asker = data;

  asker->token
      = kr_secret_client_get_token_finish (KR_SECRET_CLIENT (source), result, &asker->error);
}

static void
test_asynchronously (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "ls", "a", KR_SECRET_ADD_DEFAULT);
  g_autoptr (KrSecretToken) old = fixture_get_token (f, account);
  Asker asker = { f, account, 0, NULL, NULL };

  kr_secret_client_get_token_async (f->client, account, KR_SECRET_TOKEN_ACCESS, 60, RENEW, NULL,
                                    on_token, &asker);
  while (asker.token == NULL && asker.error == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_no_error (asker.error);
  assert_other (asker.token, old);
  kr_secret_token_unref (asker.token);
}

static void
test_websocket_key (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "kis", "a", KR_SECRET_ADD_NO_VERIFY);
  g_autoptr (GError) error = NULL;
  g_autoptr (KrSecretToken) old = kr_secret_client_get_token (
      f->client, account, KR_SECRET_TOKEN_WEBSOCKET, 60, 0, NULL, &error);
  g_autoptr (KrSecretToken) token = NULL;

  g_assert_no_error (error);
  token = kr_secret_client_get_token (f->client, account, KR_SECRET_TOKEN_WEBSOCKET, 60, RENEW,
                                      NULL, &error);
  g_assert_no_error (error);
  assert_other (token, old);
  g_assert_cmpuint (fixture_count_issues (f, "kis"), ==, 0);
}

#define ADD(name, test) FIXTURE_ADD ("/renew/" name, test)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("new-one-replaces-the-old", test_new_one_replaces_the_old);
  ADD ("not-where-it-would-be-the-same", test_not_where_it_would_be_the_same);
  ADD ("force-asks-and-tells-what-came", test_force_asks_and_tells_what_came);
  ADD ("new-one-after-the-window", test_new_one_after_the_window);
  ADD ("same-one-against-the-rules", test_same_one_against_the_rules);
  ADD ("nobody-to-ask", test_nobody_to_ask);
  ADD ("crowd-renews-once", test_crowd_renews_once);
  ADD ("crowd-fails-once", test_crowd_fails_once);
  ADD ("short-one-is-better-than-none", test_short_one_is_better_than_none);
  ADD ("expired-one-is-not", test_expired_one_is_not);
  ADD ("locked-one-is-not", test_locked_one_is_not);
  ADD ("short-one-where-asking-is-no-use", test_short_one_where_asking_is_no_use);
  ADD ("daily-death-is-not-run-away-from", test_daily_death_is_not_run_away_from);
  ADD ("other-end-is-bettered", test_other_end_is_bettered);
  ADD ("unstored-one-is-used-again", test_unstored_one_is_used_again);
  ADD ("unstored-one-gives-way-to-a-newer", test_unstored_one_gives_way_to_a_newer);
  ADD ("unstored-one-that-is-short", test_unstored_one_that_is_short);
  ADD ("unstored-one-is-revoked-as-any", test_unstored_one_is_revoked_as_any);
  ADD ("unstored-one-is-revoked-with-its-account", test_unstored_one_is_revoked_with_its_account);
  ADD ("asynchronously", test_asynchronously);
  ADD ("websocket-key", test_websocket_key);
  return g_test_run ();
}
