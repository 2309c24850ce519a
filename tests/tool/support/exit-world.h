/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "exits.h"
#include "test-files.h"

/* The world in which a row of exit-rows.c runs. */
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
/* Resets the accounts for a row, and clears the broker's faults. */
void exit_world_renew (ExitWorld *self, ExitSituation situation);
/* Brings the situation about, and ends whatever would get in the way of the test. */
void exit_world_begin (ExitWorld *self, ExitSituation situation);
void exit_world_end (ExitWorld *self, ExitSituation situation);
