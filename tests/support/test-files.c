/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-files.h"

#include <errno.h>
#include <ftw.h>
#include <glib/gstdio.h>
#include <sys/stat.h>

char *
test_directory_new (void)
{
  g_autoptr (GError) error = NULL;
  char *path = g_dir_make_tmp ("krsecret-XXXXXX", &error);

  g_assert_no_error (error);
  return path;
}

static int
remove_one (const char *path, const struct stat *st, int type, struct FTW *walk)
{
  return remove (path);
}

void
test_directory_remove (char *path)
{
  if (nftw (path, remove_one, 16, FTW_DEPTH | FTW_PHYS) != 0)
    g_test_message ("%s stays: %s", path, g_strerror (errno));
  g_free (path);
}

void
test_file_write (const char *path, const char *data, gssize length, int mode)
{
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, data, length, &error);
  g_assert_no_error (error);
  if (mode != 0)
    g_assert_cmpint (g_chmod (path, mode), ==, 0);
}

/* As a regular file that only the user can write, whatever the umask is. */
void
test_file_copy (const char *from, const char *to)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *data = NULL;
  gsize length;

  g_file_get_contents (from, &data, &length, &error);
  g_assert_no_error (error);
  test_file_write (to, data, (gssize) length, 0755);
}
