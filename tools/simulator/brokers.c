/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "brokers.h"

#include "kis.h"
#include "kiwoom.h"
#include "ls.h"

#include <string.h>

const SimBroker *const sim_brokers[] = { &sim_kis, &sim_kiwoom, &sim_ls, NULL };

const SimBroker *
sim_brokers_find (const char *id)
{
  for (gsize i = 0; sim_brokers[i] != NULL; i++)
    if (strcmp (sim_brokers[i]->id, id) == 0)
      return sim_brokers[i];
  return NULL;
}
