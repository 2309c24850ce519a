/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* One order to misbehave. */
typedef struct _SimFault SimFault;

/* Reads a fault in the form of the control interface; see README.md. */
SimFault *sim_fault_parse (GBytes *body, GError **error);

/* The first fault in @faults for @path; this uses it once. NULL if there is none. Free with
 * sim_fault_unref(). */
SimFault *sim_fault_take (GQueue *faults, const char *path);
void sim_fault_unref (SimFault *fault);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimFault, sim_fault_unref)
