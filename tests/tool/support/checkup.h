/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tool.h"

/* Runs doctor --json, which has to end with a status, and checks that the document is complete and
 * consistent. */
JsonObject *checkup_at (const char *where, World *world, int status);
#define checkup(world, status) checkup_at (G_STRLOC, world, status)

/* One of its checks has this status, and these words in its message and its fix; NULL: there is no
 * fix. */
void finding_at (const char *where,
                 JsonObject *whole,
                 const char *id,
                 const char *status,
                 const char *message,
                 const char *fix);
#define finding(whole, id, status, message, fix)                                                   \
  finding_at (G_STRLOC, whole, id, status, message, fix)

/* Its fix does not contain this. */
void finding_lacks (JsonObject *whole, const char *id, const char *text);

/* Runs the fix of a check as if pasted into a shell, with more arguments after it. */
void mend_at (const char *where, World *world, JsonObject *whole, const char *id, const char *more);
#define mend(world, whole, id) mend_at (G_STRLOC, world, whole, id, "")
#define mend_with(world, whole, id, more) mend_at (G_STRLOC, world, whole, id, more)
