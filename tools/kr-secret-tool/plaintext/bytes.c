/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plaintext/bytes.h"

#include <string.h>

void
plaintext_bytes_clear (PlaintextBytes *self)
{
  if (self->data != NULL)
    explicit_bzero (self->data, self->length);
  g_clear_pointer (&self->data, g_free);
  self->length = 0;
}
