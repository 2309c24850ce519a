/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* The bytes of a file, or their decoded text. Wiped when freed. */
typedef struct
{
  char *data;
  gsize length;
} PlaintextBytes;

void plaintext_bytes_clear (PlaintextBytes *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlaintextBytes, plaintext_bytes_clear)

#define PLAINTEXT_MAX_SIZE (1024 * 1024)
