/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "command.h"
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
/* For results that only the exit status shows. */
#define tool_ends(world, status, ...) test_run_free (tool (world, status, __VA_ARGS__))

/* Runs a shell script, in which the tool is "$KR_TEST_TOOL". */
TestRun *run_shell (const char *where, World *world, int status, const char *script);
#define tool_shell(world, status, script) run_shell (G_STRLOC, world, status, script)

/* The arguments that add an account of the simulated @broker. */
#define ADD(world, broker, alias)                                                                  \
  "add", broker, alias, "--env", "paper", "--endpoint",                                            \
      test_simulator_get_uri ((world)->simulator, broker)

/* Adds an account with key @n to the simulated @broker. */
void add_account (World *world, const char *broker, guint n, const char *alias, const char *env);
/* The same in the paper environment, without asking the broker: no token is issued yet. */
void add_unverified (World *world, const char *broker, guint n, const char *alias);

/* The only document, which has to be the whole output. */
JsonObject *document_at (const char *where, const char *text);
#define document(ran) document_at (G_STRLOC, (ran)->out)
/* The document of a failure, complete; the error in it. */
JsonObject *failure_at (const char *where, TestRun *ran, const char *code);
#define failure(ran, code) failure_at (G_STRLOC, ran, code)
/* The same for a document that may have other members: their names, separated by spaces. */
JsonObject *
failure_beside_at (const char *where, TestRun *ran, const char *code, const char *others);
#define failure_beside(ran, code, others) failure_beside_at (G_STRLOC, ran, code, others)
/* @names: the names of all members, separated by spaces. */
void check_members_at (const char *where, JsonObject *object, const char *names);
#define check_members(object, names) check_members_at (G_STRLOC, object, names)
/* @name and @name_unix are the same second, as RFC 3339 in UTC. */
gint64 check_time (JsonObject *object, const char *name);

/* The stored token, or NULL. */
char *stored_token (World *world, const char *alias);
guint count_accounts (World *world);
/* Its id. */
char *account_id (World *world, const char *alias);
/* The JSON of one account, as in a list, complete; its token is valid. */
void check_account_document_at (const char *where, JsonObject *object, const char *alias);
#define check_account_document(object, alias) check_account_document_at (G_STRLOC, object, alias)
/* Takes the lock of an account, as another program would. Closing the descriptor releases it. */
int hold_lock (World *world, const char *alias);

/* A program that runs in parallel with the test, and its output so far. */
typedef struct _Running Running;

Running *running_start (World *world, const char *program, ...) G_GNUC_NULL_TERMINATED;
#define tool_start(world, ...) running_start (world, g_getenv ("KR_TEST_TOOL"), __VA_ARGS__, NULL)
/* Waits for the next line of its standard output; without the newline. */
char *running_next_line (Running *self);
/* Whether there is one already. */
gboolean running_has_line (Running *self);
/* Waits until its standard error contains a text. */
void running_expect (Running *self, const char *text);
/* Stops reading its standard output. */
void running_close_output (Running *self);
void running_signal (Running *self, int number);
/* Waits for the end; returns the exit status as a shell sees it. */
int running_end (Running *self);
/* Everything that came so far. */
const char *running_get_out (Running *self);
const char *running_get_err (Running *self);
void running_free (Running *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Running, running_free)
