/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/kr-secret-deadline-private.h"
#include "issue/kr-secret-ledger-private.h"

/* A change of a stored account, and the locks that it holds. */
typedef struct
{
  KrSecretLedger *accounts_lock;
  KrSecretLedger *lock;
  KrSecretRecord *record; /* to be changed, checked and stored */
} KrSecretAccountChange;

gboolean kr_secret_account_change_begin (KrSecretAccountChange *self,
                                         const char *id,
                                         KrSecretDeadline deadline,
                                         GError **error);
gboolean kr_secret_account_change_check (KrSecretAccountChange *self,
                                         KrSecretDeadline deadline,
                                         GError **error);
void kr_secret_account_change_clear (KrSecretAccountChange *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (KrSecretAccountChange, kr_secret_account_change_clear)
