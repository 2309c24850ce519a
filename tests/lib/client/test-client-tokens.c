/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* get_token: one request for all callers, and none if the stored token will do. */
#include <string.h>

#include "client-fixture.h"
#include "test-assert.h"
#include "test-bus.h"
#include "test-keyring.h"
#include "test-process.h"
#include "test-run.h"

static void
test_twice_is_one_request (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "kis", "a", KR_SECRET_ADD_NO_VERIFY);
  g_autoptr (KrSecretToken) first = fixture_get_token (f, account);
  g_autoptr (KrSecretToken) second = fixture_get_token (f, account);

  fixture_assert_same (first, second);
  g_assert_cmpuint (fixture_count_issues (f, "kis"), ==, 1);
  g_assert_null (kr_secret_token_get_warning (first));
  g_assert_cmpint (kr_secret_account_get_token_state (account), ==, KR_SECRET_TOKEN_STATE_VALID);
  g_assert_cmpint (kr_secret_account_get_token_expires_at (account), ==,
                   kr_secret_token_get_expires_at (first));
}

static void
test_other_client_gets_the_same (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "ls", "a", KR_SECRET_ADD_DEFAULT);
  g_autoptr (KrSecretToken) token = fixture_get_token (f, account);
  g_autoptr (GSubprocess) child = fixture_spawn_child ("a");
  g_autofree char *output = test_finish (child);

  g_strchomp (output);
  g_assert_cmpstr (output, ==, kr_secret_token_get_fingerprint (token));
  g_assert_cmpuint (fixture_count_issues (f, "ls"), ==, 1);
}

/* Runs a kr-secret-tool command, another process, on the account "a"; returns its output. */
static char *
run_tool (const char *command)
{
  const char *const argv[] = { g_getenv ("KR_TEST_TOOL"), command, "a", NULL };
  g_autoptr (TestRun) run = test_run (NULL, argv, NULL, -1);

  if (run->status != 0)
    test_fail ("%s: %d %s", command, run->status, run->err);
  test_bus_catch_up ();
  return g_strchomp (g_steal_pointer (&run->out));
}

static void
test_known_token_needs_no_keyring (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "kiwoom", "a", KR_SECRET_ADD_NO_VERIFY);
  g_autoptr (KrSecretToken) issued = fixture_get_token (f, account);
  g_autoptr (KrSecretToken) read = NULL;
  g_autoptr (TestMonitor) monitor = NULL;

  test_bus_catch_up ();
  read = fixture_get_token (f, account);
  fixture_assert_same (read, issued);
  monitor = test_monitor_start ();
  for (guint i = 0; i < 10; i++)
    {
      g_autoptr (KrSecretToken) token = fixture_get_token (f, account);

      fixture_assert_same (token, issued);
    }
  g_assert_cmpuint (test_monitor_count (monitor, NULL), ==, 0);
}

/* Only the keyring tells us. */
static void
test_known_token_is_forgotten_with_the_stored_one (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "kiwoom", "a", KR_SECRET_ADD_DEFAULT);
  g_autoptr (KrSecretToken) old = NULL;
  g_autoptr (KrSecretToken) none = NULL;
  g_autoptr (KrSecretToken) next = NULL;
  g_autofree char *forgotten = NULL;
  g_autofree char *printed = NULL;

  for (guint i = 0; i < 2; i++)
    {
      test_bus_catch_up ();
      g_clear_pointer (&old, kr_secret_token_unref);
      old = fixture_get_token (f, account);
    }
  forgotten = run_tool ("forget");
  none = fixture_get_stored (f, account);
  g_assert_null (none);

  printed = run_tool ("token");
  next = fixture_get_token (f, account);
  g_assert_cmpstr (secret_value_get_text (kr_secret_token_get_value (next)), ==, printed);
  g_assert_cmpstr (kr_secret_token_get_fingerprint (next), !=,
                   kr_secret_token_get_fingerprint (old));
  g_assert_cmpuint (fixture_count_issues (f, "kiwoom"), ==, 2);
}

static void
test_known_token_is_forgotten_with_our_own (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "kiwoom", "a", KR_SECRET_ADD_DEFAULT);
  G_GNUC_UNUSED g_autoptr (KrSecretToken) old = fixture_get_token (f, account);
  g_autoptr (KrSecretToken) none = NULL;
  g_autoptr (GError) error = NULL;

  kr_secret_client_forget_token (f->client, account, NULL, NULL, &error);
  g_assert_no_error (error);
  none = fixture_get_stored (f, account);
  g_assert_null (none);
}

static void
test_no_issue_asks_nobody (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "kis", "a", KR_SECRET_ADD_NO_VERIFY);
  g_autoptr (KrSecretToken) none = fixture_get_stored (f, account);

  g_assert_null (none);
  g_assert_cmpuint (fixture_count_issues (f, "kis"), ==, 0);
}

static void
expire (Fixture *f, KrSecretAccount **out_account, const char *alias)
{
  test_simulator_set (f->simulator, "kiwoom", "'lifetime':2");
  *out_account = fixture_add (f, "kiwoom", alias, KR_SECRET_ADD_DEFAULT);
  test_simulator_set (f->simulator, "kiwoom", "'lifetime':null,'latency_ms':200");
  fixture_wait_expired (f, *out_account);
}

static void
test_expired_is_renewed (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = NULL;
  g_autoptr (KrSecretToken) token = NULL;

  expire (f, &account, "a");
  token = fixture_get_token (f, account);
  g_assert_cmpint (kr_secret_token_get_expires_at (token), >,
                   g_get_real_time () / G_USEC_PER_SEC + 3600);
  g_assert_cmpuint (fixture_count_issues (f, "kiwoom"), ==, 2);
}

typedef struct
{
  Fixture *f;
  KrSecretAccount *account;
} Asker;

static gpointer
ask (gpointer data)
{
  Asker *asker = data;

  return fixture_get_token (asker->f, asker->account);
}

static void
test_threads_share_one_request (Fixture *f, gconstpointer data)
{
  Asker asker = { .f = f };
  g_autoptr (KrSecretToken) first = NULL;
  GThread *threads[16];

  expire (f, &asker.account, "a");
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("ask", ask, &asker);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    {
      g_autoptr (KrSecretToken) token = g_thread_join (threads[i]);

      if (first == NULL)
        first = kr_secret_token_ref (token);
      fixture_assert_same (first, token);
    }
  g_assert_cmpuint (fixture_count_issues (f, "kiwoom"), ==, 2);
  g_object_unref (asker.account);
}

static void
test_processes_share_one_request (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = NULL;
  g_autofree char *first = NULL;
  GSubprocess *children[8];

  expire (f, &account, "a");
  for (guint i = 0; i < G_N_ELEMENTS (children); i++)
    children[i] = fixture_spawn_child ("a");
  for (guint i = 0; i < G_N_ELEMENTS (children); i++)
    {
      g_autofree char *output = test_finish (children[i]);

      if (first == NULL)
        first = g_strdup (output);
      g_assert_cmpstr (output, ==, first);
      g_object_unref (children[i]);
    }
  g_assert_cmpuint (strlen (first), ==, 65);
  g_assert_cmpuint (fixture_count_issues (f, "kiwoom"), ==, 2);
}

static void
test_damaged_token_is_replaced (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "kiwoom", "a", KR_SECRET_ADD_DEFAULT);
  g_autoptr (KrSecretToken) old = fixture_get_token (f, account);
  g_autoptr (KrSecretToken) token = NULL;
  g_autoptr (KrSecretToken) again = NULL;

  fixture_damage_token (account);
  token = fixture_get_token (f, account);
  g_assert_cmpstr (kr_secret_token_get_fingerprint (token), !=,
                   kr_secret_token_get_fingerprint (old));
  again = fixture_get_stored (f, account);
  fixture_assert_same (token, again);
  g_assert_cmpuint (fixture_count_issues (f, "kiwoom"), ==, 2);
}

static void
test_empty_token_item_is_replaced (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "kiwoom", "a", KR_SECRET_ADD_DEFAULT);
  g_autoptr (KrSecretToken) token = NULL;

  test_keyring_overwrite (kr_secret_account_get_id (account), "krsecret-token", "", 0);
  token = fixture_get_token (f, account);
  g_assert_nonnull (token);
}

static void
test_websocket_key_is_kept_apart (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "kis", "a", KR_SECRET_ADD_DEFAULT);
  g_autoptr (KrSecretToken) access = fixture_get_token (f, account);
  g_autoptr (KrSecretToken) key = NULL;
  g_autoptr (KrSecretToken) again = NULL;
  g_autoptr (KrSecretToken) stored = NULL;
  g_autoptr (GError) error = NULL;

  key = kr_secret_client_get_token (f->client, account, KR_SECRET_TOKEN_WEBSOCKET, 60, 0, NULL,
                                    &error);
  g_assert_no_error (error);
  again = kr_secret_client_get_token (f->client, account, KR_SECRET_TOKEN_WEBSOCKET, 60, 0, NULL,
                                      &error);
  fixture_assert_same (key, again);
  g_assert_cmpint (kr_secret_token_get_kind (key), ==, KR_SECRET_TOKEN_WEBSOCKET);
  g_assert_cmpuint (test_simulator_count (f->simulator, "kis", "approval"), ==, 1);
  stored = fixture_get_stored (f, account);
  fixture_assert_same (access, stored);
}

static void
test_kind_the_broker_lacks_is_refused (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "ls", "a", KR_SECRET_ADD_NO_VERIFY);
  g_autoptr (GError) error = NULL;

  g_assert_null (kr_secret_client_get_token (f->client, account, KR_SECRET_TOKEN_WEBSOCKET, 60, 0,
                                             NULL, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_USAGE);
  g_assert_cmpuint (test_simulator_count (f->simulator, "ls", "issue"), ==, 0);
}

static void
test_locked_keyring_issues_nothing (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "kis", "a", KR_SECRET_ADD_NO_VERIFY);
  g_autoptr (GError) error = NULL;
  gint64 began = g_get_monotonic_time ();

  test_keyring_lock ();
  g_assert_null (
      kr_secret_client_get_token (f->client, account, KR_SECRET_TOKEN_ACCESS, 60, 0, NULL, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_LOCKED);
  g_assert_cmpint (g_get_monotonic_time () - began, <, G_USEC_PER_SEC);
  g_assert_cmpuint (fixture_count_issues (f, "kis"), ==, 0);
  test_keyring_unlock ();
}

/* No token is stored, so its search finds no locked item. */
static void
test_account_that_is_gone_is_not_found (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "kis", "a", KR_SECRET_ADD_NO_VERIFY);
  g_autoptr (GError) error = NULL;

  test_keyring_clear ();
  g_assert_null (
      kr_secret_client_get_token (f->client, account, KR_SECRET_TOKEN_ACCESS, 60, 0, NULL, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_NOT_FOUND);
  g_assert_cmpuint (fixture_count_issues (f, "kis"), ==, 0);
}

int
main (int argc, char **argv)
{
  if (argc == 3 && g_str_equal (argv[1], "--child"))
    return fixture_child (argc, argv);
  g_test_init (&argc, &argv, NULL);
  FIXTURE_ADD ("/tokens/twice-is-one-request", test_twice_is_one_request);
  FIXTURE_ADD ("/tokens/other-client-gets-the-same", test_other_client_gets_the_same);
  FIXTURE_ADD ("/tokens/known-one-needs-no-keyring", test_known_token_needs_no_keyring);
  FIXTURE_ADD ("/tokens/known-one-is-forgotten-with-the-stored-one",
               test_known_token_is_forgotten_with_the_stored_one);
  FIXTURE_ADD ("/tokens/known-one-is-forgotten-by-the-client-itself",
               test_known_token_is_forgotten_with_our_own);
  FIXTURE_ADD ("/tokens/no-issue-asks-nobody", test_no_issue_asks_nobody);
  FIXTURE_ADD ("/tokens/expired-is-renewed", test_expired_is_renewed);
  FIXTURE_ADD ("/tokens/threads-share-one-request", test_threads_share_one_request);
  FIXTURE_ADD ("/tokens/processes-share-one-request", test_processes_share_one_request);
  FIXTURE_ADD ("/tokens/damaged-is-replaced", test_damaged_token_is_replaced);
  FIXTURE_ADD ("/tokens/empty-item-is-replaced", test_empty_token_item_is_replaced);
  FIXTURE_ADD ("/tokens/websocket-key-is-kept-apart", test_websocket_key_is_kept_apart);
  FIXTURE_ADD ("/tokens/kind-the-broker-lacks-is-refused", test_kind_the_broker_lacks_is_refused);
  FIXTURE_ADD ("/tokens/locked-keyring-issues-nothing", test_locked_keyring_issues_nothing);
  FIXTURE_ADD ("/tokens/account-that-is-gone-is-not-found", test_account_that_is_gone_is_not_found);
  return g_test_run ();
}
