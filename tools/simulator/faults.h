/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "broker.h"

/* One order to misbehave. */
typedef struct _SimFault SimFault;

/* Reads a fault as the control interface takes it; see README.md. */
SimFault *sim_fault_parse (GBytes *body, GError **error);

/* The first fault in @faults for @path, one use of it spent; NULL if there is none. Free with
 * sim_fault_unref(). */
SimFault *sim_faults_take (GQueue *faults, const char *path);
void sim_fault_unref (SimFault *fault);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimFault, sim_fault_unref)

/* Answers instead of the broker, which then never sees the request; FALSE if this fault lets the
 * broker answer first. */
gboolean sim_fault_replace (SimFault *fault,
                            const SimBroker *broker,
                            const SimRequest *request,
                            SimReply *reply);
/* Spoils what the broker answered. */
void sim_fault_spoil (SimFault *fault, SimReply *reply);
