/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kr-secret-verbs-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "kr-secret-account-private.h"
#include "kr-secret-broker-private.h"
#include "kr-secret-clock-private.h"
#include "kr-secret-issuer-private.h"
#include "kr-secret-ledger-private.h"
#include "kr-secret-store-private.h"
#include "kr-secret-token-private.h"

/* Each verb is one blocking function that ends at its deadline. */

static gboolean
same_secret (SecretValue *a, SecretValue *b)
{
  gsize length_a, length_b;
  const char *data_a, *data_b;

  if (a == NULL || b == NULL)
    return FALSE;
  data_a = secret_value_get (a, &length_a);
  data_b = secret_value_get (b, &length_b);
  return length_a == length_b && memcmp (data_a, data_b, length_a) == 0;
}

/* Fails if another account has the alias, or the key: two accounts would fight over one token. */
static gboolean
check_unique (KrSecretRecord *added, gint64 deadline, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) items
      = kr_secret_store_search (NULL, KR_SECRET_STORE_ACCOUNT, deadline, cancellable, error);

  for (guint i = 0; items != NULL && i < items->len; i++)
    {
      g_autoptr (KrSecretRecord) other
          = kr_secret_item_decode (g_ptr_array_index (items, i), KR_SECRET_STORE_ACCOUNT, NULL);
      const char *alias = other != NULL ? kr_secret_record_get (other, "alias") : NULL;

      if (alias == NULL)
        continue;
      if (g_str_equal (alias, kr_secret_record_get (added, "alias")))
        {
          kr_secret_error_set (error, KR_SECRET_ERROR_USAGE, 0, NULL,
                               _ ("there is already an account named '%s'"), alias);
          return FALSE;
        }
      if (g_strcmp0 (kr_secret_record_get (other, "broker"), kr_secret_record_get (added, "broker"))
              == 0
          && g_strcmp0 (kr_secret_record_get (other, "environment"),
                        kr_secret_record_get (added, "environment"))
                 == 0
          && same_secret (kr_secret_record_get_secret (other, "secret.field.appkey"),
                          kr_secret_record_get_secret (added, "secret.field.appkey")))
        {
          kr_secret_error_set (error, KR_SECRET_ERROR_USAGE, 0, NULL,
                               _ ("the account '%s' already holds this key; two accounts would "
                                  "fight over one token"),
                               alias);
          return FALSE;
        }
    }
  return items != NULL;
}

/* The stored token, if it can be used at all. None, one that has expired, that is being revoked, or
 * whose record is torn are all "no token" here, and a success; only not being able to look is a
 * failure. */
static gboolean
read_token (const char *id,
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

/* What a failed attempt to add has left: the helper may have stored the account before it came to
 * its end. Tells whether it is there. */
static gboolean
settle_add (const char *id,
            KrSecretLedger *lock,
            KrSecretToken **out_token,
            gint64 deadline,
            GCancellable *cancellable)
{
  g_autoptr (GPtrArray) items
      = kr_secret_store_search (id, KR_SECRET_STORE_ACCOUNT, deadline, cancellable, NULL);

  if (items == NULL)
    return FALSE;
  if (items->len == 0)
    {
      kr_secret_ledger_discard (lock, id);
      return FALSE;
    }
  read_token (id, KR_SECRET_TOKEN_ACCESS, out_token, deadline, cancellable, NULL);
  return TRUE;
}

/* Has the helper try the key by one issue and store the account with its token, which is NULL if it
 * was not stored. */
static gboolean
add_verified (const char *id,
              SecretValue *payload,
              KrSecretLedger *accounts_lock,
              KrSecretToken **out_token,
              gint64 deadline,
              GCancellable *cancellable,
              GError **error)
{
  g_autoptr (KrSecretLedger) lock = NULL;
  g_autoptr (KrSecretToken) token = NULL;
  g_autoptr (GError) local = NULL;

  /* The broker counts an issue, and tells the user of it: not for a token that could not be kept.
   */
  if (!kr_secret_store_probe (deadline, cancellable, error) || !kr_secret_ledger_make (id, error))
    return FALSE;
  lock = kr_secret_ledger_lock (id, deadline, cancellable, error);
  if (lock == NULL)
    return FALSE;
  token = kr_secret_issuer_add (payload, lock, accounts_lock, deadline, cancellable, &local);
  if (token != NULL)
    {
      if (kr_secret_token_get_warning (token) == NULL)
        *out_token = g_steal_pointer (&token);
      return TRUE;
    }
  /* Unless the helper is still at it. */
  if (!g_error_matches (local, KR_SECRET_ERROR, KR_SECRET_ERROR_DEADLINE)
      && !g_error_matches (local, KR_SECRET_ERROR, KR_SECRET_ERROR_CANCELLED)
      && settle_add (id, lock, out_token, deadline, cancellable))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

KrSecretAccount *
kr_secret_verb_add (KrSecretBroker *broker,
                    const char *alias,
                    KrSecretEnvironment environment,
                    const char *endpoint,
                    KrSecretCredential *credential,
                    KrSecretAddFlags flags,
                    gint64 deadline,
                    GCancellable *cancellable,
                    GError **error)
{
  g_autofree char *id = g_uuid_string_random ();
  g_autofree char *own_alias = kr_secret_alias_normalize (alias, error);
  g_autofree char *own_endpoint = NULL;
  g_autoptr (KrSecretRecord) record = NULL;
  g_autoptr (SecretValue) payload = NULL;
  g_autoptr (KrSecretLedger) accounts_lock = NULL;
  g_autoptr (KrSecretToken) token = NULL;
  KrSecretAccount *account;

  if (own_alias == NULL)
    return NULL;
  if (endpoint != NULL && (own_endpoint = kr_secret_endpoint_normalize (endpoint, error)) == NULL)
    return NULL;
  if (kr_secret_broker_get_uri (broker, environment) == NULL)
    {
      kr_secret_error_set (error, KR_SECRET_ERROR_USAGE, 0, NULL, _ ("%s has no such environment"),
                           kr_secret_broker_get_name (broker));
      return NULL;
    }
  record = kr_secret_account_record_new (id, own_alias, kr_secret_broker_get_id (broker),
                                         environment, own_endpoint, credential);
  payload = kr_secret_record_encode (record, error);
  if (payload == NULL)
    return NULL;

  /* Held till the account is there: two programs adding the same one must see each other. */
  accounts_lock = kr_secret_ledger_lock (KR_SECRET_LEDGER_ACCOUNTS, deadline, cancellable, error);
  if (accounts_lock == NULL || !check_unique (record, deadline, cancellable, error))
    return NULL;
  if ((flags & KR_SECRET_ADD_NO_VERIFY) != 0)
    {
      if (!kr_secret_ledger_make (id, error)
          || !kr_secret_store_write (id, KR_SECRET_STORE_ACCOUNT, payload, deadline, cancellable,
                                     error))
        return NULL;
    }
  else if (!add_verified (id, payload, accounts_lock, &token, deadline, cancellable, error))
    return NULL;
  account = kr_secret_account_new (id, record);
  kr_secret_account_set_token (account, token);
  return account;
}

/* The record of an account that has to be there. */
static KrSecretRecord *
read_account (const char *id, gint64 deadline, GCancellable *cancellable, GError **error)
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

KrSecretCredential *
kr_secret_verb_get_credential (const char *id,
                               gint64 deadline,
                               GCancellable *cancellable,
                               GError **error)
{
  g_autoptr (KrSecretRecord) record = read_account (id, deadline, cancellable, error);

  return record != NULL ? kr_secret_record_get_credential (record, error) : NULL;
}

static gboolean
is_fresh (KrSecretToken *token, guint min_validity)
{
  return token != NULL && kr_secret_token_is_fresh (token, min_validity, kr_secret_clock_now ());
}

/* A wait this short is no reason to send the caller away. In milliseconds. */
#define BRIEF_WAIT 2000

/* What is kept of the time for a last look into the keyring. In milliseconds. */
#define LAST_LOOK 500

/* Waits out the broker's minimum interval if that is brief, else says how long it is. */
static gboolean
await_turn (KrSecretLedger *lock,
            KrSecretTokenKind kind,
            gint64 deadline,
            GCancellable *cancellable,
            GError **error)
{
  gint64 wait = kr_secret_ledger_get_wait (lock, kind);
  int seconds = (int) ((wait + 999) / 1000);

  if (wait <= BRIEF_WAIT)
    return wait == 0 || kr_secret_deadline_sleep (deadline, (guint) wait, cancellable, error);
  kr_secret_error_set (
      error, KR_SECRET_ERROR_RATE_LIMITED, seconds, NULL,
      _ ("the last issue was a moment ago; the broker allows the next in %d seconds"), seconds);
  return FALSE;
}

static gboolean
has_plugin (const char *id, gint64 deadline, GCancellable *cancellable, GError **error)
{
  g_autoptr (KrSecretRecord) account = read_account (id, deadline, cancellable, error);
  const char *broker_id = account != NULL ? kr_secret_record_get (account, "broker") : NULL;
  g_autoptr (KrSecretBroker) broker = NULL;

  if (broker_id != NULL)
    broker = kr_secret_broker_find_installed (broker_id, error);
  else if (account != NULL)
    kr_secret_error_set (error, KR_SECRET_ERROR_DAMAGED, 0, NULL,
                         _ ("the account's record is damaged"));
  return broker != NULL;
}

/* One round: look again under the lock, then issue. */
static KrSecretToken *
issue_once (const char *id,
            KrSecretTokenKind kind,
            guint min_validity,
            gint64 deadline,
            GCancellable *cancellable,
            GError **error)
{
  g_autoptr (KrSecretLedger) lock = kr_secret_ledger_lock (id, deadline, cancellable, error);
  g_autoptr (KrSecretToken) token = NULL;

  if (lock == NULL || !read_token (id, kind, &token, deadline, cancellable, error))
    return NULL;
  if (is_fresh (token, min_validity))
    return g_steal_pointer (&token);
  /* Nobody is sent away to wait for what will not work then either. */
  if (kr_secret_ledger_get_wait (lock, kind) > 0 && !has_plugin (id, deadline, cancellable, error))
    return NULL;
  if (!await_turn (lock, kind, deadline, cancellable, error))
    return NULL;
  return kr_secret_issuer_issue (id, kind, lock, deadline, cancellable, error);
}

KrSecretToken *
kr_secret_verb_get_token (const char *id,
                          KrSecretTokenKind kind,
                          guint min_validity,
                          KrSecretTokenFlags flags,
                          gint64 deadline,
                          GCancellable *cancellable,
                          GError **error)
{
  g_autoptr (KrSecretToken) stored = NULL;

  if (!read_token (id, kind, &stored, deadline, cancellable, error))
    return NULL;
  if (is_fresh (stored, min_validity))
    return g_steal_pointer (&stored);
  if ((flags & KR_SECRET_TOKEN_NO_ISSUE) != 0)
    {
      kr_secret_error_set (error, KR_SECRET_ERROR_NOT_FOUND, 0, NULL,
                           _ ("no fresh token is stored"));
      return NULL;
    }
  for (;;)
    {
      g_autoptr (GError) local = NULL;
      gint64 last_look = deadline - MIN (LAST_LOOK, kr_secret_deadline_left (deadline) / 4) * 1000;
      KrSecretToken *token = issue_once (id, kind, min_validity, last_look, cancellable, &local);
      gint64 wait = MAX (kr_secret_error_get_retry_after (local), 1) * 1000;

      if (token != NULL)
        return token;
      if (g_error_matches (local, KR_SECRET_ERROR, KR_SECRET_ERROR_RATE_LIMITED)
          && (flags & KR_SECRET_TOKEN_WAIT) != 0 && wait < kr_secret_deadline_left (deadline))
        {
          if (!kr_secret_deadline_sleep (deadline, (guint) wait, cancellable, error))
            return NULL;
          continue;
        }
      /* Somebody is stuck with the lock: better the old token while it lives than none. But not one
       * that is being revoked, or has been replaced: that is to be seen only now. */
      if (g_error_matches (local, KR_SECRET_ERROR, KR_SECRET_ERROR_DEADLINE)
          && read_token (id, kind, &stored, deadline, cancellable, NULL) && is_fresh (stored, 0))
        return g_steal_pointer (&stored);
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
}

GPtrArray *
kr_secret_verb_get_headers (const char *id,
                            const char *broker_id,
                            KrSecretTokenFlags flags,
                            gint64 deadline,
                            GCancellable *cancellable,
                            GError **error)
{
  g_autoptr (KrSecretBroker) broker = kr_secret_broker_find_installed (broker_id, error);
  g_autoptr (KrSecretCredential) credential = NULL;
  g_autoptr (KrSecretToken) token = NULL;
  g_autoptr (KrSecretRequest) request = kr_secret_request_new ();

  if (broker == NULL)
    return NULL;
  credential = kr_secret_verb_get_credential (id, deadline, cancellable, error);
  if (credential == NULL)
    return NULL;
  token = kr_secret_verb_get_token (id, KR_SECRET_TOKEN_ACCESS, KR_SECRET_MIN_VALIDITY, flags,
                                    deadline, cancellable, error);
  if (token == NULL)
    return NULL;
  if (!kr_secret_broker_get_plugin (broker)->authorize (credential, token, request, error))
    {
      kr_secret_broker_explain_failure (broker, error);
      return NULL;
    }
  return g_ptr_array_ref (kr_secret_request_get_headers (request));
}

static gboolean
erase_tokens (const char *id,
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
static gboolean
revoke_locked (const char *id,
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

gboolean
kr_secret_verb_revoke_token (const char *id,
                             KrSecretRevokeResult *out_result,
                             gint64 deadline,
                             GCancellable *cancellable,
                             GError **error)
{
  g_autoptr (KrSecretLedger) lock = kr_secret_ledger_lock (id, deadline, cancellable, error);

  return lock != NULL && revoke_locked (id, lock, out_result, deadline, cancellable, error);
}

gboolean
kr_secret_verb_forget_token (const char *id,
                             gboolean *out_was_there,
                             gint64 deadline,
                             GCancellable *cancellable,
                             GError **error)
{
  g_autoptr (KrSecretLedger) lock = kr_secret_ledger_lock (id, deadline, cancellable, error);

  return lock != NULL && erase_tokens (id, out_was_there, deadline, cancellable, error);
}

/* Revokes, then erases: the tokens first, so that a key that is left can still revoke. */
gboolean
kr_secret_verb_remove (const char *id,
                       KrSecretRemoveFlags flags,
                       gint64 deadline,
                       GCancellable *cancellable,
                       GError **error)
{
  g_autoptr (KrSecretLedger) lock = kr_secret_ledger_lock (id, deadline, cancellable, error);
  g_autoptr (GError) local = NULL;
  KrSecretRevokeResult ignored;
  gboolean was_there;

  if (lock == NULL)
    return FALSE;
  if ((flags & KR_SECRET_REMOVE_KEEP_TOKEN) == 0
      && !revoke_locked (id, lock, &ignored, deadline, cancellable, &local)
      && ((flags & KR_SECRET_REMOVE_FORCE) == 0
          || g_error_matches (local, KR_SECRET_ERROR, KR_SECRET_ERROR_NOT_FOUND)))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (!erase_tokens (id, NULL, deadline, cancellable, error)
      || !kr_secret_store_erase (id, KR_SECRET_STORE_ACCOUNT, &was_there, deadline, cancellable,
                                 error))
    return FALSE;
  if (!was_there)
    kr_secret_error_set (error, KR_SECRET_ERROR_NOT_FOUND, 0, NULL,
                         _ ("the account is not in the keyring any more"));
  kr_secret_ledger_discard (lock, id);
  return was_there;
}
