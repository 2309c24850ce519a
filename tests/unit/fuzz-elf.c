/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whatever file is named like a plugin, looking for its symbol ends with an error or the bytes, and
 * reads nothing beyond the file. */
#include <string.h>

#include "kr-secret-elf-private.h"
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

#ifndef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
int
main (int argc, char **argv)
{
  g_autoptr (GDir) dir = NULL;
  g_autoptr (GError) error = NULL;
  const char *name;
  guint n = 0;

  g_assert_cmpint (argc, ==, 2);
  dir = g_dir_open (argv[1], 0, &error);
  g_assert_no_error (error);
  for (; (name = g_dir_read_name (dir)) != NULL; n++)
    {
      g_autofree char *path = g_build_filename (argv[1], name, NULL);
      g_autofree char *data = NULL;
      gsize length;

      g_file_get_contents (path, &data, &length, &error);
      g_assert_no_error (error);
      LLVMFuzzerTestOneInput ((const guint8 *) data, length);
    }
  g_assert_cmpuint (n, >, 0);
  return 0;
}
#endif
