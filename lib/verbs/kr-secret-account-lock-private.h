/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "issue/kr-secret-ledger-private.h"

/* Takes the lock of an account: no other program changes it or asks its broker meanwhile. */
KrSecretLedger *
kr_secret_account_lock (const char *id, gint64 deadline, GCancellable *cancellable, GError **error);
