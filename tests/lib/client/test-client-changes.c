/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rename, and what it shares with edit: the account stays the same one. */
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

static void
assert_alias (KrSecretAccount *account, const char *expected)
{
  g_autofree char *alias = kr_secret_account_dup_alias (account);

  g_assert_cmpstr (alias, ==, expected);
}

/* The account that another program finds under a name. */
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

/* An account that this client has not heard of. */
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

/* It is neither renamed nor created again. */
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

/* Whichever comes first, no account is left. */
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

/* The user has deleted files: those that are needed are created again. */
static void
test_ledgers_deleted (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "ls", "a", KR_SECRET_ADD_DEFAULT);
  g_autofree char *path = g_build_filename (g_get_user_state_dir (), "krsecret", NULL);

  kr_secret_client_set_timeout (f->client, 5000);
  test_directory_remove (g_strdup (path));
  rename_to (f, account, "b");
  test_directory_remove (g_steal_pointer (&path));
  fixture_edit (f, account, 500);
}

/* As a later version might write it. */
static void
test_unknown_keys_are_kept (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "ls", "a", KR_SECRET_ADD_NO_VERIFY);
  const char *id = kr_secret_account_get_id (account);
  g_autoptr (GBytes) bytes = NULL;
  g_autofree char *text = NULL;

  test_item_change (id, KIND, "colour", "blue");
  test_item_change (id, KIND, "secret.pin", "1234");
  fixture_edit (f, account, 500);
  rename_to (f, account, "b");
  bytes = test_keyring_read (id, KIND);
  text = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  test_assert_contains (text, "\ncolour=blue\n");
  test_assert_contains (text, "\nsecret.pin=1234\n");
  test_assert_contains (text, "\nalias=b\n");
  fixture_assert_key (f, account, 500);
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
  g_autofree char *endpoint = NULL;
  g_autoptr (GError) error = NULL;

  kr_secret_client_rename_async (f->client, account, alias, NULL, on_done, &renamed);
  g_clear_pointer (&alias, g_free); /* the caller may free them at once */
  await (&renamed);
  g_assert_true (kr_secret_client_rename_finish (f->client, renamed, &error));
  g_assert_no_error (error);
  assert_alias (account, "b");

  kr_secret_client_edit_async (f->client, account, credential, "", NULL, on_done, &edited);
  await (&edited);
  g_assert_true (kr_secret_client_edit_finish (f->client, edited, &error));
  g_assert_no_error (error);
  fixture_assert_key (f, account, 500);
  endpoint = kr_secret_account_dup_endpoint (account);
  g_assert_null (endpoint);

  kr_secret_client_rename_async (f->client, account, "a/b", NULL, on_done, &refused);
  await (&refused);
  g_assert_false (kr_secret_client_rename_finish (f->client, refused, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_USAGE);
}

/* If the lock is held, both end with a code, and the account is unchanged. */
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
  fixture_assert_key (f, account, 0);
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
  /* It has the account's lock once it waits for that of the set. */
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
  fixture_assert_key (f, account, 0);
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
  fixture_assert_key (f, account, 0);
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
  FIXTURE_ADD ("/changes/unknown-keys-are-kept", test_unknown_keys_are_kept);
  FIXTURE_ADD ("/changes/damaged-account", test_damaged_account_is_not_changed);
  FIXTURE_ADD ("/changes/async", test_async);
  FIXTURE_ADD ("/changes/cancelled", test_cancelled);
  FIXTURE_ADD ("/changes/cancelled-while-it-waits", test_cancelled_while_it_waits);
  FIXTURE_ADD ("/changes/lock-held-by-another", test_lock_held_by_another);
  FIXTURE_ADD ("/changes/locked-keyring", test_locked_keyring);
  return g_test_run ();
}
