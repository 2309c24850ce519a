/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "verbs/kr-secret-account-lock-private.h"

#include "verbs/kr-secret-stored-account-private.h"

/* Does not make the ledger of an account that is gone. */
KrSecretLedger *
kr_secret_account_lock (const char *id, KrSecretDeadline deadline, GError **error)
{
  if (!kr_secret_ledger_is_there (id))
    {
      g_autoptr (KrSecretRecord) account = kr_secret_stored_account_read (id, deadline, error);

      if (account == NULL)
        return NULL;
    }
  return kr_secret_ledger_lock (id, deadline, error);
}
