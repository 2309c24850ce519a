/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kr-secret-verbs-private.h"

#include "kr-secret-account-private.h"
#include "kr-secret-pace-private.h"
#include "kr-secret-store-private.h"

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

/* The set of accounts first, as for an account that is added: its names and keys stay unique, and
 * what a batch that came to nothing has left does not take any. */
static gboolean
change_begin (
    Change *self, const char *id, gint64 deadline, GCancellable *cancellable, GError **error)
{
  self->accounts_lock
      = kr_secret_ledger_lock (KR_SECRET_LEDGER_ACCOUNTS, deadline, cancellable, error);
  if (self->accounts_lock == NULL || !kr_secret_verb_clear_batches (deadline, cancellable, error))
    return FALSE;
  self->lock = kr_secret_verb_lock (id, deadline, cancellable, error);
  if (self->lock == NULL)
    return FALSE;
  self->record = kr_secret_verb_read_account (id, deadline, cancellable, error);
  return self->record != NULL;
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
