/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "backup/account.h"

/* What restore does, found out before it does any of it. */

typedef enum
{
  RESTORE_NEW,
  RESTORE_PRESENT,
  RESTORE_CONFLICT,
} RestoreKind;

/* What is to become of one account of the backup. */
typedef struct
{
  const BackupAccount *account;
  RestoreKind kind;
  const BackupAccount *other; /* which one is there, or in the way */
  char *why;                  /* of a conflict; or what else is to be said of it */
} RestoreItem;

/* accounts: of the backup, there: of the keyring; both of BackupAccount, and to be kept as long as
 * the items. Of those in the keyring some may be damaged, with an id alone. */
GPtrArray *restore_plan_make (GPtrArray *accounts, GPtrArray *there);
guint restore_plan_count (GPtrArray *items, RestoreKind kind);
