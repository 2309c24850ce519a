/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "client-fixture.h"

/* Getting tokens, failing to, and reporting them dead. */

/* Another client of the same accounts, as in another program. */
KrSecretClient *tokens_new_client (void);

/* An access token, with flags of KrSecretTokenFlags; a websocket key. */
KrSecretToken *tokens_get (KrSecretClient *client, KrSecretAccount *account, guint flags);
KrSecretToken *tokens_get_key (Fixture *f, KrSecretAccount *account);
/* The error of a get_token; *out_wait is its retry_after, which must be absent if @out_wait is
 * NULL. */
void tokens_assert_fails (KrSecretClient *client,
                          KrSecretAccount *account,
                          guint flags,
                          KrSecretError code,
                          gint64 *out_wait);
/* Tolerance for a retry_after, in seconds, with room for a slow machine. */
void tokens_assert_wait (gint64 wait, gint64 expected);
/* Makes the broker's minimum interval be over. */
void tokens_end_wait (KrSecretAccount *account);

/* Whether it was the stored token, and is forgotten. */
gboolean tokens_reject (Fixture *f, KrSecretAccount *account, KrSecretToken *token);
/* An account whose token is dead, and a broker that knows this but will not issue another. */
KrSecretAccount *tokens_add_with_dead (Fixture *f, KrSecretToken **out_dead);

void tokens_assert_none_stored (Fixture *f, KrSecretAccount *account);
void tokens_assert_other (KrSecretToken *a, KrSecretToken *b);
