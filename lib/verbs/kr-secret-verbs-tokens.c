/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "verbs/kr-secret-verbs-private.h"

#include "values/kr-secret-account-private.h"
#include "plugin/kr-secret-broker-private.h"
#include "base/kr-secret-clock-private.h"
#include "base/kr-secret-intl-private.h"
#include "issue/kr-secret-issuer-private.h"
#include "issue/kr-secret-pace-private.h"
#include "keyring/kr-secret-store-private.h"
#include "values/kr-secret-token-private.h"

/* The verbs about one account's key and tokens, but for getting a token: that is
 * kr-secret-single-flight.c. */

/* The stored token, if it can be used at all. None, one that has expired, that is being revoked, or
 * whose record is torn are all "no token" here, and a success; only not being able to look is a
 * failure. */
gboolean
kr_secret_verb_read_token (const char *id,
                           KrSecretTokenKind kind,
                           KrSecretToken **out_token,
                           gint64 deadline,
                           GCancellable *cancellable,
                           GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (KrSecretRecord) record = kr_secret_store_read_record (
      id, kr_secret_store_token_kind (kind), deadline, cancellable, &local);
  g_autoptr (KrSecretToken) token = NULL;

  if (local != NULL && !g_error_matches (local, KR_SECRET_ERROR, KR_SECRET_ERROR_DAMAGED))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (record != NULL && kr_secret_record_get (record, KR_SECRET_RECORD_REVOKING) == NULL)
    token = kr_secret_record_get_token (record, NULL);
  g_clear_pointer (out_token, kr_secret_token_unref);
  if (token != NULL && kr_secret_token_check (token, kr_secret_clock_now (), NULL))
    *out_token = g_steal_pointer (&token);
  return TRUE;
}

/* The record of an account that has to be there. */
KrSecretRecord *
kr_secret_verb_read_account (const char *id,
                             gint64 deadline,
                             GCancellable *cancellable,
                             GError **error)
{
  g_autoptr (GError) local = NULL;
  KrSecretRecord *record
      = kr_secret_store_read_record (id, KR_SECRET_STORE_ACCOUNT, deadline, cancellable, &local);

  if (record == NULL && local == NULL)
    kr_secret_error_set (error, KR_SECRET_ERROR_NOT_FOUND, 0, NULL,
                         _ ("the account is not in the keyring any more"));
  else if (record == NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  return record;
}

/* Locks an account. One that is gone does not get its ledger again. */
KrSecretLedger *
kr_secret_verb_lock (const char *id, gint64 deadline, GCancellable *cancellable, GError **error)
{
  if (!kr_secret_ledger_is_there (id))
    {
      g_autoptr (KrSecretRecord) account
          = kr_secret_verb_read_account (id, deadline, cancellable, error);

      if (account == NULL)
        return NULL;
    }
  return kr_secret_ledger_lock (id, deadline, cancellable, error);
}

/* The broker of an account's record. */
KrSecretBroker *
kr_secret_verb_find_broker (KrSecretRecord *account, GError **error)
{
  return kr_secret_broker_find_installed (kr_secret_record_get (account, "broker"), error);
}

KrSecretCredential *
kr_secret_verb_get_credential (const char *id,
                               gint64 deadline,
                               GCancellable *cancellable,
                               GError **error)
{
  g_autoptr (KrSecretRecord) record
      = kr_secret_verb_read_account (id, deadline, cancellable, error);

  return record != NULL ? kr_secret_record_get_credential (record, error) : NULL;
}

GPtrArray *
kr_secret_verb_get_headers (const char *id,
                            const char *broker_id,
                            KrSecretToken *token,
                            gint64 deadline,
                            GCancellable *cancellable,
                            GError **error)
{
  g_autoptr (KrSecretBroker) broker = kr_secret_broker_find_installed (broker_id, error);
  g_autoptr (KrSecretCredential) credential = NULL;
  g_autoptr (KrSecretRequest) request = kr_secret_request_new ();

  if (broker == NULL)
    return NULL;
  credential = kr_secret_verb_get_credential (id, deadline, cancellable, error);
  if (credential == NULL)
    return NULL;
  if (!kr_secret_broker_get_plugin (broker)->authorize (credential, token, request, error))
    {
      kr_secret_broker_explain_failure (broker, error);
      return NULL;
    }
  return g_ptr_array_ref (kr_secret_request_get_headers (request));
}

/* Whether the stored access token is one whose revoke has not been finished. */
gboolean
kr_secret_verb_is_revoking (const char *id, gint64 deadline, GCancellable *cancellable)
{
  g_autoptr (KrSecretRecord) record
      = kr_secret_store_read_record (id, KR_SECRET_STORE_TOKEN, deadline, cancellable, NULL);

  return record != NULL && kr_secret_record_get (record, KR_SECRET_RECORD_REVOKING) != NULL;
}

gboolean
kr_secret_verb_erase_tokens (const char *id,
                             gboolean *out_was_there,
                             gint64 deadline,
                             GCancellable *cancellable,
                             GError **error)
{
  gboolean access, websocket;

  if (!kr_secret_store_erase (id, KR_SECRET_STORE_TOKEN, &access, deadline, cancellable, error)
      || !kr_secret_store_erase (id, KR_SECRET_STORE_WEBSOCKET, &websocket, deadline, cancellable,
                                 error))
    return FALSE;
  if (out_was_there != NULL)
    *out_was_there = access || websocket;
  return TRUE;
}

/* Only an access token can be revoked at a broker; a websocket key is forgotten here. */
gboolean
kr_secret_verb_revoke_locked (const char *id,
                              KrSecretLedger *lock,
                              KrSecretRevokeResult *out_result,
                              gint64 deadline,
                              GCancellable *cancellable,
                              GError **error)
{
  return kr_secret_issuer_revoke (id, lock, out_result, deadline, cancellable, error)
         && kr_secret_store_erase (id, KR_SECRET_STORE_WEBSOCKET, NULL, deadline, cancellable,
                                   error);
}

/* Stores a token that could not be stored when it came, if nothing newer is there. It may be NULL.
 */
gboolean
kr_secret_verb_store_kept (
    const char *id, KrSecretToken *kept, gint64 deadline, GCancellable *cancellable, GError **error)
{
  g_autoptr (KrSecretToken) stored = NULL;

  if (kept == NULL)
    return TRUE;
  if (!kr_secret_verb_read_token (id, kr_secret_token_get_kind (kept), &stored, deadline,
                                  cancellable, error))
    return FALSE;
  if (stored != NULL
      && kr_secret_token_get_issued_at (stored) >= kr_secret_token_get_issued_at (kept))
    return TRUE;
  return kr_secret_store_write_token (id, kept, deadline, cancellable, error);
}

/* kept: one that only this client has, or NULL; the helper finds it once it is stored. */
gboolean
kr_secret_verb_revoke_token (const char *id,
                             KrSecretToken *kept,
                             KrSecretRevokeResult *out_result,
                             gint64 deadline,
                             GCancellable *cancellable,
                             GError **error)
{
  g_autoptr (KrSecretLedger) lock = kr_secret_verb_lock (id, deadline, cancellable, error);

  return lock != NULL && kr_secret_verb_store_kept (id, kept, deadline, cancellable, error)
         && kr_secret_verb_revoke_locked (id, lock, out_result, deadline, cancellable, error);
}

gboolean
kr_secret_verb_forget_token (const char *id,
                             gboolean *out_was_there,
                             gint64 deadline,
                             GCancellable *cancellable,
                             GError **error)
{
  g_autoptr (KrSecretLedger) lock = kr_secret_verb_lock (id, deadline, cancellable, error);

  return lock != NULL
         && kr_secret_verb_erase_tokens (id, out_was_there, deadline, cancellable, error);
}

/* Whether a stored token is the one of that fingerprint. */
static gboolean
is_stored (const char *id,
           KrSecretTokenKind kind,
           const char *fingerprint,
           KrSecretToken **out_token,
           gint64 deadline,
           GCancellable *cancellable,
           GError **error)
{
  if (!kr_secret_verb_read_token (id, kind, out_token, deadline, cancellable, error))
    return FALSE;
  if (*out_token != NULL
      && g_strcmp0 (kr_secret_token_get_fingerprint (*out_token), fingerprint) != 0)
    g_clear_pointer (out_token, kr_secret_token_unref);
  return TRUE;
}

/* Forgets a token that the broker calls dead, but only if it is still the stored one: somebody else
 * may have been faster. kept is one that could not be stored. It is written down first: who is
 * killed before it is erased leaves it to be rejected once more, and known if it is issued again.
 */
gboolean
kr_secret_verb_reject_token (const char *id,
                             const char *fingerprint,
                             KrSecretToken *kept,
                             gboolean *out_was_stored,
                             gint64 deadline,
                             GCancellable *cancellable,
                             GError **error)
{
  static const KrSecretTokenKind kinds[] = { KR_SECRET_TOKEN_ACCESS, KR_SECRET_TOKEN_WEBSOCKET };
  g_autoptr (KrSecretLedger) lock = kr_secret_verb_lock (id, deadline, cancellable, error);

  if (lock == NULL)
    return FALSE;
  *out_was_stored = FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autoptr (KrSecretToken) token = NULL;

      if (!is_stored (id, kinds[i], fingerprint, &token, deadline, cancellable, error))
        return FALSE;
      if (token == NULL)
        continue;
      if (!kr_secret_pace_reject (lock, token, error)
          || !kr_secret_store_erase (id, kr_secret_store_token_kind (kinds[i]), NULL, deadline,
                                     cancellable, error))
        return FALSE;
      *out_was_stored = TRUE;
      return TRUE;
    }
  if (kept != NULL && g_strcmp0 (kr_secret_token_get_fingerprint (kept), fingerprint) == 0)
    {
      *out_was_stored = TRUE;
      return kr_secret_pace_reject (lock, kept, error);
    }
  return TRUE;
}
