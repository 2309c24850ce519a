/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "test-run.h"
#include "world.h"

/* A command that takes one account. */
typedef struct
{
  const char *words[5]; /* all except the account's name, which comes last */
  const char *input;
} Command;

/* @account: its name, or NULL. @option: one more before it, or NULL. */
TestRun *run_command (const char *where,
                      World *world,
                      int status,
                      const Command *command,
                      const char *option,
                      const char *account);
#define command_run(world, status, command, option, account)                                       \
  run_command (G_STRLOC, world, status, command, option, account)
#define command_ends(world, status, command, option, account)                                      \
  test_run_free (command_run (world, status, command, option, account))
/* Checks that it fails: in JSON, as text, and with -q. Standard output has nothing but JSON. */
void check_fails_at (const char *where,
                     World *world,
                     int status,
                     const char *code,
                     const Command *command,
                     const char *account);
#define check_fails(world, status, code, command, account)                                         \
  check_fails_at (G_STRLOC, world, status, code, command, account)

/* What such commands have in common. Each leaves the world as it was, except for additional
 * accounts. They take a Command, and are tests themselves. */
typedef void (*CommandCheck) (World *world, gconstpointer command);
void check_names_of_nothing (World *world, gconstpointer command);
void check_names_of_something (World *world, gconstpointer command);
void check_wrong_use (World *world, gconstpointer command);
void check_keyring_locked (World *world, gconstpointer command);
void check_keyring_stopped (World *world, gconstpointer command);
void check_no_keyring (World *world, gconstpointer command);

/* Adds a test of one of these, /cli/@name/@what. */
void
add_command_test (const char *name, const char *what, const Command *command, CommandCheck check);
/* Adds the tests that apply to each such command. The command's own tests cover what it does for a
 * valid name, and other wrong use. */
void add_command_tests (const char *name, const Command *command);
