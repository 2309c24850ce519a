/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/kr-secret-deadline-private.h"
#include "client/kr-secret-engine-private.h"

/* Reads all accounts from the keyring, again if they are known already. *out_generation, which is
 * optional, is the connection's since when they were looked for, also if that failed. */
gboolean kr_secret_reload (KrSecretEngine *engine,
                           guint *out_generation,
                           KrSecretDeadline deadline,
                           GError **error);
