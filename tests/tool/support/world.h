/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "test-files.h"
#include "test-simulator.h"

/* The world of a tool test: its own simulator, the keyring of tools/with-keyring, emptied, and the
 * environment for the tools that it starts. */
typedef struct
{
  char **env;
  TestSimulator *simulator;
  guint columns; /* of a terminal that is started; 0: the terminal reports none */
} World;

/* @options: of the simulator, or NULL. */
void world_set_up (World *world, gconstpointer options);
void world_tear_down (World *world, gconstpointer options);

#define WORLD_TEST(path, options, function)                                                        \
  g_test_add ("/cli/" path, World, options, world_set_up, function, world_tear_down)

void world_setenv (World *world, const char *name, const char *value);
void world_unsetenv (World *world, const char *name);
/* An environment with neither a session bus nor a way to find one. */
void world_hide_bus (World *world);
/* Moves the tools' ledger to a directory inside the returned one, which is open to others. */
TestDirectory *world_expose_ledger (World *world);
