/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The broker refuses the key of an issue: after three refusals it is not asked again. */
#include "client-fixture.h"
#include "client-tokens.h"
#include "test-keyring.h"
#include "test-record.h"

/* A key that the broker refuses from now on. */
static KrSecretAccount *
add_refused (Fixture *f)
{
  KrSecretAccount *account = fixture_add (f, "kiwoom", "a", KR_SECRET_ADD_NO_VERIFY);

  test_simulator_fault_at (f->simulator, "kiwoom", "/oauth2/token",
                           "'fault':'refuse-key','times':0");
  for (guint i = 0; i < 3; i++)
    tokens_assert_fails (f->client, account, 0, KR_SECRET_ERROR_REFUSED, NULL);
  g_assert_cmpuint (fixture_count_issues (f, "kiwoom"), ==, 3);
  return account;
}

static void
test_refused_key_is_left_alone (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = add_refused (f);
  g_autoptr (KrSecretClient) other = tokens_new_client ();
  g_autoptr (KrSecretAccount) others = kr_secret_client_find_account (other, "a", NULL);

  for (guint i = 0; i < 5; i++)
    {
      tokens_assert_fails (f->client, account, 0, KR_SECRET_ERROR_REFUSED, NULL);
      tokens_assert_fails (f->client, account, KR_SECRET_TOKEN_WAIT, KR_SECRET_ERROR_REFUSED, NULL);
      tokens_assert_fails (f->client, account, KR_SECRET_TOKEN_RENEW, KR_SECRET_ERROR_REFUSED,
                           NULL);
      tokens_assert_fails (other, others, 0, KR_SECRET_ERROR_REFUSED, NULL);
    }
  g_assert_cmpuint (fixture_count_issues (f, "kiwoom"), ==, 3);
  /* Nothing was deleted because of it. */
  g_assert_cmpuint (test_keyring_count (kr_secret_account_get_id (account), "krsecret-account"), ==,
                    1);
}

/* Only a good token shows that all is well; other trouble shows nothing. */
static void
test_refusals_between_other_trouble (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "kiwoom", "a", KR_SECRET_ADD_NO_VERIFY);

  for (guint i = 0; i < 3; i++)
    {
      test_simulator_fault_at (f->simulator, "kiwoom", "/oauth2/token", "'fault':'refuse-secret'");
      tokens_assert_fails (f->client, account, 0, KR_SECRET_ERROR_REFUSED, NULL);
      if (i == 2)
        break;
      test_simulator_fault_at (f->simulator, "kiwoom", "/oauth2/token", "'fault':'server-error'");
      tokens_assert_fails (f->client, account, 0, KR_SECRET_ERROR_UNREACHABLE, NULL);
    }
  tokens_assert_fails (f->client, account, 0, KR_SECRET_ERROR_REFUSED, NULL);
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

  /* Another secret makes it another key too. */
  test_item_change (id, "krsecret-account", "secret.field.appsecret", appsecret);
  tokens_assert_fails (f->client, account, 0, KR_SECRET_ERROR_REFUSED, NULL);
  g_assert_cmpuint (fixture_count_issues (f, "kiwoom"), ==, 4);

  test_simulator_reset (f->simulator, "kiwoom");
  test_item_change (id, "krsecret-account", "secret.field.appkey", appkey);
  token = tokens_get (f->client, account, 0);
  g_assert_cmpuint (fixture_count_issues (f, "kiwoom"), ==, 1);
}

static void
test_force_tries_a_refused_key (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = add_refused (f);
  g_autoptr (KrSecretToken) token = NULL;
  g_autoptr (KrSecretToken) next = NULL;

  tokens_assert_fails (f->client, account, KR_SECRET_TOKEN_FORCE, KR_SECRET_ERROR_REFUSED, NULL);
  g_assert_cmpuint (fixture_count_issues (f, "kiwoom"), ==, 4);
  tokens_assert_fails (f->client, account, 0, KR_SECRET_ERROR_REFUSED, NULL);
  g_assert_cmpuint (fixture_count_issues (f, "kiwoom"), ==, 4);

  test_simulator_reset (f->simulator, "kiwoom");
  token = tokens_get (f->client, account, KR_SECRET_TOKEN_FORCE);
  g_assert_true (tokens_reject (f, account, token));
  /* The count starts again. */
  next = tokens_get (f->client, account, 0);
  tokens_assert_other (token, next);
  g_assert_cmpuint (fixture_count_issues (f, "kiwoom"), ==, 2);
}

#define ADD(name, test) FIXTURE_ADD ("/refused/" name, test)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("refused-key-is-left-alone", test_refused_key_is_left_alone);
  ADD ("refusals-between-other-trouble", test_refusals_between_other_trouble);
  ADD ("other-key-is-tried", test_other_key_is_tried);
  ADD ("force-tries-a-refused-key", test_force_tries_a_refused_key);
  return g_test_run ();
}
