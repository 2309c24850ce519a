/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A call was answered that its token is dead, or an issue that the key is no good: what is
 * forgotten, who is asked again, and when nobody is. */
#include "client-events.h"
#include "client-fixture.h"
#include "test-assert.h"
#include "test-bus.h"
#include "test-keyring.h"
#include "test-process.h"
#include "test-record.h"

#define HOUR (60 * 60)

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

static KrSecretToken *
get (KrSecretClient *client, KrSecretAccount *account, guint flags)
{
  g_autoptr (GError) error = NULL;
  KrSecretToken *token = try_kind (client, account, KR_SECRET_TOKEN_ACCESS, flags, &error);

  g_assert_no_error (error);
  return token;
}

/* What a get_token fails with; retry_after in *out_wait, or NULL where there should be none. */
static void
assert_fails (KrSecretClient *client,
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

static void
assert_wait (gint64 wait, gint64 expected)
{
  g_assert_cmpint (wait, >, expected - 20);
  g_assert_cmpint (wait, <=, expected + 1);
}

static gboolean
reject_with (KrSecretClient *client, KrSecretAccount *account, KrSecretToken *token)
{
  g_autoptr (GError) error = NULL;
  gboolean forgotten = 42;

  kr_secret_client_reject_token (client, account, token, &forgotten, NULL, &error);
  g_assert_no_error (error);
  return forgotten;
}

static gboolean
reject (Fixture *f, KrSecretAccount *account, KrSecretToken *token)
{
  return reject_with (f->client, account, token);
}

static void
assert_none_stored (Fixture *f, KrSecretAccount *account)
{
  g_autoptr (KrSecretToken) none = fixture_get_stored (f, account);

  g_assert_null (none);
  g_assert_cmpuint (test_keyring_count (kr_secret_account_get_id (account), "krsecret-token"), ==,
                    0);
}

static void
assert_other (KrSecretToken *a, KrSecretToken *b)
{
  g_assert_cmpstr (kr_secret_token_get_fingerprint (a), !=, kr_secret_token_get_fingerprint (b));
}

/* Another client of the same accounts, as in another program. */
static KrSecretClient *
client_new (void)
{
  KrSecretClient *client = kr_secret_client_new ();
  g_autoptr (GError) error = NULL;

  kr_secret_client_set_timeout (client, 20000);
  kr_secret_client_load (client, NULL, &error);
  g_assert_no_error (error);
  return client;
}

static void
end_wait (KrSecretAccount *account)
{
  test_ledger_end_wait (kr_secret_account_get_id (account));
}

static void
test_rejected_is_forgotten_and_replaced_at_once (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "ls", "a", KR_SECRET_ADD_DEFAULT);
  g_autoptr (KrSecretToken) dead = fixture_get_token (f, account);
  g_autoptr (KrSecretToken) token = NULL;
  g_autofree char *printed = NULL;

  g_assert_true (reject (f, account, dead));
  g_assert_cmpint (kr_secret_account_get_token_state (account), ==, KR_SECRET_TOKEN_STATE_NONE);
  assert_none_stored (f, account);
  g_assert_cmpuint (fixture_count_issues (f, "ls"), ==, 1);

  token = get (f->client, account, 0);
  assert_other (token, dead);
  g_assert_null (kr_secret_token_get_warning (token));
  printed = events_run_tool (NULL, "token", "a", NULL);
  g_assert_cmpstr (printed, ==, secret_value_get_text (kr_secret_token_get_value (token)));
  g_assert_cmpuint (fixture_count_issues (f, "ls"), ==, 2);
}

/* Another program was faster: what it got is good. */
static void
test_newer_one_stays (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "ls", "a", KR_SECRET_ADD_DEFAULT);
  g_autoptr (KrSecretToken) dead = fixture_get_token (f, account);
  g_autoptr (KrSecretClient) other = client_new ();
  g_autoptr (KrSecretAccount) others = kr_secret_client_find_account (other, "a", NULL);
  g_autoptr (KrSecretToken) newer = get (other, others, KR_SECRET_TOKEN_RENEW);
  g_autoptr (KrSecretToken) token = NULL;

  assert_other (newer, dead);
  g_assert_false (reject (f, account, dead));
  g_assert_false (reject (f, account, dead));
  token = get (f->client, account, 0);
  fixture_assert_same (token, newer);
  g_assert_cmpuint (fixture_count_issues (f, "ls"), ==, 2);
}

static char *
read_ledger (KrSecretAccount *account)
{
  g_autofree char *path = g_build_filename (g_get_user_state_dir (), "krsecret",
                                            kr_secret_account_get_id (account), NULL);
  char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  return text;
}

static void
test_second_rejection_of_one_does_nothing (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "kiwoom", "a", KR_SECRET_ADD_DEFAULT);
  g_autoptr (KrSecretToken) dead = fixture_get_token (f, account);
  g_autoptr (KrSecretToken) token = NULL;
  g_autoptr (KrSecretToken) stored = NULL;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;

  g_assert_true (reject (f, account, dead));
  before = read_ledger (account);
  for (guint i = 0; i < 5; i++)
    g_assert_false (reject (f, account, dead));
  after = read_ledger (account);
  g_assert_cmpstr (before, ==, after);
  token = get (f->client, account, 0);
  g_assert_false (reject (f, account, dead));
  stored = fixture_get_stored (f, account);
  fixture_assert_same (token, stored);
  g_assert_cmpuint (fixture_count_issues (f, "kiwoom"), ==, 2);
}

typedef struct
{
  Fixture *f;
  KrSecretAccount *account;
  KrSecretToken *token;
  gint forgotten;
} Crowd;

static gpointer
reject_and_get (gpointer data)
{
  Crowd *crowd = data;

  if (reject (crowd->f, crowd->account, crowd->token))
    g_atomic_int_inc (&crowd->forgotten);
  return get (crowd->f->client, crowd->account, 0);
}

/* As a program does whose calls were all answered alike. */
static void
test_crowd_rejects_one_token (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "ls", "a", KR_SECRET_ADD_DEFAULT);
  g_autoptr (KrSecretToken) dead = fixture_get_token (f, account);
  g_autoptr (KrSecretToken) first = NULL;
  Crowd crowd = { f, account, dead, 0 };
  GThread *threads[16];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("reject", reject_and_get, &crowd);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    {
      g_autoptr (KrSecretToken) token = g_thread_join (threads[i]);

      assert_other (token, dead);
      if (first == NULL)
        first = kr_secret_token_ref (token);
      fixture_assert_same (token, first);
    }
  g_assert_cmpint (crowd.forgotten, ==, 1);
  g_assert_cmpuint (fixture_count_issues (f, "ls"), ==, 2);
}

static void
test_pause_after_the_second (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "kiwoom", "a", KR_SECRET_ADD_DEFAULT);
  g_autoptr (KrSecretToken) first = fixture_get_token (f, account);
  g_autoptr (KrSecretToken) second = NULL;
  g_autoptr (KrSecretToken) third = NULL;
  g_autoptr (KrSecretToken) stored = NULL;
  gint64 wait;

  g_assert_true (reject (f, account, first));
  second = get (f->client, account, 0);
  g_assert_true (reject (f, account, second));
  assert_fails (f->client, account, 0, KR_SECRET_ERROR_RATE_LIMITED, &wait);
  assert_wait (wait, 60);
  kr_secret_client_set_timeout (f->client, 10000);
  assert_fails (f->client, account, KR_SECRET_TOKEN_WAIT, KR_SECRET_ERROR_RATE_LIMITED, &wait);
  assert_wait (wait, 60);
  assert_fails (f->client, account, KR_SECRET_TOKEN_RENEW, KR_SECRET_ERROR_RATE_LIMITED, &wait);
  g_assert_cmpuint (fixture_count_issues (f, "kiwoom"), ==, 2);

  third = get (f->client, account, KR_SECRET_TOKEN_FORCE);
  assert_other (third, second);
  stored = fixture_get_stored (f, account);
  fixture_assert_same (third, stored);
  g_assert_true (reject (f, account, third));
  assert_fails (f->client, account, 0, KR_SECRET_ERROR_RATE_LIMITED, &wait);
  assert_wait (wait, 120);
  g_assert_cmpuint (fixture_count_issues (f, "kiwoom"), ==, 3);
}

/* Once it is over, it goes on by itself. */
static void
test_pause_ends (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "kiwoom", "a", KR_SECRET_ADD_DEFAULT);
  const char *id = kr_secret_account_get_id (account);

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (KrSecretToken) token = get (f->client, account, 0);

      g_assert_true (reject (f, account, token));
    }
  assert_fails (f->client, account, 0, KR_SECRET_ERROR_RATE_LIMITED, NULL);
  test_ledger_change (id, "access.hold.wait_ms", "1500");
  {
    G_GNUC_UNUSED g_autoptr (KrSecretToken) token = get (f->client, account, KR_SECRET_TOKEN_WAIT);
  }
  g_assert_cmpuint (fixture_count_issues (f, "kiwoom"), ==, 3);
}

static gpointer
wait_out (gpointer data)
{
  KrSecretAccount *account = data;
  g_autoptr (KrSecretClient) client = kr_secret_client_new ();

  kr_secret_client_set_timeout (client, 90 * 1000);
  return get (client, account, KR_SECRET_TOKEN_WAIT);
}

/* Who waits out a pause has no more to wait for when somebody brings a token. */
static void
test_pause_ends_with_anothers_token (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "kiwoom", "a", KR_SECRET_ADD_DEFAULT);
  gint64 began = g_get_monotonic_time ();
  g_autoptr (KrSecretToken) forced = NULL;
  g_autoptr (KrSecretToken) awaited = NULL;
  GThread *thread;

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (KrSecretToken) token = get (f->client, account, 0);

      g_assert_true (reject (f, account, token));
    }
  thread = g_thread_new ("waiter", wait_out, account);
  forced = get (f->client, account, KR_SECRET_TOKEN_FORCE);
  awaited = g_thread_join (thread);
  g_assert_cmpint (g_get_monotonic_time () - began, <, 30 * G_USEC_PER_SEC);
  g_assert_cmpstr (kr_secret_token_get_fingerprint (awaited), ==,
                   kr_secret_token_get_fingerprint (forced));
}

static void
test_force_does_not_pass_the_interval (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "kis", "a", KR_SECRET_ADD_DEFAULT);
  g_autoptr (KrSecretToken) dead = fixture_get_token (f, account);
  gint64 wait;

  g_assert_true (reject (f, account, dead));
  assert_fails (f->client, account, KR_SECRET_TOKEN_FORCE, KR_SECRET_ERROR_RATE_LIMITED, &wait);
  assert_wait (wait, 60);
  assert_fails (f->client, account, KR_SECRET_TOKEN_FORCE | KR_SECRET_TOKEN_RENEW,
                KR_SECRET_ERROR_RATE_LIMITED, &wait);
  assert_wait (wait, 60);
  g_assert_cmpuint (fixture_count_issues (f, "kis"), ==, 1);
}

/* An account whose token is dead, and a broker that knows but will not give another. */
static KrSecretAccount *
add_with_dead_token (Fixture *f, KrSecretToken **out_dead)
{
  KrSecretAccount *account = NULL;

  test_simulator_set (f->simulator, "kis", "'issue_interval':0,'kis_hand_back_dead':true");
  account = fixture_add (f, "kis", "a", KR_SECRET_ADD_DEFAULT);
  *out_dead = fixture_get_token (f, account);
  end_wait (account);
  g_assert_true (reject (f, account, *out_dead));
  return account;
}

static void
test_same_dead_token_again (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretToken) dead = NULL;
  g_autoptr (KrSecretAccount) account = add_with_dead_token (f, &dead);
  g_autoptr (KrSecretClient) other = NULL;
  g_autoptr (KrSecretAccount) others = NULL;
  gint64 wait;

  assert_fails (f->client, account, 0, KR_SECRET_ERROR_RATE_LIMITED, &wait);
  g_assert_cmpuint (fixture_count_issues (f, "kis"), ==, 2);
  assert_wait (wait, 6 * HOUR);
  /* Nobody asks again before, whoever it is and however long ago the last attempt. */
  end_wait (account);
  other = client_new ();
  others = kr_secret_client_find_account (other, "a", NULL);
  for (guint i = 0; i < 3; i++)
    {
      assert_fails (f->client, account, 0, KR_SECRET_ERROR_RATE_LIMITED, &wait);
      assert_wait (wait, 6 * HOUR);
      assert_fails (other, others, 0, KR_SECRET_ERROR_RATE_LIMITED, &wait);
      assert_wait (wait, 6 * HOUR);
    }
  g_assert_cmpuint (fixture_count_issues (f, "kis"), ==, 2);
  assert_none_stored (f, account);

  /* Who insists may, and learns the same. */
  assert_fails (f->client, account, KR_SECRET_TOKEN_FORCE, KR_SECRET_ERROR_RATE_LIMITED, &wait);
  assert_wait (wait, 6 * HOUR);
  g_assert_cmpuint (fixture_count_issues (f, "kis"), ==, 3);
  assert_none_stored (f, account);
}

/* As seen on the live servers: inside the six hours comes the dead token, with an expiry that has
 * passed. Asking each minute would be a message to the user each minute. */
static void
test_same_dead_token_with_an_expiry_that_has_passed (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretToken) dead = NULL;
  g_autoptr (KrSecretAccount) account = add_with_dead_token (f, &dead);
  gint64 wait;

  test_simulator_fault_at (f->simulator, "kis", "/oauth2/tokenP",
                           "'fault':'merge','merge':{'access_token_token_expired':"
                           "'2020-01-01 00:00:00'}");
  assert_fails (f->client, account, 0, KR_SECRET_ERROR_RATE_LIMITED, &wait);
  assert_none_stored (f, account);
  end_wait (account);
  assert_fails (f->client, account, 0, KR_SECRET_ERROR_RATE_LIMITED, NULL);
  g_assert_cmpuint (fixture_count_issues (f, "kis"), ==, 2);
  assert_wait (wait, 6 * HOUR);
}

/* Nobody has rejected it: it has ended by itself. */
static void
test_same_expired_token_again (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = NULL;

  test_simulator_set (f->simulator, "kis",
                      "'issue_interval':0,'kis_hand_back_dead':true,'lifetime':2");
  account = fixture_add (f, "kis", "a", KR_SECRET_ADD_DEFAULT);
  fixture_wait_expired (f, account);
  end_wait (account);
  assert_fails (f->client, account, 0, KR_SECRET_ERROR_RATE_LIMITED, NULL);
  g_assert_cmpuint (fixture_count_issues (f, "kis"), ==, 2);
  end_wait (account);
  assert_fails (f->client, account, 0, KR_SECRET_ERROR_RATE_LIMITED, NULL);
  g_assert_cmpuint (fixture_count_issues (f, "kis"), ==, 2);
}

/* When the time has come, the next one is taken. */
static void
test_other_token_after_the_window (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretToken) dead = NULL;
  g_autoptr (KrSecretAccount) account = add_with_dead_token (f, &dead);
  g_autoptr (KrSecretToken) token = NULL;

  assert_fails (f->client, account, 0, KR_SECRET_ERROR_RATE_LIMITED, NULL);
  test_simulator_set (f->simulator, "kis", "'same_token_window':0");
  end_wait (account);
  test_ledger_change (kr_secret_account_get_id (account), "access.hold.wait_ms", "0");
  token = get (f->client, account, 0);
  assert_other (token, dead);
}

/* Where the broker's rules promise another one each time. */
static void
test_same_dead_token_against_the_rules (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "ls", "a", KR_SECRET_ADD_DEFAULT);
  g_autoptr (KrSecretToken) dead = fixture_get_token (f, account);
  g_autoptr (KrSecretToken) token = NULL;
  g_autofree char *fault = g_strdup_printf (
      "'fault':'token','token':'%s'", secret_value_get_text (kr_secret_token_get_value (dead)));
  gint64 wait;

  g_assert_true (reject (f, account, dead));
  test_simulator_fault_at (f->simulator, "ls", "/oauth2/token", fault);
  assert_fails (f->client, account, 0, KR_SECRET_ERROR_RATE_LIMITED, &wait);
  g_assert_cmpint (wait, >, 10);
  for (guint i = 0; i < 3; i++)
    assert_fails (f->client, account, 0, KR_SECRET_ERROR_RATE_LIMITED, NULL);
  g_assert_cmpuint (fixture_count_issues (f, "ls"), ==, 2);
  assert_none_stored (f, account);
  token = get (f->client, account, KR_SECRET_TOKEN_FORCE);
  assert_other (token, dead);
}

/* A key that the broker refuses from now on. */
static KrSecretAccount *
add_refused (Fixture *f)
{
  KrSecretAccount *account = fixture_add (f, "kiwoom", "a", KR_SECRET_ADD_NO_VERIFY);

  test_simulator_fault_at (f->simulator, "kiwoom", "/oauth2/token",
                           "'fault':'refuse-key','times':0");
  for (guint i = 0; i < 3; i++)
    assert_fails (f->client, account, 0, KR_SECRET_ERROR_REFUSED, NULL);
  g_assert_cmpuint (fixture_count_issues (f, "kiwoom"), ==, 3);
  return account;
}

static void
test_refused_key_is_left_alone (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = add_refused (f);
  g_autoptr (KrSecretClient) other = client_new ();
  g_autoptr (KrSecretAccount) others = kr_secret_client_find_account (other, "a", NULL);

  for (guint i = 0; i < 5; i++)
    {
      assert_fails (f->client, account, 0, KR_SECRET_ERROR_REFUSED, NULL);
      assert_fails (f->client, account, KR_SECRET_TOKEN_WAIT, KR_SECRET_ERROR_REFUSED, NULL);
      assert_fails (f->client, account, KR_SECRET_TOKEN_RENEW, KR_SECRET_ERROR_REFUSED, NULL);
      assert_fails (other, others, 0, KR_SECRET_ERROR_REFUSED, NULL);
    }
  g_assert_cmpuint (fixture_count_issues (f, "kiwoom"), ==, 3);
  /* Nothing was deleted for it. */
  g_assert_cmpuint (test_keyring_count (kr_secret_account_get_id (account), "krsecret-account"), ==,
                    1);
}

/* Only a good token tells that all is well; other trouble tells nothing. */
static void
test_refusals_between_other_trouble (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "kiwoom", "a", KR_SECRET_ADD_NO_VERIFY);

  for (guint i = 0; i < 3; i++)
    {
      test_simulator_fault_at (f->simulator, "kiwoom", "/oauth2/token", "'fault':'refuse-secret'");
      assert_fails (f->client, account, 0, KR_SECRET_ERROR_REFUSED, NULL);
      if (i == 2)
        break;
      test_simulator_fault_at (f->simulator, "kiwoom", "/oauth2/token", "'fault':'server-error'");
      assert_fails (f->client, account, 0, KR_SECRET_ERROR_UNREACHABLE, NULL);
    }
  assert_fails (f->client, account, 0, KR_SECRET_ERROR_REFUSED, NULL);
  g_assert_cmpuint (fixture_count_issues (f, "kiwoom"), ==, 5);
}

static void
test_other_key_is_tried (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = add_refused (f);
  g_autofree char *appkey = test_simulator_get_key ("kiwoom", 7, "appkey");
  g_autofree char *appsecret = test_simulator_get_key ("kiwoom", 7, "appsecret");
  const char *id = kr_secret_account_get_id (account);
  G_GNUC_UNUSED g_autoptr (KrSecretToken) token = NULL;

  /* The secret alone is another key too. */
  test_item_change (id, "krsecret-account", "secret.field.appsecret", appsecret);
  assert_fails (f->client, account, 0, KR_SECRET_ERROR_REFUSED, NULL);
  g_assert_cmpuint (fixture_count_issues (f, "kiwoom"), ==, 4);

  test_simulator_reset (f->simulator, "kiwoom");
  test_item_change (id, "krsecret-account", "secret.field.appkey", appkey);
  token = get (f->client, account, 0);
  g_assert_cmpuint (fixture_count_issues (f, "kiwoom"), ==, 1);
}

static void
test_force_tries_a_refused_key (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = add_refused (f);
  g_autoptr (KrSecretToken) token = NULL;
  g_autoptr (KrSecretToken) next = NULL;

  assert_fails (f->client, account, KR_SECRET_TOKEN_FORCE, KR_SECRET_ERROR_REFUSED, NULL);
  g_assert_cmpuint (fixture_count_issues (f, "kiwoom"), ==, 4);
  assert_fails (f->client, account, 0, KR_SECRET_ERROR_REFUSED, NULL);
  g_assert_cmpuint (fixture_count_issues (f, "kiwoom"), ==, 4);

  test_simulator_reset (f->simulator, "kiwoom");
  token = get (f->client, account, KR_SECRET_TOKEN_FORCE);
  g_assert_true (reject (f, account, token));
  /* It counts from the beginning. */
  next = get (f->client, account, 0);
  assert_other (token, next);
  g_assert_cmpuint (fixture_count_issues (f, "kiwoom"), ==, 2);
}

static KrSecretToken *
get_key (Fixture *f, KrSecretAccount *account)
{
  g_autoptr (GError) error = NULL;
  KrSecretToken *key = try_kind (f->client, account, KR_SECRET_TOKEN_WEBSOCKET, 0, &error);

  g_assert_no_error (error);
  return key;
}

static void
test_websocket_key (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "kis", "a", KR_SECRET_ADD_DEFAULT);
  g_autoptr (KrSecretToken) access = fixture_get_token (f, account);
  g_autoptr (KrSecretToken) key = get_key (f, account);
  g_autoptr (KrSecretToken) next = NULL;
  g_autoptr (KrSecretToken) stored = NULL;

  g_assert_true (reject (f, account, key));
  g_assert_false (reject (f, account, key));
  g_assert_cmpint (kr_secret_account_get_token_state (account), ==, KR_SECRET_TOKEN_STATE_VALID);
  stored = fixture_get_stored (f, account);
  fixture_assert_same (stored, access);
  next = get_key (f, account);
  assert_other (next, key);
  g_assert_cmpuint (test_simulator_count (f->simulator, "kis", "approval"), ==, 2);
  g_assert_cmpuint (fixture_count_issues (f, "kis"), ==, 1);
}

/* The first access token that dies is replaced at once, whatever became of websocket keys. */
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
  key = get_key (f, account);
  g_assert_true (reject (f, account, key));
  test_simulator_send (f->simulator, "kis", "POST", "/_simulator/expire-tokens", NULL, "{}", NULL);
  g_assert_true (reject (f, account, access));
  end_wait (account);
  next = get (f->client, account, 0);
  assert_other (next, access);
}

static void
test_websocket_key_does_not_hide_a_dead_token (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretToken) dead = NULL;
  g_autoptr (KrSecretAccount) account = add_with_dead_token (f, &dead);
  g_autoptr (KrSecretToken) key = get_key (f, account);

  g_assert_true (reject (f, account, key));
  assert_fails (f->client, account, 0, KR_SECRET_ERROR_RATE_LIMITED, NULL);
  assert_none_stored (f, account);
}

static gpointer
get_in_thread (gpointer data)
{
  Crowd *crowd = data;

  return get (crowd->f->client, crowd->account, 0);
}

/* A token that could not be stored: the keyring is locked while the broker thinks. */
static KrSecretToken *
get_unstored (Fixture *f, KrSecretAccount *account, const char *broker)
{
  Crowd crowd = { f, account, NULL, 0 };
  guint before = test_simulator_count (f->simulator, broker, "connections");
  KrSecretToken *token;
  GThread *thread;

  test_simulator_set (f->simulator, broker, "'latency_ms':700");
  thread = g_thread_new ("get", get_in_thread, &crowd);
  test_wait_until (test_simulator_count (f->simulator, broker, "connections") > before);
  test_keyring_lock ();
  token = g_thread_join (thread);
  test_keyring_unlock ();
  test_simulator_set (f->simulator, broker, "'latency_ms':0");
  g_assert_nonnull (kr_secret_token_get_warning (token));
  return token;
}

static void
test_unstored_one (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "ls", "a", KR_SECRET_ADD_NO_VERIFY);
  g_autoptr (KrSecretToken) unstored = get_unstored (f, account, "ls");
  g_autoptr (KrSecretToken) again = get (f->client, account, 0);
  g_autoptr (KrSecretToken) next = NULL;

  fixture_assert_same (unstored, again);
  g_assert_cmpuint (fixture_count_issues (f, "ls"), ==, 1);
  g_assert_true (reject (f, account, unstored));
  g_assert_false (reject (f, account, unstored));
  g_assert_cmpint (kr_secret_account_get_token_state (account), ==, KR_SECRET_TOKEN_STATE_NONE);
  next = get (f->client, account, 0);
  assert_other (next, unstored);
  g_assert_null (kr_secret_token_get_warning (next));
  g_assert_cmpuint (fixture_count_issues (f, "ls"), ==, 2);
}

/* Rejected by another program: this one's memory does not keep it. */
static void
test_rejected_elsewhere (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "ls", "a", KR_SECRET_ADD_DEFAULT);
  g_autoptr (KrSecretToken) token = NULL;
  g_autofree char *output = NULL;
  g_autofree char *line = NULL;

  for (guint i = 0; i < 2; i++)
    {
      test_bus_catch_up ();
      g_clear_pointer (&token, kr_secret_token_unref);
      token = fixture_get_token (f, account);
    }
  line = g_strconcat (secret_value_get_text (kr_secret_token_get_value (token)), "\n", NULL);
  output = events_run_tool (line, "reject", "a", NULL);
  test_bus_catch_up ();
  assert_none_stored (f, account);
  g_assert_false (reject (f, account, token));
}

static void
test_locked_keyring_forgets_nothing (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "ls", "a", KR_SECRET_ADD_DEFAULT);
  g_autoptr (KrSecretToken) token = fixture_get_token (f, account);
  g_autoptr (KrSecretToken) next = NULL;
  g_autoptr (GError) error = NULL;
  gboolean forgotten = 42;

  test_keyring_lock ();
  g_assert_false (
      kr_secret_client_reject_token (f->client, account, token, &forgotten, NULL, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_LOCKED);
  g_assert_cmpint (forgotten, ==, 42);
  test_keyring_unlock ();
  g_assert_true (reject (f, account, token));
  next = get (f->client, account, 0);
  assert_other (next, token);
}

static void
on_rejected (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  gboolean forgotten = FALSE;

  kr_secret_client_reject_token_finish (KR_SECRET_CLIENT (source), result, &forgotten, &error);
  g_assert_no_error (error);
  g_assert_true (forgotten);
  *(gboolean *) data = TRUE;
}

static void
test_asynchronously (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "ls", "a", KR_SECRET_ADD_DEFAULT);
  g_autoptr (KrSecretToken) token = fixture_get_token (f, account);
  gboolean done = FALSE;

  kr_secret_client_reject_token_async (f->client, account, token, NULL, on_rejected, &done);
  while (!done)
    g_main_context_iteration (NULL, TRUE);
  assert_none_stored (f, account);
}

#define ADD(name, test) FIXTURE_ADD ("/reject/" name, test)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("is-forgotten-and-replaced-at-once", test_rejected_is_forgotten_and_replaced_at_once);
  ADD ("newer-one-stays", test_newer_one_stays);
  ADD ("second-rejection-of-one-does-nothing", test_second_rejection_of_one_does_nothing);
  ADD ("crowd-rejects-one-token", test_crowd_rejects_one_token);
  ADD ("pause-after-the-second", test_pause_after_the_second);
  ADD ("pause-ends", test_pause_ends);
  ADD ("pause-ends-with-another's-token", test_pause_ends_with_anothers_token);
  ADD ("force-does-not-pass-the-interval", test_force_does_not_pass_the_interval);
  ADD ("same-dead-token-again", test_same_dead_token_again);
  ADD ("same-dead-token-with-an-expiry-that-has-passed",
       test_same_dead_token_with_an_expiry_that_has_passed);
  ADD ("same-expired-token-again", test_same_expired_token_again);
  ADD ("other-token-after-the-window", test_other_token_after_the_window);
  ADD ("same-dead-token-against-the-rules", test_same_dead_token_against_the_rules);
  ADD ("refused-key-is-left-alone", test_refused_key_is_left_alone);
  ADD ("refusals-between-other-trouble", test_refusals_between_other_trouble);
  ADD ("other-key-is-tried", test_other_key_is_tried);
  ADD ("force-tries-a-refused-key", test_force_tries_a_refused_key);
  ADD ("websocket-key", test_websocket_key);
  ADD ("websocket-key-does-not-count-for-access", test_websocket_key_does_not_count_for_access);
  ADD ("websocket-key-does-not-hide-a-dead-token", test_websocket_key_does_not_hide_a_dead_token);
  ADD ("unstored-one", test_unstored_one);
  ADD ("elsewhere", test_rejected_elsewhere);
  ADD ("locked-keyring-forgets-nothing", test_locked_keyring_forgets_nothing);
  ADD ("asynchronously", test_asynchronously);
  return g_test_run ();
}
