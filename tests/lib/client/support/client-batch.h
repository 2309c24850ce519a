/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "client-fixture.h"

#define BATCH_MAX 20

/* Drafts b0, b1, … of paper accounts at Kiwoom, with its keys from @first on. */
typedef struct
{
  KrSecretDraft drafts[BATCH_MAX];
  guint n;
} Batch;

Batch *batch_new (Fixture *f, guint n, guint first);
void batch_free (Batch *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Batch, batch_free)

void batch_set_alias (Batch *self, guint i, const char *alias);
void batch_set_key (Batch *self, guint i, guint key);
/* Adds them all; this has to succeed. */
GPtrArray *batch_add (Fixture *f, Batch *self);

/* The aliases that another program sees, separated by commas. */
void batch_assert_seen (const char *expected);
/* Ledgers of accounts that exist or were meant to. */
guint batch_count_ledgers (void);
