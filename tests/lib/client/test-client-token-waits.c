/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* get_token when the broker has to be left alone, or another program holds the lock. */
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "client-fixture.h"
#include "test-bus.h"
#include "test-keyring.h"
#include "test-process.h"
#include "test-record.h"

static KrSecretToken *
get_token (Fixture *f, KrSecretAccount *account, KrSecretTokenFlags flags, GError **error)
{
  return kr_secret_client_get_token (f->client, account, KR_SECRET_TOKEN_ACCESS,
                                     KR_SECRET_MIN_VALIDITY, flags, NULL, error);
}

/* From our own record of the last issue, without asking again. */
static void
test_second_issue_in_the_interval_is_rate_limited (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "kis", "a", KR_SECRET_ADD_DEFAULT);
  g_autoptr (GError) error = NULL;

  fixture_damage_token (account);
  g_assert_null (get_token (f, account, 0, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_RATE_LIMITED);
  g_assert_cmpint (kr_secret_error_get_retry_after (error), >, 30);
  g_assert_cmpint (kr_secret_error_get_retry_after (error), <=, 61);
  g_assert_cmpuint (test_simulator_count (f->simulator, "kis", "issue"), ==, 1);
}

static void
test_broker_says_rate_limited (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "kis", "a", KR_SECRET_ADD_NO_VERIFY);
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) again = NULL;

  test_simulator_fault_at (f->simulator, "kis", "/oauth2/tokenP", "'fault':'rate-limited'");
  g_assert_null (get_token (f, account, 0, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_RATE_LIMITED);
  g_assert_cmpint (kr_secret_error_get_retry_after (error), >, 0);
  g_assert_cmpint (kr_secret_error_get_retry_after (error), <=, 61);
  g_assert_cmpstr (kr_secret_error_get_broker_code (error), ==, "EGW00133");
  /* The next caller does not even ask. */
  g_assert_null (get_token (f, account, 0, &again));
  g_assert_error (again, KR_SECRET_ERROR, KR_SECRET_ERROR_RATE_LIMITED);
  g_assert_cmpint (kr_secret_error_get_retry_after (again), >, 0);
  g_assert_cmpuint (test_simulator_count (f->simulator, "kis", "issue"), ==, 1);
}

static void
test_wait_waits_out (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "ls", "a", KR_SECRET_ADD_NO_VERIFY);
  g_autoptr (KrSecretToken) token = NULL;
  g_autoptr (GError) error = NULL;

  test_simulator_fault_at (f->simulator, "ls", "/oauth2/token", "'fault':'rate-limited'");
  token = get_token (f, account, KR_SECRET_TOKEN_WAIT, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (test_simulator_count (f->simulator, "ls", "issue"), ==, 2);
}

static void
test_wait_beyond_the_timeout_fails_at_once (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "kis", "a", KR_SECRET_ADD_DEFAULT);
  g_autoptr (GError) error = NULL;
  gint64 began = g_get_monotonic_time ();

  fixture_damage_token (account);
  kr_secret_client_set_timeout (f->client, 10000);
  g_assert_null (get_token (f, account, KR_SECRET_TOKEN_WAIT, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_RATE_LIMITED);
  g_assert_cmpint (g_get_monotonic_time () - began, <, 5 * G_USEC_PER_SEC);
}

/* The broker turns this many issues away, and has to be left alone after each. */
static void
limit (Fixture *f, guint times, guint seconds)
{
  g_autofree char *fault = g_strdup_printf (
      "'fault':'status','times':%u,'status':429,'headers':{'Retry-After':'%u'}", times, seconds);

  test_simulator_fault_at (f->simulator, "ls", "/oauth2/token", fault);
}

/* The arguments of token-delayed. */
typedef struct
{
  KrSecretAccount *account;
  guint count;
  guint seconds;
} Delays;

static void
on_delayed (KrSecretClient *client, KrSecretAccount *account, guint seconds, Delays *delays)
{
  g_assert_true (account == delays->account);
  delays->count++;
  delays->seconds = seconds;
}

/* An account that may wait this long for its token, in addition to a timeout of 5 seconds. */
static KrSecretAccount *
add_patient (Fixture *f, guint token_wait, Delays *delays)
{
  KrSecretAccount *account = fixture_add (f, "ls", "a", KR_SECRET_ADD_NO_VERIFY);

  kr_secret_client_set_timeout (f->client, 5000);
  kr_secret_client_set_token_wait (f->client, token_wait);
  *delays = (Delays){ .account = account };
  g_signal_connect (f->client, "token-delayed", G_CALLBACK (on_delayed), delays);
  return account;
}

static void
test_wait_has_a_bound_of_its_own (Fixture *f, gconstpointer data)
{
  Delays delays;
  g_autoptr (KrSecretAccount) account = add_patient (f, 30, &delays);
  g_autoptr (KrSecretToken) token = NULL;
  g_autoptr (GError) error = NULL;
  gint64 began = g_get_monotonic_time ();

  limit (f, 1, 6);
  token = get_token (f, account, KR_SECRET_TOKEN_WAIT, &error);
  g_assert_no_error (error);
  g_assert_nonnull (token);
  g_assert_cmpint (g_get_monotonic_time () - began, >, 5 * G_USEC_PER_SEC);
  g_assert_cmpuint (test_simulator_count (f->simulator, "ls", "issue"), ==, 2);
  g_assert_cmpuint (delays.count, ==, 1);
  g_assert_cmpuint (delays.seconds, >=, 5);
  g_assert_cmpuint (delays.seconds, <=, 7);
}

static void
test_wait_beyond_its_bound_fails_at_once (Fixture *f, gconstpointer data)
{
  Delays delays;
  g_autoptr (KrSecretAccount) account = add_patient (f, 20, &delays);
  g_autoptr (GError) error = NULL;
  gint64 began = g_get_monotonic_time ();

  kr_secret_client_set_timeout (f->client, 120000);
  limit (f, 1, 90);
  g_assert_null (get_token (f, account, KR_SECRET_TOKEN_WAIT, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_RATE_LIMITED);
  g_assert_cmpint (kr_secret_error_get_retry_after (error), >, 60);
  g_assert_cmpint (g_get_monotonic_time () - began, <, 15 * G_USEC_PER_SEC);
  g_assert_cmpuint (delays.count, ==, 0);
}

/* And so does a bound of zero. */
static void
test_wait_of_nothing_fails_at_once (Fixture *f, gconstpointer data)
{
  Delays delays;
  g_autoptr (KrSecretAccount) account = add_patient (f, 0, &delays);
  g_autoptr (GError) error = NULL;

  limit (f, 1, 3);
  g_assert_null (get_token (f, account, KR_SECRET_TOKEN_WAIT, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_RATE_LIMITED);
  g_assert_cmpuint (delays.count, ==, 0);
}

/* A broker that keeps saying so is not waited for again and again. */
static void
test_all_waits_count_for_the_bound (Fixture *f, gconstpointer data)
{
  Delays delays;
  g_autoptr (KrSecretAccount) account = add_patient (f, 5, &delays);
  g_autoptr (GError) error = NULL;

  limit (f, 0, 3);
  g_assert_null (get_token (f, account, KR_SECRET_TOKEN_WAIT, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_RATE_LIMITED);
  g_assert_cmpuint (delays.count, ==, 1);
  g_assert_cmpuint (test_simulator_count (f->simulator, "ls", "issue"), ==, 2);
}

/* The bound applies to waiting only: without the flag no call waits. */
static void
test_bound_alone_does_not_wait (Fixture *f, gconstpointer data)
{
  Delays delays;
  g_autoptr (KrSecretAccount) account = add_patient (f, 30, &delays);
  g_autoptr (GError) error = NULL;

  limit (f, 1, 3);
  g_assert_null (get_token (f, account, KR_SECRET_TOKEN_DEFAULT, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_RATE_LIMITED);
  g_assert_cmpuint (delays.count, ==, 0);
}

static void
bring_token (KrSecretClient *client, KrSecretAccount *account, guint seconds, gpointer data)
{
  gint64 now = fixture_now ();

  test_token_set_times (kr_secret_account_get_id (account), now - 60, now + 20 * 60 * 60);
}

/* As another program would do in the middle of the wait. */
static void
test_token_of_another_program_ends_the_wait (Fixture *f, gconstpointer data)
{
  Delays delays;
  g_autoptr (KrSecretAccount) account = add_patient (f, 120, &delays);
  g_autoptr (KrSecretToken) old = fixture_get_token (f, account);
  g_autoptr (KrSecretToken) token = NULL;
  g_autoptr (GError) error = NULL;
  gint64 now = fixture_now ();

  test_token_set_times (kr_secret_account_get_id (account), now - 24 * 60 * 60, now - 60);
  limit (f, 1, 90);
  g_signal_connect (f->client, "token-delayed", G_CALLBACK (bring_token), NULL);
  token = get_token (f, account, KR_SECRET_TOKEN_WAIT, &error);
  g_assert_no_error (error);
  fixture_assert_same (old, token);
  g_assert_cmpuint (delays.count, ==, 1);
  g_assert_cmpint (fixture_now () - now, <, 60);
}

static gpointer
cancel_soon (gpointer data)
{
  g_usleep (100 * 1000);
  g_cancellable_cancel (data);
  return NULL;
}

static void
test_wait_can_be_cancelled (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "kis", "a", KR_SECRET_ADD_DEFAULT);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  GThread *thread;

  fixture_damage_token (account);
  kr_secret_client_set_timeout (f->client, 120000);
  thread = g_thread_new ("cancel", cancel_soon, cancellable);
  g_assert_null (kr_secret_client_get_token (f->client, account, KR_SECRET_TOKEN_ACCESS, 60,
                                             KR_SECRET_TOKEN_WAIT, cancellable, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_CANCELLED);
  g_thread_join (thread);
}

static void
test_long_wait_can_be_cancelled (Fixture *f, gconstpointer data)
{
  Delays delays;
  g_autoptr (KrSecretAccount) account = add_patient (f, 120, &delays);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  limit (f, 1, 60);
  g_signal_connect_swapped (f->client, "token-delayed", G_CALLBACK (g_cancellable_cancel),
                            cancellable);
  g_assert_null (kr_secret_client_get_token (f->client, account, KR_SECRET_TOKEN_ACCESS, 60,
                                             KR_SECRET_TOKEN_WAIT, cancellable, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_CANCELLED);
  g_assert_cmpuint (delays.count, ==, 1);
}

static void
test_lock_that_is_held_ends_at_the_deadline (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "ls", "a", KR_SECRET_ADD_DEFAULT);
  g_autoptr (KrSecretToken) good = NULL;
  g_autoptr (GError) error = NULL;
  int fd = fixture_hold_lock (kr_secret_account_get_id (account));

  /* A caller that needs no issue does not need the lock. */
  good = get_token (f, account, 0, &error);
  g_assert_no_error (error);
  fixture_damage_token (account);
  kr_secret_client_set_timeout (f->client, 300);
  g_assert_null (get_token (f, account, 0, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_DEADLINE);
  g_assert_cmpuint (test_simulator_count (f->simulator, "ls", "issue"), ==, 1);
  close (fd);
}

/* The old token, while it lives, is better than none. */
static void
test_short_token_is_given_while_the_lock_is_held (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = NULL;
  g_autoptr (KrSecretToken) old = NULL;
  g_autoptr (KrSecretToken) token = NULL;
  g_autoptr (GError) error = NULL;
  int fd;

  test_simulator_set (f->simulator, "kiwoom", "'lifetime':8");
  account = fixture_add (f, "kiwoom", "a", KR_SECRET_ADD_DEFAULT);
  old = fixture_get_stored (f, account);
  g_assert_nonnull (old);
  fd = fixture_hold_lock (kr_secret_account_get_id (account));
  kr_secret_client_set_timeout (f->client, 200);
  /* In its second half the token is no longer fresh for a caller that needs a minute. */
  test_wait_until (g_get_real_time () / G_USEC_PER_SEC > kr_secret_token_get_expires_at (old) - 4);
  token = get_token (f, account, 0, &error);
  g_assert_no_error (error);
  fixture_assert_same (old, token);
  close (fd);
}

static gpointer
revoke_token (gpointer data)
{
  Fixture *f = data;
  g_autoptr (KrSecretAccount) account = kr_secret_client_find_account (f->client, "a", NULL);
  GError *error = NULL;

  g_assert_false (kr_secret_client_revoke_token (f->client, account, NULL, NULL, &error));
  return error;
}

typedef struct
{
  KrSecretClient *client;
  KrSecretAccount *account;
  KrSecretToken *token;
  GError *error;
} Asker;

static gpointer
ask (gpointer data)
{
  Asker *self = data;

  self->token = kr_secret_client_get_token (self->client, self->account, KR_SECRET_TOKEN_ACCESS,
                                            KR_SECRET_MIN_VALIDITY, 0, NULL, &self->error);
  return NULL;
}

/* Another client, with an account of its own. */
static void
asker_init (Asker *self, guint timeout)
{
  g_autoptr (GError) error = NULL;

  self->client = kr_secret_client_new ();
  kr_secret_client_load (self->client, NULL, &error);
  g_assert_no_error (error);
  self->account = kr_secret_client_find_account (self->client, "a", &error);
  g_assert_no_error (error);
  kr_secret_client_set_timeout (self->client, timeout);
}

/* Starts a revoke that has the lock but has not looked at the token yet: its helper is stopped. */
static GThread *
start_revoke (Fixture *f, KrSecretAccount *account, GPid *out_helper)
{
  GThread *thread;

  test_pause (test_keyring_get_pid ());
  thread = g_thread_new ("revoke", revoke_token, f);
  *out_helper = test_wait_for_argument (kr_secret_account_get_id (account));
  test_pause (*out_helper);
  test_resume (test_keyring_get_pid ());
  return thread;
}

/* It was good when the wait for the lock began, but its state at the end is unknown. */
static void
test_short_token_is_not_given_while_it_is_revoked (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = NULL;
  g_autoptr (KrSecretToken) old = NULL;
  g_autoptr (TestMonitor) monitor = NULL;
  g_autoptr (GError) error = NULL;
  Asker asker = { NULL };
  GThread *revoking, *asking;
  guint reads;
  GPid pid;

  test_simulator_set (f->simulator, "kiwoom", "'lifetime':14");
  test_simulator_fault_at (f->simulator, "kiwoom", "/oauth2/revoke", "'fault':'mute'");
  account = fixture_add (f, "kiwoom", "a", KR_SECRET_ADD_DEFAULT);
  old = fixture_get_stored (f, account);
  asker_init (&asker, 3000);
  test_wait_until (g_get_real_time () / G_USEC_PER_SEC > kr_secret_token_get_expires_at (old) - 7);

  revoking = start_revoke (f, account, &pid);
  monitor = test_monitor_start ();
  reads = test_monitor_count (monitor, "GetSecrets");
  asking = g_thread_new ("ask", ask, &asker);
  /* The keyring answers requests in order: this caller still gets the token. */
  test_wait_until (test_monitor_count (monitor, "GetSecrets") > reads);
  test_resume (pid);

  g_thread_join (asking);
  g_assert_cmpint (g_get_real_time () / G_USEC_PER_SEC, <, kr_secret_token_get_expires_at (old));
  g_assert_cmpuint (test_simulator_count (f->simulator, "kiwoom", "connections"), ==, 2);
  g_assert_null (asker.token);
  g_assert_error (asker.error, KR_SECRET_ERROR, KR_SECRET_ERROR_DEADLINE);
  test_simulator_stop (f->simulator); /* the revoke need no longer wait for it */
  error = g_thread_join (revoking);
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_UNREACHABLE);
  g_clear_error (&asker.error);
  g_clear_object (&asker.account);
  g_clear_object (&asker.client);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  FIXTURE_ADD ("/token-waits/second-issue-in-the-interval-is-rate-limited",
               test_second_issue_in_the_interval_is_rate_limited);
  FIXTURE_ADD ("/token-waits/broker-says-rate-limited", test_broker_says_rate_limited);
  FIXTURE_ADD ("/token-waits/wait-waits-out", test_wait_waits_out);
  FIXTURE_ADD ("/token-waits/wait-beyond-the-timeout-fails-at-once",
               test_wait_beyond_the_timeout_fails_at_once);
  FIXTURE_ADD ("/token-waits/wait-has-a-bound-of-its-own", test_wait_has_a_bound_of_its_own);
  FIXTURE_ADD ("/token-waits/wait-beyond-its-bound-fails-at-once",
               test_wait_beyond_its_bound_fails_at_once);
  FIXTURE_ADD ("/token-waits/wait-of-nothing-fails-at-once", test_wait_of_nothing_fails_at_once);
  FIXTURE_ADD ("/token-waits/all-waits-count-for-the-bound", test_all_waits_count_for_the_bound);
  FIXTURE_ADD ("/token-waits/bound-alone-does-not-wait", test_bound_alone_does_not_wait);
  FIXTURE_ADD ("/token-waits/token-of-another-program-ends-the-wait",
               test_token_of_another_program_ends_the_wait);
  FIXTURE_ADD ("/token-waits/wait-can-be-cancelled", test_wait_can_be_cancelled);
  FIXTURE_ADD ("/token-waits/long-wait-can-be-cancelled", test_long_wait_can_be_cancelled);
  FIXTURE_ADD ("/token-waits/lock-that-is-held-ends-at-the-deadline",
               test_lock_that_is_held_ends_at_the_deadline);
  FIXTURE_ADD ("/token-waits/short-token-is-given-while-the-lock-is-held",
               test_short_token_is_given_while_the_lock_is_held);
  FIXTURE_ADD ("/token-waits/short-token-is-not-given-while-it-is-revoked",
               test_short_token_is_not_given_while_it_is_revoked);
  return g_test_run ();
}
