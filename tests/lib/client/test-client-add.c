/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* add: what is stored, and when nothing is. */
#include "client-fixture.h"
#include "test-assert.h"
#include "test-keyring.h"
#include "test-process.h"

static void
assert_add_fails (Fixture *f, const char *alias, KrSecretCredential *credential, KrSecretError code)
{
  guint before = test_keyring_count (NULL, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (fixture_try_add (f, "kiwoom", alias, credential, 0, &error));
  g_assert_error (error, KR_SECRET_ERROR, (int) code);
  g_assert_cmpuint (test_keyring_count (NULL, NULL), ==, before);
}

static void
test_verified_keeps_the_token (Fixture *f, gconstpointer data)
{
  const char *const brokers[] = { "kis", "kiwoom", "ls" };

  for (guint i = 0; i < G_N_ELEMENTS (brokers); i++)
    {
      g_autoptr (KrSecretAccount) account = fixture_add (f, brokers[i], brokers[i], 0);
      g_autoptr (KrSecretToken) token = fixture_get_stored (f, account);
      g_autofree char *alias = kr_secret_account_dup_alias (account);
      g_autofree char *endpoint = kr_secret_account_dup_endpoint (account);

      g_assert_nonnull (token);
      g_assert_cmpstr (alias, ==, brokers[i]);
      g_assert_cmpstr (endpoint, ==, test_simulator_get_uri (f->simulator, brokers[i]));
      g_assert_cmpstr (kr_secret_account_get_broker_id (account), ==, brokers[i]);
      g_assert_cmpint (kr_secret_account_get_token_state (account), ==,
                       KR_SECRET_TOKEN_STATE_VALID);
      g_assert_cmpuint (test_simulator_count (f->simulator, brokers[i], "issue"), ==, 1);
    }
}

static void
test_unverified_asks_nobody (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "kis", "a", KR_SECRET_ADD_NO_VERIFY);
  g_autoptr (KrSecretCredential) credential = NULL;
  g_autoptr (KrSecretCredential) given = fixture_make_credential ("kis", 0);
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (test_simulator_count (f->simulator, "kis", "connections"), ==, 0);
  g_assert_cmpint (kr_secret_account_get_token_state (account), ==, KR_SECRET_TOKEN_STATE_NONE);
  credential = kr_secret_client_get_credential (f->client, account, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (secret_value_get_text (kr_secret_credential_get (credential, "appsecret")), ==,
                   secret_value_get_text (kr_secret_credential_get (given, "appsecret")));
}

static void
test_second_of_the_name_is_refused (Fixture *f, gconstpointer data)
{
  G_GNUC_UNUSED g_autoptr (KrSecretAccount) account
      = fixture_add (f, "kiwoom", "é", KR_SECRET_ADD_NO_VERIFY);

  assert_add_fails (f, "é", NULL, KR_SECRET_ERROR_USAGE);
  assert_add_fails (f, "e\xcc\x81", NULL, KR_SECRET_ERROR_USAGE);
  g_assert_cmpuint (test_simulator_count (f->simulator, "kiwoom", "issue"), ==, 0);
}

static void
test_second_of_the_key_is_refused_and_the_first_named (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretCredential) credential = fixture_make_credential ("kiwoom", 7);
  g_autoptr (GError) error = NULL;
  G_GNUC_UNUSED g_autoptr (KrSecretAccount) account
      = fixture_try_add (f, "kiwoom", "연금저축", credential, KR_SECRET_ADD_NO_VERIFY, &error);

  g_assert_no_error (error);
  g_assert_null (fixture_try_add (f, "kiwoom", "b", credential, 0, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_USAGE);
  test_assert_contains (error->message, "연금저축");
  g_assert_cmpuint (test_keyring_count (NULL, NULL), ==, 1);
  g_assert_cmpuint (test_simulator_count (f->simulator, "kiwoom", "issue"), ==, 0);
}

static void
test_refused_key_stores_nothing (Fixture *f, gconstpointer data)
{
  test_simulator_fault (f->simulator, "kiwoom", "'fault':'refuse-key'");
  assert_add_fails (f, "a", NULL, KR_SECRET_ERROR_REFUSED);
  test_simulator_fault (f->simulator, "kiwoom", "'fault':'refuse-secret'");
  assert_add_fails (f, "a", NULL, KR_SECRET_ERROR_REFUSED);
  g_assert_cmpuint (test_keyring_count (NULL, NULL), ==, 0);
}

static void
test_broker_out_of_order_stores_nothing (Fixture *f, gconstpointer data)
{
  test_simulator_fault (f->simulator, "kiwoom", "'fault':'server-error'");
  assert_add_fails (f, "a", NULL, KR_SECRET_ERROR_UNREACHABLE);
}

static void
test_broker_that_is_down_stores_nothing (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretBroker) broker = kr_secret_broker_find ("kis", NULL);
  g_autoptr (KrSecretCredential) credential = fixture_make_credential ("kis", 0);
  g_autoptr (GError) error = NULL;

  /* Nothing listens on port 1. */
  g_assert_null (kr_secret_client_add (f->client, broker, "a", KR_SECRET_ENVIRONMENT_REAL,
                                       "http://127.0.0.1:1", credential, 0, NULL, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_UNREACHABLE);
  g_assert_cmpuint (test_keyring_count (NULL, NULL), ==, 0);
}

static void
test_bad_names_are_refused_before_anything (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretBroker) broker = kr_secret_broker_find ("kis", NULL);
  g_autoptr (KrSecretCredential) credential = fixture_make_credential ("kis", 0);
  static const struct
  {
    const char *alias, *endpoint;
  } cases[] = { { "", NULL }, { "a/b", NULL }, { "a\nb", NULL }, { "a", "http://example.com" } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (kr_secret_client_add (f->client, broker, cases[i].alias,
                                           KR_SECRET_ENVIRONMENT_REAL, cases[i].endpoint,
                                           credential, 0, NULL, &error));
      g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_USAGE);
    }
  g_assert_cmpuint (test_keyring_count (NULL, NULL), ==, 0);
}

static void
test_locked_keyring_sends_nothing (Fixture *f, gconstpointer data)
{
  G_GNUC_UNUSED g_autoptr (KrSecretAccount) first
      = fixture_add (f, "kis", "first", KR_SECRET_ADD_NO_VERIFY);
  g_autoptr (GError) error = NULL;

  test_keyring_lock ();
  g_assert_null (fixture_try_add (f, "kiwoom", "a", NULL, 0, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_LOCKED);
  g_assert_cmpuint (test_simulator_count (f->simulator, "kiwoom", "issue"), ==, 0);
  test_keyring_unlock ();
}

/* If neither the account nor the token could be stored, the token would be lost. */
static void
test_empty_locked_keyring_sends_nothing (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  test_keyring_lock ();
  g_assert_null (fixture_try_add (f, "kiwoom", "a", NULL, 0, &error));
  test_keyring_unlock ();
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_LOCKED);
  g_assert_cmpuint (test_simulator_count (f->simulator, "kiwoom", "issue"), ==, 0);
}

static gpointer
add_in_thread (gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (KrSecretAccount) account
      = fixture_try_add (data, "kiwoom", "same", NULL, KR_SECRET_ADD_NO_VERIFY, &error);

  if (account == NULL)
    g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_USAGE);
  return GINT_TO_POINTER (account != NULL);
}

static void
test_two_at_once_see_each_other (Fixture *f, gconstpointer data)
{
  GThread *threads[4];
  guint added = 0;

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("add", add_in_thread, f);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    added += GPOINTER_TO_UINT (g_thread_join (threads[i]));
  g_assert_cmpuint (added, ==, 1);
  g_assert_cmpuint (test_keyring_count (NULL, "krsecret-account"), ==, 1);
}

/* The helper goes on after its caller's deadline. */
static void
test_adding_again_after_the_deadline_makes_no_second (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretCredential) credential = fixture_make_credential ("kiwoom", 3);
  g_autoptr (KrSecretAccount) second = NULL;
  g_autoptr (GError) error = NULL;

  test_simulator_set (f->simulator, "kiwoom", "'latency_ms':1000");
  kr_secret_client_set_timeout (f->client, 300);
  g_assert_null (fixture_try_add (f, "kiwoom", "a", credential, 0, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_DEADLINE);
  kr_secret_client_set_timeout (f->client, 20000);
  second = fixture_try_add (f, "kiwoom", "a", credential, 0, NULL);
  test_wait_until (test_keyring_count (NULL, "krsecret-account") >= 1);
  g_assert_cmpuint (test_keyring_count (NULL, "krsecret-account"), ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  FIXTURE_ADD ("/add/verified-keeps-the-token", test_verified_keeps_the_token);
  FIXTURE_ADD ("/add/unverified-asks-nobody", test_unverified_asks_nobody);
  FIXTURE_ADD ("/add/second-of-the-name-is-refused", test_second_of_the_name_is_refused);
  FIXTURE_ADD ("/add/second-of-the-key-is-refused-and-the-first-named",
               test_second_of_the_key_is_refused_and_the_first_named);
  FIXTURE_ADD ("/add/refused-key-stores-nothing", test_refused_key_stores_nothing);
  FIXTURE_ADD ("/add/broker-out-of-order-stores-nothing", test_broker_out_of_order_stores_nothing);
  FIXTURE_ADD ("/add/broker-that-is-down-stores-nothing", test_broker_that_is_down_stores_nothing);
  FIXTURE_ADD ("/add/bad-names-are-refused-before-anything",
               test_bad_names_are_refused_before_anything);
  FIXTURE_ADD ("/add/locked-keyring-sends-nothing", test_locked_keyring_sends_nothing);
  FIXTURE_ADD ("/add/two-at-once-see-each-other", test_two_at_once_see_each_other);
  FIXTURE_ADD ("/add/adding-again-after-the-deadline-makes-no-second",
               test_adding_again_after_the_deadline_makes_no_second);
  FIXTURE_ADD ("/add/empty-locked-keyring-sends-nothing", test_empty_locked_keyring_sends_nothing);
  return g_test_run ();
}
