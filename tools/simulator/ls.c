/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* LS증권: forms in, JSON out, codes IGW00nnn. */

#include "ls.h"

#include "gateway.h"

#include <string.h>

/* Refuses a call, or what the other addresses were asked for. */
static void
refuse_by (SimKind kind, guint number, SimReply *reply)
{
  g_autofree char *code = g_strdup_printf ("IGW%05u", number);
  /* LS has two numbers for a refused content type, with the same text. */
  const char *message = sim_gateway_message (number == 133 ? 132 : number);

  reply->status = kind == SIM_CALL ? 500 : 403;
  sim_reply_add_text (reply, kind == SIM_CALL ? "rsp_cd" : "error_code", code);
  sim_reply_add_text (reply, kind == SIM_CALL ? "rsp_msg" : "error_description", message);
}

static const char *
field (GHashTable *form, const char *name)
{
  const char *value = g_hash_table_lookup (form, name);

  return value != NULL && *value != '\0' ? value : NULL;
}

static guint
key_fault (SimState *state, GHashTable *form)
{
  return sim_gateway_key_fault (state, field (form, "appkey"), field (form, "appsecretkey"));
}

static guint
issue_fault (SimState *state, GHashTable *form)
{
  const char *grant = field (form, "grant_type");
  const char *scope = field (form, "scope");
  guint fault;

  if (grant == NULL)
    return 115;
  if (strcmp (grant, "client_credentials") != 0)
    return 116;
  if ((fault = key_fault (state, form)) != 0)
    return fault;
  if (scope == NULL)
    return 109;
  if (strcmp (scope, "oob") != 0)
    return 110;
  return sim_state_may_issue (state, field (form, "appkey")) ? 0 : 201;
}

static guint
issue_token (SimState *state, GHashTable *form, SimReply *reply)
{
  guint fault = issue_fault (state, form);
  const SimToken *token;

  if (fault != 0)
    return fault;
  token = sim_state_issue (state, field (form, "appkey"));
  sim_reply_add_text (reply, "access_token", token->text);
  sim_reply_add_text (reply, "scope", "oob");
  sim_reply_add_text (reply, "token_type", "Bearer");
  sim_reply_add_number (reply, "expires_in", token->expires_at - sim_state_now (state));
  reply->token_member = "access_token";
  return 0;
}

static guint
revoke_fault (SimState *state, GHashTable *form)
{
  const char *hint = field (form, "token_type_hint");
  guint fault = key_fault (state, form);

  if (fault != 0)
    return fault;
  if (g_strcmp0 (hint, "access_token") != 0 && g_strcmp0 (hint, "refresh_token") != 0)
    return 117;
  return sim_gateway_token_fault (state, field (form, "token"), field (form, "appkey"));
}

static guint
revoke_token (SimState *state, GHashTable *form, SimReply *reply)
{
  guint fault = revoke_fault (state, form);

  if (fault != 0)
    return fault;
  sim_tokens_revoke (state->tokens, field (form, "token"));
  sim_reply_add_number (reply, "code", 200);
  sim_reply_add_text (reply, "message", "접근토큰 폐기에 성공하였습니다.");
  return 0;
}

static guint
call (SimState *state, const SimRequest *request, SimReply *reply)
{
  const char *token = sim_request_bearer (request);
  SimTokenState found;

  if (token == NULL)
    return 205;
  found = sim_tokens_look (state->tokens, token, NULL, sim_state_now (state));
  if (found != SIM_TOKEN_LIVE)
    return found == SIM_TOKEN_EXPIRED ? 123 : 121;
  if (soup_message_headers_get_one (request->headers, "tr_cd") == NULL)
    return 214;
  sim_reply_add_text (reply, "rsp_cd", "00000");
  sim_reply_add_text (reply, "rsp_msg", "정상적으로 조회가 완료되었습니다.");
  sim_members_set (reply->members, "t1102OutBlock", "{\"hname\":\"삼성전자\",\"price\":70000}");
  return 0;
}

static void
handle (SimState *state, const SimRequest *request, SimReply *reply)
{
  g_autoptr (GHashTable) form = NULL;
  g_autofree char *text = NULL;
  gsize length;
  const char *data = g_bytes_get_data (request->body, &length);
  guint fault;

  text = g_strndup (data != NULL ? data : "", length);
  form = soup_form_decode (text);
  if (request->kind == SIM_CALL)
    fault = call (state, request, reply);
  /* The whole header value counts: with "; charset=UTF-8" after it, it is refused too. */
  else if (g_strcmp0 (soup_message_headers_get_one (request->headers, "Content-Type"),
                      "application/x-www-form-urlencoded")
           != 0)
    fault = 133;
  else
    fault = request->kind == SIM_ISSUE ? issue_token (state, form, reply)
                                       : revoke_token (state, form, reply);
  reply->success = fault == 0;
  if (fault != 0)
    refuse_by (request->kind, fault, reply);
}

static void
refuse (SimKind kind, SimRefusal refusal, SimReply *reply)
{
  static const guint numbers[] = { 201, 103, 105, 2 };

  refuse_by (kind, numbers[refusal], reply);
  if (refusal == SIM_REFUSE_SERVER)
    reply->status = 500;
}

const SimBroker sim_ls = {
  .id = "ls",
  .issue_path = "/oauth2/token",
  .revoke_path = "/oauth2/revoke",
  .call_method = "POST",
  .call_path = "/stock/market-data",
  .token_is_jwt = TRUE,
  .handle = handle,
  .refuse = refuse,
};
