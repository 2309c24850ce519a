/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "state.h"

#define SIM_CONTROL_PREFIX "/_simulator/"

/* Answers a request below SIM_CONTROL_PREFIX. */
void sim_control_handle (SimState *state, const SimRequest *request, SimReply *reply);
