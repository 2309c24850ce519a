/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "verbs/kr-secret-verb-private.h"

#include "issue/kr-secret-ledger-private.h"
#include "keyring/kr-secret-keyring-private.h"

gboolean
kr_secret_verb_make_keyring (SecretValue *password, KrSecretDeadline deadline, GError **error)
{
  /* Two programs that make one at once must see each other. */
  g_autoptr (KrSecretLedger) lock
      = kr_secret_ledger_lock (KR_SECRET_LEDGER_ACCOUNTS, deadline, error);

  return lock != NULL && kr_secret_keyring_make (password, deadline, error);
}
