/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* 키움증권, Kiwoom Securities. README.md beside this file has the facts. */
#include <glib/gi18n-lib.h>
#include <string.h>

#include "krsecret-plugin.h"

/* Seconds to wait after "too many requests". */
#define ISSUE_INTERVAL 1

static const KrSecretCode codes[] = {
  { "5", KR_SECRET_ERROR_RATE_LIMITED, KR_SECRET_VERDICT_RATE_LIMITED,
    N_ ("the broker was asked too often") },
  { "1700", KR_SECRET_ERROR_RATE_LIMITED, KR_SECRET_VERDICT_RATE_LIMITED,
    N_ ("the broker was asked too often") },
  { "8001", KR_SECRET_ERROR_REFUSED, KR_SECRET_VERDICT_REFUSED,
    N_ ("appkey and appsecret do not belong together, or one of them is wrong; often a line break "
        "was pasted with them: enter both again") },
  { "8002", KR_SECRET_ERROR_REFUSED, KR_SECRET_VERDICT_REFUSED,
    N_ ("the broker could not check appkey and appsecret; look at the broker's site whether they "
        "still hold") },
  { "8003", KR_SECRET_ERROR_BAD_REPLY, KR_SECRET_VERDICT_TOKEN_DEAD,
    N_ ("the broker does not know the token") },
  { "8005", KR_SECRET_ERROR_BAD_REPLY, KR_SECRET_VERDICT_TOKEN_DEAD,
    N_ ("the broker calls the token invalid") },
  { "8010", KR_SECRET_ERROR_REFUSED, KR_SECRET_VERDICT_REFUSED,
    N_ ("the token was issued to another address; issue a new one from here, or call from there") },
  { "8011", KR_SECRET_ERROR_REFUSED, KR_SECRET_VERDICT_FINE,
    N_ ("the broker found no grant type in the request; report it as a bug") },
  { "8012", KR_SECRET_ERROR_REFUSED, KR_SECRET_VERDICT_FINE,
    N_ ("the broker does not know this way to ask for a token; report it as a bug") },
  { "8015", KR_SECRET_ERROR_BAD_REPLY, KR_SECRET_VERDICT_FINE,
    N_ ("the broker could not revoke the token") },
  { "8016", KR_SECRET_ERROR_BAD_REPLY, KR_SECRET_VERDICT_TOKEN_DEAD,
    N_ ("the broker knows no token to revoke") },
  { "8020", KR_SECRET_ERROR_REFUSED, KR_SECRET_VERDICT_REFUSED,
    N_ ("the broker found no appkey or appsecret in the request; enter both again") },
  { "8030", KR_SECRET_ERROR_REFUSED, KR_SECRET_VERDICT_REFUSED,
    N_ ("real and paper are mixed up: this appkey belongs to the other environment; add the "
        "account "
        "again with the right one") },
  { "8031", KR_SECRET_ERROR_REFUSED, KR_SECRET_VERDICT_REFUSED,
    N_ ("real and paper are mixed up: this token belongs to the other environment; add the account "
        "again with the right one") },
  { "8050", KR_SECRET_ERROR_REFUSED, KR_SECRET_VERDICT_REFUSED,
    N_ ("this address is not registered with the appkey; register it at the broker's site") },
  { NULL },
};

/* What happened is in brackets in the text, "[8005:Token이 유효하지 않습니다]"; return_code only
 * says of what sort it is. The code is four digits. */
static char *
dup_code (const KrSecretReply *reply)
{
  g_autofree char *text = kr_secret_reply_dup_string (reply, "return_msg");
  g_autofree char *code = kr_secret_reply_dup_string (reply, "return_code");
  gint64 number;

  if (kr_secret_reply_get_int (reply, "return_code", &number) && number == 0)
    return NULL;
  for (const char *p = text; p != NULL && (p = strchr (p, '[')) != NULL; p++)
    if (strspn (p + 1, "0123456789") == 4)
      return g_strndup (p + 1, 4);
  return g_steal_pointer (&code);
}

static void
set_error (const KrSecretReply *reply, const char *code, GError **error)
{
  g_autofree char *text = kr_secret_reply_dup_string (reply, "return_msg");

  kr_secret_reply_set_error (reply, codes, code, text, ISSUE_INTERVAL, error);
}

static gboolean
build_issue (KrSecretCredential *credential,
             KrSecretTokenKind kind,
             KrSecretRequest *request,
             GError **error)
{
  if (kind != KR_SECRET_TOKEN_ACCESS)
    {
      kr_secret_error_set (error, KR_SECRET_ERROR_USAGE, 0, NULL,
                           _ ("the broker has no websocket keys; its access token serves there"));
      return FALSE;
    }
  kr_secret_request_post (request, "/oauth2/token", KR_SECRET_BODY_JSON);
  kr_secret_request_add_field (request, "grant_type", "client_credentials");
  return kr_secret_request_add_secret_field (request, "appkey",
                                             kr_secret_credential_get (credential, "appkey"), error)
         && kr_secret_request_add_secret_field (
             request, "secretkey", kr_secret_credential_get (credential, "appsecret"), error);
}

/* Errors come with HTTP 200 as well: return_code 0 is what makes it a success. */
static gboolean
succeeded (const KrSecretReply *reply)
{
  gint64 result;

  return kr_secret_reply_get_status (reply) == 200
         && kr_secret_reply_get_int (reply, "return_code", &result) && result == 0;
}

static KrSecretToken *
parse_issue (const KrSecretReply *reply, KrSecretTokenKind kind, gint64 now, GError **error)
{
  g_autofree char *code = dup_code (reply);
  KrSecretToken *token = NULL;
  gint64 expires_at;

  if (succeeded (reply) && kr_secret_reply_get_kst (reply, "expires_dt", &expires_at))
    token = kr_secret_reply_dup_token (reply, "token", kind, now, expires_at);
  if (token == NULL)
    set_error (reply, code, error);
  return token;
}

static gboolean
build_revoke (KrSecretCredential *credential,
              KrSecretToken *token,
              KrSecretRequest *request,
              GError **error)
{
  kr_secret_request_post (request, "/oauth2/revoke", KR_SECRET_BODY_JSON);
  return kr_secret_request_add_secret_field (request, "appkey",
                                             kr_secret_credential_get (credential, "appkey"), error)
         && kr_secret_request_add_secret_field (
             request, "secretkey", kr_secret_credential_get (credential, "appsecret"), error)
         && kr_secret_request_add_secret_field (request, "token", kr_secret_token_get_value (token),
                                                error);
}

/* One document shows {"result":"success"}, which the server is not known to send. */
static gboolean
parse_revoke (const KrSecretReply *reply, gint64 now, GError **error)
{
  g_autofree char *code = dup_code (reply);
  g_autofree char *result = kr_secret_reply_dup_string (reply, "result");

  if (succeeded (reply)
      || (kr_secret_reply_get_status (reply) == 200 && code == NULL
          && g_strcmp0 (result, "success") == 0)
      || kr_secret_reply_judge (reply, codes, code, KR_SECRET_VERDICT_REFUSED)
             == KR_SECRET_VERDICT_TOKEN_DEAD)
    return TRUE;
  set_error (reply, code, error);
  return FALSE;
}

/* api-id, cont-yn, next-key and the content type belong to the call: they are the caller's. */
static gboolean
authorize (KrSecretCredential *credential,
           KrSecretToken *token,
           KrSecretRequest *request,
           GError **error)
{
  return kr_secret_request_add_secret_header (request, "authorization", "Bearer ",
                                              kr_secret_token_get_value (token), error);
}

static KrSecretVerdict
classify (const KrSecretReply *reply)
{
  g_autofree char *code = dup_code (reply);

  return kr_secret_reply_judge (reply, codes, code, KR_SECRET_VERDICT_TOKEN_DEAD);
}

static const KrSecretField fields[] = {
  { "appkey", "appkey", "appkey", "앱키", TRUE, 0 },
  { "appsecret", "secretkey", "appsecret", "앱시크릿", TRUE, 0 },
  { NULL },
};

KR_SECRET_PLUGIN_DEFINE (kiwoom) = {
  .abi = KR_SECRET_PLUGIN_ABI,
  .size = sizeof (KrSecretPlugin),
  .id = "kiwoom",
  .name = "Kiwoom Securities",
  .name_ko = "키움증권",
  .fields = fields,
  .real_uri = "https://api.kiwoom.com",
  .paper_uri = "https://mockapi.kiwoom.com",
  .traits = {
    .reissue = KR_SECRET_REISSUE_NEW_KILLS_OLD,
    .issue_interval = ISSUE_INTERVAL,
  },
  .build_issue = build_issue,
  .parse_issue = parse_issue,
  .build_revoke = build_revoke,
  .parse_revoke = parse_revoke,
  .authorize = authorize,
  .classify = classify,
};
