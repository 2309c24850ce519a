/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Each possible mistake in a table is refused, and the message says where it is. */
#include <string.h>

#include "plugin/kr-secret-plugin-check-private.h"

static const KrSecretField fields[] = {
  { "appkey", "key", "appkey", "앱키", TRUE, 0 },
  { "appsecret", "secret", "appsecret", "앱시크릿", TRUE, 0 },
  { NULL },
};

static const KrSecretField field_token[] = {
  { "appkey", "key", "appkey", "앱키", TRUE, 0 },
  { "token", "token", "token", "토큰", TRUE, 0 },
  { NULL },
};

#define ROW(error, verdict, advice)                                                                \
  (const KrSecretCode[])                                                                           \
  {                                                                                                \
    { "E1", KR_SECRET_ERROR_REFUSED, KR_SECRET_VERDICT_FINE, "one" },                              \
        { "E2", error, verdict, advice }, { NULL },                                                \
  }

static const KrSecretPlugin good = {
  .abi = KR_SECRET_PLUGIN_ABI,
  .size = sizeof (KrSecretPlugin),
  .id = "good",
  .name = "Good",
  .name_ko = "좋은",
  .fields = fields,
  .real_uri = "https://broker.invalid:8443",
  .traits = { .websocket = TRUE },
  .issue = {
    .path = "/token",
    .body = KR_SECRET_BODY_FORM,
    .entries = { { "grant", "yes" }, { "key", .secret = "appkey" }, { "secret", .secret = "appsecret" } },
    .token = { "token" },
    .expires_in = { "expires_in" },
  },
  .approval = {
    .path = "/approval",
    .body = KR_SECRET_BODY_JSON,
    .entries = { { "key", .secret = "appkey" } },
    .token = { "key" },
    .lifetime = 60,
  },
  .revoke = {
    .path = "/revoke",
    .body = KR_SECRET_BODY_FORM,
    .entries = { { "token", .secret = "token" } },
    .success = { { "code", "200" } },
  },
  .headers = { { "authorization", "Bearer ", "token" }, { "x-version", "1" } },
  .codes = (const KrSecretCode[]){ { "E1", KR_SECRET_ERROR_REFUSED, KR_SECRET_VERDICT_FINE, "one" }, { NULL } },
  .code_members = { "code" },
};

static gboolean
build_issue (const KrSecretPlugin *plugin,
             KrSecretCredential *credential,
             KrSecretTokenKind kind,
             KrSecretRequest *request,
             GError **error)
{
  return FALSE;
}

static KrSecretToken *
parse_issue (const KrSecretPlugin *plugin,
             const KrSecretReply *reply,
             KrSecretTokenKind kind,
             gint64 now,
             GError **error)
{
  return NULL;
}

static gboolean
build_revoke (const KrSecretPlugin *plugin,
              KrSecretCredential *credential,
              KrSecretToken *token,
              KrSecretRequest *request,
              GError **error)
{
  return FALSE;
}

static gboolean
parse_revoke (const KrSecretPlugin *plugin, const KrSecretReply *reply, GError **error)
{
  return FALSE;
}

static gboolean
authorize (const KrSecretPlugin *plugin,
           KrSecretCredential *credential,
           KrSecretToken *token,
           KrSecretRequest *request,
           GError **error)
{
  return FALSE;
}

static char *
dup_code (const KrSecretPlugin *plugin, const KrSecretReply *reply)
{
  return NULL;
}

/* NAME, a part of the message (NULL: not a mistake), and code that makes the mistake in the plugin
 * p. */
#define CASES                                                                                      \
  CASE (nothing, NULL, (void) p)                                                                   \
  CASE (no_korean_name, "every plugin has", p->name_ko = NULL)                                     \
  CASE (no_codes, "every plugin has", p->codes = NULL)                                             \
  CASE (no_issue, "lacks 'issue'", p->issue.path = NULL)                                           \
  CASE (issue_by_function, NULL,                                                                   \
        (p->issue.path = NULL, p->approval.path = NULL, p->build_issue = build_issue))             \
  CASE (issue_to_elsewhere, "path of 'issue'", p->issue.path = "//other.invalid/token")            \
  CASE (issue_without_slash, "path of 'issue'", p->issue.path = "token")                           \
  CASE (issue_without_body, "body of 'issue'", p->issue.body = KR_SECRET_BODY_NONE)                \
  CASE (issue_of_no_body_there_is, "body of 'issue'", p->issue.body = (KrSecretBody) 7)            \
  CASE (issue_of_nothing, "lacks 'issue'", p->issue.entries[0].name = NULL)                        \
  CASE (unknown_field, "sends 'appsecrt'", p->issue.entries[2].secret = "appsecrt")                \
  CASE (token_in_an_issue, "sends 'token'", p->issue.entries[2].secret = "token")                  \
  CASE (text_and_secret, "cannot send 'secret'", p->issue.entries[2].text = "x")                   \
  CASE (neither_text_nor_secret, "cannot send 'grant'", p->issue.entries[0].text = NULL)           \
  CASE (no_token, "'issue' does not say where", p->issue.token[0] = NULL)                          \
  CASE (no_expiry, "'issue' does not say where", p->issue.expires_in[0] = NULL)                    \
  CASE (expiry_is_a_time, NULL, (p->issue.expires_in[0] = NULL, p->issue.expires_at[0] = "end"))   \
  CASE (answer_by_function, NULL, (p->issue.token[0] = NULL, p->parse_issue = parse_issue))        \
  CASE (mark_without_value, "'issue' names a success", p->issue.success[1].member = "ok")          \
  CASE (mark_without_member, "'revoke' names a success", p->revoke.success[0].member = NULL)       \
  CASE (needs_an_unknown_mark, "'issue' needs a success", p->issue.success_needed = TRUE)          \
  CASE (no_approval, "lacks 'approval'", p->approval.path = NULL)                                  \
  CASE (approval_without_end, "'approval' does not say where", p->approval.lifetime = 0)           \
  CASE (approval_in_vain, "'approval' and the trait", p->traits.websocket = FALSE)                 \
  CASE (no_websocket_key, NULL, (p->traits.websocket = FALSE, p->approval.path = NULL))            \
  CASE (no_revoke, NULL, p->revoke.path = NULL)                                                    \
  CASE (revoke_half_by_function, "lacks 'revoke'",                                                 \
        (p->revoke.path = NULL, p->parse_revoke = parse_revoke))                                   \
  CASE (revoke_by_function, NULL,                                                                  \
        (p->revoke.path = NULL, p->build_revoke = build_revoke, p->parse_revoke = parse_revoke))   \
  CASE (revoke_of_nothing, "'revoke' does not send", p->revoke.entries[0].secret = "appkey")       \
  CASE (no_headers, "'headers' does not send", p->headers[0].name = NULL)                          \
  CASE (headers_by_function, NULL, (p->headers[0].name = NULL, p->authorize = authorize))          \
  CASE (headers_without_token, "'headers' does not send", p->headers[0].secret = "appkey")         \
  CASE (header_name_with_a_colon, "cannot send 'a:'", p->headers[0].name = "a:")                   \
  CASE (header_of_two_lines, "cannot send 'authorization'", p->headers[0].text = "a\r\nb")         \
  CASE (header_of_nothing, "cannot send 'x-version'", p->headers[1].text = NULL)                   \
  CASE (secret_in_headers, "'calls_carry_secret'", p->headers[1].secret = "appsecret")             \
  CASE (no_secret_in_headers, "'calls_carry_secret'", p->traits.calls_carry_secret = TRUE)         \
  CASE (field_called_token, "field 'token'", p->fields = field_token)                              \
  CASE (codes_nowhere, "lacks 'code_members'", p->code_members[0] = NULL)                          \
  CASE (codes_by_function, NULL, (p->code_members[0] = NULL, p->dup_code = dup_code))              \
  CASE (code_without_advice, "code 'E2'",                                                          \
        p->codes = ROW (KR_SECRET_ERROR_REFUSED, KR_SECRET_VERDICT_FINE, NULL))                    \
  CASE (code_of_another_error, "code 'E2'",                                                        \
        p->codes = ROW (KR_SECRET_ERROR_LOCKED, KR_SECRET_VERDICT_FINE, "two"))                    \
  CASE (code_without_error, "code 'E2'",                                                           \
        p->codes = ROW ((KrSecretError) 0, KR_SECRET_VERDICT_FINE, "two"))                         \
  CASE (code_of_no_verdict, "code 'E2'",                                                           \
        p->codes = ROW (KR_SECRET_ERROR_REFUSED, (KrSecretVerdict) 9, "two"))

static void
check (const KrSecretPlugin *plugin, const char *words)
{
  g_autoptr (GError) error = NULL;

  if (words == NULL)
    {
      g_assert_true (kr_secret_plugin_check_loaded (plugin, &error));
      g_assert_no_error (error);
      return;
    }
  g_assert_false (kr_secret_plugin_check_loaded (plugin, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_PLUGIN);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, words));
}

#define CASE(name, words, change)                                                                  \
  static void test_##name (void)                                                                   \
  {                                                                                                \
    KrSecretPlugin copy = good;                                                                    \
    KrSecretPlugin *p = &copy;                                                                     \
                                                                                                   \
    change;                                                                                        \
    check (p, words);                                                                              \
  }
CASES
#undef CASE

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define CASE(name, words, change) g_test_add_func ("/plugin-check/" #name, test_##name);
  CASES
#undef CASE
  return g_test_run ();
}
