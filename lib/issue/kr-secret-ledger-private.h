/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "base/kr-secret-deadline-private.h"
#include "issue/kr-secret-history-private.h"

/* One file per account: the lock that makes issuing single-file, and a record, without secrets, of
 * what the next issue by any program must know of the last (kr-secret-pace-private.h). */
typedef struct _KrSecretLedger KrSecretLedger;

/* The ledger whose lock guards the set of accounts. */
#define KR_SECRET_LEDGER_ACCOUNTS "accounts"

gboolean kr_secret_ledger_make (const char *name, GError **error);
gboolean kr_secret_ledger_is_there (const char *name);
KrSecretLedger *kr_secret_ledger_lock (const char *name, KrSecretDeadline deadline, GError **error);
KrSecretLedger *kr_secret_ledger_adopt (int fd, GError **error);
void kr_secret_ledger_free (KrSecretLedger *self);
void kr_secret_ledger_discard (KrSecretLedger *self, const char *name);
int kr_secret_ledger_get_fd (KrSecretLedger *self);
int kr_secret_ledger_get_directory_fd (KrSecretLedger *self);

KrSecretHistory *kr_secret_ledger_get_history (KrSecretLedger *self);
void kr_secret_ledger_reread (KrSecretLedger *self);
gboolean kr_secret_ledger_save (KrSecretLedger *self, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KrSecretLedger, kr_secret_ledger_free)
