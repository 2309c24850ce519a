/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/kr-secret-deadline-private.h"
#include "issue/kr-secret-ledger-private.h"

/* Takes the lock of an account: no other program changes it or asks its broker meanwhile. */
KrSecretLedger *kr_secret_account_lock (const char *id, KrSecretDeadline deadline, GError **error);
