/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/kr-secret-deadline-private.h"
#include "issue/kr-secret-ledger-private.h"

/* Takes an account's lock, so that no other program changes it or asks its broker. */
KrSecretLedger *kr_secret_account_lock (const char *id, KrSecretDeadline deadline, GError **error);
