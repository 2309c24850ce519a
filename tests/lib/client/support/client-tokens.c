/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client-tokens.h"

#include "test-keyring.h"
#include "test-record.h"

static KrSecretToken *
try_kind (KrSecretClient *client,
          KrSecretAccount *account,
          KrSecretTokenKind kind,
          guint flags,
          GError **error)
{
  return kr_secret_client_get_token (client, account, kind, KR_SECRET_MIN_VALIDITY,
                                     (KrSecretTokenFlags) flags, NULL, error);
}

KrSecretToken *
tokens_get (KrSecretClient *client, KrSecretAccount *account, guint flags)
{
  g_autoptr (GError) error = NULL;
  KrSecretToken *token = try_kind (client, account, KR_SECRET_TOKEN_ACCESS, flags, &error);

  g_assert_no_error (error);
  return token;
}

KrSecretToken *
tokens_get_key (Fixture *f, KrSecretAccount *account)
{
  g_autoptr (GError) error = NULL;
  KrSecretToken *key = try_kind (f->client, account, KR_SECRET_TOKEN_WEBSOCKET, 0, &error);

  g_assert_no_error (error);
  return key;
}

void
tokens_assert_fails (KrSecretClient *client,
                     KrSecretAccount *account,
                     guint flags,
                     KrSecretError code,
                     gint64 *out_wait)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (KrSecretToken) token
      = try_kind (client, account, KR_SECRET_TOKEN_ACCESS, flags, &error);

  g_assert_error (error, KR_SECRET_ERROR, (int) code);
  g_assert_null (token);
  if (out_wait != NULL)
    *out_wait = kr_secret_error_get_retry_after (error);
}

void
tokens_assert_wait (gint64 wait, gint64 expected)
{
  g_assert_cmpint (wait, >, expected - 20);
  g_assert_cmpint (wait, <=, expected + 1);
}

gboolean
tokens_reject (Fixture *f, KrSecretAccount *account, KrSecretToken *token)
{
  g_autoptr (GError) error = NULL;
  gboolean forgotten = 42;

  kr_secret_client_reject_token (f->client, account, token, &forgotten, NULL, &error);
  g_assert_no_error (error);
  return forgotten;
}

void
tokens_assert_none_stored (Fixture *f, KrSecretAccount *account)
{
  g_autoptr (KrSecretToken) none = fixture_get_stored (f, account);

  g_assert_null (none);
  g_assert_cmpuint (test_keyring_count (kr_secret_account_get_id (account), "krsecret-token"), ==,
                    0);
}

void
tokens_assert_other (KrSecretToken *a, KrSecretToken *b)
{
  g_assert_cmpstr (kr_secret_token_get_fingerprint (a), !=, kr_secret_token_get_fingerprint (b));
}

KrSecretClient *
tokens_new_client (void)
{
  KrSecretClient *client = kr_secret_client_new ();
  g_autoptr (GError) error = NULL;

  kr_secret_client_set_timeout (client, 20000);
  kr_secret_client_load (client, NULL, &error);
  g_assert_no_error (error);
  return client;
}

void
tokens_end_wait (KrSecretAccount *account)
{
  test_ledger_end_wait (kr_secret_account_get_id (account));
}

KrSecretAccount *
tokens_add_with_dead (Fixture *f, KrSecretToken **out_dead)
{
  KrSecretAccount *account = NULL;

  test_simulator_set (f->simulator, "kis", "'issue_interval':0,'kis_hand_back_dead':true");
  account = fixture_add (f, "kis", "a", KR_SECRET_ADD_DEFAULT);
  *out_dead = fixture_get_token (f, account);
  tokens_end_wait (account);
  g_assert_true (tokens_reject (f, account, *out_dead));
  return account;
}
