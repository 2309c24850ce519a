/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* LS증권, LS Securities. README.md beside this file has the facts. */
#include <glib/gi18n-lib.h>
#include <string.h>

#include "krsecret-plugin.h"

/* Seconds to wait after "too many calls"; the broker names no number. */
#define ISSUE_INTERVAL 1

/* Every token ends at 07:00 in Korea. */
#define DEATH_TIME (7 * 60)

static const KrSecretCode codes[] = {
  { "IGW00102", KR_SECRET_ERROR_REFUSED, KR_SECRET_VERDICT_REFUSED,
    N_ ("the broker found no appkey in the request; enter the appkey again") },
  { "IGW00103", KR_SECRET_ERROR_REFUSED, KR_SECRET_VERDICT_REFUSED,
    N_ ("the broker does not take this appkey; it may be wrong or have run out: look at the "
        "broker's site before you replace it") },
  { "IGW00104", KR_SECRET_ERROR_REFUSED, KR_SECRET_VERDICT_REFUSED,
    N_ ("the broker found no appsecret in the request; enter the appsecret again") },
  { "IGW00105", KR_SECRET_ERROR_REFUSED, KR_SECRET_VERDICT_REFUSED,
    N_ ("the broker does not take this appsecret; often a line break was pasted with it, or it "
        "belongs to another appkey: enter it again") },
  { "IGW00109", KR_SECRET_ERROR_REFUSED, KR_SECRET_VERDICT_FINE,
    N_ ("the broker does not grant this scope; report it as a bug") },
  { "IGW00110", KR_SECRET_ERROR_REFUSED, KR_SECRET_VERDICT_FINE,
    N_ ("the broker does not grant this scope; report it as a bug") },
  { "IGW00112", KR_SECRET_ERROR_REFUSED, KR_SECRET_VERDICT_FINE,
    N_ ("the broker does not know this way to ask for a token; report it as a bug") },
  { "IGW00115", KR_SECRET_ERROR_REFUSED, KR_SECRET_VERDICT_FINE,
    N_ ("the broker does not know this way to ask for a token; report it as a bug") },
  { "IGW00116", KR_SECRET_ERROR_REFUSED, KR_SECRET_VERDICT_FINE,
    N_ ("the broker does not know this way to ask for a token; report it as a bug") },
  { "IGW00117", KR_SECRET_ERROR_REFUSED, KR_SECRET_VERDICT_FINE,
    N_ ("the broker does not know this type of token; report it as a bug") },
  { "IGW00121", KR_SECRET_ERROR_BAD_REPLY, KR_SECRET_VERDICT_TOKEN_DEAD,
    N_ ("the broker calls the token invalid") },
  { "IGW00122", KR_SECRET_ERROR_BAD_REPLY, KR_SECRET_VERDICT_TOKEN_DEAD,
    N_ ("the broker does not know the token") },
  { "IGW00123", KR_SECRET_ERROR_BAD_REPLY, KR_SECRET_VERDICT_TOKEN_DEAD,
    N_ ("the broker says the token has expired") },
  { "IGW00132", KR_SECRET_ERROR_REFUSED, KR_SECRET_VERDICT_FINE,
    N_ ("the broker does not take this content type, or misses mac_address; report it as a bug") },
  { "IGW00133", KR_SECRET_ERROR_REFUSED, KR_SECRET_VERDICT_FINE,
    N_ ("the broker does not take this content type; report it as a bug") },
  { "IGW00201", KR_SECRET_ERROR_RATE_LIMITED, KR_SECRET_VERDICT_RATE_LIMITED,
    N_ ("the broker was asked too often") },
  { "IGW00205", KR_SECRET_ERROR_REFUSED, KR_SECRET_VERDICT_FINE,
    N_ ("the broker does not find “Bearer” before the token; report it as a bug") },
  { "IGW00303", KR_SECRET_ERROR_REFUSED, KR_SECRET_VERDICT_REFUSED,
    N_ ("the broker does not take calls from this address") },
  { "IGW40342", KR_SECRET_ERROR_REFUSED, KR_SECRET_VERDICT_REFUSED,
    N_ ("the broker refuses the call") },
  { NULL },
};

/* The gateway's own codes are in error_code at the token endpoints and in rsp_cd elsewhere, where
 * "00000" is success. */
static char *
dup_code (const KrSecretReply *reply)
{
  g_autofree char *code = kr_secret_reply_dup_first (reply, "error_code", "rsp_cd", NULL);

  return code != NULL && code[strspn (code, "0")] != '\0' ? g_steal_pointer (&code) : NULL;
}

static void
set_error (const KrSecretReply *reply, const char *code, GError **error)
{
  g_autofree char *text
      = kr_secret_reply_dup_first (reply, "error_description", "rsp_msg", "message", NULL);

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
  kr_secret_request_post (request, "/oauth2/token", KR_SECRET_BODY_FORM);
  kr_secret_request_add_field (request, "grant_type", "client_credentials");
  kr_secret_request_add_field (request, "scope", "oob");
  return kr_secret_request_add_secret_field (request, "appkey",
                                             kr_secret_credential_get (credential, "appkey"), error)
         && kr_secret_request_add_secret_field (
             request, "appsecretkey", kr_secret_credential_get (credential, "appsecret"), error);
}

/* The document writes expire_in, the server expires_in. */
static KrSecretToken *
parse_issue (const KrSecretReply *reply, KrSecretTokenKind kind, gint64 now, GError **error)
{
  g_autofree char *code = dup_code (reply);
  const char *member = kr_secret_reply_has (reply, "expires_in") ? "expires_in" : "expire_in";
  KrSecretToken *token = NULL;
  gint64 expires_at;

  if (kr_secret_reply_get_status (reply) == 200 && code == NULL
      && kr_secret_reply_get_expires_in (reply, member, now, &expires_at))
    token = kr_secret_reply_dup_token (reply, "access_token", kind, now, expires_at);
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
  kr_secret_request_post (request, "/oauth2/revoke", KR_SECRET_BODY_FORM);
  kr_secret_request_add_field (request, "token_type_hint", "access_token");
  return kr_secret_request_add_secret_field (request, "appkey",
                                             kr_secret_credential_get (credential, "appkey"), error)
         && kr_secret_request_add_secret_field (
             request, "appsecretkey", kr_secret_credential_get (credential, "appsecret"), error)
         && kr_secret_request_add_secret_field (request, "token", kr_secret_token_get_value (token),
                                                error);
}

/* Success has "code" 200, a number or a string, or none. */
static gboolean
parse_revoke (const KrSecretReply *reply, gint64 now, GError **error)
{
  g_autofree char *code = dup_code (reply);
  gint64 result = 200;

  if (kr_secret_reply_judge (reply, codes, code, KR_SECRET_VERDICT_REFUSED)
      == KR_SECRET_VERDICT_TOKEN_DEAD)
    return TRUE;
  if (kr_secret_reply_get_status (reply) == 200 && kr_secret_reply_is_json (reply) && code == NULL
      && (!kr_secret_reply_has (reply, "code") || kr_secret_reply_get_int (reply, "code", &result))
      && result == 200)
    return TRUE;
  set_error (reply, code, error);
  return FALSE;
}

/* tr_cd, tr_cont, mac_address and the content type belong to the call: they are the caller's. */
static gboolean
authorize (KrSecretCredential *credential,
           KrSecretToken *token,
           KrSecretRequest *request,
           GError **error)
{
  return kr_secret_request_add_secret_header (request, "authorization", "Bearer ",
                                              kr_secret_token_get_value (token), error);
}

/* The token's death comes with any HTTP status, even 200; and 401 alone does not mean it. */
static KrSecretVerdict
classify (const KrSecretReply *reply)
{
  g_autofree char *code = dup_code (reply);

  return kr_secret_reply_judge (reply, codes, code, KR_SECRET_VERDICT_REFUSED);
}

static const KrSecretField fields[] = {
  { "appkey", "appkey", "appkey", "앱키", TRUE, 0 },
  { "appsecret", "appsecretkey", "appsecret", "앱시크릿", TRUE, 0 },
  { NULL },
};

KR_SECRET_PLUGIN_DEFINE (ls) = {
  .abi = KR_SECRET_PLUGIN_ABI,
  .size = sizeof (KrSecretPlugin),
  .id = "ls",
  .name = "LS Securities",
  .name_ko = "LS증권",
  .fields = fields,
  .real_uri = "https://openapi.ls-sec.co.kr:8080",
  .paper_uri = "https://openapi.ls-sec.co.kr:8080", /* the key decides */
  .traits = {
    .reissue = KR_SECRET_REISSUE_NEW_KILLS_OLD,
    .issue_interval = ISSUE_INTERVAL,
    .death_time = DEATH_TIME,
  },
  .build_issue = build_issue,
  .parse_issue = parse_issue,
  .build_revoke = build_revoke,
  .parse_revoke = parse_revoke,
  .authorize = authorize,
  .classify = classify,
};
