/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "backup/archive.h"
#include "terminal/tool.h"

/* An account of the keyring with its key. One that is damaged has neither alias nor key. */
ArchiveAccount *
backup_read_account (KrSecretClient *client, KrSecretAccount *account, GError **error);
