/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libsecret/secret.h>

#include "kr-secret-header.h"

G_BEGIN_DECLS

/**
 * KrSecretBody:
 * @KR_SECRET_BODY_NONE: no body
 * @KR_SECRET_BODY_JSON: a JSON object of strings, or of objects of such, `application/json`
 * @KR_SECRET_BODY_FORM: `application/x-www-form-urlencoded`, the content type without a charset
 *
 * How the fields of a request are written into its body.
 *
 * Since: 0.1
 */
typedef enum
{
  KR_SECRET_BODY_NONE,
  KR_SECRET_BODY_JSON,
  KR_SECRET_BODY_FORM
} KrSecretBody;

/* Filled in by a plugin, sent by the helper. Secrets are copied only into the body that is sent. */
typedef struct _KrSecretRequest KrSecretRequest;

KR_SECRET_AVAILABLE_IN_0_1
KrSecretRequest *kr_secret_request_new (void);

KR_SECRET_AVAILABLE_IN_0_1
void kr_secret_request_free (KrSecretRequest *self);

/* For a plugin: what to send. The path begins with '/'; a plugin cannot choose the host. */
KR_SECRET_AVAILABLE_IN_0_1
void kr_secret_request_post (KrSecretRequest *self, const char *path, KrSecretBody body);

KR_SECRET_AVAILABLE_IN_0_1
void kr_secret_request_add_field (KrSecretRequest *self, const char *name, const char *value);

KR_SECRET_AVAILABLE_IN_0_1
gboolean kr_secret_request_add_secret_field (KrSecretRequest *self,
                                             const char *name,
                                             SecretValue *value,
                                             GError **error);

KR_SECRET_AVAILABLE_IN_0_1
void kr_secret_request_add_header (KrSecretRequest *self, const char *name, const char *value);

KR_SECRET_AVAILABLE_IN_0_1
gboolean kr_secret_request_add_secret_header (KrSecretRequest *self,
                                              const char *name,
                                              const char *prefix,
                                              SecretValue *value,
                                              GError **error);

/* For the core and for tests of plugins: what was filled in. */
KR_SECRET_AVAILABLE_IN_0_1
const char *kr_secret_request_get_method (KrSecretRequest *self);

KR_SECRET_AVAILABLE_IN_0_1
const char *kr_secret_request_get_path (KrSecretRequest *self);

KR_SECRET_AVAILABLE_IN_0_1
const char *kr_secret_request_get_content_type (KrSecretRequest *self);

/* (element-type KrSecretHeader) (transfer none) */
KR_SECRET_AVAILABLE_IN_0_1
GPtrArray *kr_secret_request_get_headers (KrSecretRequest *self);

KR_SECRET_AVAILABLE_IN_0_1
SecretValue *kr_secret_request_render_body (KrSecretRequest *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KrSecretRequest, kr_secret_request_free)

G_END_DECLS
