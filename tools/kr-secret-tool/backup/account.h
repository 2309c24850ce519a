/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "krsecret.h"
#include "values/kr-secret-record-private.h"

/* The limit of kr_secret_client_add_all: a backup must be restorable. */
#define BACKUP_ACCOUNT_MAX 1000u

/* An account of the keyring or a backup. Its texts are its own: storing changes the record. */
typedef struct
{
  char *id;
  KrSecretRecord *record; /* NULL, like all below, if damaged */
  char *alias;
  char *broker_id;
  KrSecretEnvironment environment;
  char *endpoint; /* NULL: the broker's own */
  KrSecretCredential *credential;
} BackupAccount;

/* Takes ownership of record. */
BackupAccount *backup_account_new (KrSecretRecord *record, GError **error);
void backup_account_free (BackupAccount *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BackupAccount, backup_account_free)

BackupAccount *
backup_account_read (KrSecretClient *client, KrSecretAccount *account, GError **error);

/* Whether the accounts can go into a backup or come from one. accounts: of BackupAccount, none
 * damaged. */
gboolean backup_account_check_all (GPtrArray *accounts, GError **error);
