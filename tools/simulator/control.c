/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "control.h"

#include "fault.h"
#include "json.h"

#include <string.h>

static void
complain (SimReply *reply, guint status, const char *message)
{
  reply->status = status;
  sim_reply_add_text (reply, "error", message);
}

static void
get_log (SimState *state, const SimRequest *request, SimReply *reply)
{
  g_autofree char *text = sim_log_to_text (state->log, state->broker->id);

  sim_reply_set_text (reply, 200, NULL, text);
}

static void
get_counts (SimState *state, const SimRequest *request, SimReply *reply)
{
  sim_reply_add_number (reply, "issue", state->counts.requests[SIM_ISSUE]);
  sim_reply_add_number (reply, "revoke", state->counts.requests[SIM_REVOKE]);
  sim_reply_add_number (reply, "approval", state->counts.requests[SIM_APPROVAL]);
  sim_reply_add_number (reply, "call", state->counts.requests[SIM_CALL]);
  sim_reply_add_number (reply, "connections", state->counts.connections);
}

static void
post_reset (SimState *state, const SimRequest *request, SimReply *reply)
{
  sim_state_reset (state);
}

static void
post_settings (SimState *state, const SimRequest *request, SimReply *reply)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) object = sim_json_parse (request->body, NULL, &error);

  if (object == NULL || !sim_settings_update (&state->settings, object, &error))
    complain (reply, 400, error->message);
}

static void
post_expire_tokens (SimState *state, const SimRequest *request, SimReply *reply)
{
  sim_tokens_expire_all (state->tokens);
}

static void
post_faults (SimState *state, const SimRequest *request, SimReply *reply)
{
  g_autoptr (GError) error = NULL;
  SimFault *fault = sim_fault_parse (request->body, &error);

  if (fault == NULL)
    complain (reply, 400, error->message);
  else
    g_queue_push_tail (&state->faults, fault);
}

static const struct
{
  const char *name;
  const char *method;
  void (*run) (SimState *state, const SimRequest *request, SimReply *reply);
} commands[] = {
  { "log", "GET", get_log },
  { "counts", "GET", get_counts },
  { "reset", "POST", post_reset },
  { "settings", "POST", post_settings },
  { "expire-tokens", "POST", post_expire_tokens },
  { "faults", "POST", post_faults },
};

void
sim_control_handle (SimState *state, const SimRequest *request, SimReply *reply)
{
  const char *name = request->path + strlen (SIM_CONTROL_PREFIX);

  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    if (strcmp (commands[i].name, name) == 0)
      {
        if (strcmp (commands[i].method, request->method) == 0)
          commands[i].run (state, request, reply);
        else
          complain (reply, 405, "wrong method");
        return;
      }
  complain (reply, 404, "no such command");
}
