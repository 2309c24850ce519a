/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* edit: another key or server, and nothing of the old one is left. */
#include "client-events.h"
#include "client-fixture.h"
#include "test-assert.h"
#include "test-keyring.h"
#include "test-process.h"
#include "test-record.h"

#define KIND "krsecret-account"

static void
set_endpoint (Fixture *f, KrSecretAccount *account, const char *endpoint)
{
  g_autoptr (GError) error = NULL;

  kr_secret_client_edit (f->client, account, NULL, endpoint, NULL, &error);
  g_assert_no_error (error);
}

/* The token tells which key the broker has issued it for. */
static void
assert_issued_for (Fixture *f, const char *broker, const char *path, guint n)
{
  g_autoptr (JsonObject) request = test_simulator_get_request (f->simulator, broker, path);
  g_autofree char *appkey = test_simulator_get_key (broker, n, "appkey");

  test_assert_contains (json_object_get_string_member (request, "body"), appkey);
}

static void
test_edit_changes_the_key (Fixture *f, gconstpointer data)
{
  static const char *const brokers[] = { "kiwoom", "ls" };

  for (guint i = 0; i < G_N_ELEMENTS (brokers); i++)
    {
      g_autoptr (KrSecretAccount) account
          = fixture_add (f, brokers[i], brokers[i], KR_SECRET_ADD_DEFAULT);
      const char *id = kr_secret_account_get_id (account);
      g_autoptr (KrSecretToken) before = fixture_get_stored (f, account);
      g_autoptr (KrSecretToken) nothing = NULL;
      g_autoptr (KrSecretToken) after = NULL;

      fixture_edit (f, account, 500);
      fixture_assert_key (f, account, 500);
      /* Forgotten in the keyring, by this client, and in its properties. */
      g_assert_cmpuint (test_keyring_count (id, "krsecret-token"), ==, 0);
      nothing = fixture_get_stored (f, account);
      g_assert_null (nothing);
      g_assert_cmpint (kr_secret_account_get_token_state (account), ==, KR_SECRET_TOKEN_STATE_NONE);
      g_assert_cmpuint (fixture_count_connections (f, brokers[i]), ==, 1);

      after = fixture_get_token (f, account);
      g_assert_cmpstr (kr_secret_token_get_fingerprint (after), !=,
                       kr_secret_token_get_fingerprint (before));
      assert_issued_for (f, brokers[i], "/oauth2/token", 500);
      g_assert_cmpuint (test_keyring_count (id, NULL), ==, 2);
    }
}

static void
test_edit_forgets_websocket_keys (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "kis", "a", KR_SECRET_ADD_NO_VERIFY);
  g_autoptr (KrSecretToken) websocket = NULL;
  g_autoptr (GError) error = NULL;

  websocket = kr_secret_client_get_token (f->client, account, KR_SECRET_TOKEN_WEBSOCKET, 60, 0,
                                          NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (test_keyring_count (NULL, "krsecret-websocket"), ==, 1);
  fixture_edit (f, account, 500);
  g_assert_cmpuint (test_keyring_count (NULL, "krsecret-websocket"), ==, 0);
  g_assert_null (kr_secret_client_get_token (f->client, account, KR_SECRET_TOKEN_WEBSOCKET, 60,
                                             KR_SECRET_TOKEN_NO_ISSUE, NULL, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_NOT_FOUND);
}

static void
test_edit_is_told (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "ls", "a", KR_SECRET_ADD_DEFAULT);
  g_autoptr (Events) events = events_new_following ("a");
  g_autoptr (KrSecretAccount) theirs = events_find (events_get_client (events), "a");
  g_autofree char *endpoint = NULL;

  test_wait_until (events_has_token (theirs));
  events_clear (events);
  fixture_edit (f, account, 500);
  test_wait_until (events_count (events, "token-changed a") == 1);
  g_assert_false (events_has_token (theirs));
  set_endpoint (f, account, "");
  test_wait_until (events_count (events, "account-changed a") == 1);
  endpoint = kr_secret_account_dup_endpoint (theirs);
  g_assert_null (endpoint);
  g_assert_cmpuint (events_count (events, "account-removed *"), ==, 0);
}

static void
assert_refused (Fixture *f, KrSecretAccount *account)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (
      kr_secret_client_get_token (f->client, account, KR_SECRET_TOKEN_ACCESS, 60, 0, NULL, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_REFUSED);
}

/* A key that was refused three times is not tried again; another key is. */
static void
test_edit_after_refusals (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "ls", "a", KR_SECRET_ADD_NO_VERIFY);
  g_autoptr (KrSecretToken) token = NULL;

  test_simulator_fault (f->simulator, "ls", "'fault':'refuse-key','times':3");
  for (guint i = 0; i < 5; i++)
    assert_refused (f, account);
  g_assert_cmpuint (fixture_count_issues (f, "ls"), ==, 3);
  fixture_edit (f, account, 500);
  token = fixture_get_token (f, account);
  g_assert_nonnull (token);
  g_assert_cmpuint (fixture_count_issues (f, "ls"), ==, 4);
}

/* Entering the refused key again makes it no better. */
static void
test_edit_to_the_refused_key (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretCredential) credential = fixture_make_credential ("ls", 3);
  g_autoptr (GError) error = NULL;
  g_autoptr (KrSecretAccount) account
      = fixture_try_add (f, "ls", "a", credential, KR_SECRET_ADD_NO_VERIFY, &error);

  g_assert_no_error (error);
  test_simulator_fault (f->simulator, "ls", "'fault':'refuse-key','times':0");
  for (guint i = 0; i < 3; i++)
    assert_refused (f, account);
  fixture_edit (f, account, 3);
  assert_refused (f, account);
  g_assert_cmpuint (fixture_count_issues (f, "ls"), ==, 3);
}

/* KIS requires a minute between two issues, whatever the result of the first. */
static void
test_edit_keeps_the_brokers_interval (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "kis", "a", KR_SECRET_ADD_DEFAULT);
  g_autoptr (GError) error = NULL;

  fixture_edit (f, account, 500);
  g_assert_null (
      kr_secret_client_get_token (f->client, account, KR_SECRET_TOKEN_ACCESS, 60, 0, NULL, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_RATE_LIMITED);
  g_assert_cmpint (kr_secret_error_get_retry_after (error), >, 0);
  g_assert_cmpint (kr_secret_error_get_retry_after (error), <=, 60);
  g_assert_cmpuint (fixture_count_issues (f, "kis"), ==, 1);
}

/* A pause of our own, caused by the old key's token. */
static void
test_edit_ends_pauses (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "ls", "a", KR_SECRET_ADD_DEFAULT);
  const char *id = kr_secret_account_get_id (account);
  g_autofree char *now = g_strdup_printf ("%" G_GINT64_FORMAT, fixture_now ());
  g_autoptr (KrSecretToken) token = NULL;
  g_autoptr (GError) error = NULL;

  test_ledger_change (id, "access.hold.time", now);
  test_ledger_change (id, "access.hold.boot_id", "another");
  test_ledger_change (id, "access.hold.wait_ms", "600000");
  fixture_damage_token (account);
  g_assert_null (
      kr_secret_client_get_token (f->client, account, KR_SECRET_TOKEN_ACCESS, 60, 0, NULL, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_RATE_LIMITED);
  fixture_edit (f, account, 500);
  token = fixture_get_token (f, account);
  g_assert_nonnull (token);
}

static void
assert_edit_fails (Fixture *f,
                   KrSecretAccount *account,
                   KrSecretCredential *credential,
                   const char *endpoint,
                   const char *part)
{
  const char *id = kr_secret_account_get_id (account);
  g_autoptr (GBytes) before = test_keyring_read (id, KIND);
  g_autoptr (KrSecretToken) token = fixture_get_stored (f, account);
  g_autoptr (GBytes) after = NULL;
  g_autoptr (KrSecretToken) still = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_false (kr_secret_client_edit (f->client, account, credential, endpoint, NULL, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_USAGE);
  test_assert_contains (error->message, part);
  after = test_keyring_read (id, KIND);
  g_assert_true (g_bytes_equal (before, after));
  still = fixture_get_stored (f, account);
  fixture_assert_same (token, still);
}

static void
test_edit_to_a_taken_key (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "ls", "a", KR_SECRET_ADD_DEFAULT);
  g_autoptr (KrSecretCredential) credential = fixture_make_credential ("ls", 500);
  g_autoptr (GError) error = NULL;
  G_GNUC_UNUSED g_autoptr (KrSecretAccount) other
      = fixture_try_add (f, "ls", "연금저축", credential, KR_SECRET_ADD_NO_VERIFY, &error);

  g_assert_no_error (error);
  assert_edit_fails (f, account, credential, NULL, "연금저축");
}

static void
test_edit_to_a_bad_endpoint (Fixture *f, gconstpointer data)
{
  static const char *const endpoints[]
      = { "http://example.com", "https://127.0.0.1.example.com", "word", "http://", "\xff" };
  g_autoptr (KrSecretAccount) account = fixture_add (f, "ls", "a", KR_SECRET_ADD_DEFAULT);
  g_autoptr (KrSecretCredential) credential = fixture_make_credential ("ls", 500);

  for (guint i = 0; i < G_N_ELEMENTS (endpoints); i++)
    {
      assert_edit_fails (f, account, NULL, endpoints[i], "");
      assert_edit_fails (f, account, credential, endpoints[i], "");
    }
}

static void
test_edit_to_the_same_key (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "ls", "a", KR_SECRET_ADD_DEFAULT);
  g_autoptr (KrSecretToken) token = NULL;

  fixture_edit (f, account, 0);
  g_assert_cmpuint (test_keyring_count (NULL, "krsecret-token"), ==, 0);
  token = fixture_get_token (f, account);
  g_assert_nonnull (token);
}

static void
assert_endpoint (KrSecretAccount *account, const char *expected)
{
  g_autofree char *endpoint = kr_secret_account_dup_endpoint (account);

  g_assert_cmpstr (endpoint, ==, expected);
}

static void
test_edit_sets_the_endpoint (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "ls", "a", KR_SECRET_ADD_DEFAULT);
  g_autoptr (TestSimulator) other = test_simulator_start (NULL);
  const char *uri = test_simulator_get_uri (other, "ls");
  g_autoptr (KrSecretToken) token = NULL;

  set_endpoint (f, account, "");
  assert_endpoint (account, NULL);
  g_assert_cmpuint (test_keyring_count (NULL, "krsecret-token"), ==, 0);
  set_endpoint (f, account, uri);
  assert_endpoint (account, uri);
  fixture_assert_key (f, account, 0);
  token = fixture_get_token (f, account);
  g_assert_nonnull (token);
  g_assert_cmpuint (test_simulator_count (other, "ls", "issue"), ==, 1);
  /* A key alone leaves it. */
  fixture_edit (f, account, 500);
  assert_endpoint (account, uri);
}

/* An edit while others get tokens. */
typedef struct
{
  KrSecretClient *client;
  KrSecretAccount *account;
  gint epoch; /* atomic: how many changes have ended */
  gint done;  /* atomic */
} Race;

typedef struct
{
  gint epoch; /* when it was requested */
  char *fingerprint;
} Got;

static void
got_clear (gpointer data)
{
  g_free (((Got *) data)->fingerprint);
}

static gpointer
get_tokens (gpointer data)
{
  Race *race = data;
  GArray *all = g_array_new (FALSE, FALSE, sizeof (Got));

  g_array_set_clear_func (all, got_clear);
  while (!g_atomic_int_get (&race->done))
    {
      Got got = { g_atomic_int_get (&race->epoch), NULL };
      g_autoptr (GError) error = NULL;
      g_autoptr (KrSecretToken) token = kr_secret_client_get_token (
          race->client, race->account, KR_SECRET_TOKEN_ACCESS, 60, 0, NULL, &error);

      g_assert_no_error (error);
      got.fingerprint = g_strdup (kr_secret_token_get_fingerprint (token));
      g_array_append_val (all, got);
      g_usleep (1000); /* yields to the others */
    }
  return all;
}

/* Which of the old tokens it is, or -1. */
static int
find_epoch (GPtrArray *tokens, const char *fingerprint)
{
  for (guint i = 0; i < tokens->len; i++)
    if (g_str_equal (g_ptr_array_index (tokens, i), fingerprint))
      return (int) i;
  return -1;
}

static void
check_gots (GThread *thread, GPtrArray *tokens)
{
  g_autoptr (GArray) all = g_thread_join (thread);

  g_assert_cmpuint (all->len, >, 0);
  for (guint i = 0; i < all->len; i++)
    {
      const Got *got = &g_array_index (all, Got, i);
      int epoch = find_epoch (tokens, got->fingerprint);

      if (epoch >= 0 && epoch < got->epoch)
        test_fail ("a token of key %d came after change %d had ended", epoch, got->epoch);
    }
}

/* A caller that asks after the change has ended never gets a token from before, neither from this
 * client nor from another one in this process. */
static void
test_no_old_token_after_edit (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "ls", "a", KR_SECRET_ADD_DEFAULT);
  g_autoptr (KrSecretClient) client = kr_secret_client_new ();
  g_autoptr (KrSecretAccount) same = events_load_account (client);
  g_autoptr (GPtrArray) tokens = g_ptr_array_new_with_free_func (g_free);
  Race own = { f->client, account, 0, 0 }, other = { client, same, 0, 0 };
  GThread *threads[2];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("get", get_tokens, i % 2 == 0 ? &own : &other);
  for (int i = 1; i <= 6; i++)
    {
      g_autoptr (KrSecretToken) token = fixture_get_token (f, account);

      g_ptr_array_add (tokens, g_strdup (kr_secret_token_get_fingerprint (token)));
      fixture_edit (f, account, 500 + (guint) i % 2);
      g_atomic_int_set (&own.epoch, i);
      g_atomic_int_set (&other.epoch, i);
    }
  g_atomic_int_set (&own.done, 1);
  g_atomic_int_set (&other.done, 1);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    check_gots (threads[i], tokens);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  FIXTURE_ADD ("/edit/changes-the-key", test_edit_changes_the_key);
  FIXTURE_ADD ("/edit/forgets-websocket-keys", test_edit_forgets_websocket_keys);
  FIXTURE_ADD ("/edit/is-told", test_edit_is_told);
  FIXTURE_ADD ("/edit/after-refusals", test_edit_after_refusals);
  FIXTURE_ADD ("/edit/to-the-refused-key", test_edit_to_the_refused_key);
  FIXTURE_ADD ("/edit/keeps-the-brokers-interval", test_edit_keeps_the_brokers_interval);
  FIXTURE_ADD ("/edit/ends-pauses", test_edit_ends_pauses);
  FIXTURE_ADD ("/edit/to-a-taken-key", test_edit_to_a_taken_key);
  FIXTURE_ADD ("/edit/to-a-bad-endpoint", test_edit_to_a_bad_endpoint);
  FIXTURE_ADD ("/edit/to-the-same-key", test_edit_to_the_same_key);
  FIXTURE_ADD ("/edit/sets-the-endpoint", test_edit_sets_the_endpoint);
  FIXTURE_ADD ("/edit/no-old-token-afterwards", test_no_old_token_after_edit);
  return g_test_run ();
}
