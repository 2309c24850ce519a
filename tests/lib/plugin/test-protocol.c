/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a table makes the library send and understand. The tables describe brokers that have no
 * plugin yet, as far as their documents go; each has to work without a function. */
#include <string.h>

#include "krsecret-plugin.h"

#define NOW G_GINT64_CONSTANT (1730851200) /* 2024-11-06 09:00 in Korea */
#define DAY (24 * 60 * 60)

static const KrSecretCode codes[] = {
  { "IGW00122", KR_SECRET_ERROR_BAD_REPLY, KR_SECRET_VERDICT_TOKEN_DEAD, "unknown" },
  { "IGW40032", KR_SECRET_ERROR_REFUSED, KR_SECRET_VERDICT_REFUSED, "secret" },
  { "IGW42901", KR_SECRET_ERROR_RATE_LIMITED, KR_SECRET_VERDICT_RATE_LIMITED, "often" },
  { "expired-token", KR_SECRET_ERROR_BAD_REPLY, KR_SECRET_VERDICT_TOKEN_DEAD, "expired" },
  { "invalid_client", KR_SECRET_ERROR_REFUSED, KR_SECRET_VERDICT_REFUSED, "client" },
  { "rate-limit-exceeded", KR_SECRET_ERROR_RATE_LIMITED, KR_SECRET_VERDICT_RATE_LIMITED, "often" },
  { NULL },
};

/* A gateway's form; the key in the headers; a token with two names. */
static const KrSecretPlugin nh = {
  .traits = { .issue_interval = 7, .calls_carry_secret = TRUE },
  .issue = {
    .path = "/oauth2/token",
    .body = KR_SECRET_BODY_FORM,
    .entries = {
      { "grant_type", "client_credentials" },
      { "scope", "oob" },
      { "appkey", .secret = "appkey" },
      { "appsecretkey", .secret = "appsecret" },
    },
    .token = { "access_token", "token" },
    .expires_in = { "expires_in", "expire_in" },
  },
  .revoke = {
    .path = "/oauth2/revoke",
    .body = KR_SECRET_BODY_FORM,
    .entries = {
      { "token_type_hint", "access_token" },
      { "appkey", .secret = "appkey" },
      { "appsecretkey", .secret = "appsecret" },
      { "token", .secret = "token" },
    },
    .success = { { "code", "200" } },
  },
  .headers = {
    { "authorization", "Bearer ", "token" },
    { "x-client-id", .secret = "appkey" },
    { "x-client-secret", .secret = "appsecret" },
    { "x-api", "1" },
  },
  .codes = codes,
  .code_members = { "error_code", "rsp_cd" },
  .text_members = { "error_description", "rsp_msg" },
  .unauthorized = KR_SECRET_VERDICT_REFUSED,
};

/* OAuth's names; an error that is a string or an object; no revoke. */
static const KrSecretPlugin toss = {
  .issue = {
    .path = "/oauth2/token",
    .body = KR_SECRET_BODY_FORM,
    .entries = {
      { "grant_type", "client_credentials" },
      { "client_id", .secret = "appkey" },
      { "client_secret", .secret = "appsecret" },
    },
    .token = { "access_token" },
    .expires_in = { "expires_in" },
  },
  .headers = { { "Authorization", "Bearer ", "token" } },
  .codes = codes,
  .code_members = { "error.code", "error" },
  .text_members = { "error_description", "error.message" },
};

/* JSON in an envelope, both ways; an answer that has to declare success. */
static const KrSecretPlugin kb = {
  .issue = {
    .path = "/oauth2/token",
    .body = KR_SECRET_BODY_JSON,
    .entries = {
      { "dataHeader.udId", "UDID" },
      { "dataBody.grantType", "client_credentials" },
      { "dataBody.appKey", .secret = "appkey" },
      { "dataBody.appSecret", .secret = "appsecret" },
    },
    .success = { { "dataHeader.successCode", "0" }, { "result", "success" } },
    .success_needed = TRUE,
    .token = { "dataBody.access_token" },
    .expires_in = { "dataBody.expires_in" },
    .expires_at = { "dataBody.end" },
    .lifetime = 2 * DAY,
  },
  .headers = { { "Authorization", "bearer ", "token" }, { "appKey", .secret = "appkey" } },
  .codes = codes,
  .code_members = { "dataHeader.resultCode" },
  .unauthorized = KR_SECRET_VERDICT_TOKEN_DEAD,
};

static KrSecretCredential *
make_credential (void)
{
  g_autoptr (SecretValue) appkey = secret_value_new ("KEY", -1, "text/plain");
  g_autoptr (SecretValue) appsecret = secret_value_new ("SE+RET", -1, "text/plain");
  const char *const names[] = { "appkey", "appsecret", NULL };
  SecretValue *const values[] = { appkey, appsecret, NULL };

  return kr_secret_credential_new (names, values);
}

static KrSecretToken *
make_token (KrSecretTokenKind kind)
{
  g_autoptr (SecretValue) value = secret_value_new ("TOKEN", -1, "text/plain");

  return kr_secret_token_new (value, NULL, kind, 0, G_MAXINT64);
}

/* A request as text: path, content type, body, and each header. */
static char *
show (KrSecretRequest *request)
{
  GString *text = g_string_new (kr_secret_request_get_path (request));
  g_autoptr (SecretValue) body = kr_secret_request_render_body (request);
  GPtrArray *headers = kr_secret_request_get_headers (request);

  if (body != NULL)
    g_string_append_printf (text, "|%s|%s", kr_secret_request_get_content_type (request),
                            secret_value_get (body, NULL));
  for (guint i = 0; i < headers->len; i++)
    {
      const KrSecretHeader *header = headers->pdata[i];

      g_string_append_printf (text, "|%s%s: %s", header->secret ? "*" : "", header->name,
                              secret_value_get_text (header->value));
    }
  return g_string_free (text, FALSE);
}

#define FORM "|application/x-www-form-urlencoded|"

static void
check_issue_request (const KrSecretPlugin *plugin, const char *expected)
{
  g_autoptr (KrSecretCredential) credential = make_credential ();
  g_autoptr (KrSecretRequest) request = kr_secret_request_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  g_assert_true (
      kr_secret_protocol_build_issue (plugin, credential, KR_SECRET_TOKEN_ACCESS, request, &error));
  g_assert_no_error (error);
  text = show (request);
  g_assert_cmpstr (text, ==, expected);
}

static void
test_issue_is_built (void)
{
  check_issue_request (&nh, "/oauth2/token" FORM "grant_type=client_credentials&scope=oob"
                            "&appkey=KEY&appsecretkey=SE%2BRET");
  check_issue_request (&toss, "/oauth2/token" FORM "grant_type=client_credentials"
                              "&client_id=KEY&client_secret=SE%2BRET");
  check_issue_request (&kb, "/oauth2/token|application/json|{\"dataHeader\":{\"udId\":\"UDID\"},"
                            "\"dataBody\":{\"grantType\":\"client_credentials\","
                            "\"appKey\":\"KEY\",\"appSecret\":\"SE+RET\"}}");
}

static void
test_revoke_is_built (void)
{
  g_autoptr (KrSecretCredential) credential = make_credential ();
  g_autoptr (KrSecretToken) token = make_token (KR_SECRET_TOKEN_ACCESS);
  g_autoptr (KrSecretRequest) request = kr_secret_request_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  g_assert_true (kr_secret_protocol_can_revoke (&nh));
  g_assert_false (kr_secret_protocol_can_revoke (&toss));
  g_assert_true (kr_secret_protocol_build_revoke (&nh, credential, token, request, &error));
  g_assert_no_error (error);
  text = show (request);
  g_assert_cmpstr (text, ==,
                   "/oauth2/revoke" FORM "token_type_hint=access_token&appkey=KEY"
                   "&appsecretkey=SE%2BRET&token=TOKEN");
}

static void
check_headers (const KrSecretPlugin *plugin, const char *expected)
{
  g_autoptr (KrSecretCredential) credential = make_credential ();
  g_autoptr (KrSecretToken) token = make_token (KR_SECRET_TOKEN_ACCESS);
  g_autoptr (KrSecretRequest) request = kr_secret_request_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  g_assert_true (kr_secret_protocol_authorize (plugin, credential, token, request, &error));
  g_assert_no_error (error);
  text = show (request);
  g_assert_cmpstr (text, ==, expected);
}

static void
test_call_is_authorized (void)
{
  check_headers (&nh, "|*authorization: Bearer TOKEN|*x-client-id: KEY|*x-client-secret: SE+RET"
                      "|x-api: 1");
  check_headers (&kb, "|*Authorization: bearer TOKEN|*appKey: KEY");
}

/* None of these brokers has websocket keys: none is issued, revoked or put into a header. */
static void
test_websocket_key_there_is_not (void)
{
  g_autoptr (KrSecretCredential) credential = make_credential ();
  g_autoptr (KrSecretToken) token = make_token (KR_SECRET_TOKEN_WEBSOCKET);
  g_autoptr (KrSecretRequest) request = kr_secret_request_new ();

  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (
          i == 0   ? kr_secret_protocol_build_issue (&nh, credential, KR_SECRET_TOKEN_WEBSOCKET,
                                                     request, &error)
          : i == 1 ? kr_secret_protocol_build_revoke (&nh, credential, token, request, &error)
                   : kr_secret_protocol_authorize (&nh, credential, token, request, &error));
      g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_USAGE);
    }
  g_assert_null (kr_secret_request_get_path (request));
  g_assert_cmpuint (kr_secret_request_get_headers (request)->len, ==, 0);
}

/* expected: the token's life or, if negative, the error. */
static void
check_issue (const KrSecretPlugin *plugin, guint status, const char *body, int expected)
{
  g_autoptr (KrSecretReply) reply = kr_secret_reply_new (status, 0, 0, body, strlen (body));
  g_autoptr (GError) error = NULL;
  g_autoptr (KrSecretToken) token
      = kr_secret_protocol_parse_issue (plugin, reply, KR_SECRET_TOKEN_ACCESS, NOW, &error);

  g_test_message ("%s", body);
  if (expected < 0)
    {
      g_assert_null (token);
      g_assert_error (error, KR_SECRET_ERROR, -expected);
      return;
    }
  g_assert_no_error (error);
  g_assert_cmpstr (secret_value_get_text (kr_secret_token_get_value (token)), ==, "T");
  g_assert_cmpint (kr_secret_token_get_expires_at (token), ==, NOW + expected);
}

#define BAD (-KR_SECRET_ERROR_BAD_REPLY)

static void
test_token_is_read (void)
{
  check_issue (&nh, 200, "{\"access_token\":\"T\",\"expires_in\":9}", 9);
  check_issue (&nh, 200, "{\"token\":\"T\",\"expire_in\":\"9\",\"rsp_cd\":\"00000\"}", 9);
  check_issue (&nh, 200, "{\"access_token\":\"T\",\"token\":\"U\",\"expires_in\":9}", 9);
  check_issue (&nh, 200, "{\"access_token\":\"\",\"token\":\"T\",\"expires_in\":9}", BAD);
  check_issue (&nh, 200, "{\"access_token\":\"T\"}", BAD);
  check_issue (&nh, 201, "{\"access_token\":\"T\",\"expires_in\":9}", BAD);
  check_issue (&toss, 200, "{\"access_token\":\"T\",\"expires_in\":9,\"token_type\":\"x\"}", BAD);
}

/* The earliest counts, and every expiry that is there must be understood. */
static void
test_expiries (void)
{
#define KB(rest)                                                                                   \
  "{\"dataHeader\":{\"successCode\":0},\"dataBody\":{\"access_token\":\"T\"" rest "}}"
  check_issue (&nh, 200, "{\"access_token\":\"T\",\"expires_in\":9,\"expire_in\":8}", 8);
  check_issue (&nh, 200, "{\"access_token\":\"T\",\"expires_in\":9,\"expire_in\":[]}", BAD);
  check_issue (&kb, 200, KB (""), 2 * DAY);
  check_issue (&kb, 200, KB (",\"expires_in\":9"), 9);
  check_issue (&kb, 200, KB (",\"expires_in\":999999999"), 2 * DAY);
  check_issue (&kb, 200, KB (",\"expires_in\":99,\"end\":\"20241106090007\""), 7);
  check_issue (&kb, 200, KB (",\"expires_in\":99,\"end\":\"soon\""), BAD);
  check_issue (&kb, 200, KB (",\"expires_in\":\"soon\",\"end\":\"20241106090007\""), BAD);
}

/* The first member present decides. */
static void
test_success_must_be_said (void)
{
#define TOKEN "\"dataBody\":{\"access_token\":\"T\"}"
  check_issue (&kb, 200, "{" TOKEN "}", BAD);
  check_issue (&kb, 200, "{\"dataHeader\":{\"successCode\":\"0\"}," TOKEN "}", 2 * DAY);
  check_issue (&kb, 200, "{\"dataHeader\":{\"successCode\":1},\"result\":\"success\"," TOKEN "}",
               BAD);
  check_issue (&kb, 200, "{\"dataHeader\":{\"successCode\":null},\"result\":\"success\"," TOKEN "}",
               2 * DAY);
  check_issue (&kb, 200, "{\"result\":\"Success\"," TOKEN "}", BAD);
  check_issue (&kb, 200, "{\"result\":{}," TOKEN "}", BAD);
  check_issue (&kb, 200, "{\"dataHeader\":{\"successCode\":0,\"resultCode\":\"X\"}," TOKEN "}",
               BAD);
}

static void
test_errors_are_read (void)
{
  const char *body = "{\"rsp_cd\":\"IGW42901\",\"rsp_msg\":\"too many\"}";
  g_autoptr (KrSecretReply) reply = kr_secret_reply_new (429, 0, 0, body, strlen (body));
  g_autoptr (GError) error = NULL;

  check_issue (&nh, 403, "{\"error_code\":\"IGW40032\"}", -KR_SECRET_ERROR_REFUSED);
  check_issue (&nh, 200, "{\"access_token\":\"T\",\"expires_in\":9,\"error_code\":\"IGW40032\"}",
               -KR_SECRET_ERROR_REFUSED);
  check_issue (&toss, 401, "{\"error\":\"invalid_client\"}", -KR_SECRET_ERROR_REFUSED);
  check_issue (&toss, 429, "{\"error\":{\"code\":\"rate-limit-exceeded\"}}",
               -KR_SECRET_ERROR_RATE_LIMITED);
  check_issue (&toss, 503, "<html>", -KR_SECRET_ERROR_UNREACHABLE);

  kr_secret_protocol_set_error (&nh, reply, &error);
  g_assert_cmpstr (error->message, ==, "often (HTTP 429, IGW42901: too many)");
  g_assert_cmpstr (kr_secret_error_get_broker_code (error), ==, "IGW42901");
  g_assert_cmpint (kr_secret_error_get_retry_after (error), ==, nh.traits.issue_interval);
}

static void
check_revoke (guint status, const char *body, int expected)
{
  g_autoptr (KrSecretReply) reply = kr_secret_reply_new (status, 0, 0, body, strlen (body));
  g_autoptr (GError) error = NULL;

  g_test_message ("%s", body);
  g_assert_true (kr_secret_protocol_parse_revoke (&nh, reply, &error) == (expected == 0));
  if (expected != 0)
    g_assert_error (error, KR_SECRET_ERROR, -expected);
  else
    g_assert_no_error (error);
}

static void
test_revoke_is_read (void)
{
  check_revoke (200, "{\"code\":200}", 0);
  check_revoke (200, "{\"code\":\"200\"}", 0);
  check_revoke (200, "{}", 0);
  check_revoke (200, "{\"code\":500}", BAD);
  check_revoke (200, "", BAD);
  check_revoke (202, "{\"code\":200}", BAD);
  check_revoke (403, "{\"error_code\":\"IGW00122\"}", 0);
  check_revoke (403, "{\"error_code\":\"IGW40032\"}", -KR_SECRET_ERROR_REFUSED);
  check_revoke (401, "{}", BAD);
}

static KrSecretVerdict
judge (const KrSecretPlugin *plugin, guint status, const char *body)
{
  g_autoptr (KrSecretReply) reply = kr_secret_reply_new (status, 0, 0, body, strlen (body));

  return kr_secret_protocol_classify (plugin, reply);
}

static void
test_call_is_judged (void)
{
  const char *expired = "{\"error\":{\"code\":\"expired-token\"}}";

  g_assert_cmpint (judge (&toss, 401, expired), ==, KR_SECRET_VERDICT_TOKEN_DEAD);
  g_assert_cmpint (judge (&toss, 401, "{}"), ==, KR_SECRET_VERDICT_FINE);
  g_assert_cmpint (judge (&nh, 401, "{}"), ==, KR_SECRET_VERDICT_REFUSED);
  g_assert_cmpint (judge (&kb, 401, "{}"), ==, KR_SECRET_VERDICT_TOKEN_DEAD);
  g_assert_cmpint (judge (&nh, 200, "{\"rsp_cd\":\"IGW00122\"}"), ==, KR_SECRET_VERDICT_TOKEN_DEAD);
  g_assert_cmpint (judge (&nh, 200, "{\"rsp_cd\":\"00000\"}"), ==, KR_SECRET_VERDICT_FINE);
  g_assert_cmpint (judge (&nh, 429, "{}"), ==, KR_SECRET_VERDICT_RATE_LIMITED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/protocol/issue-is-built", test_issue_is_built);
  g_test_add_func ("/protocol/revoke-is-built", test_revoke_is_built);
  g_test_add_func ("/protocol/call-is-authorized", test_call_is_authorized);
  g_test_add_func ("/protocol/websocket-key-there-is-not", test_websocket_key_there_is_not);
  g_test_add_func ("/protocol/token-is-read", test_token_is_read);
  g_test_add_func ("/protocol/expiries", test_expiries);
  g_test_add_func ("/protocol/success-must-be-said", test_success_must_be_said);
  g_test_add_func ("/protocol/errors-are-read", test_errors_are_read);
  g_test_add_func ("/protocol/revoke-is-read", test_revoke_is_read);
  g_test_add_func ("/protocol/call-is-judged", test_call_is_judged);
  return g_test_run ();
}
