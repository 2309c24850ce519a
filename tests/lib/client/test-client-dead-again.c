/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The broker issues a token again that is known to be dead: it is not handed out, and the broker is
 * not asked again before that can help. */
#include "client-fixture.h"
#include "client-tokens.h"
#include "test-record.h"

#define HOUR (60 * 60)

static void
test_same_dead_token_again (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretToken) dead = NULL;
  g_autoptr (KrSecretAccount) account = tokens_add_with_dead (f, &dead);
  g_autoptr (KrSecretClient) other = NULL;
  g_autoptr (KrSecretAccount) others = NULL;
  gint64 wait;

  tokens_assert_fails (f->client, account, 0, KR_SECRET_ERROR_RATE_LIMITED, &wait);
  g_assert_cmpuint (fixture_count_issues (f, "kis"), ==, 2);
  tokens_assert_wait (wait, 6 * HOUR);
  /* No program asks again before that, however long ago the last attempt was. */
  tokens_end_wait (account);
  other = tokens_new_client ();
  others = kr_secret_client_find_account (other, "a", NULL);
  for (guint i = 0; i < 3; i++)
    {
      tokens_assert_fails (f->client, account, 0, KR_SECRET_ERROR_RATE_LIMITED, &wait);
      tokens_assert_wait (wait, 6 * HOUR);
      tokens_assert_fails (other, others, 0, KR_SECRET_ERROR_RATE_LIMITED, &wait);
      tokens_assert_wait (wait, 6 * HOUR);
    }
  g_assert_cmpuint (fixture_count_issues (f, "kis"), ==, 2);
  tokens_assert_none_stored (f, account);

  /* With force the broker is asked, with the same result. */
  tokens_assert_fails (f->client, account, KR_SECRET_TOKEN_FORCE, KR_SECRET_ERROR_RATE_LIMITED,
                       &wait);
  tokens_assert_wait (wait, 6 * HOUR);
  g_assert_cmpuint (fixture_count_issues (f, "kis"), ==, 3);
  tokens_assert_none_stored (f, account);
}

/* As seen on the live servers: within the six hours the dead token comes back with an expiry in the
 * past. Asking each minute would send the user a message each minute. */
static void
test_same_dead_token_with_an_expiry_that_has_passed (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretToken) dead = NULL;
  g_autoptr (KrSecretAccount) account = tokens_add_with_dead (f, &dead);
  gint64 wait;

  test_simulator_fault_at (f->simulator, "kis", "/oauth2/tokenP",
                           "'fault':'merge','merge':{'access_token_token_expired':"
                           "'2020-01-01 00:00:00'}");
  tokens_assert_fails (f->client, account, 0, KR_SECRET_ERROR_RATE_LIMITED, &wait);
  tokens_assert_none_stored (f, account);
  tokens_end_wait (account);
  tokens_assert_fails (f->client, account, 0, KR_SECRET_ERROR_RATE_LIMITED, NULL);
  g_assert_cmpuint (fixture_count_issues (f, "kis"), ==, 2);
  tokens_assert_wait (wait, 6 * HOUR);
}

/* It was not rejected: it has expired. */
static void
test_same_expired_token_again (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = NULL;

  test_simulator_set (f->simulator, "kis",
                      "'issue_interval':0,'kis_hand_back_dead':true,'lifetime':2");
  account = fixture_add (f, "kis", "a", KR_SECRET_ADD_DEFAULT);
  fixture_wait_expired (f, account);
  tokens_end_wait (account);
  tokens_assert_fails (f->client, account, 0, KR_SECRET_ERROR_RATE_LIMITED, NULL);
  g_assert_cmpuint (fixture_count_issues (f, "kis"), ==, 2);
  tokens_end_wait (account);
  tokens_assert_fails (f->client, account, 0, KR_SECRET_ERROR_RATE_LIMITED, NULL);
  g_assert_cmpuint (fixture_count_issues (f, "kis"), ==, 2);
}

/* At that time the next one is requested. */
static void
test_other_token_after_the_window (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretToken) dead = NULL;
  g_autoptr (KrSecretAccount) account = tokens_add_with_dead (f, &dead);
  g_autoptr (KrSecretToken) token = NULL;

  tokens_assert_fails (f->client, account, 0, KR_SECRET_ERROR_RATE_LIMITED, NULL);
  test_simulator_set (f->simulator, "kis", "'same_token_window':0");
  tokens_end_wait (account);
  test_ledger_change (kr_secret_account_get_id (account), "access.hold.wait_ms", "0");
  token = tokens_get (f->client, account, 0);
  tokens_assert_other (token, dead);
}

/* The broker's rules promise another one each time. */
static void
test_same_dead_token_against_the_rules (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "ls", "a", KR_SECRET_ADD_DEFAULT);
  g_autoptr (KrSecretToken) dead = fixture_get_token (f, account);
  g_autoptr (KrSecretToken) token = NULL;
  g_autofree char *fault = g_strdup_printf (
      "'fault':'token','token':'%s'", secret_value_get_text (kr_secret_token_get_value (dead)));
  gint64 wait;

  g_assert_true (tokens_reject (f, account, dead));
  test_simulator_fault_at (f->simulator, "ls", "/oauth2/token", fault);
  tokens_assert_fails (f->client, account, 0, KR_SECRET_ERROR_RATE_LIMITED, &wait);
  g_assert_cmpint (wait, >, 10);
  for (guint i = 0; i < 3; i++)
    tokens_assert_fails (f->client, account, 0, KR_SECRET_ERROR_RATE_LIMITED, NULL);
  g_assert_cmpuint (fixture_count_issues (f, "ls"), ==, 2);
  tokens_assert_none_stored (f, account);
  token = tokens_get (f->client, account, KR_SECRET_TOKEN_FORCE);
  tokens_assert_other (token, dead);
}

#define ADD(name, test) FIXTURE_ADD ("/dead-again/" name, test)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("same-dead-token-again", test_same_dead_token_again);
  ADD ("same-dead-token-with-an-expiry-that-has-passed",
       test_same_dead_token_with_an_expiry_that_has_passed);
  ADD ("same-expired-token-again", test_same_expired_token_again);
  ADD ("other-token-after-the-window", test_other_token_after_the_window);
  ADD ("same-dead-token-against-the-rules", test_same_dead_token_against_the_rules);
  return g_test_run ();
}
