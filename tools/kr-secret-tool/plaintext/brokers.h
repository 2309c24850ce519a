/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "krsecret.h"

/* A broker whose name may stand in a setting's name. Lists of them end with a NULL id. */
typedef struct
{
  const char *id;
  const KrSecretField *fields;
  const char *real_uri;
  const char *paper_uri; /* NULL: it has no paper trading */
} PlaintextBroker;

/* Of those that are loaded, which have to stay. */
PlaintextBroker *plaintext_brokers_list (GPtrArray *brokers);
