/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "verbs/kr-secret-account-change-private.h"

#include "issue/kr-secret-ledger-private.h"
#include "verbs/kr-secret-account-lock-private.h"
#include "verbs/kr-secret-batch-private.h"
#include "verbs/kr-secret-stored-account-private.h"

void
kr_secret_account_change_clear (KrSecretAccountChange *self)
{
  g_clear_pointer (&self->record, kr_secret_record_free);
  g_clear_pointer (&self->lock, kr_secret_ledger_free);
  g_clear_pointer (&self->accounts_lock, kr_secret_ledger_free);
}

/* Makes the lock of the set of accounts first: no ledger can be made while one is held. */
static gboolean
make_accounts_lock (KrSecretDeadline deadline, GError **error)
{
  g_autoptr (KrSecretLedger) lock = NULL;

  if (kr_secret_ledger_is_there (KR_SECRET_LEDGER_ACCOUNTS))
    return TRUE;
  lock = kr_secret_ledger_lock (KR_SECRET_LEDGER_ACCOUNTS, deadline, error);
  return lock != NULL;
}

/* Reads the account, under its lock. If it was removed during the wait, its new ledger goes too. */
static KrSecretRecord *
read_locked (KrSecretLedger *lock, const char *id, KrSecretDeadline deadline, GError **error)
{
  g_autoptr (GError) local = NULL;
  KrSecretRecord *record = kr_secret_stored_account_read (id, deadline, &local);

  if (g_error_matches (local, KR_SECRET_ERROR, KR_SECRET_ERROR_NOT_FOUND))
    kr_secret_ledger_discard (lock, id);
  if (record == NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  return record;
}

/* Takes the account's lock first: that may mean a wait, and the account may be gone then. A holder
 * of the set's lock only waits for accounts that do not exist yet. Names and keys stay unique; what
 * an abandoned batch has left is erased, and takes none. */
gboolean
kr_secret_account_change_begin (KrSecretAccountChange *self,
                                const char *id,
                                KrSecretDeadline deadline,
                                GError **error)
{
  if (!make_accounts_lock (deadline, error))
    return FALSE;
  self->lock = kr_secret_account_lock (id, deadline, error);
  if (self->lock == NULL)
    return FALSE;
  self->record = read_locked (self->lock, id, deadline, error);
  if (self->record == NULL)
    return FALSE;
  self->accounts_lock = kr_secret_ledger_lock (KR_SECRET_LEDGER_ACCOUNTS, deadline, error);
  return self->accounts_lock != NULL && kr_secret_batch_clear_all (deadline, error);
}

gboolean
kr_secret_account_change_check (KrSecretAccountChange *self,
                                KrSecretDeadline deadline,
                                GError **error)
{
  g_autoptr (GPtrArray) others = kr_secret_stored_account_read_all (deadline, error);

  return others != NULL && kr_secret_stored_account_check_unique (self->record, others, error);
}
