/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* LS증권, LS Securities. README.md beside this file has the facts. */
#include "../gateway-codes.h"

static const KrSecretCode codes[] = {
  GATEWAY_CODES ("IGW"),
  { "IGW00103", KR_SECRET_ERROR_REFUSED, KR_SECRET_VERDICT_REFUSED,
    N_ ("the broker does not accept this appkey; it may be wrong or have expired: look at the "
        "broker's site before you replace it") },
  { "IGW00109", KR_SECRET_ERROR_REFUSED, KR_SECRET_VERDICT_FINE,
    N_ ("the broker does not grant this scope; report it as a bug") },
  { "IGW00110", KR_SECRET_ERROR_REFUSED, KR_SECRET_VERDICT_FINE,
    N_ ("the broker does not grant this scope; report it as a bug") },
  { "IGW00116", KR_SECRET_ERROR_REFUSED, KR_SECRET_VERDICT_FINE,
    N_ ("the broker does not know this way to ask for a token; report it as a bug") },
  { "IGW00117", KR_SECRET_ERROR_REFUSED, KR_SECRET_VERDICT_FINE,
    N_ ("the broker does not know this type of token; report it as a bug") },
  { "IGW00132", KR_SECRET_ERROR_REFUSED, KR_SECRET_VERDICT_FINE,
    N_ ("the broker does not accept this content type, or misses mac_address; report it as a "
        "bug") },
  { "IGW00133", KR_SECRET_ERROR_REFUSED, KR_SECRET_VERDICT_FINE,
    N_ ("the broker does not accept this content type; report it as a bug") },
  { "IGW00205", KR_SECRET_ERROR_REFUSED, KR_SECRET_VERDICT_FINE,
    N_ ("the broker found no “Bearer” before the token; report it as a bug") },
  { "IGW00303", KR_SECRET_ERROR_REFUSED, KR_SECRET_VERDICT_REFUSED,
    N_ ("the broker does not accept calls from this address") },
  { "IGW40342", KR_SECRET_ERROR_REFUSED, KR_SECRET_VERDICT_REFUSED,
    N_ ("the broker refuses the call") },
  { NULL },
};

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
    .issue_interval = 1, /* also after "too many calls"; the broker gives no number */
    .death_time = 7 * 60,
  },
  .issue = {
    .path = "/oauth2/token",
    .body = KR_SECRET_BODY_FORM,
    .entries = {
      { "grant_type", "client_credentials" },
      { "scope", "oob" },
      { "appkey", .secret = "appkey" },
      { "appsecretkey", .secret = "appsecret" },
    },
    .token = { "access_token" },
    .expires_in = { "expires_in", "expire_in" }, /* the server's name and the document's */
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
  /* tr_cd, tr_cont, mac_address and the content type depend on the call: the caller sets them. */
  .headers = { { "authorization", "Bearer ", "token" } },
  .codes = codes,
  .code_members = { "error_code", "rsp_cd" }, /* rsp_cd is "00000" in a success */
  .text_members = { "error_description", "rsp_msg", "message" },
  /* A dead token is reported with any HTTP status, even 200; and 401 alone does not mean one. */
  .unauthorized = KR_SECRET_VERDICT_REFUSED,
};
