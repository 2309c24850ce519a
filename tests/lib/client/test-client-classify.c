/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The verdict on a token from a broker's answer to a normal call, using the simulator's real
 * answers. */
#include <string.h>

#include "client-fixture.h"

/* Makes a protected call with a token; the verdict on the answer. */
static KrSecretVerdict
call (Fixture *f, KrSecretAccount *account, const char *token)
{
  const char *broker = kr_secret_account_get_broker_id (account);
  gboolean kis = g_str_equal (broker, "kis");
  g_autoptr (KrSecretCredential) credential
      = kr_secret_client_get_credential (f->client, account, NULL, NULL);
  g_autofree char *keys = g_strdup_printf (
      "appkey: %s\r\nappsecret: %s\r\ntr_id: FHKST01010100\r\ncusttype: P\r\n",
      secret_value_get_text (kr_secret_credential_get (credential, "appkey")),
      secret_value_get_text (kr_secret_credential_get (credential, "appsecret")));
  g_autofree char *headers = g_strdup_printf ("Authorization: Bearer %s\r\n%s", token,
                                              kis ? keys : "api-id: ka10001\r\ntr_cd: t1102\r\n");
  g_autofree char *body = NULL;
  KrSecretVerdict verdict = (KrSecretVerdict) -1;
  g_autoptr (GError) error = NULL;
  guint status;

  if (kis)
    status = test_simulator_send (f->simulator, broker, "GET",
                                  "/uapi/domestic-stock/v1/quotations/inquire-price", headers, NULL,
                                  &body);
  else
    status = test_simulator_send (f->simulator, broker, "POST",
                                  g_str_equal (broker, "ls") ? "/stock/market-data"
                                                             : "/api/dostk/stkinfo",
                                  headers, "{}", &body);
  kr_secret_client_classify_reply (f->client, account, status, body, -1, &verdict, &error);
  g_assert_no_error (error);
  g_test_message ("%s: %u %s", broker, status, body);
  return verdict;
}

static void
test_what_calls_are_answered (Fixture *f, gconstpointer data)
{
  static const struct
  {
    const char *fault;
    KrSecretVerdict verdict;
  } faults[] = {
    { "'fault':'rate-limited'", KR_SECRET_VERDICT_RATE_LIMITED },
    { "'fault':'refuse-key'", KR_SECRET_VERDICT_REFUSED },
    { "'fault':'refuse-secret'", KR_SECRET_VERDICT_REFUSED },
    { "'fault':'server-error'", KR_SECRET_VERDICT_UNAVAILABLE },
    { "'fault':'status','status':503", KR_SECRET_VERDICT_UNAVAILABLE },
  };
  static const char *const brokers[] = { "kis", "kiwoom", "ls" };

  for (guint i = 0; i < G_N_ELEMENTS (brokers); i++)
    {
      g_autoptr (KrSecretAccount) account
          = fixture_add (f, brokers[i], brokers[i], KR_SECRET_ADD_DEFAULT);
      g_autoptr (KrSecretToken) token = fixture_get_token (f, account);
      const char *text = secret_value_get_text (kr_secret_token_get_value (token));

      g_assert_cmpint (call (f, account, text), ==, KR_SECRET_VERDICT_FINE);
      g_assert_cmpint (call (f, account, "nobody-has-ever-seen-this"), ==,
                       KR_SECRET_VERDICT_TOKEN_DEAD);
      for (guint j = 0; j < G_N_ELEMENTS (faults); j++)
        {
          test_simulator_fault (f->simulator, brokers[i], faults[j].fault);
          g_assert_cmpint (call (f, account, text), ==, faults[j].verdict);
        }
      g_assert_cmpint (call (f, account, text), ==, KR_SECRET_VERDICT_FINE);
      test_simulator_send (f->simulator, brokers[i], "POST", "/_simulator/expire-tokens", NULL,
                           "{}", NULL);
      g_assert_cmpint (call (f, account, text), ==, KR_SECRET_VERDICT_TOKEN_DEAD);
    }
}

/* An answer that is not the broker's is no reason to throw a token away. */
static void
test_answers_that_say_nothing (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "ls", "a", KR_SECRET_ADD_NO_VERIFY);
  g_autofree char *large = g_strnfill (65 * 1024, ' ');
  KrSecretVerdict verdict = KR_SECRET_VERDICT_TOKEN_DEAD;
  g_autoptr (GError) error = NULL;

  memcpy (large, "{\"rsp_cd\":\"IGW00121\"}", 21);
  g_assert_true (kr_secret_client_classify_reply (f->client, account, 500, large, 65 * 1024,
                                                  &verdict, &error));
  g_assert_cmpint (verdict, !=, KR_SECRET_VERDICT_TOKEN_DEAD);
  verdict = KR_SECRET_VERDICT_TOKEN_DEAD;
  g_assert_true (
      kr_secret_client_classify_reply (f->client, account, 200, NULL, -1, &verdict, &error));
  g_assert_cmpint (verdict, ==, KR_SECRET_VERDICT_FINE);
  g_assert_true (
      kr_secret_client_classify_reply (f->client, account, 500, "IGW00121", 3, &verdict, &error));
  g_assert_cmpint (verdict, !=, KR_SECRET_VERDICT_TOKEN_DEAD);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  FIXTURE_ADD ("/classify/what-calls-are-answered", test_what_calls_are_answered);
  FIXTURE_ADD ("/classify/answers-that-say-nothing", test_answers_that_say_nothing);
  return g_test_run ();
}
