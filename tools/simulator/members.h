/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* A JSON object as text: its members in order, each value as it was written. Replies are built and
 * spoilt as text because a tree cannot represent everything in a hostile reply: a NUL in a string,
 * 2^63, the same name twice. */
typedef GPtrArray SimMembers;

SimMembers *sim_members_new (void);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimMembers, g_ptr_array_unref)

/* Replaces the member, adds it, or (with a NULL @value) removes it. @value is JSON text. */
void sim_members_set (SimMembers *members, const char *name, const char *value);
/* Adds in front, whether or not the name is there already. */
void sim_members_prepend (SimMembers *members, const char *name, const char *value);
/* The value as JSON text, or NULL. */
const char *sim_members_get (SimMembers *members, const char *name);
/* Merges @other in: a null value removes, any other replaces or adds. */
void sim_members_merge (SimMembers *members, SimMembers *other);
char *sim_members_to_text (SimMembers *members);
