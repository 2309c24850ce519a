/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "backup/account.h"

/* The contents of a backup of version 1, written by kr-secret-tool 0.1.0. */
GPtrArray *archive_v1_decode (const char *data, gsize length, gint64 *out_made_at, GError **error);
