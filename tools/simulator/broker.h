/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libsoup/soup.h>

#include "reply.h"
#include "settings.h"
#include "tokens.h"

/* What a request asks for, told by its path and method. */
typedef enum
{
  SIM_OTHER,
  SIM_ISSUE,
  SIM_REVOKE,
  SIM_APPROVAL,
  SIM_CALL,
} SimKind;

typedef enum
{
  SIM_REFUSE_RATE,
  SIM_REFUSE_KEY,
  SIM_REFUSE_SECRET,
  SIM_REFUSE_SERVER,
} SimRefusal;

typedef struct
{
  SimKind kind;
  const char *method;
  const char *path;
  const char *query;
  SoupMessageHeaders *headers;
  GBytes *body;
} SimRequest;

typedef struct _SimState SimState;

/* One broker: its facts, and how it answers. */
typedef struct
{
  const char *id;
  const char *issue_path;
  const char *revoke_path;
  const char *approval_path; /* or NULL */
  const char *call_method;
  const char *call_path;
  gboolean token_is_jwt;
  gint64 lifetime; /* seconds, or 0: until the next 07:00 KST */
  gint64 issue_interval;
  gint64 same_token_window;
  void (*handle) (SimState *state, const SimRequest *request, SimReply *reply);
  void (*refuse) (SimKind kind, SimRefusal refusal, SimReply *reply);
} SimBroker;

extern const SimBroker sim_broker_kis;
extern const SimBroker sim_broker_kiwoom;
extern const SimBroker sim_broker_ls;

/* All brokers, NULL at the end. */
extern const SimBroker *const sim_brokers[];
const SimBroker *sim_broker_by_id (const char *id);
SimKind sim_broker_kind_of (const SimBroker *broker, const char *method, const char *path);

struct _SimState
{
  const SimBroker *broker;
  SimSettings settings;
  SimTokens *tokens;
  GHashTable *keys;       /* appkey -> appsecret */
  GHashTable *last_issue; /* appkey -> monotonic time of the last issue */
};

SimState *sim_state_new (const SimBroker *broker, const SimSettings *settings);
void sim_state_free (SimState *state);
/* Forgets tokens and limits; the settings stay. */
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
/* FALSE while the broker's interval between two issues for this key still runs. */
gboolean sim_state_may_issue (SimState *state, const char *appkey);
/* The token to hand out now: a new one, or the one before inside the same-token window. */
const SimToken *sim_state_issue (SimState *state, const char *appkey);
/* The broker's clock, seconds since 1970. */
gint64 sim_state_now (SimState *state);
/* What @lifetime the broker counts from @now. */
gint64 sim_state_lifetime (SimState *state, gint64 now);
/* A moment as the wall clock in Korea shows it. */
char *sim_kst_format (gint64 time, const char *format);

/* The token after "Bearer", or NULL. */
const char *sim_request_bearer (const SimRequest *request);
/* The text that belongs to the gateway codes EGW00nnn (KIS) and IGW00nnn (LS). */
const char *sim_gateway_message (guint number);
