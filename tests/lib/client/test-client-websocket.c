/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Websocket keys that were rejected: another one is issued, and the access token is not
 * affected. */
#include "client-fixture.h"
#include "client-tokens.h"

static void
test_websocket_key (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "kis", "a", KR_SECRET_ADD_DEFAULT);
  g_autoptr (KrSecretToken) access = fixture_get_token (f, account);
  g_autoptr (KrSecretToken) key = tokens_get_key (f, account);
  g_autoptr (KrSecretToken) next = NULL;
  g_autoptr (KrSecretToken) stored = NULL;

  g_assert_true (tokens_reject (f, account, key));
  g_assert_false (tokens_reject (f, account, key));
  g_assert_cmpint (kr_secret_account_get_token_state (account), ==, KR_SECRET_TOKEN_STATE_VALID);
  stored = fixture_get_stored (f, account);
  fixture_assert_same (stored, access);
  next = tokens_get_key (f, account);
  tokens_assert_other (next, key);
  g_assert_cmpuint (test_simulator_count (f->simulator, "kis", "approval"), ==, 2);
  g_assert_cmpuint (fixture_count_issues (f, "kis"), ==, 1);
}

/* The first dead access token is replaced at once, whatever happened to websocket keys. */
static void
test_websocket_key_does_not_count_for_access (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = NULL;
  g_autoptr (KrSecretToken) access = NULL;
  g_autoptr (KrSecretToken) key = NULL;
  g_autoptr (KrSecretToken) next = NULL;

  test_simulator_set (f->simulator, "kis", "'issue_interval':0");
  account = fixture_add (f, "kis", "a", KR_SECRET_ADD_DEFAULT);
  access = fixture_get_token (f, account);
  key = tokens_get_key (f, account);
  g_assert_true (tokens_reject (f, account, key));
  test_simulator_send (f->simulator, "kis", "POST", "/_simulator/expire-tokens", NULL, "{}", NULL);
  g_assert_true (tokens_reject (f, account, access));
  tokens_end_wait (account);
  next = tokens_get (f->client, account, 0);
  tokens_assert_other (next, access);
}

static void
test_websocket_key_does_not_hide_a_dead_token (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretToken) dead = NULL;
  g_autoptr (KrSecretAccount) account = tokens_add_with_dead (f, &dead);
  g_autoptr (KrSecretToken) key = tokens_get_key (f, account);

  g_assert_true (tokens_reject (f, account, key));
  tokens_assert_fails (f->client, account, 0, KR_SECRET_ERROR_RATE_LIMITED, NULL);
  tokens_assert_none_stored (f, account);
}

#define ADD(name, test) FIXTURE_ADD ("/websocket/" name, test)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("websocket-key", test_websocket_key);
  ADD ("websocket-key-does-not-count-for-access", test_websocket_key_does_not_count_for_access);
  ADD ("websocket-key-does-not-hide-a-dead-token", test_websocket_key_does_not_hide_a_dead_token);
  return g_test_run ();
}
