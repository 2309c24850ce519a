/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "kr-secret-client.h"

/* What the verbs change of what the client knows. Any thread may call. */
void kr_secret_client_set_accounts (KrSecretClient *self, GPtrArray *found);
void kr_secret_client_insert_account (KrSecretClient *self, KrSecretAccount *account);
void kr_secret_client_drop_account (KrSecretClient *self, KrSecretAccount *account);
void
kr_secret_client_set_token (KrSecretClient *self, KrSecretAccount *account, KrSecretToken *token);

/* A token that was read while a generation of the link lasted; it comes back, if it is fresh, as
 * long as nothing can have changed since. NULL if there is none such. */
void kr_secret_client_remember_token (KrSecretClient *self,
                                      const char *id,
                                      KrSecretToken *token,
                                      guint generation);
KrSecretToken *
kr_secret_client_recall_token (KrSecretClient *self, KrSecretAccount *account, guint min_validity);

KrSecretBroker *kr_secret_client_find_broker (KrSecretAccount *account, GError **error);
