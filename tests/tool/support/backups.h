/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "terminal.h"

/* What the tests of backup and restore share. */

#define BACKUPS_PASSPHRASE "여기 말 배터리 staple"
#define BACKUPS_LINE BACKUPS_PASSPHRASE "\n"

/* The kind of the items that backups are made of. */
#define BACKUPS_ACCOUNT "krsecret-account"

/* Each gets the passphrase on its standard input. */
#define backups_save(world, status, path) tool_fed (world, status, BACKUPS_LINE, "backup", path)
#define backups_restore(world, status, path) tool_fed (world, status, BACKUPS_LINE, "restore", path)

char *backups_path (const char *folder, const char *name);
/* A backup of everything that is there. */
char *backups_make (World *world, const char *folder);
char *backups_read (const char *path, gsize *out_length);
guint backups_count_files (const char *folder);
/* The keyring's contents for each account: id and record, without the time of storing. */
char *backups_dump_keyring (World *world);
/* Checks that this is as it was @before. */
void backups_check_keyring (World *world, const char *before);
/* Answers a prompt for a passphrase. */
void backups_type (Terminal *terminal, const char *prompt, const char *line);
/* What a restore's document says about one account. */
void backups_check_result (JsonObject *whole,
                           const char *alias,
                           const char *result,
                           const char *conflict_with);
