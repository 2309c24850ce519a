/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>
#include <libsecret/secret.h>

#include "base/kr-secret-deadline-private.h"
#include "keyring/kr-secret-connection-private.h"

/* The keyring's default collection: whether it exists, and whether it is open. As with the store,
 * every call ends at its deadline and none shows a prompt. */
char *kr_secret_keyring_find (const KrSecretLease *lease, GError **error);
gboolean kr_secret_keyring_make (SecretValue *password, KrSecretDeadline deadline, GError **error);
gboolean kr_secret_keyring_lock (KrSecretDeadline deadline, GError **error);
gboolean
kr_secret_keyring_begin_unlock (char **out_prompt, KrSecretDeadline deadline, GError **error);
gboolean
kr_secret_keyring_unlock (SecretValue *password, KrSecretDeadline deadline, GError **error);

/* Makes what the daemon has written survive a power cut. */
gboolean kr_secret_keyring_sync (GError **error);
