/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "kr-secret-client.h"

/* What the verbs change of what the client knows. Any thread may call. */
void kr_secret_client_set_accounts (KrSecretClient *self,
                                    GPtrArray *found,
                                    GHashTable *tokens,
                                    guint generation);
void kr_secret_client_insert_account (KrSecretClient *self, KrSecretAccount *account);
void kr_secret_client_drop_account (KrSecretClient *self, KrSecretAccount *account);
void
kr_secret_client_set_token (KrSecretClient *self, KrSecretAccount *account, KrSecretToken *token);

/* A token that was loaded and can have changed nowhere since; NULL if there is none, or it is not
 * fresh. */
KrSecretToken *
kr_secret_client_recall_token (KrSecretClient *self, KrSecretAccount *account, guint min_validity);

KrSecretBroker *kr_secret_client_find_broker (KrSecretAccount *account, GError **error);
