/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libsecret/secret.h>

#include "kr-secret-macros.h"

G_BEGIN_DECLS

#define KR_SECRET_TYPE_HEADER (kr_secret_header_get_type ())

/**
 * KrSecretHeader:
 * @name: the header's name, as the broker's document writes it
 * @value: its value
 * @secret: whether the value must not be shown
 *
 * One HTTP header of a normal call to the broker.
 *
 * Since: 0.1
 */
typedef struct
{
  char *name;
  SecretValue *value;
  gboolean secret;
} KrSecretHeader;

KR_SECRET_AVAILABLE_IN_0_1
GType kr_secret_header_get_type (void) G_GNUC_CONST;

KR_SECRET_AVAILABLE_IN_0_1
KrSecretHeader *kr_secret_header_copy (const KrSecretHeader *self);

KR_SECRET_AVAILABLE_IN_0_1
void kr_secret_header_free (KrSecretHeader *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KrSecretHeader, kr_secret_header_free)

G_END_DECLS
