/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/kr-secret-deadline-private.h"
#include "values/kr-secret-record-private.h"

KrSecretRecord *
kr_secret_stored_account_read (const char *id, KrSecretDeadline deadline, GError **error);
GPtrArray *kr_secret_stored_account_read_all (KrSecretDeadline deadline, GError **error);
gboolean
kr_secret_stored_account_check_unique (KrSecretRecord *wanted, GPtrArray *others, GError **error);
