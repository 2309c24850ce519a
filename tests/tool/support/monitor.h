/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tool.h"

/* What the tests of monitor share. */

/* What it says when it sees what comes. */
#define READY "watching"

/* One that is ready. @account: or NULL, for all. */
Running *start_monitor (World *world, const char *account);
/* Its next line: a complete event, of just now. */
JsonObject *next_event (Running *running);
const char *event_string (JsonObject *event, const char *name);
/* The next event is this one, of the account that has the alias and, unless NULL, id. */
void expect_event_at (
    const char *where, Running *running, const char *name, const char *alias, const char *id);
#define expect_event(running, name, alias) expect_event_at (G_STRLOC, running, name, alias, NULL)
