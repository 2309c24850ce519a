/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/kr-secret-deadline-private.h"
#include "values/kr-secret-record-private.h"

/* The batch item holds the ids of all accounts, as many as fit into a record. */
#define KR_SECRET_BATCH_MAX 1000

/* All with the lock of the set of accounts. */
gboolean kr_secret_batch_begin (const char *batch_id,
                                GPtrArray *records,
                                KrSecretDeadline deadline,
                                GError **error);
gboolean kr_secret_batch_end (const char *batch_id, KrSecretDeadline deadline, GError **error);
void kr_secret_batch_undo (const char *batch_id, GPtrArray *records);
gboolean kr_secret_batch_clear_all (KrSecretDeadline deadline, GError **error);
