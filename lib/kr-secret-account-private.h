/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "kr-secret-account.h"
#include "kr-secret-record-private.h"

KrSecretAccount *kr_secret_account_new (const char *id, KrSecretRecord *record);
KrSecretAccount *kr_secret_account_new_damaged (const char *id);
gboolean kr_secret_account_take_state (KrSecretAccount *self, KrSecretAccount *other);
gboolean kr_secret_account_set_token (KrSecretAccount *self, KrSecretToken *token);
void kr_secret_account_set_problem (KrSecretAccount *self, const char *problem);
void kr_secret_account_notify (KrSecretAccount *self);
int kr_secret_account_compare (gconstpointer a, gconstpointer b);

/* An account's record: everything but its token. */
KrSecretRecord *kr_secret_account_record_new (const char *id,
                                              const char *alias,
                                              const char *broker_id,
                                              KrSecretEnvironment environment,
                                              const char *endpoint,
                                              KrSecretCredential *credential);
