/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "verbs/kr-secret-verb-private.h"

#include "verbs/kr-secret-account-lock-private.h"
#include "verbs/kr-secret-stored-token-private.h"

gboolean
kr_secret_verb_forget_token (const char *id,
                             gboolean *out_was_there,
                             KrSecretDeadline deadline,
                             GError **error)
{
  g_autoptr (KrSecretLedger) lock = kr_secret_account_lock (id, deadline, error);

  return lock != NULL && kr_secret_stored_token_erase_all (id, out_was_there, deadline, error);
}
