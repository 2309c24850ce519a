/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/kr-secret-deadline-private.h"
#include "kr-secret-types.h"
#include "issue/kr-secret-ledger-private.h"

/* Starts kr-secret-helper for one job under the account's lock and waits for its answer. If the
 * wait is given up, the helper finishes by itself. */
KrSecretToken *kr_secret_issuer_issue (const char *id,
                                       KrSecretTokenKind kind,
                                       gboolean force,
                                       KrSecretLedger *ledger,
                                       KrSecretDeadline deadline,
                                       GError **error);
KrSecretToken *kr_secret_issuer_add (SecretValue *account,
                                     KrSecretLedger *ledger,
                                     KrSecretLedger *accounts_lock,
                                     KrSecretDeadline deadline,
                                     GError **error);
gboolean kr_secret_issuer_revoke (const char *id,
                                  KrSecretLedger *ledger,
                                  KrSecretRevokeResult *out_result,
                                  KrSecretDeadline deadline,
                                  GError **error);
gboolean kr_secret_issuer_check_clock (const char *id,
                                       gint64 *out_ahead,
                                       KrSecretDeadline deadline,
                                       GError **error);
gboolean kr_secret_issuer_unlock (KrSecretDeadline deadline, GError **error);

/* Exported for kr-secret-tool only. */
__attribute__ ((visibility ("default"))) char *kr_secret_issuer_get_helper_path (void);
