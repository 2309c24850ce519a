/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "krsecret.h"

/* What is inside of a backup, as text. Pure. */

/* As many as kr_secret_client_add_all takes: a backup that cannot be restored is none. */
#define ARCHIVE_MAX_ACCOUNTS 1000u

typedef struct
{
  char *id;
  char *alias;
  char *broker_id;
  KrSecretEnvironment environment;
  char *endpoint; /* NULL: the broker's own */
  KrSecretCredential *credential;
} ArchiveAccount;

void archive_account_free (ArchiveAccount *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArchiveAccount, archive_account_free)

/* accounts: of ArchiveAccount, at least one. made_at: now, in seconds. */
SecretValue *archive_encode (GPtrArray *accounts, gint64 made_at, GError **error);

GPtrArray *archive_decode (const char *data, gsize length, gint64 *out_made_at, GError **error);
