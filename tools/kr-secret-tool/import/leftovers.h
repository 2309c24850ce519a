/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "terminal/tool.h"

/* The token caches that other programs have left, and what import does about them. */
typedef struct
{
  GPtrArray *caches;  /* of TokenCache */
  GPtrArray *removed; /* of those, the paths that are gone */
} ImportLeftovers;

/* wanted: nobody has to be asked whether they are to be removed. Failing at one does not keep the
 * others. */
void import_leftovers_find (ImportLeftovers *self, GPtrArray *brokers);
gboolean import_leftovers_remove (
    ImportLeftovers *self, Tool *tool, gboolean dry_run, gboolean wanted, GError **error);
void import_leftovers_write (ImportLeftovers *self);
void import_leftovers_clear (ImportLeftovers *self);
