/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "terminal/tool.h"

/* Token caches of other programs, and what import does with them. */
typedef struct
{
  GPtrArray *caches;  /* of TokenCache */
  GPtrArray *removed; /* paths of the removed ones */
} ImportLeftovers;

/* wanted: remove them without asking. A failure does not stop the rest. */
void import_leftovers_find (ImportLeftovers *self, GPtrArray *brokers);
gboolean import_leftovers_remove (
    ImportLeftovers *self, Tool *tool, gboolean dry_run, gboolean wanted, GError **error);
void import_leftovers_write (ImportLeftovers *self);
void import_leftovers_clear (ImportLeftovers *self);
