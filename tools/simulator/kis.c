/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* 한국투자증권: JSON in and out, codes EGW00nnn. */

#include "kis.h"

#include "gateway.h"
#include "json.h"
#include "kst.h"

#include <string.h>

/* Refuses a call, or what the other addresses were asked for. */
static void
refuse_by (SimKind kind, guint number, SimReply *reply)
{
  g_autofree char *code = g_strdup_printf ("EGW%05u", number);

  if (kind == SIM_CALL)
    {
      reply->status = 500;
      sim_reply_add_text (reply, "rt_cd", "1");
      sim_reply_add_text (reply, "msg_cd", code);
      sim_reply_add_text (reply, "msg1", sim_gateway_message (number));
      return;
    }
  reply->status = 403;
  /* 133 is specific to KIS: LS uses the same number for the content type. */
  sim_reply_add_text (reply, "error_description",
                      number == 133 ? "접근토큰 발급 잠시 후 다시 시도하세요(1분당 1회)"
                                    : sim_gateway_message (number));
  sim_reply_add_text (reply, "error_code", code);
}

static guint
grant_fault (JsonObject *body)
{
  const char *grant = sim_json_string (body, "grant_type");

  if (grant == NULL || *grant == '\0')
    return 115;
  return strcmp (grant, "client_credentials") == 0 ? 0 : 112;
}

static guint
issue_token (SimState *state, JsonObject *body, SimReply *reply)
{
  const char *appkey = sim_json_string (body, "appkey");
  guint fault = grant_fault (body);
  const SimToken *token;
  g_autofree char *expired = NULL;

  if (fault == 0)
    fault = sim_gateway_key_fault (state, appkey, sim_json_string (body, "appsecret"));
  if (fault == 0 && !sim_state_may_issue (state, appkey))
    fault = 133;
  if (fault != 0)
    return fault;

  token = sim_state_issue (state, appkey);
  expired = sim_kst_format (token->expires_at, "%Y-%m-%d %H:%M:%S");
  sim_reply_add_text (reply, "access_token", token->text);
  sim_reply_add_text (reply, "access_token_token_expired", expired);
  sim_reply_add_text (reply, "token_type", "Bearer");
  /* Nominal even when the token is hours old; only the member above is correct. */
  sim_reply_add_number (reply, "expires_in", sim_state_lifetime (state, token->issued_at));
  reply->token_member = "access_token";
  return 0;
}

static guint
revoke_token (SimState *state, JsonObject *body, SimReply *reply)
{
  const char *appkey = sim_json_string (body, "appkey");
  const char *text = sim_json_string (body, "token");
  guint fault = sim_gateway_key_fault (state, appkey, sim_json_string (body, "appsecret"));

  if (fault == 0)
    fault = sim_gateway_token_fault (state, text, appkey);
  if (fault != 0)
    return fault;

  sim_tokens_revoke (state->tokens, text);
  if (state->settings.kis_revoke_code_string)
    sim_reply_add_text (reply, "code", "200");
  else
    sim_reply_add_number (reply, "code", 200);
  sim_reply_add_text (reply, "message", "접근토큰 폐기에 성공하였습니다");
  return 0;
}

static guint
approve (SimState *state, JsonObject *body, SimReply *reply)
{
  g_autofree char *approval = g_uuid_string_random ();
  guint fault = grant_fault (body);

  /* The one place where KIS calls the secret "secretkey". */
  if (fault == 0)
    fault = sim_gateway_key_fault (state, sim_json_string (body, "appkey"),
                                   sim_json_string (body, "secretkey"));
  if (fault != 0)
    return fault;
  sim_reply_add_text (reply, "approval_key", approval);
  return 0;
}

static guint
call_fault (SimState *state, const SimRequest *request)
{
  const char *appkey = soup_message_headers_get_one (request->headers, "appkey");
  const char *custtype = soup_message_headers_get_one (request->headers, "custtype");
  const char *token = sim_request_bearer (request);
  guint fault = sim_gateway_key_fault (
      state, appkey, soup_message_headers_get_one (request->headers, "appsecret"));
  SimTokenState found;

  if (token == NULL)
    return 205;
  if (fault != 0)
    return fault == 105 ? 304 : fault;
  found = sim_tokens_look (state->tokens, token, appkey, sim_state_now (state));
  if (found != SIM_TOKEN_LIVE)
    return found == SIM_TOKEN_UNKNOWN ? 121 : 123;
  if (soup_message_headers_get_one (request->headers, "tr_id") == NULL)
    return 101;
  if (custtype == NULL || (strcmp (custtype, "P") != 0 && strcmp (custtype, "B") != 0))
    return 208;
  return 0;
}

static guint
call (SimState *state, const SimRequest *request, SimReply *reply)
{
  guint fault = call_fault (state, request);

  if (fault != 0)
    return fault;
  sim_members_set (reply->members, "output",
                   "{\"stck_shrn_iscd\":\"005930\",\"stck_prpr\":\"70000\"}");
  sim_reply_add_text (reply, "rt_cd", "0");
  sim_reply_add_text (reply, "msg_cd", "MCA00000");
  sim_reply_add_text (reply, "msg1", "정상처리 되었습니다.");
  return 0;
}

static void
handle (SimState *state, const SimRequest *request, SimReply *reply)
{
  g_autoptr (JsonObject) body = NULL;
  guint fault;

  if (request->kind == SIM_CALL)
    fault = call (state, request, reply);
  else if (g_strcmp0 (soup_message_headers_get_content_type (request->headers, NULL),
                      "application/json")
           != 0)
    fault = 132;
  else if ((body = sim_json_parse (request->body, NULL, NULL)) == NULL)
    fault = 101;
  else if (request->kind == SIM_ISSUE)
    fault = issue_token (state, body, reply);
  else if (request->kind == SIM_REVOKE)
    fault = revoke_token (state, body, reply);
  else
    fault = approve (state, body, reply);
  reply->success = fault == 0;
  if (fault != 0)
    refuse_by (request->kind, fault, reply);
}

static void
refuse (SimKind kind, SimRefusal refusal, SimReply *reply)
{
  static const guint oauth[] = { 133, 103, 105, 2 };
  static const guint calls[] = { 201, 103, 304, 2 };

  refuse_by (kind, kind == SIM_CALL ? calls[refusal] : oauth[refusal], reply);
  if (refusal == SIM_REFUSE_SERVER)
    reply->status = 500;
}

const SimBroker sim_kis = {
  .id = "kis",
  .issue_path = "/oauth2/tokenP",
  .revoke_path = "/oauth2/revokeP",
  .approval_path = "/oauth2/Approval",
  .call_method = "GET",
  .call_path = "/uapi/domestic-stock/v1/quotations/inquire-price",
  .token_is_jwt = TRUE,
  .lifetime = 24 * 60 * 60,
  .issue_interval = 60,
  .same_token_window = 6 * 60 * 60,
  .handle = handle,
  .refuse = refuse,
};
