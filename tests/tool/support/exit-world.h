/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "exits.h"
#include "test-files.h"

/* What a row of exit-rows.c finds around it. */
typedef struct
{
  World *world;
  TestDirectory *directory;
  char *ledgers;
  char *a_id;
  GVariant *items;     /* of the keyring */
  GHashTable *records; /* name of a ledger -> GBytes */
} ExitWorld;

void exit_world_set_up (ExitWorld *self, World *world, gboolean with_backup);
void exit_world_tear_down (ExitWorld *self);
/* A row finds the accounts as they were, and a broker without faults. */
void exit_world_renew (ExitWorld *self, ExitSituation situation);
/* Brings the situation about, and ends what of it would be in the way of the test. */
void exit_world_begin (ExitWorld *self, ExitSituation situation);
void exit_world_end (ExitWorld *self, ExitSituation situation);
