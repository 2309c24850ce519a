/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/kr-secret-deadline-private.h"
#include "values/kr-secret-record-private.h"

/* As many ids as fit into the record of a batch item. */
#define KR_SECRET_BATCH_MAX 1000

/* Called with the lock of the set of accounts. */
gboolean kr_secret_batch_begin (const char *batch_id,
                                GPtrArray *records,
                                KrSecretDeadline deadline,
                                GError **error);
gboolean kr_secret_batch_end (const char *batch_id, KrSecretDeadline deadline, GError **error);
void kr_secret_batch_undo (const char *batch_id, GPtrArray *records);
gboolean kr_secret_batch_clear_all (KrSecretDeadline deadline, GError **error);
