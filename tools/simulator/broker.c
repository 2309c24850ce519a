/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker.h"

#include "keys.h"

#include <string.h>

const SimBroker *const sim_brokers[]
    = { &sim_broker_kis, &sim_broker_kiwoom, &sim_broker_ls, NULL };

const SimBroker *
sim_broker_by_id (const char *id)
{
  for (gsize i = 0; sim_brokers[i] != NULL; i++)
    if (strcmp (sim_brokers[i]->id, id) == 0)
      return sim_brokers[i];
  return NULL;
}

SimKind
sim_broker_kind_of (const SimBroker *broker, const char *method, const char *path)
{
  gboolean post = strcmp (method, "POST") == 0;

  if (post && strcmp (path, broker->issue_path) == 0)
    return SIM_ISSUE;
  if (post && strcmp (path, broker->revoke_path) == 0)
    return SIM_REVOKE;
  if (post && g_strcmp0 (path, broker->approval_path) == 0)
    return SIM_APPROVAL;
  if (strcmp (method, broker->call_method) == 0 && strcmp (path, broker->call_path) == 0)
    return SIM_CALL;
  return SIM_OTHER;
}

SimState *
sim_state_new (const SimBroker *broker, const SimSettings *settings)
{
  SimState *state = g_new0 (SimState, 1);

  state->broker = broker;
  state->settings = *settings;
  state->tokens = sim_tokens_new ();
  state->keys = sim_keys_load (broker->id);
  state->last_issue = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return state;
}

void
sim_state_free (SimState *state)
{
  sim_tokens_free (state->tokens);
  g_hash_table_unref (state->keys);
  g_hash_table_unref (state->last_issue);
  g_free (state);
}

void
sim_state_reset (SimState *state)
{
  sim_tokens_clear (state->tokens);
  g_hash_table_remove_all (state->last_issue);
}

SimKeyCheck
sim_state_check_key (SimState *state, const char *appkey, const char *appsecret)
{
  const char *expected;

  if (appkey == NULL || *appkey == '\0')
    return SIM_KEY_MISSING;
  expected = g_hash_table_lookup (state->keys, appkey);
  if (expected == NULL)
    return SIM_KEY_REFUSED;
  if (appsecret == NULL || *appsecret == '\0')
    return SIM_SECRET_MISSING;
  return strcmp (expected, appsecret) == 0 ? SIM_KEY_GOOD : SIM_SECRET_REFUSED;
}

gint64
sim_state_now (SimState *state)
{
  return g_get_real_time () / G_USEC_PER_SEC + state->settings.clock_offset;
}

/* Korea has no daylight saving time, so a fixed offset is exact. */
static GDateTime *
kst_new (gint64 time)
{
  g_autoptr (GTimeZone) zone = g_time_zone_new_offset (9 * 60 * 60);
  g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (time);

  return g_date_time_to_timezone (utc, zone);
}

char *
sim_kst_format (gint64 time, const char *format)
{
  g_autoptr (GDateTime) kst = kst_new (time);

  return g_date_time_format (kst, format);
}

static gint64
until_seven (gint64 now)
{
  g_autoptr (GDateTime) kst = kst_new (now);
  int second = (g_date_time_get_hour (kst) * 60 + g_date_time_get_minute (kst)) * 60
               + g_date_time_get_second (kst);
  int rest = 7 * 60 * 60 - second;

  return rest > 0 ? rest : rest + 24 * 60 * 60;
}

gint64
sim_state_lifetime (SimState *state, gint64 now)
{
  if (state->settings.lifetime != SIM_DEFAULT)
    return state->settings.lifetime;
  return state->broker->lifetime != 0 ? state->broker->lifetime : until_seven (now);
}

gboolean
sim_state_may_issue (SimState *state, const char *appkey)
{
  gint64 interval = state->settings.issue_interval != SIM_DEFAULT ? state->settings.issue_interval
                                                                  : state->broker->issue_interval;
  const gint64 *last = g_hash_table_lookup (state->last_issue, appkey);

  /* Real seconds: moving the broker's clock must not lift the limit. */
  return last == NULL || g_get_monotonic_time () - *last >= interval * G_USEC_PER_SEC;
}

const SimToken *
sim_state_issue (SimState *state, const char *appkey)
{
  gint64 window = state->settings.same_token_window != SIM_DEFAULT
                      ? state->settings.same_token_window
                      : state->broker->same_token_window;
  gint64 now = sim_state_now (state);
  gint64 monotonic = g_get_monotonic_time ();
  gint64 expires_at = now + sim_state_lifetime (state, now);
  const SimToken *latest = sim_tokens_latest (state->tokens, appkey);
  g_autofree char *text = NULL;

  g_hash_table_replace (state->last_issue, g_strdup (appkey),
                        g_memdup2 (&monotonic, sizeof monotonic));
  if (latest != NULL && now - latest->issued_at < window
      && (state->settings.kis_hand_back_dead
          || sim_tokens_look (state->tokens, latest->text, appkey, now) == SIM_TOKEN_LIVE))
    return latest;

  text = state->broker->token_is_jwt ? sim_token_text_jwt (appkey, now, expires_at)
                                     : sim_token_text_opaque ();
  return sim_tokens_add (state->tokens, text, appkey, now, expires_at);
}

const char *
sim_request_bearer (const SimRequest *request)
{
  const char *value = soup_message_headers_get_one (request->headers, "Authorization");

  if (value == NULL || g_ascii_strncasecmp (value, "Bearer ", 7) != 0)
    return NULL;
  value += 7 + strspn (value + 7, " ");
  return *value != '\0' ? value : NULL;
}

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
