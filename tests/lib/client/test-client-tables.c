/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Plugins without a single function, end to end. */
#include "client-fixture.h"
#include "test-keyring.h"

static KrSecretCredential *
make_wrong_credential (const char *broker)
{
  g_autoptr (KrSecretCredential) right = fixture_make_credential (broker, 1);
  g_autoptr (SecretValue) wrong = secret_value_new ("not-the-secret", -1, "text/plain");
  const char *const names[] = { "appkey", "appsecret", NULL };
  SecretValue *const values[] = { kr_secret_credential_get (right, "appkey"), wrong, NULL };

  return kr_secret_credential_new (names, values);
}

static void
check_header (GPtrArray *headers, guint index, const char *name, const char *value)
{
  const KrSecretHeader *header = headers->pdata[index];

  g_assert_cmpstr (header->name, ==, name);
  g_assert_cmpstr (secret_value_get_text (header->value), ==, value);
  g_assert_true (header->secret);
}

/* The key is tried, and the token is stored and put into the headers of a call. */
static void
check_use (Fixture *f, KrSecretAccount *account, const char *broker, guint n_headers)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (KrSecretToken) token = fixture_get_stored (f, account);
  g_autoptr (KrSecretCredential) credential
      = kr_secret_client_get_credential (f->client, account, NULL, &error);
  g_autoptr (GPtrArray) headers = NULL;
  g_autofree char *bearer = NULL;

  g_assert_nonnull (token);
  g_assert_no_error (error);
  headers
      = kr_secret_client_get_headers (f->client, account, KR_SECRET_TOKEN_NO_ISSUE, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (headers->len, ==, n_headers);
  bearer = g_strdup_printf ("Bearer %s", secret_value_get_text (kr_secret_token_get_value (token)));
  check_header (headers, 0, "authorization", bearer);
  if (n_headers > 1)
    check_header (headers, 1, "x-secret",
                  secret_value_get_text (kr_secret_credential_get (credential, "appsecret")));
  g_assert_cmpuint (test_simulator_count (f->simulator, broker, "issue"), ==, 1);
}

static void
check_refused (Fixture *f, const char *id, const char *code)
{
  g_autoptr (KrSecretCredential) wrong = make_wrong_credential (id);
  g_autoptr (GError) error = NULL;

  g_assert_null (fixture_try_add (f, id, "wrong", wrong, KR_SECRET_ADD_DEFAULT, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_REFUSED);
  g_assert_cmpstr (kr_secret_error_get_broker_code (error), ==, code);
  g_test_message ("%s", error->message);
}

static KrSecretRevokeResult
revoke_it (Fixture *f, KrSecretAccount *account)
{
  KrSecretRevokeResult result;
  g_autoptr (GError) error = NULL;
  g_autoptr (KrSecretToken) left = NULL;

  kr_secret_client_revoke_token (f->client, account, &result, NULL, &error);
  g_assert_no_error (error);
  left = fixture_get_stored (f, account);
  g_assert_null (left);
  return result;
}

static void
test_form (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "table_form", "a", KR_SECRET_ADD_DEFAULT);

  check_use (f, account, "ls", 1);
  g_assert_cmpint (revoke_it (f, account), ==, KR_SECRET_REVOKE_DONE);
  g_assert_cmpuint (test_simulator_count (f->simulator, "ls", "revoke"), ==, 1);
  check_refused (f, "table_form", "IGW00105");
}

static void
test_json (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "table_json", "a", KR_SECRET_ADD_DEFAULT);

  check_use (f, account, "kiwoom", 2);
  g_assert_cmpint (revoke_it (f, account), ==, KR_SECRET_REVOKE_LOCAL_ONLY);
  g_assert_cmpuint (test_simulator_count (f->simulator, "kiwoom", "revoke"), ==, 0);
  check_refused (f, "table_json", "3");
}

static void
test_call (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "table_form", "a", KR_SECRET_ADD_DEFAULT);
  g_autoptr (GError) error = NULL;
  g_autofree char *body = NULL;
  KrSecretVerdict verdict;
  guint status = test_simulator_send (f->simulator, "ls", "POST", "/stock/market-data",
                                      "Authorization: Bearer nobody-has-ever-seen-this\r\n"
                                      "tr_cd: t1102\r\n",
                                      "{}", &body);

  kr_secret_client_classify_reply (f->client, account, status, body, -1, &verdict, &error);
  g_assert_no_error (error);
  g_assert_cmpint (verdict, ==, KR_SECRET_VERDICT_TOKEN_DEAD);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_setenv ("KR_SECRET_PLUGIN_DIR", g_getenv ("KR_TEST_FIXTURES"), TRUE);
  FIXTURE_ADD ("/tables/form", test_form);
  FIXTURE_ADD ("/tables/json", test_json);
  FIXTURE_ADD ("/tables/call", test_call);
  return g_test_run ();
}
