/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/kr-secret-deadline-private.h"
#include "values/kr-secret-record-private.h"

/* The keyring's items. Every call ends at its deadline and none shows a prompt. Found, absent and
 * locked are three answers: an item, an empty array, KR_SECRET_ERROR_LOCKED. Any thread may
 * call. */

/* Kinds of item; an account's share its id. We search for these words, so they are ours alone. */
#define KR_SECRET_STORE_ACCOUNT "krsecret-account"
#define KR_SECRET_STORE_TOKEN "krsecret-token"
#define KR_SECRET_STORE_WEBSOCKET "krsecret-websocket"
#define KR_SECRET_STORE_PROBE "krsecret-probe"
#define KR_SECRET_STORE_BATCH "krsecret-batch"

typedef struct
{
  char *path;           /* on the bus */
  SecretValue *payload; /* an encoded record, or anything else that was found */
} KrSecretItem;

GPtrArray *kr_secret_store_search (const char *id,
                                   const char *kind,
                                   KrSecretDeadline deadline,
                                   GError **error);
gboolean kr_secret_store_write (const char *id,
                                const char *kind,
                                SecretValue *payload,
                                KrSecretDeadline deadline,
                                GError **error);
gboolean kr_secret_store_erase (const char *id,
                                const char *kind,
                                gboolean *out_was_there,
                                KrSecretDeadline deadline,
                                GError **error);
gboolean kr_secret_store_probe (KrSecretDeadline deadline, GError **error);
gboolean kr_secret_store_identify (
    const char *path, char **out_id, char **out_kind, KrSecretDeadline deadline, GError **error);

/* Records in items. */
const char *kr_secret_store_token_kind (KrSecretTokenKind kind);
KrSecretRecord *
kr_secret_store_decode_item (const KrSecretItem *item, const char *kind, GError **error);
KrSecretRecord *kr_secret_store_read_record (const char *id,
                                             const char *kind,
                                             KrSecretDeadline deadline,
                                             GError **error);
gboolean kr_secret_store_write_record (const char *id,
                                       const char *kind,
                                       KrSecretRecord *record,
                                       KrSecretDeadline deadline,
                                       GError **error);
gboolean kr_secret_store_write_token (const char *id,
                                      KrSecretToken *token,
                                      KrSecretDeadline deadline,
                                      GError **error);
