/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whatever a file named like a plugin contains, looking up its symbol gives an error or the bytes,
 * and reads nothing beyond the file. */
#include <string.h>

#include "plugin/kr-secret-elf-private.h"
#include "kr-secret-error.h"

int LLVMFuzzerTestOneInput (const guint8 *data, size_t size);

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  g_autofree guint8 *exact = g_memdup2 (data, size);
  g_autoptr (GError) error = NULL;
  guint8 head[24];

  if (!kr_secret_elf_read_symbol (exact, size, "kr_secret_plugin_p", head, sizeof head, &error))
    g_assert_true (g_error_matches (error, KR_SECRET_ERROR, KR_SECRET_ERROR_PLUGIN));
  return 0;
}
