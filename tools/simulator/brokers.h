/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "broker.h"

/* All brokers, NULL at the end. */
extern const SimBroker *const sim_brokers[];
/* The broker with this id, or NULL. */
const SimBroker *sim_brokers_find (const char *id);
