/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "krsecret.h"
#include "values/kr-secret-record-private.h"

/* As many as kr_secret_client_add_all takes: a backup that cannot be restored is none. */
#define BACKUP_ACCOUNT_MAX 1000u

/* An account as the keyring and a backup have it. The texts are the record's. */
typedef struct
{
  char *id;
  KrSecretRecord *record; /* NULL, as all below, if it is damaged */
  const char *alias;
  const char *broker_id;
  KrSecretEnvironment environment;
  const char *endpoint; /* NULL: the broker's own */
  KrSecretCredential *credential;
} BackupAccount;

/* Takes over the record. */
BackupAccount *backup_account_new (KrSecretRecord *record, GError **error);
void backup_account_free (BackupAccount *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BackupAccount, backup_account_free)

/* An account of the keyring. */
BackupAccount *
backup_account_read (KrSecretClient *client, KrSecretAccount *account, GError **error);

/* Whether they can be in a backup, whichever way they go: of BackupAccount, none damaged. */
gboolean backup_account_check_all (GPtrArray *accounts, GError **error);
