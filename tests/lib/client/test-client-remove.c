/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Removing an account, and headers and verdicts for normal calls. */

#include "client-fixture.h"
#include "test-keyring.h"

static void
test_removed_is_gone_everywhere (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "kis", "a", KR_SECRET_ADD_DEFAULT);
  G_GNUC_UNUSED g_autoptr (KrSecretAccount) other
      = fixture_add (f, "ls", "b", KR_SECRET_ADD_DEFAULT);
  g_autoptr (GError) error = NULL;

  kr_secret_client_remove (f->client, account, KR_SECRET_REMOVE_DEFAULT, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (test_simulator_count (f->simulator, "kis", "revoke"), ==, 1);
  g_assert_cmpuint (test_keyring_count (kr_secret_account_get_id (account), NULL), ==, 0);
  g_assert_cmpuint (test_keyring_count (NULL, NULL), ==, 2);
  g_assert_null (kr_secret_client_find_account (f->client, "a", NULL));
  g_assert_false (kr_secret_client_remove (f->client, account, 0, NULL, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_NOT_FOUND);
}

static void
test_unreachable_broker_keeps_everything (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "kis", "a", KR_SECRET_ADD_DEFAULT);
  g_autoptr (KrSecretToken) token = NULL;
  g_autoptr (GError) error = NULL;

  test_simulator_stop (f->simulator);
  g_assert_false (kr_secret_client_remove (f->client, account, 0, NULL, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_UNREACHABLE);
  g_assert_cmpuint (test_keyring_count (NULL, NULL), ==, 2);
  token = fixture_get_stored (f, account);
  g_assert_nonnull (token);
  g_clear_error (&error);
  kr_secret_client_remove (f->client, account, KR_SECRET_REMOVE_FORCE, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (test_keyring_count (NULL, NULL), ==, 0);
}

static void
test_keep_token_asks_nobody (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "kis", "a", KR_SECRET_ADD_DEFAULT);
  g_autoptr (GError) error = NULL;

  kr_secret_client_remove (f->client, account, KR_SECRET_REMOVE_KEEP_TOKEN, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (test_simulator_count (f->simulator, "kis", "revoke"), ==, 0);
  g_assert_cmpuint (test_keyring_count (NULL, NULL), ==, 0);
}

static void
test_damaged_account_can_be_removed (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "kis", "a", KR_SECRET_ADD_DEFAULT);
  g_autoptr (GError) error = NULL;

  test_keyring_overwrite (kr_secret_account_get_id (account), "krsecret-account", "", 0);
  g_assert_false (kr_secret_client_remove (f->client, account, 0, NULL, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_DAMAGED);
  g_clear_error (&error);
  kr_secret_client_remove (f->client, account, KR_SECRET_REMOVE_FORCE, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (test_keyring_count (NULL, NULL), ==, 0);
}

/* The headers as the broker's protected call expects them. */
static void
check_headers (Fixture *f, const char *broker, const char *names)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, broker, broker, KR_SECRET_ADD_DEFAULT);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) headers
      = kr_secret_client_get_headers (f->client, account, 0, NULL, &error);
  g_autoptr (KrSecretToken) token = fixture_get_stored (f, account);
  g_autofree char *bearer
      = g_strconcat ("Bearer ", secret_value_get_text (kr_secret_token_get_value (token)), NULL);
  g_autoptr (GString) found = g_string_new (NULL);

  g_assert_no_error (error);
  for (guint i = 0; i < headers->len; i++)
    {
      g_autoptr (KrSecretHeader) header = kr_secret_header_copy (g_ptr_array_index (headers, i));

      g_string_append_printf (found, "%s ", header->name);
      g_assert_true (header->secret);
      if (g_ascii_strcasecmp (header->name, "authorization") == 0)
        g_assert_cmpstr (secret_value_get_text (header->value), ==, bearer);
    }
  g_assert_cmpstr (found->str, ==, names);
}

static void
test_headers_are_the_brokers (Fixture *f, gconstpointer data)
{
  check_headers (f, "kis", "authorization appkey appsecret ");
  check_headers (f, "kiwoom", "authorization ");
  check_headers (f, "ls", "authorization ");
}

static void
test_headers_without_a_token (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "kis", "a", KR_SECRET_ADD_NO_VERIFY);
  g_autoptr (GError) error = NULL;

  g_assert_null (
      kr_secret_client_get_headers (f->client, account, KR_SECRET_TOKEN_NO_ISSUE, NULL, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_NOT_FOUND);
}

static void
test_verdicts (Fixture *f, gconstpointer data)
{
  static const struct
  {
    const char *broker;
    guint status;
    const char *body;
    KrSecretVerdict verdict;
  } cases[] = {
    { "kis", 200, "{\"rt_cd\":\"0\"}", KR_SECRET_VERDICT_FINE },
    { "kis", 500, "{\"rt_cd\":\"1\",\"msg_cd\":\"EGW00123\"}", KR_SECRET_VERDICT_TOKEN_DEAD },
    { "ls", 500, "{\"rsp_cd\":\"IGW00121\"}", KR_SECRET_VERDICT_TOKEN_DEAD },
    { "ls", 503, "<html>", KR_SECRET_VERDICT_UNAVAILABLE },
    { "ls", 200, NULL, KR_SECRET_VERDICT_FINE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *alias = g_strdup_printf ("a%u", i);
      g_autoptr (KrSecretAccount) account
          = fixture_add (f, cases[i].broker, alias, KR_SECRET_ADD_NO_VERIFY);
      g_autoptr (GError) error = NULL;
      KrSecretVerdict verdict = 99;

      g_assert_true (kr_secret_client_classify_reply (f->client, account, cases[i].status,
                                                      cases[i].body, -1, &verdict, &error));
      g_assert_no_error (error);
      g_assert_cmpint (verdict, ==, cases[i].verdict);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  FIXTURE_ADD ("/remove/removed-is-gone-everywhere", test_removed_is_gone_everywhere);
  FIXTURE_ADD ("/remove/unreachable-broker-keeps-everything",
               test_unreachable_broker_keeps_everything);
  FIXTURE_ADD ("/remove/keep-token-asks-nobody", test_keep_token_asks_nobody);
  FIXTURE_ADD ("/remove/damaged-account-can-be-removed", test_damaged_account_can_be_removed);
  FIXTURE_ADD ("/calls/headers-are-the-brokers", test_headers_are_the_brokers);
  FIXTURE_ADD ("/calls/headers-without-a-token", test_headers_without_a_token);
  FIXTURE_ADD ("/calls/verdicts", test_verdicts);
  return g_test_run ();
}
