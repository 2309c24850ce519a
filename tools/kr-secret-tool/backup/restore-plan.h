/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "backup/account.h"

/* Plans a restore before anything is done. */

typedef enum
{
  RESTORE_NEW,
  RESTORE_PRESENT,
  RESTORE_CONFLICT,
} RestoreKind;

typedef struct
{
  const BackupAccount *account;
  RestoreKind kind;
  const BackupAccount *other; /* the existing or conflicting one */
  char *why;                  /* the reason of a conflict, or another remark */
} RestoreItem;

/* accounts: of the backup, there: of the keyring; both of BackupAccount, and to be kept as long as
 * the items. Those of the keyring may be damaged, with only an id. */
GPtrArray *restore_plan_make (GPtrArray *accounts, GPtrArray *there);
guint restore_plan_count (GPtrArray *items, RestoreKind kind);
