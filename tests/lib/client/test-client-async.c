/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The asynchronous form of each verb: it gives the same result in the caller's context, which it
 * never blocks. */
#include "client-fixture.h"
#include "test-keyring.h"

typedef struct
{
  GMainContext *context;
  GThread *thread;
  GAsyncResult *result;
} Waiting;

static void
on_ready (GObject *source, GAsyncResult *result, gpointer data)
{
  Waiting *waiting = data;

  g_assert_true (g_thread_self () == waiting->thread);
  g_assert_true (g_main_context_get_thread_default () == waiting->context);
  waiting->result = g_object_ref (result);
}

static void
wait_for (Waiting *waiting)
{
  while (waiting->result == NULL)
    g_main_context_iteration (waiting->context, TRUE);
}

static void
waiting_clear (Waiting *waiting)
{
  g_clear_object (&waiting->result);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Waiting, waiting_clear)

#define WAITING                                                                                    \
  {                                                                                                \
    .context = g_main_context_get_thread_default (), .thread = g_thread_self ()                    \
  }

static void
check_verbs (Fixture *f)
{
  g_autoptr (KrSecretBroker) broker = kr_secret_broker_find ("kiwoom", NULL);
  g_autoptr (KrSecretCredential) credential = fixture_make_credential ("kiwoom", 0);
  g_autoptr (KrSecretCredential) back = NULL;
  g_autoptr (KrSecretAccount) account = NULL;
  g_autoptr (KrSecretToken) token = NULL;
  g_autoptr (GPtrArray) headers = NULL;
  g_autoptr (GError) error = NULL;
  KrSecretRevokeResult result = 99;
  gboolean was_there = 99;
  g_auto (Waiting) check = WAITING, load = WAITING, add = WAITING, get = WAITING, head = WAITING,
                   cred = WAITING, revoke = WAITING, forget = WAITING, removal = WAITING;

  kr_secret_client_check_keyring_async (f->client, NULL, on_ready, &check);
  wait_for (&check);
  kr_secret_client_check_keyring_finish (f->client, check.result, &error);
  g_assert_no_error (error);

  kr_secret_client_add_async (f->client, broker, "a", KR_SECRET_ENVIRONMENT_PAPER,
                              test_simulator_get_uri (f->simulator, "kiwoom"), credential, 0, NULL,
                              on_ready, &add);
  wait_for (&add);
  account = kr_secret_client_add_finish (f->client, add.result, &error);
  g_assert_no_error (error);
  g_assert_cmpint (kr_secret_account_get_environment (account), ==, KR_SECRET_ENVIRONMENT_PAPER);

  kr_secret_client_load_async (f->client, NULL, on_ready, &load);
  wait_for (&load);
  g_assert_true (kr_secret_client_load_finish (f->client, load.result, &error));

  kr_secret_client_get_token_async (f->client, account, KR_SECRET_TOKEN_ACCESS, 60, 0, NULL,
                                    on_ready, &get);
  wait_for (&get);
  token = kr_secret_client_get_token_finish (f->client, get.result, &error);
  g_assert_no_error (error);
  g_assert_nonnull (token);

  kr_secret_client_get_headers_async (f->client, account, 0, NULL, on_ready, &head);
  wait_for (&head);
  headers = kr_secret_client_get_headers_finish (f->client, head.result, &error);
  g_assert_cmpuint (headers->len, ==, 1);

  kr_secret_client_get_credential_async (f->client, account, NULL, on_ready, &cred);
  wait_for (&cred);
  back = kr_secret_client_get_credential_finish (f->client, cred.result, &error);
  g_assert_nonnull (kr_secret_credential_get (back, "appkey"));

  kr_secret_client_revoke_token_async (f->client, account, NULL, on_ready, &revoke);
  wait_for (&revoke);
  g_assert_true (kr_secret_client_revoke_token_finish (f->client, revoke.result, &result, &error));
  g_assert_cmpint (result, ==, KR_SECRET_REVOKE_DONE);

  kr_secret_client_forget_token_async (f->client, account, NULL, on_ready, &forget);
  wait_for (&forget);
  g_assert_true (
      kr_secret_client_forget_token_finish (f->client, forget.result, &was_there, &error));
  g_assert_false (was_there);

  kr_secret_client_remove_async (f->client, account, 0, NULL, on_ready, &removal);
  wait_for (&removal);
  g_assert_true (kr_secret_client_remove_finish (f->client, removal.result, &error));
  g_assert_cmpuint (test_keyring_count (NULL, NULL), ==, 0);
}

static void
test_each_verb_in_the_default_context (Fixture *f, gconstpointer data)
{
  check_verbs (f);
}

static void
test_each_verb_in_another_context (Fixture *f, gconstpointer data)
{
  g_autoptr (GMainContext) context = g_main_context_new ();

  g_main_context_push_thread_default (context);
  check_verbs (f);
  g_main_context_pop_thread_default (context);
}

static gboolean
on_tick (gpointer data)
{
  (*(guint *) data)++;
  return G_SOURCE_CONTINUE;
}

static void
test_main_loop_runs_meanwhile (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "ls", "a", KR_SECRET_ADD_NO_VERIFY);
  g_autoptr (KrSecretToken) token = NULL;
  g_auto (Waiting) get = WAITING;
  guint ticks = 0, source = g_timeout_add (10, on_tick, &ticks);

  test_simulator_set (f->simulator, "ls", "'latency_ms':500");
  kr_secret_client_get_token_async (f->client, account, 0, 60, 0, NULL, on_ready, &get);
  wait_for (&get);
  token = kr_secret_client_get_token_finish (f->client, get.result, NULL);
  g_assert_nonnull (token);
  g_assert_cmpuint (ticks, >, 5);
  g_source_remove (source);
}

static gboolean
on_cancel (gpointer data)
{
  g_cancellable_cancel (data);
  return G_SOURCE_REMOVE;
}

/* The request is under way then; a caller that cancels does not wait for it. */
static void
test_cancel_while_the_broker_thinks (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "ls", "a", KR_SECRET_ADD_NO_VERIFY);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (KrSecretToken) token = NULL;
  g_auto (Waiting) get = WAITING;
  gint64 began = g_get_monotonic_time ();

  test_simulator_set (f->simulator, "ls", "'latency_ms':3000");
  g_timeout_add (200, on_cancel, cancellable);
  kr_secret_client_get_token_async (f->client, account, 0, 60, 0, cancellable, on_ready, &get);
  wait_for (&get);
  g_assert_null (kr_secret_client_get_token_finish (f->client, get.result, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_CANCELLED);
  g_assert_cmpint (g_get_monotonic_time () - began, <, 2 * G_USEC_PER_SEC);
  /* The result is still stored, and not requested again. */
  token = fixture_get_token (f, account);
  g_assert_nonnull (token);
  g_assert_cmpuint (test_simulator_count (f->simulator, "ls", "issue"), ==, 1);
}

static void
test_cancelled_before_it_began (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "ls", "a", KR_SECRET_ADD_NO_VERIFY);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_auto (Waiting) load = WAITING, removal = WAITING;

  g_cancellable_cancel (cancellable);
  kr_secret_client_load_async (f->client, cancellable, on_ready, &load);
  wait_for (&load);
  g_assert_false (kr_secret_client_load_finish (f->client, load.result, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_CANCELLED);
  g_clear_error (&error);
  kr_secret_client_remove_async (f->client, account, 0, cancellable, on_ready, &removal);
  wait_for (&removal);
  g_assert_false (kr_secret_client_remove_finish (f->client, removal.result, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_CANCELLED);
  g_assert_cmpuint (test_keyring_count (NULL, NULL), ==, 1);
}

static void
test_client_may_go_before_the_answer (Fixture *f, gconstpointer data)
{
  KrSecretClient *client = kr_secret_client_new ();
  G_GNUC_UNUSED g_autoptr (GError) error = NULL;
  g_auto (Waiting) load = WAITING;

  kr_secret_client_load_async (client, NULL, on_ready, &load);
  g_object_unref (client);
  wait_for (&load);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  FIXTURE_ADD ("/async/each-verb-in-the-default-context", test_each_verb_in_the_default_context);
  FIXTURE_ADD ("/async/each-verb-in-another-context", test_each_verb_in_another_context);
  FIXTURE_ADD ("/async/main-loop-runs-meanwhile", test_main_loop_runs_meanwhile);
  FIXTURE_ADD ("/async/cancel-while-the-broker-thinks", test_cancel_while_the_broker_thinks);
  FIXTURE_ADD ("/async/cancelled-before-it-began", test_cancelled_before_it_began);
  FIXTURE_ADD ("/async/client-may-go-before-the-answer", test_client_may_go_before_the_answer);
  return g_test_run ();
}
