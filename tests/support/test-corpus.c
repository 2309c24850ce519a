/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-corpus.h"

/* Returns whether it was accepted, as its name says it should be. */
static gboolean
check_file (const char *folder, const char *name, TestCorpusRead read, gconstpointer user_data)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *data = NULL;
  g_autoptr (GError) missing = NULL;
  g_autoptr (GError) error = NULL;
  gboolean good = g_str_has_prefix (name, "ok-");
  gsize length;
  gboolean taken;

  g_test_message ("%s", path);
  g_file_get_contents (path, &data, &length, &missing);
  g_assert_no_error (missing);
  taken = read (data, length, user_data, &error);
  if (good)
    g_assert_no_error (error);
  g_assert_cmpint (taken, ==, good);
  return taken;
}

void
test_corpus_check (
    const char *kind, TestCorpusRead read, gconstpointer user_data, guint accepted, guint refused)
{
  g_autofree char *folder = g_test_build_filename (G_TEST_DIST, "corpus", kind, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) dir = g_dir_open (folder, 0, &error);
  const char *name;
  guint n_accepted = 0, n_refused = 0;

  g_assert_no_error (error);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      if (check_file (folder, name, read, user_data))
        n_accepted++;
      else
        n_refused++;
    }
  g_assert_cmpuint (n_accepted, >=, accepted);
  g_assert_cmpuint (n_refused, >=, refused);
}
