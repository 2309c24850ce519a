/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A file gets its name once everything that was to be done to it is done, and not before. */
#include "backup/new-file.h"

#include <string.h>
#include <sys/stat.h>

#include "kr-secret-error.h"
#include "test-files.h"

#define TEXT "all of it"

typedef struct
{
  TestDirectory *folder;
  char *path;
  NewFile *file; /* written, without a name */
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (TEXT, strlen (TEXT));
  g_autoptr (GError) error = NULL;

  f->folder = test_directory_new ();
  f->path = g_build_filename (f->folder, "name", NULL);
  f->file = new_file_begin (f->path, &error);
  g_assert_no_error (error);
  new_file_write (f->file, bytes, &error);
  g_assert_no_error (error);
}

static guint
count_files (Fixture *f)
{
  g_autoptr (GDir) dir = g_dir_open (f->folder, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_clear_pointer (&f->file, new_file_free);
  g_free (f->path);
  test_directory_remove (f->folder);
}

static void
test_read_before_it_is_there (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = new_file_read (f->file, &error);

  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), TEXT, strlen (TEXT));
  g_assert_false (g_file_test (f->path, G_FILE_TEST_EXISTS));
}

static void
test_kept (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  struct stat made;

  new_file_keep (f->file, &error);
  g_assert_no_error (error);
  g_assert_false (new_file_is_open_to_others (f->file));
  g_clear_pointer (&f->file, new_file_free);
  g_assert_true (g_file_get_contents (f->path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, TEXT);
  g_assert_cmpint (stat (f->path, &made), ==, 0);
  g_assert_cmpuint (made.st_mode, ==, S_IFREG | 0600);
  g_assert_cmpuint (made.st_nlink, ==, 1);
  g_assert_cmpuint (count_files (f), ==, 1);
}

static void
test_not_kept (Fixture *f, gconstpointer data)
{
  g_clear_pointer (&f->file, new_file_free);
  g_assert_cmpuint (count_files (f), ==, 0);
}

static void
test_name_taken_meanwhile (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  test_file_write (f->path, "mine", -1, 0600);
  g_assert_false (new_file_keep (f->file, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_USAGE);
  g_clear_pointer (&f->file, new_file_free);
  g_assert_true (g_file_get_contents (f->path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "mine");
  g_assert_cmpuint (count_files (f), ==, 1);
}

#define NEWFILE_TEST(path, function)                                                               \
  g_test_add ("/new-file/" path, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  NEWFILE_TEST ("read-before-it-is-there", test_read_before_it_is_there);
  NEWFILE_TEST ("kept", test_kept);
  NEWFILE_TEST ("not-kept", test_not_kept);
  NEWFILE_TEST ("name-taken-meanwhile", test_name_taken_meanwhile);
  return g_test_run ();
}
