/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libsecret/secret.h>

#include "kr-secret-macros.h"

G_BEGIN_DECLS

/**
 * KrSecretTokenKind:
 * @KR_SECRET_TOKEN_ACCESS: the access token of REST calls
 * @KR_SECRET_TOKEN_WEBSOCKET: the key a real-time connection is opened with
 *
 * What a token is for. [struct@Traits] say whether a broker has websocket keys.
 *
 * Since: 0.1
 */
typedef enum
{
  KR_SECRET_TOKEN_ACCESS,
  KR_SECRET_TOKEN_WEBSOCKET
} KrSecretTokenKind;

#define KR_SECRET_TYPE_TOKEN (kr_secret_token_get_type ())

typedef struct _KrSecretToken KrSecretToken;

KR_SECRET_AVAILABLE_IN_0_1
GType kr_secret_token_get_type (void) G_GNUC_CONST;

KR_SECRET_AVAILABLE_IN_0_1
KrSecretToken *kr_secret_token_new (SecretValue *value,
                                    const char *type,
                                    KrSecretTokenKind kind,
                                    gint64 issued_at,
                                    gint64 expires_at);

KR_SECRET_AVAILABLE_IN_0_1
KrSecretToken *kr_secret_token_ref (KrSecretToken *self);

KR_SECRET_AVAILABLE_IN_0_1
void kr_secret_token_unref (KrSecretToken *self);

KR_SECRET_AVAILABLE_IN_0_1
SecretValue *kr_secret_token_get_value (KrSecretToken *self);

KR_SECRET_AVAILABLE_IN_0_1
const char *kr_secret_token_get_token_type (KrSecretToken *self);

KR_SECRET_AVAILABLE_IN_0_1
KrSecretTokenKind kr_secret_token_get_kind (KrSecretToken *self);

KR_SECRET_AVAILABLE_IN_0_1
gint64 kr_secret_token_get_issued_at (KrSecretToken *self);

KR_SECRET_AVAILABLE_IN_0_1
gint64 kr_secret_token_get_expires_at (KrSecretToken *self);

KR_SECRET_AVAILABLE_IN_0_1
const char *kr_secret_token_get_fingerprint (KrSecretToken *self);

KR_SECRET_AVAILABLE_IN_0_1
const char *kr_secret_token_get_warning (KrSecretToken *self);

KR_SECRET_AVAILABLE_IN_0_1
const char *kr_secret_token_kind_to_string (KrSecretTokenKind kind);

KR_SECRET_AVAILABLE_IN_0_1
gboolean kr_secret_token_kind_from_string (const char *text, KrSecretTokenKind *out_kind);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KrSecretToken, kr_secret_token_unref)

G_END_DECLS
