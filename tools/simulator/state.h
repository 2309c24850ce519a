/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "broker.h"
#include "log.h"
#include "settings.h"
#include "tokens.h"

typedef struct
{
  guint requests[SIM_N_KINDS];
  guint connections;
} SimCounts;

struct _SimState
{
  const SimBroker *broker;
  SimSettings settings;
  SimTokens *tokens;
  GHashTable *keys;       /* appkey -> appsecret */
  GHashTable *last_issue; /* appkey -> monotonic time of the last issue */
  SimLog *log;            /* of all brokers, borrowed */
  GQueue faults;          /* remaining orders to misbehave */
  SimCounts counts;       /* of requests, and of connections */
  guint epoch;            /* one more with every reset */
};

SimState *sim_state_new (const SimBroker *broker, const SimSettings *settings, SimLog *log);
void sim_state_free (SimState *state);
/* Forgets everything but the settings. */
void sim_state_reset (SimState *state);

typedef enum
{
  SIM_KEY_GOOD,
  SIM_KEY_MISSING,
  SIM_KEY_REFUSED,
  SIM_SECRET_MISSING,
  SIM_SECRET_REFUSED,
} SimKeyCheck;

SimKeyCheck sim_state_check_key (SimState *state, const char *appkey, const char *appsecret);
/* FALSE while the broker's interval between two issues for this key is not over. */
gboolean sim_state_may_issue (SimState *state, const char *appkey);
/* The token to hand out now: a new one or, within the same-token window, the previous one. */
const SimToken *sim_state_issue (SimState *state, const char *appkey);
/* The broker's clock, seconds since 1970. */
gint64 sim_state_now (SimState *state);
/* The lifetime that the broker gives a token issued at @now. */
gint64 sim_state_lifetime (SimState *state, gint64 now);
