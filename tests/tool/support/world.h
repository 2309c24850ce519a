/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "test-files.h"
#include "test-simulator.h"

/* What a test of the tool has around it: a simulator of its own, the keyring of tools/with-keyring
 * with nothing in it, and the environment of the tools that it starts. */
typedef struct
{
  char **env;
  TestSimulator *simulator;
  guint columns; /* of a terminal that is started; 0: it does not tell */
} World;

/* @options: of the simulator, or NULL. */
void world_set_up (World *world, gconstpointer options);
void world_tear_down (World *world, gconstpointer options);

#define WORLD_TEST(path, options, function)                                                        \
  g_test_add ("/cli/" path, World, options, world_set_up, function, world_tear_down)

void world_setenv (World *world, const char *name, const char *value);
void world_unsetenv (World *world, const char *name);
/* Neither a session bus nor a way to find one. */
void world_hide_bus (World *world);
/* From now on the tools' ledger is in a directory, in the one returned, that is open to others. */
TestDirectory *world_expose_ledger (World *world);
