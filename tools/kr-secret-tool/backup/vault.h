/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libsecret/secret.h>

/* The container of a backup: bytes that only a passphrase opens. Pure: nothing here reads or writes
 * a file. */

/* A file larger than this is none of ours. */
#define VAULT_MAX_SIZE (16 * 1024 * 1024)

/* What Argon2id makes of a passphrase costs this much; the container says it. */
typedef struct
{
  guint32 memory; /* KiB */
  guint32 passes;
} VaultCost;

/* What a new backup is sealed with, and the least that is taken. */
extern const VaultCost vault_cost_usual;
extern const VaultCost vault_cost_least;

/* cost: NULL for the usual one. */
GBytes *
vault_seal (SecretValue *plain, SecretValue *passphrase, const VaultCost *cost, GError **error);

/* What can be told without the passphrase: whether it is one of ours, of a version that is known,
 * and whole. */
gboolean vault_check (const guint8 *data, gsize length, GError **error);

/* Of what has been checked: what it holds is written as archive-v1.h says in version 1, and as
 * archive.h in version 2. */
guint vault_get_version (const guint8 *data);

SecretValue *vault_open (const guint8 *data, gsize length, SecretValue *passphrase, GError **error);
