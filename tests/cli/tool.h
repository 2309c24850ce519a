/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "world.h"

/* What became of a program. */
typedef struct
{
  int status; /* as a shell sees it: 128 + N after signal N */
  char *out;
  char *err;
  gsize out_length;
  gint64 took; /* ms */
} Ran;

void ran_free (Ran *ran);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Ran, ran_free)

#define ANY_STATUS (-1)

/* @input: its standard input, or, if @fd is not -1, what it reads from descriptor @fd; NULL:
 * nothing. A program that is not done after 30 s is killed, and the test fails. */
Ran *run_program (char **env, const char *const *argv, const char *input, int fd);

/* Runs kr-secret-tool with the arguments and checks its exit status. */
Ran *run_tool (const char *where,
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
#define tool_ends(world, status, ...) ran_free (tool (world, status, __VA_ARGS__))

/* Adds an account with key @n to the simulated @broker. */
void add_account (World *world, const char *broker, int n, const char *alias, const char *env);

/* The one document that is all of the output. */
JsonObject *document_at (const char *where, const char *text);
#define document(ran) document_at (G_STRLOC, (ran)->out)
/* The document of a failure, complete; the error in it. */
JsonObject *failure_at (const char *where, Ran *ran, const char *code);
#define failure(ran, code) failure_at (G_STRLOC, ran, code)
/* @names: of all members, separated by spaces. */
void check_members_at (const char *where, JsonObject *object, const char *names);
#define check_members(object, names) check_members_at (G_STRLOC, object, names)
/* @name and @name_unix are the same second, as RFC 3339 in UTC. */
gint64 check_time (JsonObject *object, const char *name);

/* The stored token, or NULL. */
char *stored_token (World *world, const char *alias);
guint count_accounts (World *world);

/* Ends the test program with a message in one line. */
#define fail(...) fail_at (G_STRLOC, __VA_ARGS__)
void fail_at (const char *where, const char *format, ...) G_GNUC_PRINTF (2, 3) G_GNUC_NORETURN;

#define assert_contains(text, part) assert_contains_at (G_STRLOC, text, part)
#define assert_lacks(text, part) assert_lacks_at (G_STRLOC, text, part)
void assert_contains_at (const char *where, const char *text, const char *part);
void assert_lacks_at (const char *where, const char *text, const char *part);
