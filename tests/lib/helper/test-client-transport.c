/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whatever the broker answers to an issue, the error is the right one, nothing is stored, and the
 * old token is untouched. */
#include "client-fixture.h"
#include "test-assert.h"
#include "test-keyring.h"

typedef struct
{
  const char *name;
  const char *fault; /* besides the path */
  KrSecretError code;
} Case;

#define BAD KR_SECRET_ERROR_BAD_REPLY
#define DOWN KR_SECRET_ERROR_UNREACHABLE

static const Case cases[] = {
  { "cut", "'fault':'cut'", BAD },
  { "cut-without-length", "'fault':'cut-no-length'", BAD },
  { "reset", "'fault':'reset'", DOWN },
  { "empty-200", "'fault':'empty200'", BAD },
  { "html-200", "'fault':'html200'", BAD },
  { "status-400", "'fault':'status','status':400,'body':'{}'", BAD },
  { "status-404", "'fault':'status','status':404,'body':'not found'", BAD },
  { "status-500", "'fault':'server-error'", DOWN },
  { "status-503", "'fault':'status','status':503,'body':'<html>'", DOWN },
  { "status-429", "'fault':'status','status':429,'body':'{}'", KR_SECRET_ERROR_RATE_LIMITED },
  { "refused-key", "'fault':'refuse-key'", KR_SECRET_ERROR_REFUSED },
  { "expiry-negative", "'fault':'merge','merge':{'expires_in':-1}", BAD },
  { "expiry-zero", "'fault':'merge','merge':{'expires_in':0}", BAD },
  { "expiry-2-63", "'fault':'merge','merge':{'expires_in':9223372036854775808}", BAD },
  { "expiry-text", "'fault':'merge','merge':{'expires_in':'soon'}", BAD },
  { "expiry-list", "'fault':'merge','merge':{'expires_in':[86400]}", BAD },
  { "expiry-missing", "'fault':'merge','merge':{'expires_in':null}", BAD },
  { "token-number", "'fault':'merge','merge':{'access_token':12345678901234567890}", BAD },
  { "token-object", "'fault':'merge','merge':{'access_token':{}}", BAD },
  { "token-missing", "'fault':'merge','merge':{'access_token':null}", BAD },
  { "duplicate-key", "'fault':'duplicate-key'", BAD },
  { "byte-order-mark", "'fault':'prepend','bytes_base64':'77u/'", BAD },
  { "nul-before", "'fault':'prepend','bytes_base64':'AA=='", BAD },
  { "not-utf8", "'fault':'body','body_base64':'eyJhY2Nlc3NfdG9rZW4iOiL/In0='", BAD },
  { "token-cr-lf", "'fault':'token','token':'0123456789abcdef\\r\\nX: y'", BAD },
  { "token-lf", "'fault':'token','token':'0123456789abcdef\\n'", BAD },
  { "token-nul", "'fault':'token','token':'0123456789\\u0000abcdef'", BAD },
  { "token-space", "'fault':'token','token':'01234567 89abcdef'", BAD },
  { "token-short", "'fault':'token','token':'0123456789abcde'", BAD },
  { "token-empty", "'fault':'token','token':''", BAD },
  { "endless", "'fault':'endless'", BAD },
  { "gzip-bomb", "'fault':'gzip-bomb'", BAD },
  { "deep", "'fault':'deep'", BAD },
};

static KrSecretError
get_error (Fixture *f, KrSecretAccount *account)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (KrSecretToken) token = kr_secret_client_get_token (
      f->client, account, KR_SECRET_TOKEN_ACCESS, 60, 0, NULL, &error);

  g_assert_null (token);
  g_assert_nonnull (error);
  g_assert_true (error->domain == KR_SECRET_ERROR);
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  for (const char *p = error->message; *p != '\0'; p++)
    g_assert_false (g_ascii_iscntrl (*p));
  test_assert_lacks (error->message, "0123456789");
  g_test_message ("%s", error->message);
  return (KrSecretError) error->code;
}

/* The token's item before and after. There is an old token, but it expires too soon. */
static void
check (Fixture *f, const char *fault, KrSecretError code)
{
  g_autoptr (KrSecretAccount) empty = fixture_add (f, "ls", "empty", KR_SECRET_ADD_NO_VERIFY);
  gint64 began;

  test_simulator_fault_at (f->simulator, "ls", "/oauth2/token", fault);
  began = g_get_monotonic_time ();
  g_assert_cmpint (get_error (f, empty), ==, code);
  g_assert_cmpint (g_get_monotonic_time () - began, <, 9 * G_USEC_PER_SEC);
  g_assert_cmpuint (test_keyring_count (NULL, "krsecret-token"), ==, 0);
}

static void
test_case (Fixture *f, gconstpointer data)
{
  const Case *c = data;

  check (f, c->fault, c->code);
}

static void
test_long_token (Fixture *f, gconstpointer data)
{
  g_autofree char *token = g_strnfill (5000, 'a');
  g_autofree char *fault = g_strdup_printf ("'fault':'token','token':'%s'", token);

  check (f, fault, BAD);
}

/* However long the headers are, the result is an error or a token, and comes soon. */
static void
test_huge_headers (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "ls", "a", KR_SECRET_ADD_NO_VERIFY);
  g_autoptr (GError) error = NULL;
  g_autoptr (KrSecretToken) token = NULL;

  test_simulator_fault (f->simulator, "ls", "'fault':'huge-headers'");
  token = kr_secret_client_get_token (f->client, account, 0, 60, 0, NULL, &error);
  g_assert_true (token != NULL || error->code == DOWN || error->code == BAD);
}

/* An old token, past half its life and so due, is kept byte for byte when a renewal fails. */
static void
test_old_token_is_untouched (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = NULL;
  g_autoptr (GBytes) before = NULL;
  g_autoptr (GBytes) after = NULL;

  test_simulator_set (f->simulator, "kiwoom", "'lifetime':2");
  account = fixture_add (f, "kiwoom", "a", KR_SECRET_ADD_DEFAULT);
  fixture_wait_expired (f, account);
  before = test_keyring_read (kr_secret_account_get_id (account), "krsecret-token");
  test_simulator_fault (f->simulator, "kiwoom", "'fault':'token','token':'0123456789abcdef\\r\\n'");
  g_assert_cmpint (get_error (f, account), ==, BAD);
  after = test_keyring_read (kr_secret_account_get_id (account), "krsecret-token");
  g_assert_true (g_bytes_equal (before, after));
}

static void
test_redirect_is_not_followed (Fixture *f, gconstpointer data)
{
  const guint statuses[] = { 301, 302, 303, 307, 308 };

  for (guint i = 0; i < G_N_ELEMENTS (statuses); i++)
    {
      g_autofree char *alias = g_strdup_printf ("a%u", statuses[i]);
      g_autoptr (KrSecretAccount) account = fixture_add (f, "ls", alias, KR_SECRET_ADD_NO_VERIFY);
      g_autofree char *members
          = g_strdup_printf ("'fault':'redirect','status':%u,'location':'%s/oauth2/token'",
                             statuses[i], test_simulator_get_uri (f->simulator, "kiwoom"));

      test_simulator_fault (f->simulator, "ls", members);
      g_assert_cmpint (get_error (f, account), ==, BAD);
    }
  g_assert_cmpuint (test_simulator_count (f->simulator, "kiwoom", "connections"), ==, 0);
  g_assert_cmpuint (test_keyring_count (NULL, "krsecret-token"), ==, 0);
}

static void
test_hostile_message_arrives_harmless (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "ls", "a", KR_SECRET_ADD_NO_VERIFY);

  test_simulator_fault (
      f->simulator, "ls",
      "'path':'*','fault':'status','status':403,'body':'{\\\"error_code\\\":\\\"IGW00103\\\","
      "\\\"error_description\\\":\\\"\\\\u001b]0;x\\\\u0007\\\\u009b31m\\\\u202e\\\\nOK\\\"}'");
  g_assert_cmpint (get_error (f, account), ==, KR_SECRET_ERROR_REFUSED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/transport/", cases[i].name, NULL);

      g_test_add (path, Fixture, &cases[i], fixture_set_up, test_case, fixture_tear_down);
    }
  FIXTURE_ADD ("/transport/token-of-5000-characters", test_long_token);
  FIXTURE_ADD ("/transport/huge-headers", test_huge_headers);
  FIXTURE_ADD ("/transport/old-token-is-untouched", test_old_token_is_untouched);
  FIXTURE_ADD ("/transport/redirect-is-not-followed", test_redirect_is_not_followed);
  FIXTURE_ADD ("/transport/hostile-message-arrives-harmless",
               test_hostile_message_arrives_harmless);
  return g_test_run ();
}
