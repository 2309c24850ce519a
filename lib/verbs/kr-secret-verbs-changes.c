/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "verbs/kr-secret-verbs-private.h"

#include "values/kr-secret-account-private.h"
#include "issue/kr-secret-pace-private.h"
#include "keyring/kr-secret-store-private.h"

/* The verbs that change an account. */

/* What has to be held for that. */
typedef struct
{
  KrSecretLedger *accounts_lock;
  KrSecretLedger *lock;
  KrSecretRecord *record;
} Change;

static void
change_clear (Change *self)
{
  g_clear_pointer (&self->record, kr_secret_record_free);
  g_clear_pointer (&self->lock, kr_secret_ledger_free);
  g_clear_pointer (&self->accounts_lock, kr_secret_ledger_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Change, change_clear)

/* The lock of the set of accounts has to be there before another is held: who holds one cannot make
 * one. */
static gboolean
make_accounts_lock (gint64 deadline, GCancellable *cancellable, GError **error)
{
  g_autoptr (KrSecretLedger) lock = NULL;

  if (kr_secret_ledger_is_there (KR_SECRET_LEDGER_ACCOUNTS))
    return TRUE;
  lock = kr_secret_ledger_lock (KR_SECRET_LEDGER_ACCOUNTS, deadline, cancellable, error);
  return lock != NULL;
}

/* Reads the account, whose lock is held. Who waited for it while it was removed has made its ledger
 * again. */
static KrSecretRecord *
read_locked (KrSecretLedger *lock,
             const char *id,
             gint64 deadline,
             GCancellable *cancellable,
             GError **error)
{
  g_autoptr (GError) local = NULL;
  KrSecretRecord *record = kr_secret_verb_read_account (id, deadline, cancellable, &local);

  if (g_error_matches (local, KR_SECRET_ERROR, KR_SECRET_ERROR_NOT_FOUND))
    kr_secret_ledger_discard (lock, id);
  if (record == NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  return record;
}

/* The account first, which may be gone while it is waited for; whoever has the set of accounts
 * waits only for accounts that are not there yet. Names and keys stay unique, and what a batch that
 * came to nothing has left does not take any. */
static gboolean
change_begin (
    Change *self, const char *id, gint64 deadline, GCancellable *cancellable, GError **error)
{
  if (!make_accounts_lock (deadline, cancellable, error))
    return FALSE;
  self->lock = kr_secret_verb_lock (id, deadline, cancellable, error);
  if (self->lock == NULL)
    return FALSE;
  self->record = read_locked (self->lock, id, deadline, cancellable, error);
  if (self->record == NULL)
    return FALSE;
  self->accounts_lock
      = kr_secret_ledger_lock (KR_SECRET_LEDGER_ACCOUNTS, deadline, cancellable, error);
  return self->accounts_lock != NULL && kr_secret_verb_clear_batches (deadline, cancellable, error);
}

static gboolean
change_check (Change *self, gint64 deadline, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) others = kr_secret_verb_read_accounts (deadline, cancellable, error);

  return others != NULL && kr_secret_verb_check_unique (self->record, others, error);
}

static gboolean
change_store (
    Change *self, const char *id, gint64 deadline, GCancellable *cancellable, GError **error)
{
  return kr_secret_store_write_record (id, KR_SECRET_STORE_ACCOUNT, self->record, deadline,
                                       cancellable, error);
}

gboolean
kr_secret_verb_rename (
    const char *id, const char *alias, gint64 deadline, GCancellable *cancellable, GError **error)
{
  g_autofree char *own_alias = kr_secret_alias_normalize (alias, error);
  g_auto (Change) change = { NULL };

  if (own_alias == NULL || !change_begin (&change, id, deadline, cancellable, error))
    return FALSE;
  kr_secret_record_set (change.record, "alias", own_alias);
  if (!change_check (&change, deadline, cancellable, error))
    return FALSE;
  return change_store (&change, id, deadline, cancellable, error);
}

/* What was to be waited for because of the old key's tokens. The broker's own interval holds. */
static gboolean
clear_holds (KrSecretLedger *lock, GError **error)
{
  kr_secret_pace_set_hold (lock, KR_SECRET_TOKEN_ACCESS, 0);
  kr_secret_pace_set_hold (lock, KR_SECRET_TOKEN_WEBSOCKET, 0);
  return kr_secret_ledger_save (lock, error);
}

/* credential and endpoint: NULL leaves them as they are; an empty endpoint is the broker's own. The
 * tokens go first: none may be taken for one of the new key, or of the other server. */
gboolean
kr_secret_verb_edit (const char *id,
                     KrSecretCredential *credential,
                     const char *endpoint,
                     gint64 deadline,
                     GCancellable *cancellable,
                     GError **error)
{
  gboolean own_server = endpoint != NULL && *endpoint == '\0';
  g_autofree char *own_endpoint = NULL;
  g_auto (Change) change = { NULL };

  if (endpoint != NULL && !own_server
      && (own_endpoint = kr_secret_endpoint_normalize (endpoint, error)) == NULL)
    return FALSE;
  if (!change_begin (&change, id, deadline, cancellable, error))
    return FALSE;
  if (credential != NULL)
    kr_secret_record_set_credential (change.record, credential);
  if (endpoint != NULL)
    kr_secret_record_set (change.record, "endpoint", own_endpoint);
  if (!change_check (&change, deadline, cancellable, error)
      || !kr_secret_store_probe (deadline, cancellable, error) || !clear_holds (change.lock, error)
      || !kr_secret_verb_erase_tokens (id, NULL, deadline, cancellable, error))
    return FALSE;
  return change_store (&change, id, deadline, cancellable, error);
}
