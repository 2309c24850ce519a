/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tool.h"

/* What the tests of monitor share. */

/* Its message when it is ready. */
#define READY "watching"

/* Starts one, which is ready on return. @account: or NULL, for all. */
Running *start_monitor (World *world, const char *account);
/* Its next line: a complete event, which has just happened. */
JsonObject *next_event (Running *running);
const char *event_string (JsonObject *event, const char *name);
/* Checks that the next event is this one, for the account with this alias and, unless NULL, this
 * id. */
void expect_event_at (
    const char *where, Running *running, const char *name, const char *alias, const char *id);
#define expect_event(running, name, alias) expect_event_at (G_STRLOC, running, name, alias, NULL)
