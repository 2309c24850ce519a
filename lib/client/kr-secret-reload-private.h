/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/kr-secret-deadline-private.h"
#include "client/kr-secret-engine-private.h"

/* Reads all accounts from the keyring. *out_generation (optional) is the connection's from before
 * the read, also on failure. */
gboolean kr_secret_reload (KrSecretEngine *engine,
                           guint *out_generation,
                           KrSecretDeadline deadline,
                           GError **error);
