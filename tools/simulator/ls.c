/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* LS증권: forms in, JSON out, codes IGW00nnn. */

#include "ls.h"

#include "gateway.h"

#include <string.h>

static void
oauth_error (SimReply *reply, guint number)
{
  g_autofree char *code = g_strdup_printf ("IGW%05u", number);

  reply->status = 403;
  sim_reply_add_text (reply, "error_code", code);
  /* LS has two numbers for a refused content type, with the same text. */
  sim_reply_add_text (reply, "error_description",
                      sim_gateway_message (number == 133 ? 132 : number));
}

static void
call_error (SimReply *reply, guint status, guint number)
{
  g_autofree char *code = g_strdup_printf ("IGW%05u", number);

  reply->status = status;
  sim_reply_add_text (reply, "rsp_cd", code);
  sim_reply_add_text (reply, "rsp_msg", sim_gateway_message (number));
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

static void
issue_token (SimState *state, GHashTable *form, SimReply *reply)
{
  guint fault = issue_fault (state, form);
  const SimToken *token;

  if (fault != 0)
    {
      oauth_error (reply, fault);
      return;
    }
  token = sim_state_issue (state, field (form, "appkey"));
  sim_reply_add_text (reply, "access_token", token->text);
  sim_reply_add_text (reply, "scope", "oob");
  sim_reply_add_text (reply, "token_type", "Bearer");
  sim_reply_add_number (reply, "expires_in", token->expires_at - sim_state_now (state));
  reply->success = TRUE;
  reply->token_member = "access_token";
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

static void
revoke_token (SimState *state, GHashTable *form, SimReply *reply)
{
  guint fault = revoke_fault (state, form);

  if (fault != 0)
    {
      oauth_error (reply, fault);
      return;
    }
  sim_tokens_revoke (state->tokens, field (form, "token"));
  sim_reply_add_number (reply, "code", 200);
  sim_reply_add_text (reply, "message", "접근토큰 폐기에 성공하였습니다.");
  reply->success = TRUE;
}

static void
call (SimState *state, const SimRequest *request, SimReply *reply)
{
  const char *token = sim_request_bearer (request);

  if (token == NULL)
    {
      call_error (reply, 500, 205);
      return;
    }
  switch (sim_tokens_look (state->tokens, token, NULL, sim_state_now (state)))
    {
    case SIM_TOKEN_EXPIRED:
      call_error (reply, 500, 123);
      return;
    case SIM_TOKEN_UNKNOWN:
    case SIM_TOKEN_KILLED:
    case SIM_TOKEN_REVOKED:
      call_error (reply, 500, 121);
      return;
    case SIM_TOKEN_LIVE:
    default:
      break;
    }
  if (soup_message_headers_get_one (request->headers, "tr_cd") == NULL)
    {
      call_error (reply, 500, 214);
      return;
    }
  sim_reply_add_text (reply, "rsp_cd", "00000");
  sim_reply_add_text (reply, "rsp_msg", "정상적으로 조회가 완료되었습니다.");
  sim_members_set (reply->members, "t1102OutBlock", "{\"hname\":\"삼성전자\",\"price\":70000}");
  reply->success = TRUE;
}

static void
handle (SimState *state, const SimRequest *request, SimReply *reply)
{
  g_autoptr (GHashTable) form = NULL;
  g_autofree char *text = NULL;
  gsize length;
  const char *data = g_bytes_get_data (request->body, &length);

  if (request->kind == SIM_CALL)
    {
      call (state, request, reply);
      return;
    }
  /* The whole header value counts: with "; charset=UTF-8" after it, it is refused too. */
  if (g_strcmp0 (soup_message_headers_get_one (request->headers, "Content-Type"),
                 "application/x-www-form-urlencoded")
      != 0)
    {
      oauth_error (reply, 133);
      return;
    }
  text = g_strndup (data != NULL ? data : "", length);
  form = soup_form_decode (text);
  if (request->kind == SIM_ISSUE)
    issue_token (state, form, reply);
  else
    revoke_token (state, form, reply);
}

static void
refuse (SimKind kind, SimRefusal refusal, SimReply *reply)
{
  static const guint numbers[] = { 201, 103, 105, 2 };

  if (kind == SIM_CALL)
    call_error (reply, 500, numbers[refusal]);
  else
    oauth_error (reply, numbers[refusal]);
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
