/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The helper when its caller, the keyring or it itself dies early; and plugins that misbehave in
 * it. */
#include <signal.h>
#include "client-fixture.h"
#include "test-assert.h"
#include "test-keyring.h"
#include "test-process.h"

static void
wait_for_request (Fixture *f, const char *broker, guint n)
{
  test_wait_until (test_simulator_count (f->simulator, broker, "connections") >= n);
}

static void
test_application_killed_the_helper_stores (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "kis", "a", KR_SECRET_ADD_NO_VERIFY);
  g_autoptr (GSubprocess) child = NULL;
  g_autoptr (KrSecretToken) token = NULL;

  test_simulator_set (f->simulator, "kis", "'latency_ms':500");
  child = fixture_spawn_child ("a");
  wait_for_request (f, "kis", 1);
  g_subprocess_send_signal (child, SIGKILL);
  g_subprocess_wait (child, NULL, NULL);
  token = fixture_get_token (f, account);
  g_assert_nonnull (token);
  g_assert_cmpuint (test_simulator_count (f->simulator, "kis", "issue"), ==, 1);
}

static gpointer
get_token (gpointer data)
{
  Fixture *f = data;
  g_autoptr (KrSecretAccount) account = kr_secret_client_find_account (f->client, "a", NULL);
  g_autoptr (KrSecretToken) token = NULL;
  GError *error = NULL;

  token = kr_secret_client_get_token (f->client, account, 0, 60, 0, NULL, &error);
  g_assert_null (token);
  return error;
}

/* Kills the helper after its request has left; the error that the caller gets. */
static GError *
kill_helper_at_work (Fixture *f, const char *broker, KrSecretAccount *account)
{
  const char *id = kr_secret_account_get_id (account);
  GThread *thread;

  test_simulator_set (f->simulator, broker, "'latency_ms':8000");
  thread = g_thread_new ("get", get_token, f);
  wait_for_request (f, broker, 1);
  g_assert_cmpint (kill (test_wait_for_argument (id), SIGKILL), ==, 0);
  return g_thread_join (thread);
}

static void
test_helper_killed_is_an_error_and_the_lock_is_free (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "kiwoom", "a", KR_SECRET_ADD_NO_VERIFY);
  g_autoptr (KrSecretToken) token = NULL;
  g_autoptr (GError) error = NULL;

  error = kill_helper_at_work (f, "kiwoom", account);
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_PLUGIN);
  test_simulator_set (f->simulator, "kiwoom", "'latency_ms':0");
  token = fixture_get_token (f, account);
  g_assert_nonnull (token);
}

/* Killed after the request has left: the next program asks again only when the interval is over. */
static void
test_killed_helper_counts_as_an_attempt (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "kis", "a", KR_SECRET_ADD_NO_VERIFY);
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) again = NULL;

  error = kill_helper_at_work (f, "kis", account);
  g_assert_null (kr_secret_client_get_token (f->client, account, 0, 60, 0, NULL, &again));
  g_assert_error (again, KR_SECRET_ERROR, KR_SECRET_ERROR_RATE_LIMITED);
  g_assert_cmpuint (test_simulator_count (f->simulator, "kis", "connections"), ==, 1);
}

static gpointer
get_token_deaf (gpointer data)
{
  Fixture *f = data;
  g_autoptr (KrSecretAccount) account = kr_secret_client_find_account (f->client, "a", NULL);
  sigset_t all;

  sigfillset (&all);
  g_assert_cmpint (pthread_sigmask (SIG_SETMASK, &all, NULL), ==, 0);
  return fixture_get_token (f, account);
}

/* Many programs block signals in all threads but one. The helper's alarm, and signals that are
 * meant to end it, must still get through. */
static void
test_signals_are_not_blocked_in_the_helper (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "kiwoom", "a", KR_SECRET_ADD_NO_VERIFY);
  g_autoptr (KrSecretToken) token = NULL;
  g_autofree char *path = NULL;
  g_autofree char *status = NULL;
  g_autoptr (GError) error = NULL;
  GThread *thread;

  test_simulator_set (f->simulator, "kiwoom", "'latency_ms':1000");
  thread = g_thread_new ("deaf", get_token_deaf, f);
  wait_for_request (f, "kiwoom", 1); /* it is past its beginning */
  path = g_strdup_printf ("/proc/%d/status",
                          test_wait_for_argument (kr_secret_account_get_id (account)));
  g_file_get_contents (path, &status, NULL, &error);
  g_assert_no_error (error);
  token = g_thread_join (thread);
  g_assert_nonnull (token);
  test_assert_contains (status, "\nSigBlk:\t0000000000000000\n");
}

static gpointer
lock_soon (gpointer data)
{
  wait_for_request (data, "kiwoom", 1);
  test_keyring_lock ();
  return NULL;
}

/* The token was issued and is good, even if no one else will find it. */
static void
test_token_that_cannot_be_stored_has_a_warning (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "kiwoom", "a", KR_SECRET_ADD_NO_VERIFY);
  g_autoptr (KrSecretToken) token = NULL;
  GThread *thread;

  test_simulator_set (f->simulator, "kiwoom", "'latency_ms':700");
  thread = g_thread_new ("lock", lock_soon, f);
  token = fixture_get_token (f, account);
  g_thread_join (thread);
  test_keyring_unlock ();
  g_assert_nonnull (token);
  g_assert_nonnull (kr_secret_token_get_warning (token));
  g_assert_cmpuint (test_keyring_count (NULL, "krsecret-token"), ==, 0);
}

int
main (int argc, char **argv)
{
  if (argc == 3 && g_str_equal (argv[1], "--child"))
    return fixture_child (argc, argv);
  g_test_init (&argc, &argv, NULL);
  FIXTURE_ADD ("/helper/stores-though-the-application-was-killed",
               test_application_killed_the_helper_stores);
  FIXTURE_ADD ("/helper/killed-is-an-error-and-the-lock-is-free",
               test_helper_killed_is_an_error_and_the_lock_is_free);
  FIXTURE_ADD ("/helper/killed-counts-as-an-attempt", test_killed_helper_counts_as_an_attempt);
  FIXTURE_ADD ("/helper/token-that-cannot-be-stored-has-a-warning",
               test_token_that_cannot_be_stored_has_a_warning);
  FIXTURE_ADD ("/helper/signals-are-not-blocked-in-it", test_signals_are_not_blocked_in_the_helper);
  return g_test_run ();
}
