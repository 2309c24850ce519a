/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tool.h"

#define PASSPHRASE "pass 암호 4711"

/* The arguments of a session that uses it. */
#define BY_CREDENTIAL "session", "--credential", "keyring-passphrase", "--"

/* The surroundings of a session test: its own HOME without a keyring, no bus, and a credential.
 * Everything started for it has the path of the directory in its command line: the daemons because
 * of their sockets, the others because it is the last argument of their command. It must not be
 * freed before all of them are gone. */
typedef struct
{
  World world;
  char *directory;
} Place;

void place_set_up (Place *place, gconstpointer data);
void place_tear_down (Place *place, gconstpointer data);

#define PLACE_TEST(name)                                                                           \
  g_test_add ("/cli/session/" #name, Place, NULL, place_set_up, name, place_tear_down)

char *in_place (Place *place, const char *name);
/* Makes a directory in it, named by a variable. */
void place_make_directory (Place *place, const char *variable, const char *name);

/* How many of its processes have this word in their command line. */
guint count_processes (Place *place, const char *word);
guint count_daemons (Place *place);
/* Waits until nothing that was started is left; the private directory must be gone too. */
void check_all_gone (Place *place);

/* Runs a shell script in a session; the tool is $KR_TEST_TOOL, the directory $0. */
TestRun *run_in_session (const char *where, Place *place, int status, const char *script);
#define session(place, status, script) run_in_session (G_STRLOC, place, status, script)
#define session_ends(place, status, script) test_run_free (session (place, status, script))

/* The same, in parallel with the test. */
Running *start_session (Place *place, const char *script);

/* A script that adds this many accounts, with this prefix to their names. */
char *adding (const char *prefix, guint n);
