/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "client-fixture.h"

/* Tokens that are to be had, or not, and those that are told to be dead. */

/* Another client of the same accounts, as in another program. */
KrSecretClient *tokens_new_client (void);

/* An access token, with flags of KrSecretTokenFlags; a websocket key. */
KrSecretToken *tokens_get (KrSecretClient *client, KrSecretAccount *account, guint flags);
KrSecretToken *tokens_get_key (Fixture *f, KrSecretAccount *account);
/* What a get_token fails with; retry_after in *out_wait, or NULL where there should be none. */
void tokens_assert_fails (KrSecretClient *client,
                          KrSecretAccount *account,
                          guint flags,
                          KrSecretError code,
                          gint64 *out_wait);
/* Of a retry_after, in seconds, with room for a machine that is slow. */
void tokens_assert_wait (gint64 wait, gint64 expected);
/* The broker's minimum interval is over. */
void tokens_end_wait (KrSecretAccount *account);

/* Whether it was the stored one, and is forgotten. */
gboolean tokens_reject (Fixture *f, KrSecretAccount *account, KrSecretToken *token);
/* An account whose token is dead, and a broker that knows but will not give another. */
KrSecretAccount *tokens_add_with_dead (Fixture *f, KrSecretToken **out_dead);

void tokens_assert_none_stored (Fixture *f, KrSecretAccount *account);
void tokens_assert_other (KrSecretToken *a, KrSecretToken *b);
