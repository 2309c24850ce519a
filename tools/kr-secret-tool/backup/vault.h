/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libsecret/secret.h>

/* The container of a backup: bytes that only a passphrase opens. Pure: no file access. */

/* No backup is larger. */
#define VAULT_MAX_SIZE (16 * 1024 * 1024)

/* The cost of Argon2id, stored in the container. */
typedef struct
{
  guint32 memory; /* KiB */
  guint32 passes;
} VaultCost;

/* The cost for new backups, and the lowest accepted. */
extern const VaultCost vault_cost_usual;
extern const VaultCost vault_cost_least;

/* cost: NULL for the usual one. */
GBytes *
vault_seal (SecretValue *plain, SecretValue *passphrase, const VaultCost *cost, GError **error);

/* Checks what needs no passphrase: that it is a backup, of a known version, and complete. */
gboolean vault_check (const guint8 *data, gsize length, GError **error);

/* Both need checked data. For the contents of version 1 see archive-v1.h, of 2 archive.h. */
guint vault_get_version (const guint8 *data);

SecretValue *vault_open (const guint8 *data, gsize length, SecretValue *passphrase, GError **error);
