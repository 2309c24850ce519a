/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "client/kr-secret-accounts-private.h"
#include "client/kr-secret-token-memory-private.h"

/* Reads all accounts from the keyring, again if they are known already. *out_generation is the
 * connection's since when they were looked for, also if that failed. */
gboolean kr_secret_reload (KrSecretAccounts *accounts,
                           KrSecretTokenMemory *memory,
                           guint *out_generation,
                           gint64 deadline,
                           GCancellable *cancellable,
                           GError **error);
