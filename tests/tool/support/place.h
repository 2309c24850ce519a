/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tool.h"

#define PASSPHRASE "pass 암호 4711"

/* The arguments of a session that gets it. */
#define BY_CREDENTIAL "session", "--credential", "keyring-passphrase", "--"

/* Where a test of session runs: a HOME of its own without a keyring, no bus, and a credential. All
 * that is started for it has the path of the directory in its command line: the daemons because
 * their sockets are there, the others because it is the last argument of what they run. Is not to
 * be freed before all of that is gone. */
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
/* Makes a directory in it, which a variable names. */
void place_make_directory (Place *place, const char *variable, const char *name);

/* How many of its processes have a word in their command line. */
guint count_processes (Place *place, const char *word);
guint count_daemons (Place *place);
/* Waits till nothing that was started is left; of the private directory, nothing may be either. */
void check_all_gone (Place *place);

/* Runs a shell's script in a session; the tool is $KR_TEST_TOOL, the directory $0. */
TestRun *run_in_session (const char *where, Place *place, int status, const char *script);
#define session(place, status, script) run_in_session (G_STRLOC, place, status, script)
#define session_ends(place, status, script) test_run_free (session (place, status, script))

/* The same beside the test. */
Running *start_session (Place *place, const char *script);

/* A script that adds so many accounts whose names begin so. */
char *adding (const char *prefix, guint n);
