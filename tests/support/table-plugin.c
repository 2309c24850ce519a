/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Plugins that are nothing but a table, as short as possible: one sends a form, in LS's format; one
 * sends JSON, in Kiwoom's, and cannot revoke. */
#include "krsecret-plugin.h"

static const KrSecretField fields[] = {
  { "appkey", "appkey", "appkey", "앱키", TRUE, 0 },
  { "appsecret", "appsecret", "appsecret", "앱시크릿", TRUE, 0 },
  { NULL },
};

static const KrSecretCode codes[] = {
  { "IGW00105", KR_SECRET_ERROR_REFUSED, KR_SECRET_VERDICT_REFUSED, "wrong secret" },
  { "IGW00121", KR_SECRET_ERROR_BAD_REPLY, KR_SECRET_VERDICT_TOKEN_DEAD, "invalid token" },
  { "3", KR_SECRET_ERROR_REFUSED, KR_SECRET_VERDICT_TOKEN_DEAD, "wrong key or token" },
  { NULL },
};

#ifdef TABLE_FORM
KR_SECRET_PLUGIN_DEFINE (table_form) = {
  .abi = KR_SECRET_PLUGIN_ABI,
  .size = sizeof (KrSecretPlugin),
  .id = "table_form",
  .name = "Form",
  .name_ko = "폼",
  .fields = fields,
  .real_uri = "https://broker.invalid",
  .traits = { .reissue = KR_SECRET_REISSUE_NEW_KILLS_OLD },
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
    .expires_in = { "expires_in" },
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
  },
  .headers = { { "authorization", "Bearer ", "token" } },
  .codes = codes,
  .code_members = { "error_code", "rsp_cd" },
  .text_members = { "error_description" },
};
#else
KR_SECRET_PLUGIN_DEFINE (table_json) = {
  .abi = KR_SECRET_PLUGIN_ABI,
  .size = sizeof (KrSecretPlugin),
  .id = "table_json",
  .name = "JSON",
  .name_ko = "제이슨",
  .fields = fields,
  .real_uri = "https://broker.invalid",
  .traits = { .reissue = KR_SECRET_REISSUE_NEW_KILLS_OLD, .calls_carry_secret = TRUE },
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
  .headers = { { "authorization", "Bearer ", "token" }, { "x-secret", .secret = "appsecret" } },
  .codes = codes,
  .code_members = { "return_code" },
  .text_members = { "return_msg" },
};
#endif
