/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A keyring of two collections: login, and another that is sometimes the default. One of them does
 * not hold everything. */
#include "client-fixture.h"
#include "test-bus.h"
#include "test-keyring.h"
#include "test-process.h"

static char *other; /* made once for all tests */

static void
set_up (Fixture *f, gconstpointer data)
{
  if (other == NULL)
    other = test_keyring_create_other ();
  fixture_set_up (f, data);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  test_keyring_set_default (TEST_KEYRING_LOGIN);
  fixture_tear_down (f, data);
}

/* Each has an account, added while it was the default; the login one is locked. */
static void
lock_one_of_two (Fixture *f)
{
  G_GNUC_UNUSED g_autoptr (KrSecretAccount) a
      = fixture_add (f, "kis", "a", KR_SECRET_ADD_NO_VERIFY);
  g_autoptr (KrSecretAccount) b = NULL;

  test_keyring_set_default (other);
  b = fixture_add (f, "ls", "b", KR_SECRET_ADD_NO_VERIFY);
  test_keyring_lock ();
}

static void
test_load_says_locked (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretClient) client = kr_secret_client_new ();
  g_autoptr (GError) error = NULL;

  lock_one_of_two (f);
  g_assert_false (kr_secret_client_load (client, NULL, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_LOCKED);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (client)), ==, 0);
  test_keyring_unlock ();
  g_clear_error (&error);
  kr_secret_client_load (client, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (client)), ==, 2);
}

/* After a restart, only the open collection knows its schemas, not the one that stays locked. */
static void
test_load_says_locked_after_a_restart (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretClient) client = kr_secret_client_new ();
  g_autoptr (GError) error = NULL;

  lock_one_of_two (f);
  test_keyring_unlock ();
  test_keyring_kill ();
  test_keyring_start (TRUE); /* the login one; the other is left locked */
  g_assert_cmpuint (test_keyring_count (NULL, NULL), >, 0); /* it has started */
  g_assert_false (kr_secret_client_load (client, NULL, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_LOCKED);
  test_keyring_unlock_at (other);
  g_clear_error (&error);
  kr_secret_client_load (client, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (client)), ==, 2);
}

/* A copy of the key that cannot be erased now would reappear at the next unlock. */
static void
test_remove_says_locked (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "kis", "a", KR_SECRET_ADD_NO_VERIFY);
  const char *id = kr_secret_account_get_id (account);
  g_autoptr (GBytes) payload = test_keyring_read (id, "krsecret-account");
  g_autoptr (GError) error = NULL;

  test_keyring_write_to (other, id, "krsecret-account", g_bytes_get_data (payload, NULL),
                         (gssize) g_bytes_get_size (payload));
  test_keyring_lock ();
  g_assert_false (
      kr_secret_client_remove (f->client, account, KR_SECRET_REMOVE_KEEP_TOKEN, NULL, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_LOCKED);
  test_keyring_unlock ();
  g_assert_cmpuint (test_keyring_count (id, "krsecret-account"), ==, 2);
  g_clear_error (&error);
  kr_secret_client_remove (f->client, account, KR_SECRET_REMOVE_KEEP_TOKEN, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (test_keyring_count (id, NULL), ==, 0);
}

static void
test_add_says_locked (Fixture *f, gconstpointer data)
{
  const char *const aliases[] = { "a", "b", "c" };

  lock_one_of_two (f);
  for (guint i = 0; i < G_N_ELEMENTS (aliases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (
          fixture_try_add (f, "kiwoom", aliases[i], NULL, KR_SECRET_ADD_NO_VERIFY, &error));
      g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_LOCKED);
    }
  test_keyring_unlock ();
  g_assert_cmpuint (test_keyring_count (NULL, "krsecret-account"), ==, 2);
}

/* An account in the open collection is found by its id, whatever else is locked. */
static void
test_open_account_is_of_use (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) b = NULL;
  g_autoptr (KrSecretToken) token = NULL;

  lock_one_of_two (f);
  b = kr_secret_client_find_account (f->client, "b", NULL);
  token = fixture_get_token (f, b);
  g_assert_nonnull (token);
  test_keyring_unlock ();
}

/* In the list of a new client, and in another process. */
static void
assert_everybody_gets (KrSecretAccount *account, KrSecretToken *token)
{
  g_autoptr (KrSecretClient) client = kr_secret_client_new ();
  g_autoptr (KrSecretAccount) same = NULL;
  g_autoptr (KrSecretToken) loaded = NULL;
  g_autoptr (GSubprocess) child = fixture_spawn_child (kr_secret_account_get_id (account));
  g_autofree char *printed = g_strchomp (test_finish (child));
  g_autoptr (GError) error = NULL;

  g_assert_cmpstr (printed, ==, kr_secret_token_get_fingerprint (token));
  kr_secret_client_load (client, NULL, &error);
  g_assert_no_error (error);
  same = kr_secret_client_find_account (client, kr_secret_account_get_id (account), &error);
  g_assert_no_error (error);
  g_assert_cmpint (kr_secret_account_get_token_state (same), ==, KR_SECRET_TOKEN_STATE_VALID);
  g_assert_cmpint (kr_secret_account_get_token_expires_at (same), ==,
                   kr_secret_token_get_expires_at (token));
  loaded = kr_secret_client_get_token (client, same, KR_SECRET_TOKEN_ACCESS, KR_SECRET_MIN_VALIDITY,
                                       KR_SECRET_TOKEN_NO_ISSUE, NULL, &error);
  g_assert_no_error (error);
  fixture_assert_same (loaded, token);
}

/* The default moves, in both directions: the keyring may list either collection first. */
typedef struct
{
  const char *broker;
  gboolean to_login;
} Way;

static const Way ways[] = { { "kiwoom", FALSE }, { "ls", TRUE } };

static void
set_default (const Way *way, gboolean moved)
{
  test_keyring_set_default (way->to_login == moved ? TEST_KEYRING_LOGIN : other);
}

static void
test_token_is_replaced_in_the_old_default (Fixture *f, gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      const char *broker = ways[i].broker;
      g_autoptr (KrSecretAccount) account = NULL;
      g_autoptr (KrSecretToken) token = NULL;

      set_default (&ways[i], FALSE);
      test_simulator_set (f->simulator, broker, "'lifetime':2");
      account = fixture_add (f, broker, broker, KR_SECRET_ADD_DEFAULT);
      fixture_wait_expired (f, account);
      test_simulator_set (f->simulator, broker, "'lifetime':null");
      set_default (&ways[i], TRUE);
      token = fixture_get_token (f, account);
      g_assert_null (kr_secret_token_get_warning (token));
      g_assert_cmpuint (test_keyring_count (kr_secret_account_get_id (account), "krsecret-token"),
                        ==, 1);
      assert_everybody_gets (account, token);
      g_assert_cmpuint (test_simulator_count (f->simulator, broker, "issue"), ==, 2);
    }
}

static void
forget (Fixture *f, KrSecretAccount *account)
{
  g_autoptr (GError) error = NULL;

  kr_secret_client_forget_token (f->client, account, NULL, NULL, &error);
  g_assert_no_error (error);
}

/* The old token could not be deleted, or a backup restored it. It lives as long as the new one. */
static void
test_newest_of_two_tokens_is_everybodys (Fixture *f, gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      const char *broker = ways[i].broker;
      g_autoptr (KrSecretAccount) account = NULL;
      g_autoptr (KrSecretToken) old = NULL;
      g_autoptr (KrSecretToken) token = NULL;
      g_autoptr (KrSecretToken) read = NULL;
      g_autoptr (GBytes) record = NULL;
      const char *id;

      set_default (&ways[i], FALSE);
      account = fixture_add (f, broker, broker, KR_SECRET_ADD_DEFAULT);
      id = kr_secret_account_get_id (account);
      old = fixture_get_token (f, account);
      record = test_keyring_read (id, "krsecret-token");
      forget (f, account);
      set_default (&ways[i], TRUE);
      test_wait_until (g_get_real_time () / G_USEC_PER_SEC
                       > kr_secret_token_get_issued_at (old) + 1);
      token = fixture_get_token (f, account);
      test_keyring_write_to (ways[i].to_login ? other : TEST_KEYRING_LOGIN, id, "krsecret-token",
                             g_bytes_get_data (record, NULL), (gssize) g_bytes_get_size (record));
      g_assert_cmpuint (test_keyring_count (id, "krsecret-token"), ==, 2);
      test_bus_catch_up (); /* now the client looks again by itself */
      read = fixture_get_stored (f, account);
      fixture_assert_same (read, token);
      assert_everybody_gets (account, token);
      g_assert_cmpuint (test_simulator_count (f->simulator, broker, "issue"), ==, 2);

      /* Forgetting covers both. */
      forget (f, account);
      g_assert_cmpuint (test_keyring_count (id, "krsecret-token"), ==, 0);
    }
}

#define ADD(name, test) g_test_add (name, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  if (argc == 3 && g_str_equal (argv[1], "--child"))
    return fixture_child (argc, argv);
  g_test_init (&argc, &argv, NULL);
  ADD ("/collections/load-says-locked-if-one-is", test_load_says_locked);
  ADD ("/collections/load-says-locked-after-a-restart", test_load_says_locked_after_a_restart);
  ADD ("/collections/remove-says-locked-if-a-copy-is", test_remove_says_locked);
  ADD ("/collections/add-says-locked-if-one-is", test_add_says_locked);
  ADD ("/collections/open-account-is-of-use-if-one-is-locked", test_open_account_is_of_use);
  ADD ("/collections/token-is-replaced-in-the-old-default",
       test_token_is_replaced_in_the_old_default);
  ADD ("/collections/newest-of-two-tokens-is-everybodys", test_newest_of_two_tokens_is_everybodys);
  return g_test_run ();
}
