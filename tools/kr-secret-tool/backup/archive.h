/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "backup/account.h"

/* The contents of a backup: the library's own records, one after the other. Pure. */

/* accounts: of BackupAccount, at least one. made_at: now, in seconds. */
SecretValue *archive_encode (GPtrArray *accounts, gint64 made_at, GError **error);

GPtrArray *archive_decode (const char *data, gsize length, gint64 *out_made_at, GError **error);
