/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "verbs/kr-secret-verb-private.h"

#include "base/kr-secret-clock-private.h"
#include "base/kr-secret-deadline-private.h"
#include "base/kr-secret-error-private.h"
#include "common/kr-duration.h"
#include "common/kr-intl.h"
#include "issue/kr-secret-issuer-private.h"
#include "issue/kr-secret-ledger-private.h"
#include "issue/kr-secret-pace-private.h"
#include "keyring/kr-secret-connection-private.h"
#include "plugin/kr-secret-broker-private.h"
#include "values/kr-secret-credential-private.h"
#include "values/kr-secret-token-private.h"
#include "verbs/kr-secret-account-lock-private.h"
#include "verbs/kr-secret-stored-account-private.h"
#include "verbs/kr-secret-stored-token-private.h"

/* Gets a token. However many programs and threads want one at once, the broker is asked once, and
 * all share the outcome. The stored token if it will do; otherwise take the lock, look again, see
 * what the ledger and the broker's rules say, and only then ask. While a stored token is valid, it
 * is not a failure that there is no better one. */

/* In milliseconds. The time kept for a last look into the keyring. */
#define LAST_LOOK 500

/* In milliseconds. How long to leave a broker that just failed, while a stored token is valid. */
#define REST 5000

static const char *
get_id (const KrSecretWish *wish)
{
  return kr_secret_account_get_id (wish->account);
}

/* Whether only a new token, or one that is good for as long as was asked for, will do. */
static gboolean
is_strict (const KrSecretWish *wish)
{
  return (wish->flags & (KR_SECRET_TOKEN_STRICT | KR_SECRET_TOKEN_RENEW)) != 0;
}

static gboolean
is_fresh (const KrSecretWish *wish, KrSecretToken *token)
{
  return token != NULL
         && kr_secret_token_is_fresh (token, wish->min_validity, kr_secret_clock_now ());
}

static gboolean
is_same (KrSecretToken *a, KrSecretToken *b)
{
  return a != NULL && b != NULL
         && g_strcmp0 (kr_secret_token_get_fingerprint (a), kr_secret_token_get_fingerprint (b))
                == 0;
}

static gboolean
is_not_yet (GError **error, gint64 seconds, const char *why)
{
  g_autofree char *span = kr_duration_format (seconds);

  kr_secret_error_set (error, KR_SECRET_ERROR_RATE_LIMITED, seconds, NULL,
                       _ ("%s; a new token can be issued in %s"), why, span);
  return FALSE;
}

/* Fails if the key was refused too often and is still the same. */
static gboolean
check_refusals (const KrSecretWish *wish,
                KrSecretLedger *lock,
                KrSecretRecord *account,
                GError **error)
{
  g_autoptr (KrSecretCredential) credential = kr_secret_record_get_credential (account, error);
  g_autofree char *key
      = credential != NULL ? kr_secret_credential_dup_fingerprint (credential) : NULL;

  if (key == NULL)
    return FALSE;
  if (kr_secret_pace_get_refusals (lock, wish->kind, key) < KR_SECRET_PACE_MAX_REFUSALS)
    return TRUE;
  return KR_SECRET_FAIL (error, KR_SECRET_ERROR_REFUSED,
                         _ ("the broker has refused this key %d times in a row; it is not asked "
                            "again until the key is changed"),
                         KR_SECRET_PACE_MAX_REFUSALS);
}

/* When asking begins to bring another token than a valid one, or a better one. */
static gint64
get_useful_from (const KrSecretWish *wish, KrSecretBroker *broker, KrSecretToken *token)
{
  const KrSecretTraits *traits = kr_secret_broker_get_traits (broker);
  gint64 issued_at = kr_secret_token_get_issued_at (token);
  gint64 expires_at = kr_secret_token_get_expires_at (token);

  if (wish->kind != KR_SECRET_TOKEN_ACCESS)
    return issued_at;
  if ((wish->flags & KR_SECRET_TOKEN_RENEW) != 0)
    return kr_secret_pace_get_new_from (traits, issued_at, expires_at);
  return kr_secret_pace_get_better_from (traits, issued_at, expires_at);
}

/* Whether asking can help, by the broker's rules and the account's history. stored is valid but not
 * good enough, or NULL. */
static gboolean
check_use (const KrSecretWish *wish,
           KrSecretLedger *lock,
           KrSecretRecord *account,
           KrSecretBroker *broker,
           KrSecretToken *stored,
           GError **error)
{
  gint64 now = kr_secret_clock_now ();
  gint64 from = stored != NULL ? get_useful_from (wish, broker, stored) : now;

  if ((wish->flags & KR_SECRET_TOKEN_FORCE) != 0)
    return TRUE;
  return check_refusals (wish, lock, account, error)
         && kr_secret_pace_check_hold (lock, wish->kind, error)
         && (from <= now
             || is_not_yet (error, from - now, _ ("the broker would not issue a better one now")));
}

/* Waits out the broker's minimum interval if it is brief; otherwise says how long it is. */
static gboolean
await_turn (const KrSecretWish *wish,
            KrSecretLedger *lock,
            KrSecretDeadline deadline,
            GError **error)
{
  gint64 wait = kr_secret_pace_get_wait (lock, wish->kind);

  if (wait <= KR_SECRET_PACE_BRIEF)
    return wait == 0 || kr_secret_deadline_sleep (deadline, (guint) wait, error);
  return kr_secret_pace_check_wait (lock, wish->kind, error);
}

static KrSecretBroker *
find_broker (KrSecretRecord *account, GError **error)
{
  return kr_secret_broker_find_installed (kr_secret_record_get (account, "broker"), error);
}

/* Whether the broker may be asked now. Reads account and plugin only if something speaks against
 * it: the helper reads them anyway. */
static gboolean
may_ask (const KrSecretWish *wish,
         KrSecretLedger *lock,
         KrSecretToken *stored,
         KrSecretDeadline deadline,
         GError **error)
{
  g_autoptr (KrSecretRecord) account = NULL;
  g_autoptr (KrSecretBroker) broker = NULL;
  g_autoptr (GError) local = NULL;

  if (stored == NULL && kr_secret_pace_get_wait (lock, wish->kind) == 0
      && kr_secret_pace_is_clear (lock, wish->kind))
    return TRUE;
  account = kr_secret_stored_account_read (get_id (wish), deadline, error);
  broker = account != NULL ? find_broker (account, error) : NULL;
  if (broker == NULL)
    return FALSE;
  if (check_use (wish, lock, account, broker, stored, &local)
      && await_turn (wish, lock, deadline, &local))
    return TRUE;
  /* The helper also finishes a revoke that was cut short, before it issues. */
  if (g_error_matches (local, KR_SECRET_ERROR, KR_SECRET_ERROR_RATE_LIMITED)
      && kr_secret_stored_token_is_revoking (get_id (wish), deadline))
    return TRUE;
  return KR_SECRET_PASS (error, local);
}

/* A token that is not what was wanted, with a warning that says why. */
static KrSecretToken *
settle_for (KrSecretToken *token, const char *why)
{
  gint64 left = kr_secret_token_get_expires_at (token) - kr_secret_clock_now ();
  g_autofree char *span = kr_duration_format (left);
  g_autofree char *warning = g_strdup_printf (_ ("the token ends in %s: %s"), span, why);

  return kr_secret_token_with_warning (token, warning, kr_secret_token_is_stored (token));
}

/* The broker gave the same token again, which is not good enough. */
static void
set_same (const KrSecretWish *wish, KrSecretToken *token, KrSecretDeadline deadline, GError **error)
{
  g_autoptr (KrSecretRecord) account
      = kr_secret_stored_account_read (get_id (wish), deadline, NULL);
  g_autoptr (KrSecretBroker) broker = account != NULL ? find_broker (account, NULL) : NULL;
  gint64 now = kr_secret_clock_now ();
  gint64 from = broker != NULL ? get_useful_from (wish, broker, token) : now;
  gint64 left = kr_secret_token_get_expires_at (token) - now;

  /* If another one was due, ask seldom: some brokers notify the user each time. */
  is_not_yet (error, from > now ? from - now : MAX (left / 2, KR_SECRET_PACE_UNKNOWN_WAIT),
              _ ("the broker has given the same token again"));
}

/* Asks, and checks that what came is what was wanted. */
static KrSecretToken *
ask (const KrSecretWish *wish,
     KrSecretLedger *lock,
     KrSecretToken *stored,
     KrSecretDeadline deadline,
     GError **error)
{
  g_autoptr (KrSecretToken) token = kr_secret_issuer_issue (
      get_id (wish), wish->kind, (wish->flags & KR_SECRET_TOKEN_FORCE) != 0, lock, deadline, error);

  if (token == NULL || !is_same (token, stored))
    return g_steal_pointer (&token);
  if (!is_strict (wish))
    return settle_for (token, _ ("the broker has given the same one again"));
  set_same (wish, token, deadline, error);
  return NULL;
}

/* Whether the last attempt's failure is this caller's too: it waited for it, or has a token. */
static gboolean
is_settled (const KrSecretWish *wish,
            KrSecretLedger *lock,
            KrSecretToken *stored,
            gint64 started,
            GError **error)
{
  gboolean can_rest
      = stored != NULL && !is_strict (wish) && (wish->flags & KR_SECRET_TOKEN_FORCE) == 0;

  return kr_secret_pace_get_failure (lock, wish->kind, can_rest ? started - REST : started, error);
}

/* One round under the lock, with time kept for a last look into the keyring. Updates *stored. */
static KrSecretToken *
try_once (const KrSecretWish *wish,
          KrSecretToken **stored,
          KrSecretDeadline deadline,
          GError **error)
{
  gint64 started = kr_secret_clock_boottime_ms ();
  const gint64 reserve = MIN (LAST_LOOK, kr_secret_deadline_left (deadline) / 4) * 1000;
  KrSecretDeadline last_look = { deadline.at - reserve, deadline.cancellable };
  g_autoptr (KrSecretLedger) lock = kr_secret_account_lock (get_id (wish), last_look, error);
  g_autoptr (KrSecretToken) first = *stored != NULL ? kr_secret_token_ref (*stored) : NULL;
  gboolean renew = (wish->flags & KR_SECRET_TOKEN_RENEW) != 0;

  if (lock == NULL
      || !kr_secret_stored_token_read (get_id (wish), wish->kind, stored, last_look, error))
    return NULL;
  /* Another program was faster. */
  if (is_fresh (wish, *stored) && !(renew && is_same (*stored, first)))
    return kr_secret_token_ref (*stored);
  if (is_settled (wish, lock, *stored, started, error)
      || !may_ask (wish, lock, *stored, last_look, error))
    return NULL;
  return ask (wish, lock, *stored, last_look, error);
}

/* Whether the failure only means that there is no better token. A caller that insists on one gets
 * the failure, unless another program is stuck with the lock. */
static gboolean
leaves_stored (const KrSecretWish *wish, const GError *error)
{
  if ((wish->flags & KR_SECRET_TOKEN_RENEW) != 0)
    return FALSE;
  if (is_strict (wish))
    return g_error_matches (error, KR_SECRET_ERROR, KR_SECRET_ERROR_DEADLINE);
  switch ((KrSecretError) error->code)
    {
    case KR_SECRET_ERROR_RATE_LIMITED:
    case KR_SECRET_ERROR_REFUSED:
    case KR_SECRET_ERROR_UNREACHABLE:
    case KR_SECRET_ERROR_DEADLINE:
    case KR_SECRET_ERROR_PLUGIN:
    case KR_SECRET_ERROR_BAD_REPLY:
      return TRUE;
    default:
      return FALSE;
    }
}

/* The better of a stored token and one that only this client has; either may be NULL. */
static KrSecretToken *
get_better (KrSecretToken *stored, KrSecretToken *kept)
{
  if (stored == NULL || kept == NULL)
    return stored != NULL ? stored : kept;
  return kr_secret_token_get_issued_at (kept) > kr_secret_token_get_issued_at (stored) ? kept
                                                                                       : stored;
}

/* A token that is there and will do; NULL without an error if the broker must be asked. *out_stored
 * is the valid one in the keyring. */
static KrSecretToken *
look (const KrSecretWish *wish,
      KrSecretToken *kept,
      KrSecretToken **out_stored,
      KrSecretDeadline deadline,
      GError **error)
{
  g_autoptr (GError) local = NULL;
  gboolean renew = (wish->flags & KR_SECRET_TOKEN_RENEW) != 0;

  kr_secret_stored_token_read (get_id (wish), wish->kind, out_stored, deadline, &local);
  if (!renew && is_fresh (wish, get_better (*out_stored, kept)))
    return kr_secret_token_ref (get_better (*out_stored, kept));
  if (local != NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  else if ((wish->flags & KR_SECRET_TOKEN_NO_ISSUE) != 0)
    kr_secret_error_set (error, KR_SECRET_ERROR_NOT_FOUND, 0, NULL, _ ("no fresh token is stored"));
  return NULL;
}

KrSecretToken *
kr_secret_verb_get_token (const KrSecretWish *wish,
                          KrSecretToken *kept,
                          KrSecretTokenWait *wait,
                          KrSecretDeadline deadline,
                          GError **error)
{
  g_autoptr (KrSecretToken) stored = NULL;
  g_autoptr (GError) failure = NULL;
  guint generation;
  KrSecretToken *token = look (wish, kept, &stored, deadline, &failure);

  if (token != NULL)
    return token;
  if (failure != NULL)
    return KR_SECRET_PASS_NULL (error, failure);
  do
    {
      generation = kr_secret_connection_get_generation ();
      token = try_once (wish, &stored, deadline, &failure);
      if (token != NULL)
        return token;
    }
  while (kr_secret_token_wait_out (wait, wish, generation, &deadline, &failure));
  /* The stored one may be being revoked, or was replaced, by now. */
  if (leaves_stored (wish, failure)
      && kr_secret_stored_token_read (get_id (wish), wish->kind, &stored, deadline, NULL)
      && get_better (stored, kept) != NULL)
    return settle_for (get_better (stored, kept), failure->message);
  return KR_SECRET_PASS_NULL (error, failure);
}
