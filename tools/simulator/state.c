/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "state.h"

#include "fault.h"
#include "keys.h"
#include "kst.h"
#include "token-text.h"

#include <string.h>

SimState *
sim_state_new (const SimBroker *broker, const SimSettings *settings, SimLog *log)
{
  SimState *state = g_new0 (SimState, 1);

  state->broker = broker;
  state->settings = *settings;
  state->log = log;
  g_queue_init (&state->faults);
  state->tokens = sim_tokens_new ();
  state->keys = sim_keys_load (broker->id);
  state->last_issue = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return state;
}

void
sim_state_free (SimState *state)
{
  g_queue_clear_full (&state->faults, (GDestroyNotify) sim_fault_unref);
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
  sim_log_clear (state->log, state->broker->id);
  g_queue_clear_full (&state->faults, (GDestroyNotify) sim_fault_unref);
  memset (&state->counts, 0, sizeof state->counts);
  state->epoch++;
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

gint64
sim_state_lifetime (SimState *state, gint64 now)
{
  if (state->settings.lifetime != SIM_DEFAULT)
    return state->settings.lifetime;
  return state->broker->lifetime != 0 ? state->broker->lifetime : sim_kst_until_seven (now);
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
