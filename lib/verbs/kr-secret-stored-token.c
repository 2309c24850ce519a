/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "verbs/kr-secret-stored-token-private.h"

#include "base/kr-secret-clock-private.h"
#include "base/kr-secret-error-private.h"
#include "issue/kr-secret-issuer-private.h"
#include "issue/kr-secret-ledger-private.h"
#include "keyring/kr-secret-store-private.h"
#include "values/kr-secret-token-private.h"

/* Gets the stored token. It is not an error, but NULL, if there is none or it has expired, is being
 * revoked or is torn; only a keyring that cannot be read is. */
gboolean
kr_secret_stored_token_read (const char *id,
                             KrSecretTokenKind kind,
                             KrSecretToken **out_token,
                             KrSecretDeadline deadline,
                             GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (KrSecretRecord) record
      = kr_secret_store_read_record (id, kr_secret_store_token_kind (kind), deadline, &local);
  g_autoptr (KrSecretToken) token = NULL;

  if (local != NULL && !g_error_matches (local, KR_SECRET_ERROR, KR_SECRET_ERROR_DAMAGED))
    return KR_SECRET_PASS (error, local);
  if (record != NULL && kr_secret_record_get (record, KR_SECRET_RECORD_REVOKING) == NULL)
    token = kr_secret_record_get_token (record, NULL);
  g_clear_pointer (out_token, kr_secret_token_unref);
  if (token != NULL && kr_secret_token_check (token, kr_secret_clock_now (), NULL))
    *out_token = g_steal_pointer (&token);
  return TRUE;
}

/* Whether a revoke of the stored access token is unfinished. */
gboolean
kr_secret_stored_token_is_revoking (const char *id, KrSecretDeadline deadline)
{
  g_autoptr (KrSecretRecord) record
      = kr_secret_store_read_record (id, KR_SECRET_STORE_TOKEN, deadline, NULL);

  return record != NULL && kr_secret_record_get (record, KR_SECRET_RECORD_REVOKING) != NULL;
}

gboolean
kr_secret_stored_token_erase_all (const char *id,
                                  gboolean *out_was_there,
                                  KrSecretDeadline deadline,
                                  GError **error)
{
  gboolean access, websocket;

  if (!kr_secret_store_erase (id, KR_SECRET_STORE_TOKEN, &access, deadline, error)
      || !kr_secret_store_erase (id, KR_SECRET_STORE_WEBSOCKET, &websocket, deadline, error))
    return FALSE;
  if (out_was_there != NULL)
    *out_was_there = access || websocket;
  return TRUE;
}

/* Stores a token (or NULL) that could not be stored when it came, unless there is a newer one. */
static gboolean
store_kept (const char *id, KrSecretToken *kept, KrSecretDeadline deadline, GError **error)
{
  g_autoptr (KrSecretToken) stored = NULL;

  if (kept == NULL)
    return TRUE;
  if (!kr_secret_stored_token_read (id, kr_secret_token_get_kind (kept), &stored, deadline, error))
    return FALSE;
  if (stored != NULL
      && kr_secret_token_get_issued_at (stored) >= kr_secret_token_get_issued_at (kept))
    return TRUE;
  return kr_secret_store_write_token (id, kept, deadline, error);
}

/* Revokes the access token at the broker and forgets the websocket key, which no broker takes back.
 * kept: a token that only this client has, or NULL; the helper finds it once it is stored. */
gboolean
kr_secret_stored_token_revoke (const char *id,
                               KrSecretToken *kept,
                               KrSecretLedger *lock,
                               KrSecretRevokeResult *out_result,
                               KrSecretDeadline deadline,
                               GError **error)
{
  return store_kept (id, kept, deadline, error)
         && kr_secret_issuer_revoke (id, lock, out_result, deadline, error)
         && kr_secret_store_erase (id, KR_SECRET_STORE_WEBSOCKET, NULL, deadline, error);
}
