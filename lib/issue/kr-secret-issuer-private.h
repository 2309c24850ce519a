/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "kr-secret-types.h"
#include "issue/kr-secret-ledger-private.h"

/* Starts kr-secret-helper for one job, with the lock of the account, and waits for its answer. If
 * the wait is given up, the helper finishes by itself. */
KrSecretToken *kr_secret_issuer_issue (const char *id,
                                       KrSecretTokenKind kind,
                                       gboolean force,
                                       KrSecretLedger *ledger,
                                       gint64 deadline,
                                       GCancellable *cancellable,
                                       GError **error);
KrSecretToken *kr_secret_issuer_add (SecretValue *account,
                                     KrSecretLedger *ledger,
                                     KrSecretLedger *accounts_lock,
                                     gint64 deadline,
                                     GCancellable *cancellable,
                                     GError **error);
gboolean kr_secret_issuer_revoke (const char *id,
                                  KrSecretLedger *ledger,
                                  KrSecretRevokeResult *out_result,
                                  gint64 deadline,
                                  GCancellable *cancellable,
                                  GError **error);
gboolean kr_secret_issuer_check_clock (
    const char *id, gint64 *out_ahead, gint64 deadline, GCancellable *cancellable, GError **error);
gboolean kr_secret_issuer_unlock (gint64 deadline, GCancellable *cancellable, GError **error);

/* Exported for kr-secret-tool alone, like what is for the helper. */
__attribute__ ((visibility ("default"))) char *kr_secret_issuer_get_helper_path (void);
