/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "helper/kr-secret-helper-private.h"

#include "base/kr-secret-clock-private.h"
#include "base/kr-secret-error-private.h"
#include "common/kr-duration.h"
#include "common/kr-intl.h"
#include "issue/kr-secret-issuer-protocol-private.h"
#include "issue/kr-secret-pace-private.h"
#include "keyring/kr-secret-store-private.h"
#include "plugin/kr-secret-broker-private.h"
#include "values/kr-secret-credential-private.h"
#include "values/kr-secret-token-private.h"

/* The broker gave a dead token again: says when another can come. That wait is ours, not a rule of
 * the broker's. */
static void
set_same_again (KrSecretHelper *self, KrSecretToken *token, gint64 issued_at, GError **error)
{
  const KrSecretTraits *traits = &self->plugin->traits;
  gint64 now = kr_secret_clock_now ();
  gint64 expires_at = kr_secret_token_get_expires_at (token);
  g_autofree char *span = NULL;
  gint64 from, wait;

  /* If its end has passed, that says nothing: the token came again anyway. */
  from
      = kr_secret_pace_get_new_from (traits, issued_at, expires_at > now ? expires_at : G_MAXINT64);
  wait = from > now && from < G_MAXINT64
             ? from - now
             : MAX (traits->issue_interval, KR_SECRET_PACE_UNKNOWN_WAIT);
  wait = MIN (wait, KR_SECRET_TOKEN_MAX_LIFETIME);
  span = kr_duration_format (wait);
  kr_secret_pace_set_hold (self->ledger, kr_secret_token_get_kind (token), wait * 1000);
  kr_secret_error_set (error, KR_SECRET_ERROR_RATE_LIMITED, wait, NULL,
                       _ ("the broker returns the dead token again; it can issue another in %s"),
                       span);
}

/* The stored token, if it is the one that came. */
static KrSecretToken *
get_same (KrSecretRecord *stored, KrSecretToken *token)
{
  g_autoptr (KrSecretToken) old = stored != NULL ? kr_secret_record_get_token (stored, NULL) : NULL;

  if (old == NULL
      || !g_str_equal (kr_secret_token_get_fingerprint (old),
                       kr_secret_token_get_fingerprint (token)))
    return NULL;
  return g_steal_pointer (&old);
}

/* Whether a token that came is known to be dead: rejected, revoked, or stored and expired. */
static gboolean
is_dead (KrSecretHelper *self, KrSecretToken *token, KrSecretRecord *stored, gint64 *out_issued_at)
{
  g_autoptr (KrSecretToken) old = get_same (stored, token);

  if (kr_secret_pace_is_dead (self->ledger, kr_secret_token_get_fingerprint (token), out_issued_at))
    return TRUE;
  /* If the broker says that it lives, our clock was wrong. */
  if (old == NULL || !kr_secret_record_is_over (stored)
      || kr_secret_token_get_expires_at (token) > kr_secret_clock_now ())
    return FALSE;
  *out_issued_at = kr_secret_token_get_issued_at (old);
  return TRUE;
}

/* Makes a token from the reply, with times by the local clock. */
static KrSecretToken *
parse_token (KrSecretHelper *self,
             KrSecretTokenKind kind,
             const KrSecretReply *reply,
             GError **error)
{
  gint64 now = kr_secret_clock_now ();
  gint64 date = kr_secret_reply_get_date (reply);
  gint64 ahead = date > 0 ? now - date : 0;
  g_autoptr (KrSecretToken) raw
      = kr_secret_protocol_parse_issue (self->plugin, reply, kind, now - ahead, error);
  gint64 issued_at, expires_at;
  KrSecretToken *token;

  if (raw == NULL)
    {
      kr_secret_broker_explain_failure (self->broker, error);
      return NULL;
    }
  issued_at = kr_secret_token_get_issued_at (raw);
  expires_at = kr_secret_token_get_expires_at (raw);
  if (kind == KR_SECRET_TOKEN_ACCESS)
    expires_at = kr_secret_pace_cap_expiry (&self->plugin->traits, issued_at, expires_at);
  token = kr_secret_token_with_times (raw, issued_at + ahead, expires_at + ahead);
  kr_secret_token_set_broker_expires_at (token, expires_at);
  return token;
}

/* Makes a token from the reply that may be handed out. stored is the one before, or NULL.
 * *out_wait: how long the broker wants to be left alone. */
static KrSecretToken *
read_token (KrSecretHelper *self,
            KrSecretTokenKind kind,
            const KrSecretReply *reply,
            KrSecretRecord *stored,
            guint *out_wait,
            GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (KrSecretToken) token = parse_token (self, kind, reply, &local);
  gint64 issued_at;

  if (g_error_matches (local, KR_SECRET_ERROR, KR_SECRET_ERROR_RATE_LIMITED))
    *out_wait = (guint) kr_secret_error_get_retry_after (local);
  if (token != NULL && is_dead (self, token, stored, &issued_at))
    set_same_again (self, token, issued_at, &local);
  else if (token != NULL && kr_secret_token_check (token, kr_secret_clock_now (), &local))
    return g_steal_pointer (&token);
  return KR_SECRET_PASS_NULL (error, local);
}

/* The same token again is as old as it was. */
static KrSecretToken *
keep_age (KrSecretToken *token, KrSecretRecord *stored)
{
  g_autoptr (KrSecretToken) old = get_same (stored, token);

  if (old == NULL)
    return kr_secret_token_ref (token);
  return kr_secret_token_with_times (
      token, MIN (kr_secret_token_get_issued_at (old), kr_secret_token_get_issued_at (token)),
      kr_secret_token_get_expires_at (token));
}

/* Asks the broker for a token. The attempt is on disk before the request leaves. */
static KrSecretToken *
issue (KrSecretHelper *self, KrSecretTokenKind kind, KrSecretRecord *stored, GError **error)
{
  g_autoptr (KrSecretRequest) request = kr_secret_request_new ();
  g_autoptr (KrSecretReply) reply = NULL;
  g_autoptr (KrSecretToken) token = NULL;
  g_autoptr (GError) local = NULL;
  g_autofree char *key = kr_secret_credential_dup_fingerprint (self->credential);
  guint interval = kind == KR_SECRET_TOKEN_ACCESS ? self->plugin->traits.issue_interval : 0;
  gboolean sent = FALSE;
  guint wait = 0;

  if (!kr_secret_helper_check_built (
          self,
          kr_secret_protocol_build_issue (self->plugin, self->credential, kind, request, error),
          request, error)
      || !kr_secret_pace_begin (self->ledger, kind, interval, error))
    return NULL;
  reply = kr_secret_helper_send (self, request, &sent, &local);
  if (reply != NULL)
    token = read_token (self, kind, reply, stored, &wait, &local);
  if (reply == NULL && !sent)
    kr_secret_pace_end_unsent (self->ledger, kind, local, NULL);
  else
    kr_secret_pace_end (self->ledger, kind, MAX (interval, wait), key, local, NULL);
  if (token == NULL)
    return KR_SECRET_PASS_NULL (error, local);
  return keep_age (token, stored);
}

/* The stored token's record, which may be NULL. A damaged one is replaced; one that cannot be read
 * is a failure, as it may be good. */
static gboolean
read_stored (KrSecretHelper *self,
             KrSecretTokenKind kind,
             KrSecretRecord **out_stored,
             GError **error)
{
  g_autoptr (GError) local = NULL;
  KrSecretRecord *stored = kr_secret_store_read_record (self->id, kr_secret_store_token_kind (kind),
                                                        kr_secret_helper_get_deadline (), &local);

  if (local != NULL && !g_error_matches (local, KR_SECRET_ERROR, KR_SECRET_ERROR_DAMAGED))
    return KR_SECRET_PASS (error, local);
  *out_stored = stored;
  return TRUE;
}

/* A token that cannot be stored is still good. */
static void
store_token (KrSecretHelper *self, KrSecretToken *token, KrSecretRecord *answer)
{
  g_autoptr (GError) local = NULL;

  kr_secret_record_set_token (answer, token);
  if (!kr_secret_store_write_token (self->id, token, kr_secret_helper_get_deadline (), &local))
    kr_secret_record_set (answer, KR_SECRET_ISSUER_WARNING, local->message);
}

/* force: even if the account's history says that it will not help. */
gboolean
kr_secret_helper_issue_token (KrSecretHelper *self,
                              const char *kind_text,
                              gboolean force,
                              KrSecretRecord *answer,
                              GError **error)
{
  g_autoptr (KrSecretRecord) stored = NULL;
  g_autoptr (KrSecretToken) token = NULL;
  KrSecretTokenKind kind;

  if (kind_text == NULL || !kr_secret_token_kind_from_string (kind_text, &kind))
    return KR_SECRET_FAIL (error, KR_SECRET_ERROR_USAGE, _ ("no kind of token was given"));
  if (!read_stored (self, kind, &stored, error)
      || (kind == KR_SECRET_TOKEN_ACCESS && !kr_secret_helper_revoke_finish (self, stored, error))
      || (!force && !kr_secret_pace_check_hold (self->ledger, kind, error))
      || !kr_secret_pace_check_wait (self->ledger, kind, error))
    return FALSE;
  token = issue (self, kind, stored, error);
  if (token == NULL)
    return FALSE;
  store_token (self, token, answer);
  return TRUE;
}

/* The account is stored only after the broker has accepted its key. */
gboolean
kr_secret_helper_issue_first (KrSecretHelper *self, KrSecretRecord *answer, GError **error)
{
  g_autoptr (KrSecretToken) token = issue (self, KR_SECRET_TOKEN_ACCESS, NULL, error);

  if (token == NULL
      || !kr_secret_store_write_record (self->id, KR_SECRET_STORE_ACCOUNT, self->account,
                                        kr_secret_helper_get_deadline (), error))
    return FALSE;
  store_token (self, token, answer);
  return TRUE;
}
