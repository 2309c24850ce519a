/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rename and edit: what stays of an account, and what must not. */
#include <unistd.h>

#include "client-events.h"
#include "client-fixture.h"
#include "test-assert.h"
#include "test-files.h"
#include "test-keyring.h"
#include "test-process.h"
#include "test-record.h"

#define KIND "krsecret-account"

static void
rename_to (Fixture *f, KrSecretAccount *account, const char *alias)
{
  g_autoptr (GError) error = NULL;

  kr_secret_client_rename (f->client, account, alias, NULL, &error);
  g_assert_no_error (error);
}

/* Gives an account of @broker the key @n. */
static void
edit_to (Fixture *f, KrSecretAccount *account, guint n)
{
  g_autoptr (KrSecretCredential) credential
      = fixture_make_credential (kr_secret_account_get_broker_id (account), n);
  g_autoptr (GError) error = NULL;

  kr_secret_client_edit (f->client, account, credential, NULL, NULL, &error);
  g_assert_no_error (error);
}

static void
set_endpoint (Fixture *f, KrSecretAccount *account, const char *endpoint)
{
  g_autoptr (GError) error = NULL;

  kr_secret_client_edit (f->client, account, NULL, endpoint, NULL, &error);
  g_assert_no_error (error);
}

static void
assert_alias (KrSecretAccount *account, const char *expected)
{
  g_autofree char *alias = kr_secret_account_dup_alias (account);

  g_assert_cmpstr (alias, ==, expected);
}

/* What another program finds under a name. */
static void
assert_id_elsewhere (const char *alias, KrSecretAccount *account)
{
  g_autofree char *text = events_run_tool (NULL, "show", "--json", alias, NULL);

  test_assert_contains (text, kr_secret_account_get_id (account));
}

static void
test_rename_keeps_id_and_token (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "kis", "a", KR_SECRET_ADD_DEFAULT);
  g_autofree char *id = g_strdup (kr_secret_account_get_id (account));
  g_autoptr (KrSecretToken) before = fixture_get_stored (f, account);
  g_autoptr (KrSecretAccount) found = NULL;
  g_autoptr (KrSecretToken) after = NULL;

  rename_to (f, account, "연금저축");
  after = fixture_get_stored (f, account);
  fixture_assert_same (before, after);
  assert_alias (account, "연금저축");
  g_assert_cmpstr (kr_secret_account_get_id (account), ==, id);
  g_assert_cmpint (kr_secret_account_get_token_state (account), ==, KR_SECRET_TOKEN_STATE_VALID);
  found = events_find (f->client, "연금저축");
  g_assert_true (found == account);
  g_assert_null (kr_secret_client_find_account (f->client, "a", NULL));
  assert_id_elsewhere ("연금저축", account);
  g_assert_cmpuint (test_keyring_count (NULL, NULL), ==, 2);
  g_assert_cmpuint (fixture_count_connections (f, "kis"), ==, 1);
}

static void
assert_rename_fails (Fixture *f, KrSecretAccount *account, const char *alias, const char *part)
{
  const char *id = kr_secret_account_get_id (account);
  g_autofree char *known = kr_secret_account_dup_alias (account);
  g_autoptr (GBytes) before = test_keyring_read (id, KIND);
  g_autoptr (GBytes) after = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_false (kr_secret_client_rename (f->client, account, alias, NULL, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_USAGE);
  test_assert_contains (error->message, part);
  after = test_keyring_read (id, KIND);
  g_assert_true (g_bytes_equal (before, after));
  assert_alias (account, known);
}

static void
test_rename_to_a_taken_alias (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "ls", "a", KR_SECRET_ADD_NO_VERIFY);
  G_GNUC_UNUSED g_autoptr (KrSecretAccount) other
      = fixture_add (f, "kis", "é", KR_SECRET_ADD_NO_VERIFY);

  assert_rename_fails (f, account, "é", "é");
  assert_rename_fails (f, account, "e\xcc\x81", "é");
}

/* Of an account that this client has not heard of. */
static void
test_rename_to_an_alias_taken_elsewhere (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "ls", "a", KR_SECRET_ADD_NO_VERIFY);

  events_add_elsewhere (f->simulator, "b", 5);
  assert_rename_fails (f, account, "b", "b");
}

static void
test_rename_to_a_bad_alias (Fixture *f, gconstpointer data)
{
  static const char *const aliases[]
      = { "", "a/b", "a\nb", "a\033[31m", "..", " a", "a\xe2\x80\xae", "\xff", "a=b" };
  g_autoptr (KrSecretAccount) account = fixture_add (f, "ls", "a", KR_SECRET_ADD_NO_VERIFY);

  for (guint i = 0; i < G_N_ELEMENTS (aliases); i++)
    assert_rename_fails (f, account, aliases[i], "");
}

static void
test_rename_to_the_same (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "ls", "é", KR_SECRET_ADD_NO_VERIFY);

  rename_to (f, account, "é");
  rename_to (f, account, "e\xcc\x81");
  assert_alias (account, "é");
  assert_id_elsewhere ("é", account);
}

static void
test_rename_is_composed (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "ls", "a", KR_SECRET_ADD_NO_VERIFY);
  g_autofree char *nfd = g_utf8_normalize ("연금저축", -1, G_NORMALIZE_NFD);

  rename_to (f, account, nfd);
  assert_alias (account, "연금저축");
  g_assert_cmpuint (test_keyring_count (NULL, NULL), ==, 1);
}

static void
test_rename_is_told (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "ls", "m", KR_SECRET_ADD_NO_VERIFY);
  G_GNUC_UNUSED g_autoptr (KrSecretAccount) other
      = fixture_add (f, "ls", "n", KR_SECRET_ADD_NO_VERIFY);
  g_autoptr (Events) events = events_new_following ("m,n");
  g_autoptr (KrSecretAccount) theirs = events_find (events_get_client (events), "m");
  g_autofree char *list = NULL;

  events_clear (events);
  rename_to (f, account, "z");
  test_wait_until (events_count (events, "account-changed z") == 1);
  assert_alias (theirs, "z");
  list = events_list (events);
  g_assert_cmpstr (list, ==, "n,z");
  g_assert_cmpuint (events_count (events, "*"), ==, 1);
}

static gboolean
has_ledger (KrSecretAccount *account)
{
  g_autofree char *path = g_build_filename (g_get_user_state_dir (), "krsecret",
                                            kr_secret_account_get_id (account), NULL);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

/* It is neither renamed nor made again. */
static void
assert_gone (Fixture *f, KrSecretAccount *account)
{
  g_autoptr (KrSecretCredential) credential = fixture_make_credential ("ls", 9);
  g_autoptr (GError) renaming = NULL;
  g_autoptr (GError) editing = NULL;

  g_assert_false (kr_secret_client_rename (f->client, account, "b", NULL, &renaming));
  g_assert_error (renaming, KR_SECRET_ERROR, KR_SECRET_ERROR_NOT_FOUND);
  g_assert_false (kr_secret_client_edit (f->client, account, credential, NULL, NULL, &editing));
  g_assert_error (editing, KR_SECRET_ERROR, KR_SECRET_ERROR_NOT_FOUND);
  g_assert_cmpuint (test_keyring_count (NULL, NULL), ==, 0);
  g_assert_false (has_ledger (account));
}

static void
test_removed_elsewhere (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "ls", "a", KR_SECRET_ADD_DEFAULT);
  g_autofree char *removed = events_run_tool (NULL, "remove", "-y", "a", NULL);

  g_assert_cmpstr (removed, ==, "");
  assert_gone (f, account);
}

static gpointer
rename_in_thread (gpointer data)
{
  gpointer *both = data;
  Fixture *f = both[0];
  g_autoptr (GError) error = NULL;

  if (!kr_secret_client_rename (f->client, both[1], "b", NULL, &error))
    g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_NOT_FOUND);
  return NULL;
}

/* Whichever comes first, there is none in the end. */
static void
test_removed_meanwhile (Fixture *f, gconstpointer data)
{
  for (guint i = 0; i < 10; i++)
    {
      g_autoptr (KrSecretAccount) account = fixture_add (f, "ls", "a", KR_SECRET_ADD_NO_VERIFY);
      gpointer both[] = { f, account };
      GThread *thread = g_thread_new ("rename", rename_in_thread, both);
      g_autoptr (GError) error = NULL;

      kr_secret_client_remove (f->client, account, KR_SECRET_REMOVE_KEEP_TOKEN, NULL, &error);
      g_thread_join (thread);
      g_assert_no_error (error);
      g_assert_cmpuint (test_keyring_count (NULL, NULL), ==, 0);
      g_assert_false (has_ledger (account));
    }
}

/* Somebody has tidied up: what is needed of it is made again. */
static void
test_ledgers_deleted (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "ls", "a", KR_SECRET_ADD_DEFAULT);
  g_autofree char *path = g_build_filename (g_get_user_state_dir (), "krsecret", NULL);

  kr_secret_client_set_timeout (f->client, 5000);
  test_directory_remove (g_strdup (path));
  rename_to (f, account, "b");
  test_directory_remove (g_steal_pointer (&path));
  edit_to (f, account, 500);
}

static const char *
get_field (KrSecretCredential *credential, const char *name)
{
  return secret_value_get_text (kr_secret_credential_get (credential, name));
}

static void
assert_key (Fixture *f, KrSecretAccount *account, guint n)
{
  g_autoptr (KrSecretCredential) wanted
      = fixture_make_credential (kr_secret_account_get_broker_id (account), n);
  g_autoptr (GError) error = NULL;
  g_autoptr (KrSecretCredential) stored
      = kr_secret_client_get_credential (f->client, account, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (get_field (stored, "appkey"), ==, get_field (wanted, "appkey"));
  g_assert_cmpstr (get_field (stored, "appsecret"), ==, get_field (wanted, "appsecret"));
}

/* The broker knows the key by the token: it was issued for it. */
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

      edit_to (f, account, 500);
      assert_key (f, account, 500);
      assert_alias (account, brokers[i]);
      /* Forgotten in the keyring, by this client, and in what it shows. */
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
  edit_to (f, account, 500);
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
  edit_to (f, account, 500);
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

/* A key that was refused three times is not asked about again; another one is. */
static void
test_edit_after_refusals (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "ls", "a", KR_SECRET_ADD_NO_VERIFY);
  g_autoptr (KrSecretToken) token = NULL;

  test_simulator_fault (f->simulator, "ls", "'fault':'refuse-key','times':3");
  for (guint i = 0; i < 5; i++)
    assert_refused (f, account);
  g_assert_cmpuint (fixture_count_issues (f, "ls"), ==, 3);
  edit_to (f, account, 500);
  token = fixture_get_token (f, account);
  g_assert_nonnull (token);
  g_assert_cmpuint (fixture_count_issues (f, "ls"), ==, 4);
}

/* Typing the refused key once more makes it no better. */
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
  edit_to (f, account, 3);
  assert_refused (f, account);
  g_assert_cmpuint (fixture_count_issues (f, "ls"), ==, 3);
}

/* KIS lets a minute pass between two issues, whatever became of the first. */
static void
test_edit_keeps_the_brokers_interval (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "kis", "a", KR_SECRET_ADD_DEFAULT);
  g_autoptr (GError) error = NULL;

  edit_to (f, account, 500);
  g_assert_null (
      kr_secret_client_get_token (f->client, account, KR_SECRET_TOKEN_ACCESS, 60, 0, NULL, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_RATE_LIMITED);
  g_assert_cmpint (kr_secret_error_get_retry_after (error), >, 0);
  g_assert_cmpint (kr_secret_error_get_retry_after (error), <=, 60);
  g_assert_cmpuint (fixture_count_issues (f, "kis"), ==, 1);
}

/* A pause of ours, because of the old key's token. */
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
  edit_to (f, account, 500);
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

  edit_to (f, account, 0);
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
  assert_key (f, account, 0);
  token = fixture_get_token (f, account);
  g_assert_nonnull (token);
  g_assert_cmpuint (test_simulator_count (other, "ls", "issue"), ==, 1);
  /* A key alone leaves it. */
  edit_to (f, account, 500);
  assert_endpoint (account, uri);
}

/* As a later version may write it. */
static void
test_unknown_keys_are_kept (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "ls", "a", KR_SECRET_ADD_NO_VERIFY);
  const char *id = kr_secret_account_get_id (account);
  g_autoptr (GBytes) bytes = NULL;
  g_autofree char *text = NULL;

  test_item_change (id, KIND, "colour", "blue");
  test_item_change (id, KIND, "secret.pin", "1234");
  edit_to (f, account, 500);
  rename_to (f, account, "b");
  bytes = test_keyring_read (id, KIND);
  text = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  test_assert_contains (text, "\ncolour=blue\n");
  test_assert_contains (text, "\nsecret.pin=1234\n");
  test_assert_contains (text, "\nalias=b\n");
  assert_key (f, account, 500);
}

static void
test_damaged_account_is_not_changed (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "ls", "a", KR_SECRET_ADD_NO_VERIFY);
  const char *id = kr_secret_account_get_id (account);
  g_autoptr (KrSecretCredential) credential = fixture_make_credential ("ls", 500);
  g_autoptr (GBytes) left = NULL;
  g_autoptr (GError) renaming = NULL;
  g_autoptr (GError) editing = NULL;

  test_keyring_overwrite (id, KIND, "torn", -1);
  g_assert_false (kr_secret_client_rename (f->client, account, "b", NULL, &renaming));
  g_assert_error (renaming, KR_SECRET_ERROR, KR_SECRET_ERROR_DAMAGED);
  g_assert_false (kr_secret_client_edit (f->client, account, credential, NULL, NULL, &editing));
  g_assert_error (editing, KR_SECRET_ERROR, KR_SECRET_ERROR_DAMAGED);
  left = test_keyring_read (id, KIND);
  g_assert_cmpmem (g_bytes_get_data (left, NULL), g_bytes_get_size (left), "torn", 4);
}

/* A change and those who get tokens meanwhile. */
typedef struct
{
  KrSecretClient *client;
  KrSecretAccount *account;
  gint epoch; /* atomic: how many changes have come to their end */
  gint done;  /* atomic */
} Race;

typedef struct
{
  gint epoch; /* when it was asked for */
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

/* Nobody who asks after the change has ended gets a token of before, neither of this client nor of
 * another one in this process. */
static void
test_no_old_token_after_edit (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "ls", "a", KR_SECRET_ADD_DEFAULT);
  g_autoptr (KrSecretClient) client = kr_secret_client_new ();
  g_autoptr (KrSecretAccount) same = events_load_account (client);
  g_autoptr (GPtrArray) tokens = g_ptr_array_new_with_free_func (g_free);
  Race own = { f->client, account, 0, 0 }, other = { client, same, 0, 0 };
  GThread *threads[4];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("get", get_tokens, i % 2 == 0 ? &own : &other);
  for (int i = 1; i <= 20; i++)
    {
      g_autoptr (KrSecretToken) token = fixture_get_token (f, account);

      g_ptr_array_add (tokens, g_strdup (kr_secret_token_get_fingerprint (token)));
      edit_to (f, account, 500 + (guint) i % 2);
      g_atomic_int_set (&own.epoch, i);
      g_atomic_int_set (&other.epoch, i);
    }
  g_atomic_int_set (&own.done, 1);
  g_atomic_int_set (&other.done, 1);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    check_gots (threads[i], tokens);
}

static void
on_done (GObject *source, GAsyncResult *result, gpointer data)
{
  g_assert_true (g_main_context_is_owner (NULL));
  *(GAsyncResult **) data = g_object_ref (result);
}

static void
await (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
}

static void
test_async (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "ls", "a", KR_SECRET_ADD_DEFAULT);
  g_autoptr (KrSecretCredential) credential = fixture_make_credential ("ls", 500);
  g_autoptr (GAsyncResult) renamed = NULL;
  g_autoptr (GAsyncResult) edited = NULL;
  g_autoptr (GAsyncResult) refused = NULL;
  g_autofree char *alias = g_strdup ("b");
  g_autoptr (GError) error = NULL;

  kr_secret_client_rename_async (f->client, account, alias, NULL, on_done, &renamed);
  g_clear_pointer (&alias, g_free); /* the caller's again at once */
  await (&renamed);
  g_assert_true (kr_secret_client_rename_finish (f->client, renamed, &error));
  g_assert_no_error (error);
  assert_alias (account, "b");

  kr_secret_client_edit_async (f->client, account, credential, "", NULL, on_done, &edited);
  await (&edited);
  g_assert_true (kr_secret_client_edit_finish (f->client, edited, &error));
  g_assert_no_error (error);
  assert_key (f, account, 500);
  assert_endpoint (account, NULL);

  kr_secret_client_rename_async (f->client, account, "a/b", NULL, on_done, &refused);
  await (&refused);
  g_assert_false (kr_secret_client_rename_finish (f->client, refused, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_USAGE);
}

/* Both, with a lock that is held, end with a code; the account is as it was. */
static void
assert_both_end (Fixture *f, KrSecretAccount *account, GCancellable *cancellable, int code)
{
  g_autoptr (KrSecretCredential) credential = fixture_make_credential ("ls", 500);
  g_autoptr (GError) renaming = NULL;
  g_autoptr (GError) editing = NULL;

  g_assert_false (kr_secret_client_rename (f->client, account, "b", cancellable, &renaming));
  g_assert_error (renaming, KR_SECRET_ERROR, code);
  g_assert_false (
      kr_secret_client_edit (f->client, account, credential, NULL, cancellable, &editing));
  g_assert_error (editing, KR_SECRET_ERROR, code);
}

static void
test_cancelled (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "ls", "a", KR_SECRET_ADD_DEFAULT);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (KrSecretToken) token = NULL;

  g_cancellable_cancel (cancellable);
  assert_both_end (f, account, cancellable, KR_SECRET_ERROR_CANCELLED);
  assert_key (f, account, 0);
  token = fixture_get_stored (f, account);
  g_assert_nonnull (token);
  assert_id_elsewhere ("a", account);
}

/* While it waits for another program. */
static void
test_cancelled_while_it_waits (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "ls", "a", KR_SECRET_ADD_DEFAULT);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  int held = fixture_hold_lock ("accounts");

  kr_secret_client_rename_async (f->client, account, "b", cancellable, on_done, &result);
  /* It has the account once it waits for the set of them. */
  test_wait_until (!fixture_is_lock_free (kr_secret_account_get_id (account)));
  g_cancellable_cancel (cancellable);
  await (&result);
  g_assert_false (kr_secret_client_rename_finish (f->client, result, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_CANCELLED);
  close (held);
  rename_to (f, account, "b");
}

static void
test_lock_held_by_another (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "ls", "a", KR_SECRET_ADD_DEFAULT);
  const char *const names[] = { kr_secret_account_get_id (account), "accounts" };
  g_autoptr (KrSecretToken) token = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      int held = fixture_hold_lock (names[i]);

      kr_secret_client_set_timeout (f->client, 300);
      assert_both_end (f, account, NULL, KR_SECRET_ERROR_DEADLINE);
      close (held);
    }
  kr_secret_client_set_timeout (f->client, 20000);
  token = fixture_get_stored (f, account);
  g_assert_nonnull (token);
  assert_key (f, account, 0);
  rename_to (f, account, "b");
}

static void
test_locked_keyring (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "ls", "a", KR_SECRET_ADD_DEFAULT);
  g_autoptr (KrSecretToken) token = NULL;

  test_keyring_lock ();
  assert_both_end (f, account, NULL, KR_SECRET_ERROR_LOCKED);
  test_keyring_unlock ();
  assert_key (f, account, 0);
  token = fixture_get_stored (f, account);
  g_assert_nonnull (token);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  FIXTURE_ADD ("/rename/keeps-id-and-token", test_rename_keeps_id_and_token);
  FIXTURE_ADD ("/rename/to-a-taken-alias", test_rename_to_a_taken_alias);
  FIXTURE_ADD ("/rename/to-an-alias-taken-elsewhere", test_rename_to_an_alias_taken_elsewhere);
  FIXTURE_ADD ("/rename/to-a-bad-alias", test_rename_to_a_bad_alias);
  FIXTURE_ADD ("/rename/to-the-same", test_rename_to_the_same);
  FIXTURE_ADD ("/rename/is-composed", test_rename_is_composed);
  FIXTURE_ADD ("/rename/is-told", test_rename_is_told);
  FIXTURE_ADD ("/changes/removed-elsewhere", test_removed_elsewhere);
  FIXTURE_ADD ("/changes/removed-meanwhile", test_removed_meanwhile);
  FIXTURE_ADD ("/changes/ledgers-deleted", test_ledgers_deleted);
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
  FIXTURE_ADD ("/changes/unknown-keys-are-kept", test_unknown_keys_are_kept);
  FIXTURE_ADD ("/changes/damaged-account", test_damaged_account_is_not_changed);
  FIXTURE_ADD ("/changes/async", test_async);
  FIXTURE_ADD ("/changes/cancelled", test_cancelled);
  FIXTURE_ADD ("/changes/cancelled-while-it-waits", test_cancelled_while_it_waits);
  FIXTURE_ADD ("/changes/lock-held-by-another", test_lock_held_by_another);
  FIXTURE_ADD ("/changes/locked-keyring", test_locked_keyring);
  return g_test_run ();
}
