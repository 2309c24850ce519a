/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kr-secret-header.h"

G_DEFINE_BOXED_TYPE (KrSecretHeader, kr_secret_header, kr_secret_header_copy, kr_secret_header_free)

/**
 * kr_secret_header_copy:
 * @self: a header
 *
 * Copies a header; the value is shared.
 *
 * Returns: (transfer full): the copy
 * Since: 0.1
 */
KrSecretHeader *
kr_secret_header_copy (const KrSecretHeader *self)
{
  KrSecretHeader *copy;

  g_return_val_if_fail (self != NULL, NULL);

  copy = g_new0 (KrSecretHeader, 1);
  copy->name = g_strdup (self->name);
  copy->value = secret_value_ref (self->value);
  copy->secret = self->secret;
  return copy;
}

/**
 * kr_secret_header_free:
 * @self: (transfer full): a header
 *
 * Frees a header.
 *
 * Since: 0.1
 */
void
kr_secret_header_free (KrSecretHeader *self)
{
  g_free (self->name);
  secret_value_unref (self->value);
  g_free (self);
}
