/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* 한국투자증권, Korea Investment & Securities. README.md beside this file has the facts. */
#include "../gateway-codes.h"

static const KrSecretCode codes[] = {
  GATEWAY_CODES ("EGW"),
  { "EGW00002", KR_SECRET_ERROR_UNREACHABLE, KR_SECRET_VERDICT_UNAVAILABLE,
    N_ ("the broker's server is out of order") },
  { "EGW00003", KR_SECRET_ERROR_UNREACHABLE, KR_SECRET_VERDICT_UNAVAILABLE,
    N_ ("the broker's server denies access for now") },
  { "EGW00103", KR_SECRET_ERROR_REFUSED, KR_SECRET_VERDICT_REFUSED,
    N_ ("the broker does not accept this appkey; it may be wrong or have expired, but a blocked "
        "address, or a key locked for a while after too many issues, is answered in the same way: "
        "look at the broker's site before you replace it") },
  { "EGW00132", KR_SECRET_ERROR_REFUSED, KR_SECRET_VERDICT_FINE,
    N_ ("the broker does not accept this content type; report it as a bug") },
  { "EGW00133", KR_SECRET_ERROR_RATE_LIMITED, KR_SECRET_VERDICT_RATE_LIMITED,
    N_ ("the broker issues one token a minute") },
  { "EGW00206", KR_SECRET_ERROR_REFUSED, KR_SECRET_VERDICT_REFUSED,
    N_ ("this appkey may not use the API; apply for it at the broker's site") },
  { "EGW00207", KR_SECRET_ERROR_REFUSED, KR_SECRET_VERDICT_REFUSED,
    N_ ("the broker does not accept calls from this address") },
  { "EGW00208", KR_SECRET_ERROR_REFUSED, KR_SECRET_VERDICT_FINE,
    N_ ("the broker does not accept this kind of customer (custtype)") },
  { "EGW00304", KR_SECRET_ERROR_REFUSED, KR_SECRET_VERDICT_REFUSED,
    N_ ("the broker does not accept this appsecret; often a line break was pasted with it, or it "
        "belongs to another appkey: enter it again") },
  { NULL },
};

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
    .issue_interval = 60,
    .same_token_window = 6 * 60 * 60,
    .issue_notifies = TRUE,
    .calls_carry_secret = TRUE,
    .websocket = TRUE,
  },
  /* Within the six hours expires_in still says a whole day, and the absolute time is right. On the
   * other hand, a wrong local clock does not affect expires_in. */
  .issue = {
    .path = "/oauth2/tokenP",
    .body = KR_SECRET_BODY_JSON,
    .entries = {
      { "grant_type", "client_credentials" },
      { "appkey", .secret = "appkey" },
      { "appsecret", .secret = "appsecret" },
    },
    .token = { "access_token" },
    .expires_in = { "expires_in" },
    .expires_at = { "access_token_token_expired" },
  },
  .approval = {
    .path = "/oauth2/Approval",
    .body = KR_SECRET_BODY_JSON,
    .entries = {
      { "grant_type", "client_credentials" },
      { "appkey", .secret = "appkey" },
      { "secretkey", .secret = "appsecret" },
    },
    .token = { "approval_key" },
    .lifetime = 24 * 60 * 60, /* not in the answer; the portal says so */
  },
  .revoke = {
    .path = "/oauth2/revokeP",
    .body = KR_SECRET_BODY_JSON,
    .entries = {
      { "appkey", .secret = "appkey" },
      { "appsecret", .secret = "appsecret" },
      { "token", .secret = "token" },
    },
    .success = { { "code", "200" } },
  },
  /* tr_id, custtype and the content type depend on the call: the caller sets them. */
  .headers = {
    { "authorization", "Bearer ", "token" },
    { "appkey", .secret = "appkey" },
    { "appsecret", .secret = "appsecret" },
  },
  .codes = codes,
  .code_members = { "error_code", "msg_cd" },
  .text_members = { "error_description", "msg1", "message" },
  .unauthorized = KR_SECRET_VERDICT_TOKEN_DEAD,
};
