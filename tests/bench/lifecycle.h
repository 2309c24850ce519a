/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "bench.h"
#include "krsecret.h"
#include "test-simulator.h"

/* The simulated broker. */
#define BROKER "kiwoom"

/* Every measurement starts from this: one account with a stored token, in a small keyring. */
typedef struct
{
  TestSimulator *simulator;
  KrSecretClient *client;
  KrSecretAccount *account;
  const char *alias;
} World;

/* A client with a generous timeout. */
KrSecretClient *world_make_client (void);
/* A token, or NULL if none is stored and none may be issued. */
KrSecretToken *
world_get_token (KrSecretClient *client, KrSecretAccount *account, KrSecretTokenFlags flags);

/* The measurements. Each adds its rows; the last one empties the keyring. */
void measure_memory (World *world);
void measure_flat_memory (World *world);
void measure_keyring (World *world);
void measure_expiry (World *world);
void measure_change (World *world);
void measure_many (World *world);

/* The memory that this process uses. */
gint64 resident_kib (void);

/* What this program does when it runs itself. */
int child_count_allocations (const char *alias);
int child_at_expiry (const char *alias);
int child_alone (const char *uri, const char *body);
int child_change (const char *id);
int child_heap (void);

/* A loaded client, and one of its accounts. */
void child_load (const char *alias, KrSecretClient **out_client, KrSecretAccount **out_account);
/* Runs such a child, and returns its output. Its GLib caches no memory, but calls malloc and free
 * directly. */
char *run_counted (const char *argument, const char *alias);
