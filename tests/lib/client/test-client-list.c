/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The client as a list of accounts: its signals, emitted in the right place, and looking an account
 * up. */
#include "client-fixture.h"
#include "test-assert.h"
#include "test-keyring.h"

typedef struct
{
  guint calls, position, removed, added;
  GThread *thread;
} Changes;

static void
on_items_changed (GListModel *model, guint position, guint removed, guint added, gpointer data)
{
  Changes *changes = data;

  changes->calls++;
  changes->position = position;
  changes->removed = removed;
  changes->added = added;
  changes->thread = g_thread_self ();
}

static KrSecretClient *
watch (Changes *changes)
{
  KrSecretClient *client = kr_secret_client_new ();

  g_signal_connect (client, "items-changed", G_CALLBACK (on_items_changed), changes);
  return client;
}

static void
load (KrSecretClient *client)
{
  g_autoptr (GError) error = NULL;

  kr_secret_client_load (client, NULL, &error);
  g_assert_no_error (error);
}

static void
settle (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
test_load_tells_once (Fixture *f, gconstpointer data)
{
  Changes changes = { 0 };
  g_autoptr (KrSecretClient) client = watch (&changes);
  G_GNUC_UNUSED g_autoptr (KrSecretAccount) b
      = fixture_add (f, "kis", "b", KR_SECRET_ADD_NO_VERIFY);
  G_GNUC_UNUSED g_autoptr (KrSecretAccount) a = fixture_add (f, "ls", "a", KR_SECRET_ADD_NO_VERIFY);
  g_autoptr (KrSecretAccount) first = NULL;
  g_autofree char *alias = NULL;

  load (client);
  settle ();
  g_assert_cmpuint (changes.calls, ==, 1);
  g_assert_cmpuint (changes.added, ==, 2);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (client)), ==, 2);
  g_assert_true (g_list_model_get_item_type (G_LIST_MODEL (client)) == KR_SECRET_TYPE_ACCOUNT);
  first = g_list_model_get_item (G_LIST_MODEL (client), 0);
  alias = kr_secret_account_dup_alias (first);
  g_assert_cmpstr (alias, ==, "a");
  g_assert_null (g_list_model_get_item (G_LIST_MODEL (client), 2));

  /* Nothing new: the same objects, and no signal. */
  load (client);
  settle ();
  g_assert_cmpuint (changes.calls, ==, 1);
  g_assert_true (first == g_list_model_get_item (G_LIST_MODEL (client), 0));
  g_object_unref (first);
}

static void
test_only_what_changed_is_told (Fixture *f, gconstpointer data)
{
  Changes changes = { 0 };
  g_autoptr (KrSecretClient) client = watch (&changes);
  g_autoptr (KrSecretAccount) a = fixture_add (f, "kis", "a", KR_SECRET_ADD_NO_VERIFY);
  G_GNUC_UNUSED g_autoptr (KrSecretAccount) c
      = fixture_add (f, "kis", "c", KR_SECRET_ADD_NO_VERIFY);
  g_autoptr (KrSecretAccount) b = NULL;
  g_autoptr (GError) error = NULL;

  load (client);
  settle ();
  b = fixture_add (f, "kis", "b", KR_SECRET_ADD_NO_VERIFY);
  load (client);
  settle ();
  g_assert_cmpuint (changes.calls, ==, 2);
  g_assert_cmpuint (changes.position, ==, 1);
  g_assert_cmpuint (changes.removed, ==, 0);
  g_assert_cmpuint (changes.added, ==, 1);
  kr_secret_client_remove (f->client, a, KR_SECRET_REMOVE_KEEP_TOKEN, NULL, &error);
  g_assert_no_error (error);
  load (client);
  settle ();
  g_assert_cmpuint (changes.calls, ==, 3);
  g_assert_cmpuint (changes.position, ==, 0);
  g_assert_cmpuint (changes.removed, ==, 1);
  g_assert_cmpuint (changes.added, ==, 0);
}

static void
on_notify (GObject *object, GParamSpec *pspec, gpointer data)
{
  (*(guint *) data)++;
}

static void
test_token_is_notified (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "ls", "a", KR_SECRET_ADD_NO_VERIFY);
  g_autoptr (KrSecretToken) token = NULL;
  guint states = 0;
  int state;

  settle ();
  g_signal_connect (account, "notify::token-state", G_CALLBACK (on_notify), &states);
  token = fixture_get_token (f, account);
  settle ();
  g_assert_cmpuint (states, ==, 1);
  g_object_get (account, "token-state", &state, NULL);
  g_assert_cmpint (state, ==, KR_SECRET_TOKEN_STATE_VALID);
}

static void
test_no_property_has_a_secret (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "kis", "a", KR_SECRET_ADD_DEFAULT);
  g_autoptr (KrSecretToken) token = fixture_get_token (f, account);
  g_autofree char *appkey = test_simulator_get_key ("kis", 0, "appkey");
  guint n;
  g_autofree GParamSpec **pspecs
      = g_object_class_list_properties (G_OBJECT_GET_CLASS (account), &n);

  g_assert_cmpuint (n, >, 5);
  for (guint i = 0; i < n; i++)
    {
      g_auto (GValue) value = G_VALUE_INIT;
      g_autofree char *text = NULL;

      g_object_get_property (G_OBJECT (account), pspecs[i]->name, &value);
      text = g_strdup_value_contents (&value);
      test_assert_lacks (text, appkey);
      test_assert_lacks (text, secret_value_get_text (kr_secret_token_get_value (token)));
      g_assert_false (pspecs[i]->flags & G_PARAM_WRITABLE);
    }
}

static gpointer
load_in_thread (gpointer data)
{
  load (data);
  return NULL;
}

/* A thread that calls a verb while nothing runs the context must not run its handlers. */
static void
test_signals_come_in_the_creating_thread (Fixture *f, gconstpointer data)
{
  Changes changes = { 0 };
  g_autoptr (KrSecretClient) client = watch (&changes);
  G_GNUC_UNUSED g_autoptr (KrSecretAccount) account
      = fixture_add (f, "kis", "a", KR_SECRET_ADD_NO_VERIFY);

  g_thread_join (g_thread_new ("load", load_in_thread, client));
  settle ();
  g_assert_cmpuint (changes.calls, ==, 1);
  g_assert_true (changes.thread == g_thread_self ());
}

static gpointer
run_client_of_its_own (gpointer data)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  Changes changes = { 0 };
  KrSecretClient *client;

  g_main_context_push_thread_default (context);
  client = watch (&changes);
  load (client);
  while (changes.calls == 0)
    g_main_context_iteration (context, TRUE);
  g_assert_true (changes.thread == g_thread_self ());
  g_object_unref (client);
  g_main_context_pop_thread_default (context);
  return NULL;
}

static void
test_context_may_be_a_threads_own (Fixture *f, gconstpointer data)
{
  G_GNUC_UNUSED g_autoptr (KrSecretAccount) account
      = fixture_add (f, "kis", "a", KR_SECRET_ADD_NO_VERIFY);

  g_thread_join (g_thread_new ("client", run_client_of_its_own, NULL));
}

static void
assert_found (Fixture *f, const char *name, KrSecretAccount *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (KrSecretAccount) found = kr_secret_client_find_account (f->client, name, &error);

  g_assert_no_error (error);
  g_assert_true (found == expected);
}

static void
assert_not_found (Fixture *f, const char *name, KrSecretError code)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (kr_secret_client_find_account (f->client, name, &error));
  g_assert_error (error, KR_SECRET_ERROR, (int) code);
}

static void
test_found_by_each_of_its_names (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) a = fixture_add (f, "kis", "연금", KR_SECRET_ADD_NO_VERIFY);
  g_autoptr (KrSecretAccount) b = fixture_add (f, "ls", "é", KR_SECRET_ADD_NO_VERIFY);
  g_autofree char *prefix = g_strndup (kr_secret_account_get_id (a), 8);
  g_autofree char *short_prefix = g_strndup (kr_secret_account_get_id (a), 7);

  assert_found (f, "연금", a);
  assert_found (f, "kis/연금", a);
  assert_found (f, "\xe1\x84\x8b\xe1\x85\xa7\xe1\x86\xab\xe1\x84\x80\xe1\x85\xb3\xe1\x86\xb7", a);
  assert_found (f, kr_secret_account_get_id (a), a);
  assert_found (f, prefix, a);
  assert_found (f, "e\xcc\x81", b);
  assert_found (f, "ls/e\xcc\x81", b);
  assert_not_found (f, short_prefix, KR_SECRET_ERROR_NOT_FOUND);
  assert_not_found (f, "ls/연금", KR_SECRET_ERROR_NOT_FOUND);
  assert_not_found (f, "", KR_SECRET_ERROR_NOT_FOUND);
  assert_not_found (f, "연", KR_SECRET_ERROR_NOT_FOUND);
  assert_not_found (f, "kis/", KR_SECRET_ERROR_NOT_FOUND);
  assert_not_found (f, "\xff\xf8\xf8\xf8", KR_SECRET_ERROR_NOT_FOUND);
}

static void
test_ambiguous_name_lists_the_candidates (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) a = fixture_add (f, "kis", "a", KR_SECRET_ADD_NO_VERIFY);
  g_autofree char *prefix = g_strndup (kr_secret_account_get_id (a), 8);
  g_autoptr (KrSecretAccount) b = fixture_add (f, "kis", prefix, KR_SECRET_ADD_NO_VERIFY);
  g_autoptr (GError) error = NULL;

  g_assert_null (kr_secret_client_find_account (f->client, prefix, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_USAGE);
  test_assert_contains (error->message, kr_secret_account_get_id (a));
  test_assert_contains (error->message, kr_secret_account_get_id (b));
}

static void
test_damaged_account_is_listed_and_the_others_work (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) bad = fixture_add (f, "kis", "bad", KR_SECRET_ADD_NO_VERIFY);
  g_autoptr (KrSecretAccount) good = fixture_add (f, "ls", "good", KR_SECRET_ADD_NO_VERIFY);
  g_autoptr (KrSecretAccount) listed = NULL;
  g_autoptr (KrSecretToken) token = NULL;
  g_autoptr (GError) error = NULL;
  KrSecretVerdict verdict;

  test_keyring_overwrite (kr_secret_account_get_id (bad), "krsecret-account", "", 0);
  load (f->client);
  listed = kr_secret_client_find_account (f->client, kr_secret_account_get_id (bad), &error);
  g_assert_no_error (error);
  g_assert_cmpstr (kr_secret_account_get_problem (listed), ==, "damaged");
  g_assert_null (kr_secret_account_dup_alias (listed));
  g_assert_null (kr_secret_client_get_token (f->client, listed, 0, 60, 0, NULL, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_DAMAGED);
  g_clear_error (&error);
  g_assert_false (
      kr_secret_client_classify_reply (f->client, listed, 200, "{}", 2, &verdict, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_DAMAGED);
  assert_found (f, "good", good);
  token = fixture_get_token (f, good);
  g_assert_cmpuint (test_simulator_count (f->simulator, "kis", "issue"), ==, 0);
}

static void
test_damaged_token_is_a_problem_of_its_account (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "kis", "a", KR_SECRET_ADD_DEFAULT);

  fixture_damage_token (account);
  load (f->client);
  g_assert_cmpstr (kr_secret_account_get_problem (account), ==, "token-damaged");
}

static gpointer
probe_for_a_while (gpointer data)
{
  for (int i = 0; i < 60; i++)
    {
      g_autoptr (GError) error = NULL;

      kr_secret_client_check_keyring (data, NULL, &error);
      g_assert_no_error (error);
    }
  return NULL;
}

/* Items come and go while another program reads them all. */
static void
test_loading_survives_items_that_vanish (Fixture *f, gconstpointer data)
{
  G_GNUC_UNUSED g_autoptr (KrSecretAccount) account
      = fixture_add (f, "kis", "a", KR_SECRET_ADD_NO_VERIFY);
  GThread *threads[3];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("probe", probe_for_a_while, f->client);
  for (int i = 0; i < 150; i++)
    load (f->client);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  FIXTURE_ADD ("/list/load-tells-once", test_load_tells_once);
  FIXTURE_ADD ("/list/only-what-changed-is-told", test_only_what_changed_is_told);
  FIXTURE_ADD ("/list/token-is-notified", test_token_is_notified);
  FIXTURE_ADD ("/list/no-property-has-a-secret", test_no_property_has_a_secret);
  FIXTURE_ADD ("/list/context-may-be-a-threads-own", test_context_may_be_a_threads_own);
  FIXTURE_ADD ("/list/found-by-each-of-its-names", test_found_by_each_of_its_names);
  FIXTURE_ADD ("/list/ambiguous-name-lists-the-candidates",
               test_ambiguous_name_lists_the_candidates);
  FIXTURE_ADD ("/list/damaged-account-is-listed-and-the-others-work",
               test_damaged_account_is_listed_and_the_others_work);
  FIXTURE_ADD ("/list/damaged-token-is-a-problem-of-its-account",
               test_damaged_token_is_a_problem_of_its_account);
  FIXTURE_ADD ("/list/signals-come-in-the-creating-thread",
               test_signals_come_in_the_creating_thread);
  FIXTURE_ADD ("/list/loading-survives-items-that-vanish", test_loading_survives_items_that_vanish);
  return g_test_run ();
}
