/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* 한국투자증권, Korea Investment & Securities. README.md beside this file has the facts. */
#include <glib/gi18n-lib.h>

#include "krsecret-plugin.h"

/* One issue a minute; within six hours of an issue the same token comes back. */
#define ISSUE_INTERVAL 60
#define SAME_TOKEN_WINDOW (6 * 60 * 60)

/* The answer to an approval does not say how long the key lives; the portal does. */
#define APPROVAL_LIFETIME (24 * 60 * 60)

static const KrSecretCode codes[] = {
  { "EGW00002", KR_SECRET_ERROR_UNREACHABLE, KR_SECRET_VERDICT_UNAVAILABLE,
    N_ ("the broker's server is out of order") },
  { "EGW00003", KR_SECRET_ERROR_UNREACHABLE, KR_SECRET_VERDICT_UNAVAILABLE,
    N_ ("the broker's server denies access for now") },
  { "EGW00102", KR_SECRET_ERROR_REFUSED, KR_SECRET_VERDICT_REFUSED,
    N_ ("the broker found no appkey in the request; enter the appkey again") },
  { "EGW00103", KR_SECRET_ERROR_REFUSED, KR_SECRET_VERDICT_REFUSED,
    N_ ("the broker does not take this appkey; it may be wrong or have run out, but a blocked "
        "address, or a key locked for a while after too many issues, is answered in the same way: "
        "look at the broker's site before you replace it") },
  { "EGW00104", KR_SECRET_ERROR_REFUSED, KR_SECRET_VERDICT_REFUSED,
    N_ ("the broker found no appsecret in the request; enter the appsecret again") },
  { "EGW00105", KR_SECRET_ERROR_REFUSED, KR_SECRET_VERDICT_REFUSED,
    N_ ("the broker does not take this appsecret; often a line break was pasted with it, or it "
        "belongs to another appkey: enter it again") },
  { "EGW00112", KR_SECRET_ERROR_REFUSED, KR_SECRET_VERDICT_FINE,
    N_ ("the broker does not know this way to ask for a token; report it as a bug") },
  { "EGW00115", KR_SECRET_ERROR_REFUSED, KR_SECRET_VERDICT_FINE,
    N_ ("the broker does not know this way to ask for a token; report it as a bug") },
  { "EGW00121", KR_SECRET_ERROR_BAD_REPLY, KR_SECRET_VERDICT_TOKEN_DEAD,
    N_ ("the broker calls the token invalid") },
  { "EGW00122", KR_SECRET_ERROR_BAD_REPLY, KR_SECRET_VERDICT_TOKEN_DEAD,
    N_ ("the broker does not know the token") },
  { "EGW00123", KR_SECRET_ERROR_BAD_REPLY, KR_SECRET_VERDICT_TOKEN_DEAD,
    N_ ("the broker says the token has expired") },
  { "EGW00132", KR_SECRET_ERROR_REFUSED, KR_SECRET_VERDICT_FINE,
    N_ ("the broker does not take this content type; report it as a bug") },
  { "EGW00133", KR_SECRET_ERROR_RATE_LIMITED, KR_SECRET_VERDICT_RATE_LIMITED,
    N_ ("the broker issues one token a minute") },
  { "EGW00201", KR_SECRET_ERROR_RATE_LIMITED, KR_SECRET_VERDICT_RATE_LIMITED,
    N_ ("the broker was asked too often") },
  { "EGW00206", KR_SECRET_ERROR_REFUSED, KR_SECRET_VERDICT_REFUSED,
    N_ ("this appkey may not use the API; apply for it at the broker's site") },
  { "EGW00207", KR_SECRET_ERROR_REFUSED, KR_SECRET_VERDICT_REFUSED,
    N_ ("the broker does not take calls from this address") },
  { "EGW00208", KR_SECRET_ERROR_REFUSED, KR_SECRET_VERDICT_FINE,
    N_ ("the broker does not take this kind of customer (custtype)") },
  { "EGW00304", KR_SECRET_ERROR_REFUSED, KR_SECRET_VERDICT_REFUSED,
    N_ ("the broker does not take this appsecret; often a line break was pasted with it, or it "
        "belongs to another appkey: enter it again") },
  { NULL },
};

static char *
dup_code (const KrSecretReply *reply)
{
  return kr_secret_reply_dup_first (reply, "error_code", "msg_cd", NULL);
}

static void
set_error (const KrSecretReply *reply, const char *code, GError **error)
{
  g_autofree char *text
      = kr_secret_reply_dup_first (reply, "error_description", "msg1", "message", NULL);

  kr_secret_reply_set_error (reply, codes, code, text, ISSUE_INTERVAL, error);
}

static gboolean
build_issue (KrSecretCredential *credential,
             KrSecretTokenKind kind,
             KrSecretRequest *request,
             GError **error)
{
  gboolean approval = kind == KR_SECRET_TOKEN_WEBSOCKET;

  kr_secret_request_post (request, approval ? "/oauth2/Approval" : "/oauth2/tokenP",
                          KR_SECRET_BODY_JSON);
  kr_secret_request_add_field (request, "grant_type", "client_credentials");
  return kr_secret_request_add_secret_field (request, "appkey",
                                             kr_secret_credential_get (credential, "appkey"), error)
         && kr_secret_request_add_secret_field (request, approval ? "secretkey" : "appsecret",
                                                kr_secret_credential_get (credential, "appsecret"),
                                                error);
}

/* Of the two expiries the earlier. Within the six hours expires_in still says a whole day, while
 * the other one is right; and a wrong clock here does not touch expires_in. What is there must be
 * understood: the one alone might be too late. */
static gboolean
get_expiry (const KrSecretReply *reply, gint64 now, gint64 *out_expires_at)
{
  gint64 relative = G_MAXINT64, absolute = G_MAXINT64;

  if (kr_secret_reply_has (reply, "expires_in")
      && !kr_secret_reply_get_expires_in (reply, "expires_in", now, &relative))
    return FALSE;
  if (kr_secret_reply_has (reply, "access_token_token_expired")
      && !kr_secret_reply_get_kst (reply, "access_token_token_expired", &absolute))
    return FALSE;
  *out_expires_at = MIN (relative, absolute);
  return *out_expires_at != G_MAXINT64;
}

static KrSecretToken *
parse_issue (const KrSecretReply *reply, KrSecretTokenKind kind, gint64 now, GError **error)
{
  g_autofree char *code = dup_code (reply);
  gboolean approval = kind == KR_SECRET_TOKEN_WEBSOCKET;
  KrSecretToken *token = NULL;
  gint64 expires_at = now + APPROVAL_LIFETIME;

  if (kr_secret_reply_get_status (reply) == 200 && code == NULL
      && (approval || get_expiry (reply, now, &expires_at)))
    token = kr_secret_reply_dup_token (reply, approval ? "approval_key" : "access_token", kind, now,
                                       expires_at);
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
  if (kr_secret_token_get_kind (token) != KR_SECRET_TOKEN_ACCESS)
    {
      kr_secret_error_set (error, KR_SECRET_ERROR_USAGE, 0, NULL,
                           _ ("the broker has no way to revoke a websocket key"));
      return FALSE;
    }
  kr_secret_request_post (request, "/oauth2/revokeP", KR_SECRET_BODY_JSON);
  return kr_secret_request_add_secret_field (request, "appkey",
                                             kr_secret_credential_get (credential, "appkey"), error)
         && kr_secret_request_add_secret_field (
             request, "appsecret", kr_secret_credential_get (credential, "appsecret"), error)
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

/* tr_id, custtype and the content type belong to the call: they are the caller's. */
static gboolean
authorize (KrSecretCredential *credential,
           KrSecretToken *token,
           KrSecretRequest *request,
           GError **error)
{
  if (kr_secret_token_get_kind (token) != KR_SECRET_TOKEN_ACCESS)
    {
      kr_secret_error_set (error, KR_SECRET_ERROR_USAGE, 0, NULL,
                           _ ("a websocket key is sent in a message, not in a header"));
      return FALSE;
    }
  return kr_secret_request_add_secret_header (request, "authorization", "Bearer ",
                                              kr_secret_token_get_value (token), error)
         && kr_secret_request_add_secret_header (
             request, "appkey", NULL, kr_secret_credential_get (credential, "appkey"), error)
         && kr_secret_request_add_secret_header (
             request, "appsecret", NULL, kr_secret_credential_get (credential, "appsecret"), error);
}

static KrSecretVerdict
classify (const KrSecretReply *reply)
{
  g_autofree char *code = dup_code (reply);

  return kr_secret_reply_judge (reply, codes, code, KR_SECRET_VERDICT_TOKEN_DEAD);
}

static const KrSecretField fields[] = {
  { "appkey", "appkey", "appkey", "앱키", TRUE, 36 },
  { "appsecret", "appsecret", "appsecret", "앱시크릿", TRUE, 180 },
  { NULL },
};

KR_SECRET_PLUGIN_DEFINE (kis) = {
  .abi = KR_SECRET_PLUGIN_ABI,
  .size = sizeof (KrSecretPlugin),
  .id = "kis",
  .name = "Korea Investment & Securities",
  .name_ko = "한국투자증권",
  .fields = fields,
  .real_uri = "https://openapi.koreainvestment.com:9443",
  .paper_uri = "https://openapivts.koreainvestment.com:29443",
  .traits = {
    .reissue = KR_SECRET_REISSUE_SAME_WITHIN_WINDOW,
    .issue_interval = ISSUE_INTERVAL,
    .same_token_window = SAME_TOKEN_WINDOW,
    .issue_notifies = TRUE,
    .calls_carry_secret = TRUE,
    .websocket = TRUE,
  },
  .build_issue = build_issue,
  .parse_issue = parse_issue,
  .build_revoke = build_revoke,
  .parse_revoke = parse_revoke,
  .authorize = authorize,
  .classify = classify,
};
