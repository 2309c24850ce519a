/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libsecret/secret.h>

#include "kr-secret-account.h"

/* What the keyring, the ledger, the helper's pipe and a backup hold: a first line with magic,
 * version, type, length and checksum, then key=value lines. Values whose keys begin with "secret."
 * never leave secure memory. */
typedef struct _KrSecretRecord KrSecretRecord;

/* Set in a token's record when the broker was, or may have been, told to revoke it. */
#define KR_SECRET_RECORD_REVOKING "revoking"

#define KR_SECRET_RECORD_ACCOUNT "account"
#define KR_SECRET_RECORD_TOKEN "token"
#define KR_SECRET_RECORD_LEDGER "ledger"
#define KR_SECRET_RECORD_ANSWER "answer"
#define KR_SECRET_RECORD_PROBE "probe"
#define KR_SECRET_RECORD_BATCH "batch"
#define KR_SECRET_RECORD_BACKUP "backup"

/* Larger records are neither written nor read. The keyring's own limits are high and erratic. */
#define KR_SECRET_RECORD_MAX (64 * 1024)

/* Marks what is exported, only for kr-secret-tool's backups. */
#define KR_SECRET_RECORD_EXPORTED __attribute__ ((visibility ("default")))

KR_SECRET_RECORD_EXPORTED
KrSecretRecord *kr_secret_record_new (const char *type);
KR_SECRET_RECORD_EXPORTED
void kr_secret_record_free (KrSecretRecord *self);

KR_SECRET_RECORD_EXPORTED
void kr_secret_record_set (KrSecretRecord *self, const char *key, const char *value);
KR_SECRET_RECORD_EXPORTED
void kr_secret_record_set_int (KrSecretRecord *self, const char *key, gint64 value);
KR_SECRET_RECORD_EXPORTED
void kr_secret_record_set_secret (KrSecretRecord *self, const char *key, SecretValue *value);

KR_SECRET_RECORD_EXPORTED
const char *kr_secret_record_get (KrSecretRecord *self, const char *key);
KR_SECRET_RECORD_EXPORTED
gint64 kr_secret_record_get_int (KrSecretRecord *self, const char *key, gint64 fallback);
KR_SECRET_RECORD_EXPORTED
SecretValue *kr_secret_record_get_secret (KrSecretRecord *self, const char *key);

KR_SECRET_RECORD_EXPORTED
SecretValue *kr_secret_record_encode (KrSecretRecord *self, GError **error);
KR_SECRET_RECORD_EXPORTED
KrSecretRecord *
kr_secret_record_decode (const char *data, gsize length, const char *type, GError **error);
KR_SECRET_RECORD_EXPORTED
gsize kr_secret_record_measure (const char *data, gsize length);

/* Credentials and tokens in records. */
void kr_secret_record_set_credential (KrSecretRecord *self, KrSecretCredential *credential);
KR_SECRET_RECORD_EXPORTED
KrSecretCredential *kr_secret_record_get_credential (KrSecretRecord *self, GError **error);
void kr_secret_record_set_token (KrSecretRecord *self, KrSecretToken *token);
KrSecretToken *kr_secret_record_get_token (KrSecretRecord *self, GError **error);

gboolean kr_secret_record_is_over (KrSecretRecord *self);
gboolean kr_secret_record_is_newer (KrSecretRecord *self, KrSecretRecord *other);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KrSecretRecord, kr_secret_record_free)
