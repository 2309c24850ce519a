/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "verbs/kr-secret-verb-private.h"

#include "issue/kr-secret-ledger-private.h"
#include "issue/kr-secret-pace-private.h"
#include "keyring/kr-secret-store-private.h"
#include "verbs/kr-secret-account-change-private.h"
#include "verbs/kr-secret-stored-token-private.h"

/* Ends the pauses caused by the old key's tokens. The broker's own interval still holds. */
static gboolean
clear_holds (KrSecretLedger *lock, GError **error)
{
  kr_secret_pace_set_hold (lock, KR_SECRET_TOKEN_ACCESS, 0);
  kr_secret_pace_set_hold (lock, KR_SECRET_TOKEN_WEBSOCKET, 0);
  return kr_secret_ledger_save (lock, error);
}

/* NULL leaves credential or endpoint as it is; an empty endpoint is the broker's own. The tokens go
 * first: none may be taken for one of the new key, or of the other server. */
gboolean
kr_secret_verb_edit (const char *id,
                     KrSecretCredential *credential,
                     const char *endpoint,
                     KrSecretDeadline deadline,
                     GError **error)
{
  gboolean own_server = endpoint != NULL && *endpoint == '\0';
  g_autofree char *own_endpoint = NULL;
  g_auto (KrSecretAccountChange) change = { NULL };

  if (endpoint != NULL && !own_server
      && (own_endpoint = kr_secret_endpoint_normalize (endpoint, error)) == NULL)
    return FALSE;
  if (!kr_secret_account_change_begin (&change, id, deadline, error))
    return FALSE;
  if (credential != NULL)
    kr_secret_record_set_credential (change.record, credential);
  if (endpoint != NULL)
    kr_secret_record_set (change.record, "endpoint", own_endpoint);
  if (!kr_secret_account_change_check (&change, deadline, error)
      || !kr_secret_store_probe (deadline, error) || !clear_holds (change.lock, error)
      || !kr_secret_stored_token_erase_all (id, NULL, deadline, error))
    return FALSE;
  return kr_secret_store_write_record (id, KR_SECRET_STORE_ACCOUNT, change.record, deadline, error);
}
