/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "verbs/kr-secret-verb-private.h"

#include "base/kr-secret-deadline-private.h"
#include "base/kr-secret-error-private.h"
#include "common/kr-duration.h"
#include "common/kr-intl.h"
#include "common/kr-sensitive.h"
#include "issue/kr-secret-issuer-private.h"
#include "issue/kr-secret-ledger-private.h"
#include "issue/kr-secret-pace-private.h"
#include "keyring/kr-secret-store-private.h"
#include "plugin/kr-secret-broker-private.h"
#include "values/kr-secret-account-private.h"
#include "verbs/kr-secret-batch-private.h"
#include "verbs/kr-secret-stored-account-private.h"
#include "verbs/kr-secret-stored-token-private.h"

/* After a failure: whether the helper stored the account before it ended. */
static gboolean
settle_add (const char *id,
            KrSecretLedger *lock,
            KrSecretToken **out_token,
            KrSecretDeadline deadline)
{
  g_autoptr (GPtrArray) items
      = kr_secret_store_search (id, KR_SECRET_STORE_ACCOUNT, deadline, NULL);

  if (items == NULL)
    return FALSE;
  if (items->len == 0)
    {
      kr_secret_ledger_discard (lock, id);
      return FALSE;
    }
  kr_secret_stored_token_read (id, KR_SECRET_TOKEN_ACCESS, out_token, deadline, NULL);
  return TRUE;
}

/* Names an account's key as the broker knows it. */
static char *
dup_key (KrSecretRecord *account)
{
  SecretValue *appkey = kr_secret_record_get_secret (account, "secret.field.appkey");
  gsize length = 0;
  const char *text = appkey != NULL ? secret_value_get (appkey, &length) : "";
  g_autofree char *fingerprint = kr_sensitive_fingerprint (text, length);

  return g_strdup_printf ("%s %s %s", kr_secret_record_get (account, "broker"),
                          kr_secret_record_get (account, "environment"), fingerprint);
}

/* Whether the key may be tried now: the account is new, but the broker counts by key. */
static gboolean
begin_trial (KrSecretLedger *accounts_lock,
             KrSecretBroker *broker,
             const char *key,
             KrSecretDeadline deadline,
             GError **error)
{
  gint64 interval = (gint64) kr_secret_broker_get_traits (broker)->issue_interval * 1000;
  gint64 wait = kr_secret_pace_get_trial (accounts_lock, key);
  gint64 seconds = (wait + 999) / 1000;

  if (wait > 0 && wait <= KR_SECRET_PACE_BRIEF
      && !kr_secret_deadline_sleep (deadline, (guint) wait, error))
    return FALSE;
  if (wait > KR_SECRET_PACE_BRIEF)
    {
      g_autofree char *span = kr_duration_format (seconds);

      kr_secret_error_set (error, KR_SECRET_ERROR_RATE_LIMITED, seconds, NULL,
                           _ ("this key was tried a moment ago; the broker allows the next issue "
                              "in %s"),
                           span);
      return FALSE;
    }
  return interval == 0 || kr_secret_pace_set_trial (accounts_lock, key, interval, error);
}

/* After a trial. If the broker answered, it keeps its own count; if the helper was killed, what it
 * wrote down before asking counts. */
static void
end_trial (KrSecretLedger *accounts_lock,
           KrSecretLedger *lock,
           const char *key,
           const GError *failure)
{
  gint64 wait = 0;

  if (g_error_matches (failure, KR_SECRET_ERROR, KR_SECRET_ERROR_PLUGIN))
    {
      kr_secret_ledger_reread (lock);
      wait = kr_secret_pace_get_wait (lock, KR_SECRET_TOKEN_ACCESS);
    }
  if (wait != kr_secret_pace_get_trial (accounts_lock, key))
    kr_secret_pace_set_trial (accounts_lock, key, wait, NULL);
}

/* Has the helper try the key with one issue and store account and token (NULL: not stored). */
static gboolean
add_verified (const char *id,
              SecretValue *payload,
              KrSecretBroker *broker,
              const char *key,
              KrSecretLedger *accounts_lock,
              KrSecretToken **out_token,
              KrSecretDeadline deadline,
              GError **error)
{
  g_autoptr (KrSecretLedger) lock = NULL;
  g_autoptr (KrSecretToken) token = NULL;
  g_autoptr (GError) local = NULL;

  /* The broker counts each issue, and may tell the user: none for what cannot be stored. */
  if (!kr_secret_store_probe (deadline, error)
      || !begin_trial (accounts_lock, broker, key, deadline, error)
      || !kr_secret_ledger_make (id, error))
    return FALSE;
  lock = kr_secret_ledger_lock (id, deadline, error);
  if (lock == NULL)
    return FALSE;
  token = kr_secret_issuer_add (payload, lock, accounts_lock, deadline, &local);
  /* Unless the helper is still running. */
  if (!g_error_matches (local, KR_SECRET_ERROR, KR_SECRET_ERROR_DEADLINE)
      && !g_error_matches (local, KR_SECRET_ERROR, KR_SECRET_ERROR_CANCELLED))
    {
      end_trial (accounts_lock, lock, key, local);
      if (token == NULL && settle_add (id, lock, out_token, deadline))
        return TRUE;
    }
  if (token == NULL)
    return KR_SECRET_PASS (error, local);
  if (kr_secret_token_get_warning (token) == NULL)
    *out_token = g_steal_pointer (&token);
  return TRUE;
}

KrSecretAccount *
kr_secret_verb_add (KrSecretBroker *broker,
                    const char *alias,
                    KrSecretEnvironment environment,
                    const char *endpoint,
                    KrSecretCredential *credential,
                    KrSecretAddFlags flags,
                    KrSecretDeadline deadline,
                    GError **error)
{
  g_autoptr (KrSecretRecord) record = kr_secret_account_record_new (
      NULL, alias, kr_secret_broker_get_id (broker), environment, endpoint, credential);
  g_autoptr (SecretValue) payload = NULL;
  g_autoptr (KrSecretLedger) accounts_lock = NULL;
  g_autoptr (GPtrArray) others = NULL;
  g_autoptr (KrSecretToken) token = NULL;
  KrSecretAccount *account;
  const char *id;

  if (!kr_secret_account_record_finish (record, error))
    return NULL;
  id = kr_secret_record_get (record, "id");
  if (kr_secret_broker_get_uri (broker, environment) == NULL)
    return KR_SECRET_FAIL_NULL (error, KR_SECRET_ERROR_USAGE, _ ("%s has no such environment"),
                                kr_secret_broker_get_name_for_people (broker));
  payload = kr_secret_record_encode (record, error);
  if (payload == NULL)
    return NULL;

  /* Held until the account is stored, so that two programs that add the same one see each other. */
  accounts_lock = kr_secret_ledger_lock (KR_SECRET_LEDGER_ACCOUNTS, deadline, error);
  if (accounts_lock == NULL || !kr_secret_batch_clear_all (deadline, error))
    return NULL;
  others = kr_secret_stored_account_read_all (deadline, error);
  if (others == NULL || !kr_secret_stored_account_check_unique (record, others, error))
    return NULL;
  if ((flags & KR_SECRET_ADD_NO_VERIFY) != 0)
    {
      if (!kr_secret_ledger_make (id, error)
          || !kr_secret_store_write (id, KR_SECRET_STORE_ACCOUNT, payload, deadline, error))
        return NULL;
    }
  else
    {
      g_autofree char *key = dup_key (record);

      if (!add_verified (id, payload, broker, key, accounts_lock, &token, deadline, error))
        return NULL;
    }
  account = kr_secret_account_new (id, record);
  kr_secret_account_set_token (account, token);
  return account;
}
