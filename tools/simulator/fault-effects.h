/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "broker.h"
#include "fault.h"

/* Answers instead of the broker, which then never sees the request. FALSE if this fault lets the
 * broker answer first. */
gboolean sim_fault_effects_replace (SimFault *fault,
                                    const SimBroker *broker,
                                    const SimRequest *request,
                                    SimReply *reply);
/* Spoils the broker's answer. */
void sim_fault_effects_spoil (SimFault *fault, SimReply *reply);
