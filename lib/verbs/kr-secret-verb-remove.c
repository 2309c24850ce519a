/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "verbs/kr-secret-verb-private.h"

#include "base/kr-secret-error-private.h"
#include "common/kr-intl.h"
#include "issue/kr-secret-ledger-private.h"
#include "keyring/kr-secret-store-private.h"
#include "verbs/kr-secret-account-lock-private.h"
#include "verbs/kr-secret-stored-token-private.h"

/* Revokes, then erases; tokens first, so that a key that is left can still revoke. */
gboolean
kr_secret_verb_remove (const char *id,
                       KrSecretToken *kept,
                       KrSecretRemoveFlags flags,
                       KrSecretDeadline deadline,
                       GError **error)
{
  g_autoptr (KrSecretLedger) lock = kr_secret_account_lock (id, deadline, error);
  g_autoptr (GError) local = NULL;
  KrSecretRevokeResult ignored;
  gboolean was_there;

  if (lock == NULL)
    return FALSE;
  if ((flags & KR_SECRET_REMOVE_KEEP_TOKEN) == 0
      && !kr_secret_stored_token_revoke (id, kept, lock, &ignored, deadline, &local)
      && ((flags & KR_SECRET_REMOVE_FORCE) == 0
          || g_error_matches (local, KR_SECRET_ERROR, KR_SECRET_ERROR_NOT_FOUND)))
    return KR_SECRET_PASS (error, local);
  if (!kr_secret_stored_token_erase_all (id, NULL, deadline, error)
      || !kr_secret_store_erase (id, KR_SECRET_STORE_ACCOUNT, &was_there, deadline, error))
    return FALSE;
  if (!was_there)
    kr_secret_error_set (error, KR_SECRET_ERROR_NOT_FOUND, 0, NULL,
                         _ ("the account is no longer in the keyring"));
  kr_secret_ledger_discard (lock, id);
  return was_there;
}
