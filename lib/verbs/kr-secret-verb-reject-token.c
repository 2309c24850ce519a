/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "verbs/kr-secret-verb-private.h"

#include "issue/kr-secret-ledger-private.h"
#include "issue/kr-secret-pace-private.h"
#include "keyring/kr-secret-store-private.h"
#include "verbs/kr-secret-account-lock-private.h"
#include "verbs/kr-secret-stored-token-private.h"

/* The stored token if it has this fingerprint, or NULL. */
static gboolean
is_stored (const char *id,
           KrSecretTokenKind kind,
           const char *fingerprint,
           KrSecretToken **out_token,
           KrSecretDeadline deadline,
           GError **error)
{
  if (!kr_secret_stored_token_read (id, kind, out_token, deadline, error))
    return FALSE;
  if (*out_token != NULL
      && g_strcmp0 (kr_secret_token_get_fingerprint (*out_token), fingerprint) != 0)
    g_clear_pointer (out_token, kr_secret_token_unref);
  return TRUE;
}

/* Forgets a token that the broker calls dead, if it is still the stored one: another program may
 * have been faster. kept: one that could not be stored. The rejection is written down first: if we
 * are killed before erasing it, the token can be rejected again, and is known if it comes again. */
gboolean
kr_secret_verb_reject_token (const char *id,
                             const char *fingerprint,
                             KrSecretToken *kept,
                             gboolean *out_was_stored,
                             KrSecretDeadline deadline,
                             GError **error)
{
  static const KrSecretTokenKind kinds[] = { KR_SECRET_TOKEN_ACCESS, KR_SECRET_TOKEN_WEBSOCKET };
  g_autoptr (KrSecretLedger) lock = kr_secret_account_lock (id, deadline, error);

  if (lock == NULL)
    return FALSE;
  *out_was_stored = FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autoptr (KrSecretToken) token = NULL;

      if (!is_stored (id, kinds[i], fingerprint, &token, deadline, error))
        return FALSE;
      if (token == NULL)
        continue;
      if (!kr_secret_pace_reject (lock, token, error)
          || !kr_secret_store_erase (id, kr_secret_store_token_kind (kinds[i]), NULL, deadline,
                                     error))
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
