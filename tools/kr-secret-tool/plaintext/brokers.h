/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "krsecret.h"

/* A broker that setting names may mention. Lists end with a NULL id. */
typedef struct
{
  const char *id;
  const KrSecretField *fields;
  const char *real_uri;
  const char *paper_uri; /* NULL: no paper trading */
} PlaintextBroker;

/* Lists the loaded brokers. They must outlive the list. */
PlaintextBroker *plaintext_brokers_list (GPtrArray *brokers);
