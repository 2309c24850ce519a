/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "common/kr-sensitive.h"

#include <string.h>

/* What is done with secrets. */

/* SHA-256 in hex. GChecksum keeps the last block it was given and does not wipe it, so zeros follow
 * the data: after 128 of them nothing of a secret is left in it. They are part of the fingerprint's
 * definition. */
char *
kr_sensitive_fingerprint (const char *data, gsize length)
{
  static const guchar zeros[128] = { 0 };
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);

  g_checksum_update (checksum, (const guchar *) data, (gssize) length);
  g_checksum_update (checksum, zeros, sizeof zeros);
  return g_strdup (g_checksum_get_string (checksum));
}
