/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "reply.h"
#include "request.h"

typedef enum
{
  SIM_REFUSE_RATE,
  SIM_REFUSE_KEY,
  SIM_REFUSE_SECRET,
  SIM_REFUSE_SERVER,
} SimRefusal;

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
