/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libsecret/secret.h>

#include "kr-secret-macros.h"

G_BEGIN_DECLS

#define KR_SECRET_TYPE_CREDENTIAL (kr_secret_credential_get_type ())

typedef struct _KrSecretCredential KrSecretCredential;

KR_SECRET_AVAILABLE_IN_0_1
GType kr_secret_credential_get_type (void) G_GNUC_CONST;

KR_SECRET_AVAILABLE_IN_0_1
KrSecretCredential *kr_secret_credential_new (const char *const *names, SecretValue *const *values);

KR_SECRET_AVAILABLE_IN_0_1
KrSecretCredential *kr_secret_credential_ref (KrSecretCredential *self);

KR_SECRET_AVAILABLE_IN_0_1
void kr_secret_credential_unref (KrSecretCredential *self);

KR_SECRET_AVAILABLE_IN_0_1
SecretValue *kr_secret_credential_get (KrSecretCredential *self, const char *name);

KR_SECRET_AVAILABLE_IN_0_1
const char *const *kr_secret_credential_get_names (KrSecretCredential *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KrSecretCredential, kr_secret_credential_unref)

G_END_DECLS
