/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* add_all: several accounts at once, and which ones are refused. */
#include <unistd.h>

#include "client-batch.h"
#include "client-events.h"
#include "test-assert.h"
#include "test-keyring.h"

static void
test_none (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) accounts = kr_secret_client_add_all (f->client, NULL, 0, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (accounts->len, ==, 0);
  g_assert_cmpuint (test_keyring_count (NULL, NULL), ==, 0);
}

static void
check_many (Fixture *f, guint n)
{
  g_autoptr (Batch) batch = batch_new (f, n, 0);
  g_autoptr (GPtrArray) accounts = batch_add (f, batch);

  for (guint i = 0; i < n; i++)
    {
      KrSecretAccount *account = g_ptr_array_index (accounts, i);
      g_autoptr (KrSecretAccount) found = events_find (f->client, batch->drafts[i].alias);
      g_autofree char *alias = kr_secret_account_dup_alias (account);
      g_autofree char *endpoint = kr_secret_account_dup_endpoint (account);
      g_autoptr (KrSecretCredential) stored
          = kr_secret_client_get_credential (f->client, account, NULL, NULL);

      g_assert_true (found == account);
      g_assert_cmpstr (alias, ==, batch->drafts[i].alias);
      g_assert_cmpstr (endpoint, ==, batch->drafts[i].endpoint);
      g_assert_cmpstr (kr_secret_account_get_broker_id (account), ==, "kiwoom");
      g_assert_cmpint (kr_secret_account_get_environment (account), ==,
                       KR_SECRET_ENVIRONMENT_PAPER);
      g_assert_cmpint (kr_secret_account_get_token_state (account), ==, KR_SECRET_TOKEN_STATE_NONE);
      g_assert_true (g_uuid_string_is_valid (kr_secret_account_get_id (account)));
      g_assert_cmpstr (
          secret_value_get_text (kr_secret_credential_get (stored, "appkey")), ==,
          secret_value_get_text (kr_secret_credential_get (batch->drafts[i].credential, "appkey")));
    }
  g_assert_cmpuint (test_keyring_count (NULL, "krsecret-account"), ==, n);
  g_assert_cmpuint (test_keyring_count (NULL, NULL), ==, n);
  /* The brokers are not told. */
  g_assert_cmpuint (fixture_count_connections (f, "kiwoom"), ==, 0);
}

static void
test_one (Fixture *f, gconstpointer data)
{
  check_many (f, 1);
}

static void
test_twenty (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) last = NULL;
  g_autoptr (KrSecretToken) token = NULL;

  check_many (f, BATCH_MAX);
  last = events_find (f->client, "b19");
  token = fixture_get_token (f, last);
  g_assert_cmpuint (fixture_count_issues (f, "kiwoom"), ==, 1);
}

static void
test_id_is_kept (Fixture *f, gconstpointer data)
{
  static const char id[] = "0b2c3d4e-1111-4222-8333-444455556666";
  g_autoptr (Batch) batch = batch_new (f, 2, 0);
  g_autoptr (GPtrArray) accounts = NULL;

  batch->drafts[1].id = id;
  accounts = batch_add (f, batch);
  g_assert_cmpstr (kr_secret_account_get_id (g_ptr_array_index (accounts, 1)), ==, id);
  g_assert_cmpstr (kr_secret_account_get_id (g_ptr_array_index (accounts, 0)), !=, id);
  g_assert_cmpuint (test_keyring_count (id, "krsecret-account"), ==, 1);
}

/* A plugin is not needed to keep a key. */
static void
test_broker_without_a_plugin (Fixture *f, gconstpointer data)
{
  g_autoptr (Batch) batch = batch_new (f, 1, 0);
  g_autoptr (GPtrArray) accounts = NULL;

  batch->drafts[0].broker_id = "nowhere";
  accounts = batch_add (f, batch);
  g_assert_cmpstr (kr_secret_account_get_broker_id (g_ptr_array_index (accounts, 0)), ==,
                   "nowhere");
}

/* The same key counts as another one at another broker or in the other environment. */
static void
test_same_key_elsewhere (Fixture *f, gconstpointer data)
{
  g_autoptr (Batch) batch = batch_new (f, 3, 0);
  G_GNUC_UNUSED g_autoptr (GPtrArray) accounts = NULL;

  batch_set_key (batch, 1, 0);
  batch_set_key (batch, 2, 0);
  batch->drafts[1].environment = KR_SECRET_ENVIRONMENT_REAL;
  batch->drafts[2].broker_id = "ls";
  accounts = batch_add (f, batch);
}

/* Nothing is stored, and the message names the account. */
static void
assert_refused (Fixture *f, Batch *batch, const char *named)
{
  g_autoptr (GError) error = NULL;
  guint items = test_keyring_count (NULL, NULL), ledgers = batch_count_ledgers ();

  g_assert_null (kr_secret_client_add_all (f->client, batch->drafts, batch->n, NULL, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_USAGE);
  if (named != NULL)
    test_assert_contains (error->message, named);
  g_assert_cmpuint (test_keyring_count (NULL, NULL), ==, items);
  g_assert_cmpuint (batch_count_ledgers (), ==, ledgers);
}

static void
test_alias_twice (Fixture *f, gconstpointer data)
{
  g_autoptr (Batch) batch = batch_new (f, 4, 0);

  batch_set_alias (batch, 1, "é");
  batch_set_alias (batch, 3, "e\xcc\x81");
  assert_refused (f, batch, "é");
}

static void
test_key_twice (Fixture *f, gconstpointer data)
{
  g_autoptr (Batch) batch = batch_new (f, 4, 0);

  batch_set_key (batch, 3, 1);
  assert_refused (f, batch, "b1");
}

static void
test_id_twice (Fixture *f, gconstpointer data)
{
  g_autoptr (Batch) batch = batch_new (f, 4, 0);

  batch->drafts[0].id = batch->drafts[3].id = "0b2c3d4e-1111-4222-8333-444455556666";
  assert_refused (f, batch, "b3");
}

static void
test_taken_by_a_stored_one (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretCredential) credential = fixture_make_credential ("kiwoom", 19);
  g_autoptr (GError) error = NULL;
  g_autoptr (KrSecretAccount) stored
      = fixture_try_add (f, "kiwoom", "연금저축", credential, KR_SECRET_ADD_NO_VERIFY, &error);
  g_autoptr (Batch) alias = batch_new (f, 3, 0);
  g_autoptr (Batch) key = batch_new (f, 3, 0);
  g_autoptr (Batch) id = batch_new (f, 3, 0);

  g_assert_no_error (error);
  batch_set_alias (alias, 2, "연금저축");
  assert_refused (f, alias, "연금저축");
  batch_set_key (key, 2, 19);
  key->drafts[2].environment = KR_SECRET_ENVIRONMENT_REAL;
  assert_refused (f, key, "연금저축");
  id->drafts[2].id = kr_secret_account_get_id (stored);
  assert_refused (f, id, "b2");
  batch_assert_seen ("연금저축");
}

/* The user can still examine a damaged account, so it is not overwritten. */
static void
test_id_of_a_damaged_one (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) stored = fixture_add (f, "kiwoom", "a", KR_SECRET_ADD_NO_VERIFY);
  const char *id = kr_secret_account_get_id (stored);
  g_autoptr (Batch) batch = batch_new (f, 2, 1);
  g_autoptr (GBytes) left = NULL;

  test_keyring_overwrite (id, "krsecret-account", "torn", -1);
  batch->drafts[1].id = id;
  assert_refused (f, batch, "b1");
  left = test_keyring_read (id, "krsecret-account");
  g_assert_cmpmem (g_bytes_get_data (left, NULL), g_bytes_get_size (left), "torn", 4);
}

static void
test_bad_names (Fixture *f, gconstpointer data)
{
  static const char *const aliases[] = { "", "a/b", "a\nb", " a", "..", "\xff" };
  static const char *const endpoints[] = { "http://example.com", "word", "" };
  static const char *const ids[] = { "", "..", "word", "0b2c3d4e-1111-4222-8333-44445555666/" };

  for (guint i = 0; i < G_N_ELEMENTS (aliases); i++)
    {
      g_autoptr (Batch) batch = batch_new (f, 2, 0);

      batch_set_alias (batch, 1, aliases[i]);
      assert_refused (f, batch, NULL);
    }
  for (guint i = 0; i < G_N_ELEMENTS (endpoints); i++)
    {
      g_autoptr (Batch) batch = batch_new (f, 2, 0);

      batch->drafts[1].endpoint = endpoints[i];
      assert_refused (f, batch, NULL);
    }
  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    {
      g_autoptr (Batch) batch = batch_new (f, 2, 0);

      batch->drafts[1].id = ids[i];
      assert_refused (f, batch, NULL);
    }
}

/* More than the batch's own item could name; this is detected before anything is written. */
static void
test_too_many (Fixture *f, gconstpointer data)
{
  const guint n = 1001;
  g_autofree KrSecretDraft *drafts = g_new0 (KrSecretDraft, n);
  g_autoptr (GPtrArray) aliases = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (KrSecretCredential) credential = fixture_make_credential ("kiwoom", 0);
  g_autoptr (GError) error = NULL;
  guint ledgers = batch_count_ledgers ();

  for (guint i = 0; i < n; i++)
    {
      g_ptr_array_add (aliases, g_strdup_printf ("b%u", i));
      drafts[i] = (KrSecretDraft){ .alias = aliases->pdata[i],
                                   .broker_id = "kiwoom",
                                   .environment = KR_SECRET_ENVIRONMENT_PAPER,
                                   .credential = credential };
    }
  g_assert_null (kr_secret_client_add_all (f->client, drafts, n, NULL, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_USAGE);
  test_assert_contains (error->message, "1001");
  test_assert_contains (error->message, "1000");
  g_clear_error (&error);
  /* One less is accepted. */
  g_assert_null (kr_secret_client_add_all (f->client, drafts, n - 1, NULL, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_USAGE);
  test_assert_contains (error->message, "b0");
  g_assert_cmpuint (test_keyring_count (NULL, NULL), ==, 0);
  g_assert_cmpuint (batch_count_ledgers (), ==, ledgers);
}

static gpointer
add_in_thread (gpointer data)
{
  Fixture *f = data;
  g_autoptr (Batch) batch = batch_new (f, 3, 0);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) accounts
      = kr_secret_client_add_all (f->client, batch->drafts, batch->n, NULL, &error);

  if (accounts == NULL)
    g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_USAGE);
  return GINT_TO_POINTER (accounts != NULL);
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
  batch_assert_seen ("b0,b1,b2");
}

static void
on_done (GObject *source, GAsyncResult *result, gpointer data)
{
  *(GAsyncResult **) data = g_object_ref (result);
}

/* The caller may free the drafts at once. */
static void
test_async (Fixture *f, gconstpointer data)
{
  g_autoptr (Batch) batch = batch_new (f, 3, 0);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GPtrArray) accounts = NULL;
  g_autoptr (GError) error = NULL;

  kr_secret_client_add_all_async (f->client, batch->drafts, batch->n, NULL, on_done, &result);
  batch_set_alias (batch, 0, "changed");
  g_clear_pointer (&batch, batch_free);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  accounts = kr_secret_client_add_all_finish (f->client, result, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (accounts->len, ==, 3);
  batch_assert_seen ("b0,b1,b2");
}

static void
test_lock_held_by_another (Fixture *f, gconstpointer data)
{
  g_autoptr (Batch) batch = batch_new (f, 2, 0);
  g_autoptr (GPtrArray) accounts = NULL;
  g_autoptr (GError) error = NULL;
  int held = fixture_hold_lock ("accounts");

  kr_secret_client_set_timeout (f->client, 300);
  g_assert_null (kr_secret_client_add_all (f->client, batch->drafts, 2, NULL, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_DEADLINE);
  close (held);
  kr_secret_client_set_timeout (f->client, 20000);
  accounts = batch_add (f, batch);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  FIXTURE_ADD ("/batch/none", test_none);
  FIXTURE_ADD ("/batch/one", test_one);
  FIXTURE_ADD ("/batch/twenty", test_twenty);
  FIXTURE_ADD ("/batch/id-is-kept", test_id_is_kept);
  FIXTURE_ADD ("/batch/broker-without-a-plugin", test_broker_without_a_plugin);
  FIXTURE_ADD ("/batch/same-key-elsewhere", test_same_key_elsewhere);
  FIXTURE_ADD ("/batch/alias-twice", test_alias_twice);
  FIXTURE_ADD ("/batch/key-twice", test_key_twice);
  FIXTURE_ADD ("/batch/id-twice", test_id_twice);
  FIXTURE_ADD ("/batch/taken-by-a-stored-one", test_taken_by_a_stored_one);
  FIXTURE_ADD ("/batch/id-of-a-damaged-one", test_id_of_a_damaged_one);
  FIXTURE_ADD ("/batch/bad-names", test_bad_names);
  FIXTURE_ADD ("/batch/too-many", test_too_many);
  FIXTURE_ADD ("/batch/two-at-once-see-each-other", test_two_at_once_see_each_other);
  FIXTURE_ADD ("/batch/async", test_async);
  FIXTURE_ADD ("/batch/lock-held-by-another", test_lock_held_by_another);
  return g_test_run ();
}
