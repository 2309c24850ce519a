/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Ending a token, and an account: at the broker first, and nothing gets lost on the way. */

#include "client-fixture.h"
#include "test-keyring.h"
#include "test-process.h"

static void
revoke_token (Fixture *f, KrSecretAccount *account, KrSecretRevokeResult expected)
{
  g_autoptr (GError) error = NULL;
  KrSecretRevokeResult result = 99;

  kr_secret_client_revoke_token (f->client, account, &result, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (result, ==, expected);
}

static void
assert_revoke_fails (Fixture *f, KrSecretAccount *account, KrSecretError code)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (kr_secret_client_revoke_token (f->client, account, NULL, NULL, &error));
  g_assert_error (error, KR_SECRET_ERROR, (int) code);
}

static void
test_revoked_at_the_broker_and_gone_here (Fixture *f, gconstpointer data)
{
  const char *const brokers[] = { "kis", "kiwoom", "ls" };

  for (guint i = 0; i < G_N_ELEMENTS (brokers); i++)
    {
      g_autoptr (KrSecretAccount) account = fixture_add (f, brokers[i], brokers[i], 0);
      g_autoptr (KrSecretToken) token = NULL;

      revoke_token (f, account, KR_SECRET_REVOKE_DONE);
      token = fixture_get_stored (f, account);
      g_assert_null (token);
      g_assert_cmpuint (test_keyring_count (NULL, "krsecret-token"), ==, 0);
      g_assert_cmpuint (test_simulator_count (f->simulator, brokers[i], "revoke"), ==, 1);
      g_assert_cmpint (kr_secret_account_get_token_state (account), ==, KR_SECRET_TOKEN_STATE_NONE);
      revoke_token (f, account, KR_SECRET_REVOKE_NOTHING);
      g_assert_cmpuint (test_simulator_count (f->simulator, brokers[i], "revoke"), ==, 1);
    }
}

static void
test_token_the_broker_does_not_know_counts_as_done (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "ls", "a", KR_SECRET_ADD_DEFAULT);

  test_simulator_reset (f->simulator, "ls");
  revoke_token (f, account, KR_SECRET_REVOKE_DONE);
  g_assert_cmpuint (test_keyring_count (NULL, "krsecret-token"), ==, 0);
}

static void
test_expired_token_is_only_forgotten (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = NULL;

  test_simulator_set (f->simulator, "kiwoom", "'lifetime':1");
  account = fixture_add (f, "kiwoom", "a", KR_SECRET_ADD_DEFAULT);
  test_wait_until (kr_secret_account_get_token_state (account) == KR_SECRET_TOKEN_STATE_EXPIRED);
  revoke_token (f, account, KR_SECRET_REVOKE_NOTHING);
  g_assert_cmpuint (test_keyring_count (NULL, "krsecret-token"), ==, 0);
  g_assert_cmpuint (test_simulator_count (f->simulator, "kiwoom", "revoke"), ==, 0);
}

/* The broker stops between issue and revoke: a request that was not sent has no effect. */
static void
test_unreachable_broker_keeps_the_token (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "kiwoom", "a", KR_SECRET_ADD_DEFAULT);
  g_autoptr (KrSecretToken) token = fixture_get_stored (f, account);
  g_autoptr (KrSecretToken) kept = NULL;

  test_simulator_stop (f->simulator);
  assert_revoke_fails (f, account, KR_SECRET_ERROR_UNREACHABLE);
  kept = fixture_get_stored (f, account);
  fixture_assert_same (kept, token);
}

static void
test_refused_revoke_keeps_the_token (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "kiwoom", "a", KR_SECRET_ADD_DEFAULT);
  g_autoptr (KrSecretToken) kept = NULL;

  test_simulator_fault (f->simulator, "kiwoom", "'fault':'refuse-key'");
  assert_revoke_fails (f, account, KR_SECRET_ERROR_REFUSED);
  kept = fixture_get_stored (f, account);
  g_assert_nonnull (kept);
}

/* It may have been revoked, so it is never handed out again; the next revoke finishes the job. */
static void
test_mute_broker_takes_the_token_out_of_use (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "ls", "a", KR_SECRET_ADD_DEFAULT);
  g_autoptr (KrSecretToken) none = NULL;
  g_autoptr (KrSecretToken) fresh = NULL;

  test_simulator_fault_at (f->simulator, "ls", "/oauth2/revoke", "'fault':'reset'");
  assert_revoke_fails (f, account, KR_SECRET_ERROR_UNREACHABLE);
  none = fixture_get_stored (f, account);
  g_assert_null (none);
  g_assert_true (kr_secret_client_load (f->client, NULL, NULL));
  g_assert_cmpstr (kr_secret_account_get_problem (account), ==, "revoke-pending");
  fresh = fixture_get_token (f, account);
  g_assert_nonnull (fresh);
  g_assert_cmpuint (test_simulator_count (f->simulator, "ls", "revoke"), ==, 2);
  g_assert_cmpuint (test_simulator_count (f->simulator, "ls", "issue"), ==, 2);
}

/* The error that one client or another gets for a token that may have been revoked. */
static void
assert_out_of_use (Fixture *f, KrSecretAccount *account)
{
  g_autoptr (KrSecretToken) none = fixture_get_stored (f, account);
  g_autoptr (KrSecretClient) other = kr_secret_client_new ();
  g_autoptr (KrSecretAccount) same = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_null (none);
  kr_secret_client_load (other, NULL, &error);
  g_assert_no_error (error);
  same = kr_secret_client_find_account (other, kr_secret_account_get_id (account), &error);
  g_assert_no_error (error);
  g_assert_cmpstr (kr_secret_account_get_problem (same), ==, "revoke-pending");
  g_assert_cmpint (kr_secret_account_get_token_state (same), ==, KR_SECRET_TOKEN_STATE_NONE);
}

static void
assert_no_token (Fixture *f, KrSecretAccount *account, KrSecretError code)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (kr_secret_client_get_token (f->client, account, KR_SECRET_TOKEN_ACCESS,
                                             KR_SECRET_MIN_VALIDITY, 0, NULL, &error));
  g_assert_error (error, KR_SECRET_ERROR, (int) code);
}

/* Its token is revoked at the broker, and nothing here knows. */
static KrSecretAccount *
add_half_revoked (Fixture *f)
{
  KrSecretAccount *account = fixture_add (f, "kiwoom", "a", KR_SECRET_ADD_DEFAULT);

  test_simulator_fault_at (f->simulator, "kiwoom", "/oauth2/revoke", "'fault':'cut'");
  assert_revoke_fails (f, account, KR_SECRET_ERROR_BAD_REPLY);
  assert_out_of_use (f, account);
  return account;
}

static void
assert_well_again (Fixture *f, KrSecretAccount *account)
{
  g_autoptr (KrSecretToken) fresh = NULL;
  g_autoptr (KrSecretToken) stored = NULL;

  revoke_token (f, account, KR_SECRET_REVOKE_DONE);
  g_assert_cmpuint (test_keyring_count (NULL, "krsecret-token"), ==, 0);
  fresh = fixture_get_token (f, account);
  stored = fixture_get_stored (f, account);
  fixture_assert_same (fresh, stored);
}

static void
test_half_revoked_stays_so_without_the_broker (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = add_half_revoked (f);

  test_simulator_stop (f->simulator);
  for (guint i = 0; i < 2; i++)
    {
      assert_revoke_fails (f, account, KR_SECRET_ERROR_UNREACHABLE);
      assert_out_of_use (f, account);
      assert_no_token (f, account, KR_SECRET_ERROR_UNREACHABLE);
      assert_out_of_use (f, account);
    }
}

/* The first attempt may have worked, whatever the result of the second. */
static void
test_half_revoked_stays_so_when_turned_away (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = add_half_revoked (f);

  test_simulator_fault_at (f->simulator, "kiwoom", "/oauth2/revoke",
                           "'fault':'rate-limited','times':2");
  assert_revoke_fails (f, account, KR_SECRET_ERROR_RATE_LIMITED);
  assert_out_of_use (f, account);
  assert_no_token (f, account, KR_SECRET_ERROR_RATE_LIMITED);
  assert_out_of_use (f, account);
  assert_well_again (f, account);
}

static void
test_half_revoked_stays_so_when_refused (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = add_half_revoked (f);

  test_simulator_fault_at (f->simulator, "kiwoom", "/oauth2/revoke", "'fault':'refuse-key'");
  assert_revoke_fails (f, account, KR_SECRET_ERROR_REFUSED);
  assert_out_of_use (f, account);
  /* Once to finish the revoke, once for the issue. */
  test_simulator_fault (f->simulator, "kiwoom", "'fault':'refuse-key','times':2");
  assert_no_token (f, account, KR_SECRET_ERROR_REFUSED);
  assert_out_of_use (f, account);
  g_assert_cmpuint (test_simulator_count (f->simulator, "kiwoom", "revoke"), ==, 3);
  assert_well_again (f, account);
}

static void
test_half_revoked_that_expired_does_not_stop_an_issue (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = NULL;
  g_autoptr (KrSecretToken) old = NULL;
  g_autoptr (KrSecretToken) fresh = NULL;
  g_autoptr (GError) error = NULL;

  test_simulator_set (f->simulator, "kiwoom", "'lifetime':3");
  account = fixture_add (f, "kiwoom", "a", KR_SECRET_ADD_DEFAULT);
  old = fixture_get_stored (f, account);
  g_assert_nonnull (old);
  test_simulator_fault_at (f->simulator, "kiwoom", "/oauth2/revoke", "'fault':'reset','times':0");
  assert_revoke_fails (f, account, KR_SECRET_ERROR_UNREACHABLE);
  test_simulator_set (f->simulator, "kiwoom", "'lifetime':null");
  /* One more second, because the boot-time clock has to agree. */
  test_wait_until (g_get_real_time () / G_USEC_PER_SEC > kr_secret_token_get_expires_at (old) + 1);
  fresh = kr_secret_client_get_token (f->client, account, KR_SECRET_TOKEN_ACCESS,
                                      KR_SECRET_MIN_VALIDITY, 0, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (test_simulator_count (f->simulator, "kiwoom", "revoke"), ==, 1);
  g_assert_true (kr_secret_client_load (f->client, NULL, NULL));
  g_assert_null (kr_secret_account_get_problem (account));
}

#define CANNOT_REVOKE                                                                              \
  "'fault':'status','status':200,"                                                                 \
  "'body':'{\\'return_code\\':3,\\'return_msg\\':\\'[8015:cannot be revoked]\\'}'"

/* The broker has said that it cannot revoke, and the new token is a different one. */
static void
test_revoke_the_broker_cannot_do_does_not_stop_an_issue (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "kiwoom", "a", KR_SECRET_ADD_DEFAULT);
  g_autoptr (KrSecretToken) old = fixture_get_stored (f, account);
  g_autoptr (KrSecretToken) fresh = NULL;
  g_autoptr (KrSecretToken) stored = NULL;

  test_simulator_fault_at (f->simulator, "kiwoom", "/oauth2/revoke", CANNOT_REVOKE ",'times':0");
  assert_revoke_fails (f, account, KR_SECRET_ERROR_BAD_REPLY);
  assert_out_of_use (f, account);
  fresh = fixture_get_token (f, account);
  g_assert_cmpstr (kr_secret_token_get_fingerprint (fresh), !=,
                   kr_secret_token_get_fingerprint (old));
  stored = fixture_get_stored (f, account);
  fixture_assert_same (fresh, stored);
  g_assert_cmpuint (test_simulator_count (f->simulator, "kiwoom", "revoke"), ==, 2);
}

/* As at KIS, played by a broker that does not make us wait a minute. */
static void
test_token_that_was_withdrawn_does_not_come_back (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = NULL;
  g_autoptr (KrSecretToken) old = NULL;
  g_autoptr (KrSecretToken) fresh = NULL;

  test_simulator_set (f->simulator, "kiwoom", "'same_token_window':21600");
  account = fixture_add (f, "kiwoom", "a", KR_SECRET_ADD_DEFAULT);
  old = fixture_get_stored (f, account);
  test_simulator_fault_at (f->simulator, "kiwoom", "/oauth2/revoke", "'fault':'html200','times':3");
  assert_revoke_fails (f, account, KR_SECRET_ERROR_BAD_REPLY);
  for (guint i = 0; i < 2; i++)
    {
      assert_no_token (f, account, KR_SECRET_ERROR_RATE_LIMITED);
      assert_out_of_use (f, account);
    }
  /* One attempt was enough to know. */
  g_assert_cmpuint (test_simulator_count (f->simulator, "kiwoom", "issue"), ==, 2);
  /* Now it can be revoked, and is. */
  fresh = fixture_get_token (f, account);
  g_assert_cmpstr (kr_secret_token_get_fingerprint (fresh), !=,
                   kr_secret_token_get_fingerprint (old));
}

/* Nor if the revoke was done long ago, whatever the broker says about it. */
static void
test_revoked_token_does_not_come_back (Fixture *f, gconstpointer data)
{
  static const char same[] = "'fault':'token','token':'one-and-the-same-token-0123456789'";
  g_autoptr (KrSecretAccount) account = NULL;
  g_autoptr (KrSecretToken) fresh = NULL;
  g_autoptr (GError) error = NULL;

  test_simulator_fault_at (f->simulator, "ls", "/oauth2/token", same);
  account = fixture_add (f, "ls", "a", KR_SECRET_ADD_DEFAULT);
  kr_secret_client_revoke_token (f->client, account, NULL, NULL, &error);
  g_assert_no_error (error);
  test_simulator_fault_at (f->simulator, "ls", "/oauth2/token", same);
  for (guint i = 0; i < 2; i++)
    {
      assert_no_token (f, account, KR_SECRET_ERROR_RATE_LIMITED);
      g_assert_cmpuint (test_keyring_count (NULL, "krsecret-token"), ==, 0);
    }
  g_assert_cmpuint (test_simulator_count (f->simulator, "ls", "issue"), ==, 2);
  fresh = kr_secret_client_get_token (f->client, account, KR_SECRET_TOKEN_ACCESS, 60,
                                      KR_SECRET_TOKEN_FORCE, NULL, &error);
  g_assert_no_error (error);
}

static void
test_mute_broker_ends_at_the_deadline (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "ls", "a", KR_SECRET_ADD_DEFAULT);
  g_autoptr (KrSecretToken) none = NULL;
  gint64 began = g_get_monotonic_time ();

  test_simulator_fault_at (f->simulator, "ls", "/oauth2/revoke", "'fault':'mute'");
  kr_secret_client_set_timeout (f->client, 1000);
  assert_revoke_fails (f, account, KR_SECRET_ERROR_DEADLINE);
  g_assert_cmpint (g_get_monotonic_time () - began, <, 6 * G_USEC_PER_SEC);
  none = fixture_get_stored (f, account);
  g_assert_null (none);
}

static void
test_forget_asks_nobody (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "kis", "a", KR_SECRET_ADD_DEFAULT);
  g_autoptr (GError) error = NULL;
  gboolean was_there = FALSE;

  g_assert_true (kr_secret_client_forget_token (f->client, account, &was_there, NULL, &error));
  g_assert_true (was_there);
  g_assert_cmpuint (test_keyring_count (NULL, "krsecret-token"), ==, 0);
  g_assert_cmpuint (test_keyring_count (NULL, "krsecret-account"), ==, 1);
  g_assert_true (kr_secret_client_forget_token (f->client, account, &was_there, NULL, &error));
  g_assert_false (was_there);
  g_assert_cmpuint (test_simulator_count (f->simulator, "kis", "revoke"), ==, 0);
}

static void
test_locked_keyring_revokes_nothing (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "kis", "a", KR_SECRET_ADD_DEFAULT);
  g_autoptr (GError) error = NULL;

  test_keyring_lock ();
  assert_revoke_fails (f, account, KR_SECRET_ERROR_LOCKED);
  g_assert_false (
      kr_secret_client_remove (f->client, account, KR_SECRET_REMOVE_FORCE, NULL, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_LOCKED);
  test_keyring_unlock ();
  g_assert_cmpuint (test_simulator_count (f->simulator, "kis", "revoke"), ==, 0);
  g_assert_cmpuint (test_keyring_count (NULL, NULL), ==, 2);
}

static void
test_what_the_broker_gets_is_what_its_document_says (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "ls", "a", KR_SECRET_ADD_DEFAULT);
  g_autoptr (JsonObject) request = NULL;
  const char *type;

  revoke_token (f, account, KR_SECRET_REVOKE_DONE);
  request = test_simulator_get_request (f->simulator, "ls", "/oauth2/revoke");
  type = json_object_get_string_member (json_object_get_object_member (request, "headers"),
                                        "content-type");
  g_assert_cmpstr (type, ==, "application/x-www-form-urlencoded");
  g_assert_cmpstr (json_object_get_string_member (request, "method"), ==, "POST");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  FIXTURE_ADD ("/revoke/at-the-broker-and-gone-here", test_revoked_at_the_broker_and_gone_here);
  FIXTURE_ADD ("/revoke/token-the-broker-does-not-know-counts-as-done",
               test_token_the_broker_does_not_know_counts_as_done);
  FIXTURE_ADD ("/revoke/expired-token-is-only-forgotten", test_expired_token_is_only_forgotten);
  FIXTURE_ADD ("/revoke/unreachable-broker-keeps-the-token",
               test_unreachable_broker_keeps_the_token);
  FIXTURE_ADD ("/revoke/refused-keeps-the-token", test_refused_revoke_keeps_the_token);
  FIXTURE_ADD ("/revoke/cut-connection-takes-the-token-out-of-use",
               test_mute_broker_takes_the_token_out_of_use);
  FIXTURE_ADD ("/revoke/half-done-stays-so-without-the-broker",
               test_half_revoked_stays_so_without_the_broker);
  FIXTURE_ADD ("/revoke/half-done-stays-so-when-turned-away",
               test_half_revoked_stays_so_when_turned_away);
  FIXTURE_ADD ("/revoke/half-done-stays-so-when-refused", test_half_revoked_stays_so_when_refused);
  FIXTURE_ADD ("/revoke/half-done-of-an-expired-token-does-not-stop-an-issue",
               test_half_revoked_that_expired_does_not_stop_an_issue);
  FIXTURE_ADD ("/revoke/that-the-broker-cannot-do-does-not-stop-an-issue",
               test_revoke_the_broker_cannot_do_does_not_stop_an_issue);
  FIXTURE_ADD ("/revoke/withdrawn-token-does-not-come-back",
               test_token_that_was_withdrawn_does_not_come_back);
  FIXTURE_ADD ("/revoke/revoked-token-does-not-come-back", test_revoked_token_does_not_come_back);
  FIXTURE_ADD ("/revoke/mute-broker-ends-at-the-deadline", test_mute_broker_ends_at_the_deadline);
  FIXTURE_ADD ("/revoke/forget-asks-nobody", test_forget_asks_nobody);
  FIXTURE_ADD ("/revoke/locked-keyring-revokes-nothing", test_locked_keyring_revokes_nothing);
  FIXTURE_ADD ("/revoke/what-the-broker-gets-is-what-its-document-says",
               test_what_the_broker_gets_is_what_its_document_says);
  return g_test_run ();
}
