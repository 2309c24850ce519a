/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tool.h"

/* Runs doctor --json, which has to end with a status, and checks that the document is complete and
 * agrees with itself. */
JsonObject *checkup_at (const char *where, World *world, int status);
#define checkup(world, status) checkup_at (G_STRLOC, world, status)

/* One check of it has this status, and these in its message and its fix; NULL: there is no fix. */
void finding_at (const char *where,
                 JsonObject *whole,
                 const char *id,
                 const char *status,
                 const char *message,
                 const char *fix);
#define finding(whole, id, status, message, fix)                                                   \
  finding_at (G_STRLOC, whole, id, status, message, fix)

/* Its fix does not have this. */
void finding_lacks (JsonObject *whole, const char *id, const char *text);

/* Does what the fix of a check says, as a person would paste it into a shell, with more arguments
 * behind it. */
void mend_at (const char *where, World *world, JsonObject *whole, const char *id, const char *more);
#define mend(world, whole, id) mend_at (G_STRLOC, world, whole, id, "")
#define mend_with(world, whole, id, more) mend_at (G_STRLOC, world, whole, id, more)
