/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* 키움증권: JSON in and out, always HTTP 200; the code that counts is in the message. */

#include "kiwoom.h"

#include "json.h"
#include "kst.h"
#include "state.h"

#include <string.h>

static void
answer (SimReply *reply, int return_code, const char *message)
{
  sim_reply_add_number (reply, "return_code", return_code);
  sim_reply_add_text (reply, "return_msg", message);
  reply->success = return_code == 0;
}

static void
refuse (SimKind kind, SimRefusal refusal, SimReply *reply)
{
  static const struct
  {
    int return_code;
    const char *message;
  } answers[] = {
    [SIM_REFUSE_RATE]
    = { 5, "허용된 요청 개수를 초과하였습니다[1700:허용된 요청 개수를 초과하였습니다]" },
    [SIM_REFUSE_KEY] = { 3, "인증에 실패했습니다[8002:App Key 검증에 실패했습니다]" },
    [SIM_REFUSE_SECRET]
    = { 3, "인증에 실패했습니다[8001:App Key와 Secret Key 검증에 실패했습니다]" },
    [SIM_REFUSE_SERVER] = { 1, "서버 오류입니다[1999:예기치 못한 에러가 발생하였습니다]" },
  };

  if (refusal == SIM_REFUSE_SERVER)
    reply->status = 500;
  answer (reply, answers[refusal].return_code, answers[refusal].message);
}

static gboolean
key_refused (SimState *state, JsonObject *body, SimReply *reply)
{
  switch (sim_state_check_key (state, sim_json_string (body, "appkey"),
                               sim_json_string (body, "secretkey")))
    {
    case SIM_KEY_MISSING:
    case SIM_SECRET_MISSING:
      answer (reply, 3,
              "인증에 실패했습니다[8020:입력파라미터로 appkey 또는 secretkey가 들어오지 "
              "않았습니다]");
      return TRUE;
    case SIM_KEY_REFUSED:
      refuse (SIM_ISSUE, SIM_REFUSE_KEY, reply);
      return TRUE;
    case SIM_SECRET_REFUSED:
      refuse (SIM_ISSUE, SIM_REFUSE_SECRET, reply);
      return TRUE;
    case SIM_KEY_GOOD:
    default:
      return FALSE;
    }
}

static void
issue_token (SimState *state, JsonObject *body, SimReply *reply)
{
  const char *grant = sim_json_string (body, "grant_type");
  const char *appkey = sim_json_string (body, "appkey");
  const SimToken *token;
  g_autofree char *expires = NULL;

  if (grant == NULL || *grant == '\0')
    {
      answer (reply, 3, "인증에 실패했습니다[8011:grant_type이 들어오지 않았습니다]");
      return;
    }
  if (strcmp (grant, "client_credentials") != 0)
    {
      answer (reply, 3, "인증에 실패했습니다[8012:grant_type의 값이 맞지 않습니다]");
      return;
    }
  if (key_refused (state, body, reply))
    return;
  if (!sim_state_may_issue (state, appkey))
    {
      refuse (SIM_ISSUE, SIM_REFUSE_RATE, reply);
      return;
    }

  token = sim_state_issue (state, appkey);
  expires = sim_kst_format (token->expires_at, "%Y%m%d%H%M%S");
  sim_reply_add_text (reply, "expires_dt", expires);
  sim_reply_add_text (reply, "token_type", "bearer");
  sim_reply_add_text (reply, "token", token->text);
  answer (reply, 0, "정상적으로 처리되었습니다");
  reply->token_member = "token";
}

static void
revoke_token (SimState *state, JsonObject *body, SimReply *reply)
{
  const char *text = sim_json_string (body, "token");
  SimTokenState found;

  if (key_refused (state, body, reply))
    return;
  found = text == NULL ? SIM_TOKEN_UNKNOWN
                       : sim_tokens_look (state->tokens, text, NULL, sim_state_now (state));
  if (found != SIM_TOKEN_LIVE)
    answer (reply, 3, "인증에 실패했습니다[8016:폐기할 Token이 없습니다]");
  else if (sim_tokens_look (state->tokens, text, sim_json_string (body, "appkey"),
                            sim_state_now (state))
           != SIM_TOKEN_LIVE)
    answer (reply, 3, "인증에 실패했습니다[8015:Access Token을 폐기하는데 실패했습니다]");
  else
    {
      sim_tokens_revoke (state->tokens, text);
      answer (reply, 0, "정상적으로 처리되었습니다");
    }
}

static void
call (SimState *state, const SimRequest *request, SimReply *reply)
{
  const char *token = sim_request_bearer (request);

  if (soup_message_headers_get_one (request->headers, "Authorization") == NULL)
    answer (reply, 2,
            "입력 값 오류입니다[1513:Http Header에 authorization 필드가 설정되어 있어야 합니다]");
  else if (token == NULL)
    answer (reply, 2,
            "입력 값 오류입니다[1514:Http Header의 authorization 필드 형식이 맞지 않습니다]");
  else if (sim_tokens_look (state->tokens, token, NULL, sim_state_now (state)) != SIM_TOKEN_LIVE)
    answer (reply, 8005, "인증에 실패했습니다[8005:Token이 유효하지 않습니다]");
  else if (soup_message_headers_get_one (request->headers, "api-id") == NULL)
    answer (reply, 2, "입력 값 오류입니다[1501:API ID가 Null이거나 값이 없습니다]");
  else
    {
      sim_reply_add_text (reply, "stk_cd", "005930");
      sim_reply_add_text (reply, "cur_prc", "+70000");
      answer (reply, 0, "정상적으로 처리되었습니다");
    }
}

static void
handle (SimState *state, const SimRequest *request, SimReply *reply)
{
  g_autoptr (JsonObject) body = NULL;

  if (request->kind == SIM_CALL)
    {
      call (state, request, reply);
      return;
    }
  /* A body that is not JSON has no fields, and gets that answer. */
  body = sim_json_parse (request->body, NULL, NULL);
  if (request->kind == SIM_ISSUE)
    issue_token (state, body, reply);
  else
    revoke_token (state, body, reply);
}

const SimBroker sim_kiwoom = {
  .id = "kiwoom",
  .issue_path = "/oauth2/token",
  .revoke_path = "/oauth2/revoke",
  .call_method = "POST",
  .call_path = "/api/dostk/stkinfo",
  .lifetime = 24 * 60 * 60,
  .handle = handle,
  .refuse = refuse,
};
