/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "helper/kr-secret-helper-private.h"

#include "base/kr-secret-clock-private.h"
#include "base/kr-secret-error-private.h"
#include "issue/kr-secret-issuer-protocol-private.h"
#include "issue/kr-secret-pace-private.h"
#include "keyring/kr-secret-store-private.h"
#include "kr-secret-types.h"
#include "plugin/kr-secret-broker-private.h"

/* Whether the broker clearly said that it did not revoke. */
static gboolean
is_refusal (const GError *error)
{
  return g_error_matches (error, KR_SECRET_ERROR, KR_SECRET_ERROR_REFUSED)
         || g_error_matches (error, KR_SECRET_ERROR, KR_SECRET_ERROR_RATE_LIMITED);
}

/* Marks the stored token as being revoked, or takes the mark back. */
static gboolean
mark (KrSecretHelper *self, KrSecretRecord *record, gboolean revoking, GError **error)
{
  if (revoking)
    kr_secret_record_set_int (record, KR_SECRET_RECORD_REVOKING, kr_secret_clock_now ());
  else
    kr_secret_record_set (record, KR_SECRET_RECORD_REVOKING, NULL);
  return kr_secret_store_write_record (self->id, KR_SECRET_STORE_TOKEN, record,
                                       kr_secret_helper_get_deadline (), error);
}

/* Sends the revoke request for a stored token, then erases the token here. It is marked first, so
 * that it is not handed out again whatever happens after the request has left. The mark is taken
 * back only if the broker cannot have revoked it. */
static gboolean
revoke_stored (KrSecretHelper *self,
               KrSecretRecord *record,
               KrSecretRevokeResult *out_result,
               GError **error)
{
  g_autoptr (KrSecretToken) token = kr_secret_record_get_token (record, error);
  g_autoptr (KrSecretRequest) request = kr_secret_request_new ();
  g_autoptr (KrSecretReply) reply = NULL;
  g_autoptr (GError) local = NULL;
  gboolean was_marked = kr_secret_record_get (record, KR_SECRET_RECORD_REVOKING) != NULL;
  gboolean sent = FALSE;

  if (token == NULL)
    return FALSE;
  *out_result = KR_SECRET_REVOKE_LOCAL_ONLY;
  if (!kr_secret_protocol_can_revoke (self->plugin))
    return kr_secret_helper_erase_token (self, error);

  if (!kr_secret_helper_check_built (
          self,
          kr_secret_protocol_build_revoke (self->plugin, self->credential, token, request, error),
          request, error))
    return FALSE;
  /* The item first: if we are killed after that, the revoke can still be finished. */
  if (!mark (self, record, TRUE, error))
    return FALSE;
  if (!kr_secret_pace_set_withdrawn (self->ledger, token, error))
    {
      /* Nothing was sent: the token is as good as before. */
      if (!was_marked)
        mark (self, record, FALSE, NULL);
      return FALSE;
    }
  reply = kr_secret_helper_send (self, request, &sent, &local);
  if (reply != NULL && kr_secret_protocol_parse_revoke (self->plugin, reply, &local))
    {
      *out_result = KR_SECRET_REVOKE_DONE;
      /* Now another can come. */
      kr_secret_pace_set_hold (self->ledger, KR_SECRET_TOKEN_ACCESS, 0);
      kr_secret_ledger_save (self->ledger, NULL);
      return kr_secret_helper_erase_token (self, error);
    }
  kr_secret_broker_explain_failure (self->broker, &local);
  if (!was_marked && (!sent || is_refusal (local)))
    {
      kr_secret_pace_set_withdrawn (self->ledger, NULL, NULL);
      mark (self, record, FALSE, NULL);
    }
  return KR_SECRET_PASS (error, local);
}

/* Finishes a revoke that was cut short, as far as the broker lets us, before any new issue. */
gboolean
kr_secret_helper_revoke_finish (KrSecretHelper *self, KrSecretRecord *stored, GError **error)
{
  g_autoptr (GError) local = NULL;
  KrSecretRevokeResult ignored;

  if (stored == NULL || kr_secret_record_get (stored, KR_SECRET_RECORD_REVOKING) == NULL
      || kr_secret_record_is_over (stored))
    return TRUE;
  if (revoke_stored (self, stored, &ignored, &local)
      || g_error_matches (local, KR_SECRET_ERROR, KR_SECRET_ERROR_REFUSED)
      || g_error_matches (local, KR_SECRET_ERROR, KR_SECRET_ERROR_BAD_REPLY))
    return TRUE;
  return KR_SECRET_PASS (error, local);
}

gboolean
kr_secret_helper_revoke_token (KrSecretHelper *self, KrSecretRecord *answer, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (KrSecretRecord) stored = kr_secret_store_read_record (
      self->id, KR_SECRET_STORE_TOKEN, kr_secret_helper_get_deadline (), &local);
  KrSecretRevokeResult result = KR_SECRET_REVOKE_NOTHING;

  if (stored == NULL && local != NULL)
    return KR_SECRET_PASS (error, local);
  if (stored != NULL && kr_secret_record_is_over (stored))
    {
      if (!kr_secret_helper_erase_token (self, error))
        return FALSE;
    }
  else if (stored != NULL && !revoke_stored (self, stored, &result, error))
    return FALSE;
  kr_secret_record_set_int (answer, KR_SECRET_ISSUER_RESULT, result);
  return TRUE;
}
