/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "gateway.h"

const char *
sim_gateway_message (guint number)
{
  static const struct
  {
    guint number;
    const char *text;
  } messages[] = {
    { 2, "서버 에러가 발생했습니다." },
    { 101, "유효하지 않은 요청입니다." },
    { 102, "AppKey는 필수입니다." },
    { 103, "유효하지 않은 AppKey입니다." },
    { 104, "AppSecret은 필수입니다." },
    { 105, "유효하지 않은 AppSecret입니다." },
    { 109, "scope는 필수입니다." },
    { 110, "유효하지 않은 scope 입니다." },
    { 112, "유효하지 않은 grant 입니다." },
    { 115, "권한부여 타입(grant_type)은 필수입니다." },
    { 116, "지원하지 않는 권한부여 타입(grant_type)입니다." },
    { 117, "지원하지 않는 토큰 타입(token_type)입니다." },
    { 121, "유효하지 않은 token 입니다." },
    { 122, "token을 찾을 수 없습니다." },
    { 123, "기간이 만료된 token 입니다." },
    { 132, "Content-Type이 유효하지 않습니다." },
    { 201, "초당 거래건수를 초과하였습니다." },
    { 205, "credentials_type이 유효하지 않습니다.(Bearer)" },
    { 208, "고객유형(custtype)이 유효하지 않습니다." },
    { 214, "TR CD는 필수입니다." },
    { 304, "고객식별키가 유효하지 않습니다." },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (messages); i++)
    if (messages[i].number == number)
      return messages[i].text;
  g_return_val_if_reached ("");
}

guint
sim_gateway_key_fault (SimState *state, const char *appkey, const char *appsecret)
{
  static const guint numbers[] = {
    [SIM_KEY_MISSING] = 102,
    [SIM_KEY_REFUSED] = 103,
    [SIM_SECRET_MISSING] = 104,
    [SIM_SECRET_REFUSED] = 105,
  };

  return numbers[sim_state_check_key (state, appkey, appsecret)];
}

guint
sim_gateway_token_fault (SimState *state, const char *token, const char *appkey)
{
  SimTokenState found
      = sim_tokens_look (state->tokens, token != NULL ? token : "", appkey, sim_state_now (state));

  if (found == SIM_TOKEN_LIVE)
    return 0;
  return found == SIM_TOKEN_EXPIRED ? 123 : 122;
}
