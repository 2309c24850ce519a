/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* 키움증권, Kiwoom Securities. README.md beside this file has the facts. */
#include <glib/gi18n-lib.h>
#include <string.h>

#include "krsecret-plugin.h"

static const KrSecretCode codes[] = {
  { "5", KR_SECRET_ERROR_RATE_LIMITED, KR_SECRET_VERDICT_RATE_LIMITED,
    N_ ("the broker was asked too often") },
  { "1700", KR_SECRET_ERROR_RATE_LIMITED, KR_SECRET_VERDICT_RATE_LIMITED,
    N_ ("the broker was asked too often") },
  { "8001", KR_SECRET_ERROR_REFUSED, KR_SECRET_VERDICT_REFUSED,
    N_ ("appkey and appsecret do not belong together, or one of them is wrong; often a line break "
        "was pasted with them: enter both again") },
  { "8002", KR_SECRET_ERROR_REFUSED, KR_SECRET_VERDICT_REFUSED,
    N_ ("the broker could not check appkey and appsecret; check on the broker's site whether they "
        "are still valid") },
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
    N_ ("the broker knows of no token to revoke") },
  { "8020", KR_SECRET_ERROR_REFUSED, KR_SECRET_VERDICT_REFUSED,
    N_ ("the broker found no appkey or appsecret in the request; enter both again") },
  { "8030", KR_SECRET_ERROR_REFUSED, KR_SECRET_VERDICT_REFUSED,
    N_ ("real and paper are mixed up: this appkey belongs to the other environment; add the "
        "account again with the right one") },
  { "8031", KR_SECRET_ERROR_REFUSED, KR_SECRET_VERDICT_REFUSED,
    N_ ("real and paper are mixed up: this token belongs to the other environment; add the account "
        "again with the right one") },
  { "8050", KR_SECRET_ERROR_REFUSED, KR_SECRET_VERDICT_REFUSED,
    N_ ("this address is not registered with the appkey; register it at the broker's site") },
  { NULL },
};

/* The code that counts is in brackets in the text, "[8005:Token이 유효하지 않습니다]"; return_code
 * only gives its class. The code has four digits. */
static char *
dup_code (const KrSecretPlugin *plugin, const KrSecretReply *reply)
{
  g_autofree char *text = kr_secret_reply_dup_string (reply, "return_msg");
  gint64 number;

  if (kr_secret_reply_get_int (reply, "return_code", &number) && number == 0)
    return NULL;
  for (const char *p = text; p != NULL && (p = strchr (p, '[')) != NULL; p++)
    if (strspn (p + 1, "0123456789") == 4)
      return g_strndup (p + 1, 4);
  return kr_secret_reply_dup_string (reply, "return_code");
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
    .issue_interval = 1, /* also after "too many requests" */
  },
  .issue = {
    .path = "/oauth2/token",
    .body = KR_SECRET_BODY_JSON,
    .entries = {
      { "grant_type", "client_credentials" },
      { "appkey", .secret = "appkey" },
      { "secretkey", .secret = "appsecret" },
    },
    .success = { { "return_code", "0" } },
    .success_needed = TRUE,
    .token = { "token" },
    .expires_at = { "expires_dt" },
  },
  /* One document shows {"result":"success"}; the server is not known to send it. */
  .revoke = {
    .path = "/oauth2/revoke",
    .body = KR_SECRET_BODY_JSON,
    .entries = {
      { "appkey", .secret = "appkey" },
      { "secretkey", .secret = "appsecret" },
      { "token", .secret = "token" },
    },
    .success = { { "return_code", "0" }, { "result", "success" } },
    .success_needed = TRUE,
  },
  /* api-id, cont-yn, next-key and the content type depend on the call: the caller sets them. */
  .headers = { { "authorization", "Bearer ", "token" } },
  .codes = codes,
  .text_members = { "return_msg" },
  .unauthorized = KR_SECRET_VERDICT_TOKEN_DEAD,
  .dup_code = dup_code,
};
