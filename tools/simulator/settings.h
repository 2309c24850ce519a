/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

/* "As this broker does it". */
#define SIM_DEFAULT (-1)

typedef struct
{
  gint64 latency_ms;
  gint64 lifetime; /* these three: seconds, or SIM_DEFAULT */
  gint64 issue_interval;
  gint64 same_token_window;
  gint64 clock_offset; /* seconds, may be negative */
  gboolean kis_revoke_code_string;
  gboolean kis_hand_back_dead;
  gboolean numbers_as_strings;
} SimSettings;

/* Applies all of @object or, if a name or a type is wrong, none of it. */
gboolean sim_settings_update (SimSettings *settings, JsonObject *object, GError **error);
