/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "test-assert.h"
#include "test-run.h"
#include "world.h"

#define ANY_STATUS (-1)

/* Runs kr-secret-tool with the arguments and checks its exit status. */
TestRun *run_tool (const char *where,
                   World *world,
                   int status,
                   int fd,
                   const char *input,
                   const char *argument,
                   ...) G_GNUC_NULL_TERMINATED;
#define tool(world, status, ...) run_tool (G_STRLOC, world, status, -1, NULL, __VA_ARGS__, NULL)
#define tool_fed(world, status, input, ...)                                                        \
  run_tool (G_STRLOC, world, status, -1, input, __VA_ARGS__, NULL)
#define tool_fd(world, status, fd, input, ...)                                                     \
  run_tool (G_STRLOC, world, status, fd, input, __VA_ARGS__, NULL)
/* For what is told by the exit status alone. */
#define tool_ends(world, status, ...) test_run_free (tool (world, status, __VA_ARGS__))

/* The arguments that add an account of the simulated @broker. */
#define ADD(world, broker, alias)                                                                  \
  "add", broker, alias, "--env", "paper", "--endpoint",                                            \
      test_simulator_get_uri ((world)->simulator, broker)

/* Adds an account with key @n to the simulated @broker. */
void add_account (World *world, const char *broker, guint n, const char *alias, const char *env);
/* The same in the paper environment, without asking the broker: a token is still to be issued. */
void add_unverified (World *world, const char *broker, guint n, const char *alias);

/* The one document that is all of the output. */
JsonObject *document_at (const char *where, const char *text);
#define document(ran) document_at (G_STRLOC, (ran)->out)
/* The document of a failure, complete; the error in it. */
JsonObject *failure_at (const char *where, TestRun *ran, const char *code);
#define failure(ran, code) failure_at (G_STRLOC, ran, code)
/* @names: of all members, separated by spaces. */
void check_members_at (const char *where, JsonObject *object, const char *names);
#define check_members(object, names) check_members_at (G_STRLOC, object, names)
/* @name and @name_unix are the same second, as RFC 3339 in UTC. */
gint64 check_time (JsonObject *object, const char *name);

/* The stored token, or NULL. */
char *stored_token (World *world, const char *alias);
guint count_accounts (World *world);
