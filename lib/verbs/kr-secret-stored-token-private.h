/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/kr-secret-deadline-private.h"
#include "kr-secret-types.h"
#include "issue/kr-secret-ledger-private.h"

gboolean kr_secret_stored_token_read (const char *id,
                                      KrSecretTokenKind kind,
                                      KrSecretToken **out_token,
                                      KrSecretDeadline deadline,
                                      GError **error);
gboolean kr_secret_stored_token_is_revoking (const char *id, KrSecretDeadline deadline);
gboolean kr_secret_stored_token_erase_all (const char *id,
                                           gboolean *out_was_there,
                                           KrSecretDeadline deadline,
                                           GError **error);

/* Called with the account's lock. */
gboolean kr_secret_stored_token_revoke (const char *id,
                                        KrSecretToken *kept,
                                        KrSecretLedger *lock,
                                        KrSecretRevokeResult *out_result,
                                        KrSecretDeadline deadline,
                                        GError **error);
