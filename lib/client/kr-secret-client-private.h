/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "kr-secret-client.h"
#include "client/kr-secret-accounts-private.h"

KrSecretAccounts *kr_secret_client_get_state (KrSecretClient *self);

/* Exported for kr-secret-tool alone: accounts as the records they are kept as. */
__attribute__ ((visibility ("default"))) KrSecretRecord *kr_secret_client_get_record (
    KrSecretClient *self, KrSecretAccount *account, GCancellable *cancellable, GError **error);
__attribute__ ((visibility ("default"))) GPtrArray *kr_secret_client_add_records (
    KrSecretClient *self, GPtrArray *records, GCancellable *cancellable, GError **error);
