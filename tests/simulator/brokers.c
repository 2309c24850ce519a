/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Each broker's own rules. */

#include "client.h"
#include "suites.h"

#include <string.h>

/* A KIS time, which is KST, as seconds since 1970. */
static gint64
kst_seconds (const char *text)
{
  g_autofree char *iso = g_strconcat (text, "+09:00", NULL);
  g_autoptr (GDateTime) time = NULL;

  g_assert_cmpuint (strlen (text), ==, strlen ("2022-08-30 08:10:10"));
  iso[strlen ("2022-08-30")] = 'T';
  time = g_date_time_new_from_iso8601 (iso, NULL);
  g_assert_nonnull (time);
  return g_date_time_to_unix (time);
}

static void
test_kis_issue (void)
{
  g_autoptr (Client) client
      = client_start (1, "--exit-on-eof", "--broker", "kis", "--issue-interval", "0", NULL);
  g_autoptr (Answer) first = client_issue (client, "kis", NULL);
  const char *token = answer_text (first, "access_token");
  g_auto (GStrv) parts = g_strsplit (token, ".", -1);
  g_autofree char *appkey = simulator_key ("kis", "appkey");
  g_autofree char *claims = NULL;
  gsize length;

  g_assert_cmpint (answer_number (first, "expires_in"), ==, 86400);
  g_assert_cmpstr (answer_text (first, "token_type"), ==, "Bearer");
  g_assert_cmpint (ABS (kst_seconds (answer_text (first, "access_token_token_expired"))
                        - g_get_real_time () / G_USEC_PER_SEC - 86400),
                   <, 60);

  g_assert_cmpuint (g_strv_length (parts), ==, 3);
  g_strdelimit (parts[1], "-", '+');
  g_strdelimit (parts[1], "_", '/');
  {
    g_autofree char *padded
        = g_strconcat (parts[1], &"==="[3 - (4 - strlen (parts[1]) % 4) % 4], NULL);
    g_autofree guchar *decoded = g_base64_decode (padded, &length);

    claims = g_strndup ((const char *) decoded, length);
  }
  g_assert_nonnull (strstr (claims, appkey));
}

static void
test_kis_same_token (void)
{
  g_autoptr (Client) client
      = client_start (1, "--exit-on-eof", "--broker", "kis", "--issue-interval", "0", NULL);
  g_autoptr (Answer) first = client_issue (client, "kis", NULL);
  G_GNUC_UNUSED g_autoptr (Answer) shift
      = client_control (client, "kis", "settings", "{\"clock_offset\":20000}");
  g_autoptr (Answer) second = client_issue (client, "kis", NULL);
  G_GNUC_UNUSED g_autoptr (Answer) far
      = client_control (client, "kis", "settings", "{\"clock_offset\":22000}");
  g_autofree char *third = client_issue_token (client, "kis");
  const char *token = answer_text (first, "access_token");
  g_autoptr (Answer) old = NULL;
  g_autoptr (Answer) expire = NULL;
  g_autoptr (Answer) dead = NULL;
  g_autofree char *fourth = NULL;

  /* The same token, the same true expiry, and an expires_in that ignores the hours in between. */
  g_assert_cmpstr (token, ==, answer_text (second, "access_token"));
  g_assert_cmpstr (answer_text (first, "access_token_token_expired"), ==,
                   answer_text (second, "access_token_token_expired"));
  g_assert_cmpint (answer_number (second, "expires_in"), ==, 86400);
  g_assert_cmpstr (token, !=, third);
  old = client_call (client, "kis", token);
  g_assert_cmpstr (answer_text (old, "msg_cd"), ==, "EGW00123");

  expire = client_control (client, "kis", "expire-tokens", "");
  dead = client_call (client, "kis", third);
  g_assert_cmpuint (dead->status, ==, 500);
  g_assert_cmpstr (answer_text (dead, "rt_cd"), ==, "1");
  g_assert_cmpstr (answer_text (dead, "msg_cd"), ==, "EGW00123");
  g_assert_cmpstr (answer_text (dead, "msg1"), ==, "기간이 만료된 token 입니다.");
  fourth = client_issue_token (client, "kis");
  g_assert_cmpstr (third, !=, fourth);
}

static void
test_kis_hands_back_dead (void)
{
  g_autoptr (Client) client
      = client_start (1, "--exit-on-eof", "--broker", "kis", "--issue-interval", "0", NULL);
  G_GNUC_UNUSED g_autoptr (Answer) set
      = client_control (client, "kis", "settings", "{\"kis_hand_back_dead\":true}");
  g_autofree char *first = client_issue_token (client, "kis");
  G_GNUC_UNUSED g_autoptr (Answer) expire = client_control (client, "kis", "expire-tokens", "");
  g_autofree char *second = client_issue_token (client, "kis");
  g_autoptr (Answer) call = client_call (client, "kis", second);

  g_assert_cmpstr (first, ==, second);
  g_assert_cmpstr (answer_text (call, "msg_cd"), ==, "EGW00123");
}

static void
test_kis_interval (void)
{
  g_autoptr (Client) client = client_start (1, "--exit-on-eof", "--broker", "kis", NULL);
  G_GNUC_UNUSED g_autofree char *token = client_issue_token (client, "kis");
  g_autoptr (Answer) early = client_issue (client, "kis", NULL);

  g_assert_cmpuint (early->status, ==, 403);
  g_assert_cmpstr (answer_text (early, "error_code"), ==, "EGW00133");
  g_assert_nonnull (strstr (answer_text (early, "error_description"), "1분당 1회"));
}

static void
expect_kis (Client *client, const char *path, const char *type, const char *body, const char *code)
{
  g_autoptr (Answer) answer = client_send (client, "kis", path, type, body, NULL);

  g_assert_cmpuint (answer->status, ==, 403);
  g_assert_cmpstr (answer_text (answer, "error_code"), ==, code);
}

static void
test_kis_refusals (void)
{
  g_autoptr (Client) client = client_start (1, "--exit-on-eof", "--broker", "kis", NULL);
  const char *json = "application/json";
  const char *path = "/oauth2/tokenP";
  g_autoptr (Answer) secret = client_issue (client, "kis", "wrong");
  g_autoptr (Answer) missing = client_issue (client, "kis", "");
  g_autoptr (Answer) call = NULL;
  g_autofree char *appkey = simulator_key ("kis", "appkey");
  g_autofree char *token = client_issue_token (client, "kis");
  g_autofree char *bearer = g_strconcat ("Bearer ", token, NULL);
  const char *const headers[] = { "authorization", bearer, "appkey",   appkey, "appsecret", "wrong",
                                  "tr_id",         "x",    "custtype", "P",    NULL };

  g_assert_cmpstr (answer_text (secret, "error_code"), ==, "EGW00105");
  g_assert_cmpstr (answer_text (missing, "error_code"), ==, "EGW00104");
  expect_kis (client, path, "text/plain", "{}", "EGW00132");
  expect_kis (client, path, json, "{}", "EGW00115");
  expect_kis (client, path, json, "{\"grant_type\":\"password\"}", "EGW00112");
  expect_kis (client, path, json, "{\"grant_type\":\"client_credentials\"}", "EGW00102");
  expect_kis (client, path, json,
              "{\"grant_type\":\"client_credentials\",\"appkey\":\"PSnone\",\"appsecret\":\"x\"}",
              "EGW00103");
  call = client_send (client, "kis", "/uapi/domestic-stock/v1/quotations/inquire-price", NULL, NULL,
                      headers);
  g_assert_cmpuint (call->status, ==, 500);
  g_assert_cmpstr (answer_text (call, "msg_cd"), ==, "EGW00304");
}

static void
test_kis_approval (void)
{
  g_autoptr (Client) client = client_start (1, "--exit-on-eof", "--broker", "kis", NULL);
  g_autofree char *appkey = simulator_key ("kis", "appkey");
  g_autofree char *appsecret = simulator_key ("kis", "appsecret");
  g_autofree char *good = g_strdup_printf (
      "{\"grant_type\":\"client_credentials\",\"appkey\":\"%s\",\"secretkey\":\"%s\"}", appkey,
      appsecret);
  g_autofree char *bad = g_strdup_printf (
      "{\"grant_type\":\"client_credentials\",\"appkey\":\"%s\",\"appsecret\":\"%s\"}", appkey,
      appsecret);
  g_autoptr (Answer) answer
      = client_send (client, "kis", "/oauth2/Approval", "application/json", good, NULL);

  g_assert_cmpuint (answer->status, ==, 200);
  g_assert_cmpuint (strlen (answer_text (answer, "approval_key")), ==, 36);
  expect_kis (client, "/oauth2/Approval", "application/json", bad, "EGW00104");
  g_assert_cmpuint (client_count (client, "kis", "approval"), ==, 2);
}

static void
test_kis_revoke (void)
{
  g_autoptr (Client) client
      = client_start (1, "--exit-on-eof", "--broker", "kis", "--issue-interval", "0", NULL);
  g_autofree char *first = client_issue_token (client, "kis");
  g_autoptr (Answer) number = client_revoke (client, "kis", first);
  g_autoptr (Answer) again = client_revoke (client, "kis", first);
  g_autofree char *second = client_issue_token (client, "kis");
  G_GNUC_UNUSED g_autoptr (Answer) set
      = client_control (client, "kis", "settings", "{\"kis_revoke_code_string\":true}");
  g_autoptr (Answer) string = client_revoke (client, "kis", second);

  g_assert_cmpint (answer_number (number, "code"), ==, 200);
  g_assert_cmpstr (answer_text (again, "error_code"), ==, "EGW00122");
  g_assert_cmpstr (first, !=, second);
  g_assert_cmpstr (answer_text (string, "code"), ==, "200");
}

static void
expect_kiwoom (Answer *answer, gint64 code, const char *marker)
{
  g_assert_cmpuint (answer->status, ==, 200);
  g_assert_cmpint (answer_number (answer, "return_code"), ==, code);
  g_assert_nonnull (strstr (answer_text (answer, "return_msg"), marker));
}

static void
test_kiwoom (void)
{
  g_autoptr (Client) client = client_start (1, "--exit-on-eof", "--broker", "kiwoom", NULL);
  g_autoptr (Answer) issue = client_issue (client, "kiwoom", NULL);
  g_autofree char *first = g_strdup (answer_text (issue, "token"));
  g_autofree char *second = client_issue_token (client, "kiwoom");
  g_autoptr (Answer) dead = client_call (client, "kiwoom", first);
  g_autoptr (Answer) live = client_call (client, "kiwoom", second);
  g_autoptr (Answer) bare
      = client_send (client, "kiwoom", "/api/dostk/stkinfo", "application/json", "{}", NULL);
  g_autoptr (Answer) revoke = client_revoke (client, "kiwoom", second);
  g_autoptr (Answer) again = client_revoke (client, "kiwoom", second);
  g_autoptr (Answer) secret = client_issue (client, "kiwoom", "wrong");
  g_autoptr (Answer) missing = client_issue (client, "kiwoom", "");
  g_autoptr (Answer) key = client_send (
      client, "kiwoom", "/oauth2/token", "application/json",
      "{\"grant_type\":\"client_credentials\",\"appkey\":\"x\",\"secretkey\":\"x\"}", NULL);
  g_autoptr (Answer) grant
      = client_send (client, "kiwoom", "/oauth2/token", "application/json", "{}", NULL);

  g_assert_cmpint (answer_number (issue, "return_code"), ==, 0);
  g_assert_cmpstr (answer_text (issue, "token_type"), ==, "bearer");
  g_assert_cmpuint (strlen (answer_text (issue, "expires_dt")), ==, 14);
  g_assert_null (strchr (first, '.'));
  g_assert_cmpstr (first, !=, second);
  expect_kiwoom (dead, 8005, "[8005:Token이 유효하지 않습니다]");
  expect_kiwoom (live, 0, "정상");
  expect_kiwoom (bare, 2, "[1513:");
  expect_kiwoom (revoke, 0, "정상");
  expect_kiwoom (again, 3, "[8016:");
  expect_kiwoom (secret, 3, "[8001:");
  expect_kiwoom (missing, 3, "[8020:");
  expect_kiwoom (key, 3, "[8002:");
  expect_kiwoom (grant, 3, "[8011:");
}

static void
expect_ls (Answer *answer, guint status, const char *member, const char *code)
{
  g_assert_cmpuint (answer->status, ==, status);
  g_assert_cmpstr (answer_text (answer, member), ==, code);
}

static void
test_ls (void)
{
  g_autoptr (Client) client = client_start (1, "--exit-on-eof", "--broker", "ls", NULL);
  g_autoptr (Answer) issue = client_issue (client, "ls", NULL);
  g_autofree char *first = g_strdup (answer_text (issue, "access_token"));
  g_autofree char *second = client_issue_token (client, "ls");
  g_autoptr (Answer) killed = client_call (client, "ls", first);
  g_autoptr (Answer) live = client_call (client, "ls", second);
  g_autoptr (Answer) bare
      = client_send (client, "ls", "/stock/market-data", "application/json", "{}", NULL);
  G_GNUC_UNUSED g_autoptr (Answer) expire = client_control (client, "ls", "expire-tokens", "");
  g_autoptr (Answer) expired = client_call (client, "ls", second);
  g_autofree char *third = client_issue_token (client, "ls");
  g_autoptr (Answer) revoke = client_revoke (client, "ls", third);
  g_autoptr (Answer) again = client_revoke (client, "ls", third);
  g_autoptr (Answer) secret = client_issue (client, "ls", "wrong");
  gint64 expires_in = answer_number (issue, "expires_in");
  gint64 end = g_get_real_time () / G_USEC_PER_SEC + 9 * 60 * 60 + expires_in;

  g_assert_cmpint (expires_in, >, 0);
  g_assert_cmpint (expires_in, <=, 24 * 60 * 60);
  /* 07:00 in Korea, give or take the test's own running time. */
  g_assert_cmpint (ABS (end % (24 * 60 * 60) - 7 * 60 * 60), <, 60);
  expect_ls (killed, 500, "rsp_cd", "IGW00121");
  expect_ls (live, 200, "rsp_cd", "00000");
  expect_ls (bare, 500, "rsp_cd", "IGW00205");
  expect_ls (expired, 500, "rsp_cd", "IGW00123");
  g_assert_cmpint (answer_number (revoke, "code"), ==, 200);
  expect_ls (again, 403, "error_code", "IGW00122");
  expect_ls (secret, 403, "error_code", "IGW00105");
}

static void
test_ls_forms (void)
{
  g_autoptr (Client) client = client_start (1, "--exit-on-eof", "--broker", "ls", NULL);
  g_autofree char *appkey = simulator_key ("ls", "appkey");
  g_autofree char *appsecret = simulator_key ("ls", "appsecret");
  g_autofree char *bare = g_strdup_printf (
      "grant_type=client_credentials&appkey=%s&appsecretkey=%s", appkey, appsecret);
  g_autofree char *whole = g_strconcat (bare, "&scope=oob", NULL);
  g_autofree char *scope = g_strconcat (bare, "&scope=other", NULL);
  const struct
  {
    const char *path;
    const char *type;
    const char *body;
    const char *code;
  } cases[] = {
    { "/oauth2/token", "application/x-www-form-urlencoded; charset=UTF-8", whole, "IGW00133" },
    { "/oauth2/token", "application/json", "{}", "IGW00133" },
    { "/oauth2/token", "application/x-www-form-urlencoded", bare, "IGW00109" },
    { "/oauth2/token", "application/x-www-form-urlencoded", scope, "IGW00110" },
    { "/oauth2/token", "application/x-www-form-urlencoded", "a=b", "IGW00115" },
    { "/oauth2/token", "application/x-www-form-urlencoded", "grant_type=x", "IGW00116" },
    { "/oauth2/token", "application/x-www-form-urlencoded",
      "grant_type=client_credentials&appkey=x", "IGW00103" },
    { "/oauth2/revoke", "application/x-www-form-urlencoded", whole, "IGW00117" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (Answer) answer
          = client_send (client, "ls", cases[i].path, cases[i].type, cases[i].body, NULL);

      expect_ls (answer, 403, "error_code", cases[i].code);
    }
}

void
add_broker_tests (void)
{
  g_test_add_func ("/simulator/kis/issue", test_kis_issue);
  g_test_add_func ("/simulator/kis/same-token", test_kis_same_token);
  g_test_add_func ("/simulator/kis/hands-back-dead", test_kis_hands_back_dead);
  g_test_add_func ("/simulator/kis/interval", test_kis_interval);
  g_test_add_func ("/simulator/kis/refusals", test_kis_refusals);
  g_test_add_func ("/simulator/kis/approval", test_kis_approval);
  g_test_add_func ("/simulator/kis/revoke", test_kis_revoke);
  g_test_add_func ("/simulator/kiwoom", test_kiwoom);
  g_test_add_func ("/simulator/ls", test_ls);
  g_test_add_func ("/simulator/ls/forms", test_ls_forms);
}
