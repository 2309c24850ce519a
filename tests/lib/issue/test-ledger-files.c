/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The ledger's file and directory: how they are created, and when they are not trusted. */
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/kr-secret-deadline-private.h"
#include "kr-secret-error.h"
#include "issue/kr-secret-pace-private.h"
#include "test-files.h"

#define NAME "account"

typedef struct
{
  char *directory;
  char *path;
} Place;

/* A correct, empty directory. */
static void
set_up (Place *place, gconstpointer data)
{
  place->directory = g_build_filename (g_get_user_state_dir (), "krsecret", NULL);
  place->path = g_build_filename (place->directory, NAME, NULL);
  g_assert_cmpint (g_mkdir (place->directory, 0700), ==, 0);
}

static void
tear_down (Place *place, gconstpointer data)
{
  g_chmod (place->directory, 0700);
  test_directory_remove (place->directory);
  g_free (place->path);
}

static KrSecretLedger *
try_lock (GError **error)
{
  return kr_secret_ledger_lock (NAME, kr_secret_deadline_in (5000, NULL), error);
}

static void
assert_works (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (KrSecretLedger) ledger = try_lock (&error);

  g_assert_no_error (error);
  g_assert_nonnull (ledger);
}

static void
assert_refused (const char *path)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (try_lock (&error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_DAMAGED);
  g_assert_true (g_str_has_prefix (error->message, path));
}

static mode_t
mode_of (const char *path)
{
  struct stat st;

  g_assert_cmpint (lstat (path, &st), ==, 0);
  return st.st_mode & 07777;
}

static void
test_is_made_for_the_user_alone (Place *place, gconstpointer data)
{
  mode_t old = umask (0);

  test_directory_remove (g_strdup (place->directory));
  assert_works ();
  umask (old);
  g_assert_cmpuint (mode_of (place->directory), ==, 0700);
  g_assert_cmpuint (mode_of (place->path), ==, 0600);
}

static void
test_no_secret_is_in_it (Place *place, gconstpointer data)
{
  g_autoptr (KrSecretLedger) ledger = try_lock (NULL);
  g_autofree char *text = NULL;

  g_assert_true (kr_secret_pace_begin (ledger, KR_SECRET_TOKEN_ACCESS, 60, NULL));
  g_assert_true (g_file_get_contents (place->path, &text, NULL, NULL));
  g_assert_true (g_str_has_prefix (text, "krsecret 1 ledger "));
  g_assert_null (strstr (text, "secret."));
}

static void
test_symbolic_link_is_refused (Place *place, gconstpointer data)
{
  g_autofree char *target = g_build_filename (g_get_user_state_dir (), "target", NULL);

  g_assert_cmpint (symlink (target, place->path), ==, 0);
  assert_refused (place->path);
  g_assert_false (g_file_test (target, G_FILE_TEST_EXISTS));
  test_file_write (target, "precious", -1, 0600);
  assert_refused (place->path);
  g_assert_cmpint (g_unlink (target), ==, 0);
}

static void
test_fifo_is_refused_at_once (Place *place, gconstpointer data)
{
  gint64 before = g_get_monotonic_time ();

  g_assert_cmpint (mkfifo (place->path, 0600), ==, 0);
  assert_refused (place->path);
  g_assert_cmpint (g_get_monotonic_time () - before, <, 4 * G_USEC_PER_SEC);
}

static void
test_directory_in_its_place_is_refused (Place *place, gconstpointer data)
{
  g_assert_cmpint (g_mkdir (place->path, 0700), ==, 0);
  assert_refused (place->path);
}

static void
test_file_others_can_use_is_refused (Place *place, gconstpointer data)
{
  const int modes[] = { 0666, 0640, 0604, 0620, 0602, 0610 };

  for (guint i = 0; i < G_N_ELEMENTS (modes); i++)
    {
      test_file_write (place->path, "", 0, modes[i]);
      assert_refused (place->path);
    }
  test_file_write (place->path, "", 0, 0600);
  assert_works ();
}

static void
test_hard_link_is_refused (Place *place, gconstpointer data)
{
  g_autofree char *other = g_build_filename (g_get_user_state_dir (), "other", NULL);

  test_file_write (other, "", 0, 0600);
  g_assert_cmpint (link (other, place->path), ==, 0);
  assert_refused (place->path);
  g_assert_cmpint (g_unlink (other), ==, 0);
  assert_works ();
}

static void
test_directory_others_can_use_is_refused (Place *place, gconstpointer data)
{
  const int modes[] = { 0755, 0770, 0701, 0710, 01777 };

  for (guint i = 0; i < G_N_ELEMENTS (modes); i++)
    {
      g_assert_cmpint (g_chmod (place->directory, modes[i]), ==, 0);
      assert_refused (place->directory);
    }
  g_assert_false (g_file_test (place->path, G_FILE_TEST_EXISTS));
}

static void
test_link_to_a_directory_is_refused (Place *place, gconstpointer data)
{
  g_autofree char *target = g_build_filename (g_get_user_state_dir (), "elsewhere", NULL);

  g_assert_cmpint (g_rmdir (place->directory), ==, 0);
  g_assert_cmpint (g_mkdir (target, 0700), ==, 0);
  g_assert_cmpint (symlink (target, place->directory), ==, 0);
  assert_refused (place->directory);
  g_assert_cmpint (g_unlink (place->directory), ==, 0);
  g_assert_cmpint (g_rmdir (target), ==, 0);
  g_assert_cmpint (g_mkdir (place->directory, 0700), ==, 0);
}

static void
test_other_owner_is_refused (Place *place, gconstpointer data)
{
  if (geteuid () != 0)
    {
      g_test_skip ("only root can give a file away");
      return;
    }
  test_file_write (place->path, "", 0, 0600);
  g_assert_cmpint (chown (place->path, 65534, 65534), ==, 0);
  assert_refused (place->path);
  g_assert_cmpint (chown (place->path, 0, 0), ==, 0);
  g_assert_cmpint (chown (place->directory, 65534, 65534), ==, 0);
  assert_refused (place->directory);
  g_assert_cmpint (chown (place->directory, 0, 0), ==, 0);
  assert_works ();
}

static gpointer
lock_in_thread (gpointer data)
{
  g_autoptr (GError) error = NULL;
  KrSecretLedger *ledger
      = kr_secret_ledger_lock (NAME, kr_secret_deadline_in (20000, NULL), &error);

  g_assert_no_error (error);
  return ledger;
}

/* A process that waited for a file which was then unlinked must not be content with its lock: it
 * guards nothing. */
static void
test_waiter_takes_the_new_file (Place *place, gconstpointer data)
{
  g_autoptr (KrSecretLedger) first = try_lock (NULL);
  g_autoptr (KrSecretLedger) second = NULL;
  GThread *thread = g_thread_new ("waiter", lock_in_thread, NULL);
  struct stat by_fd, by_name;

  g_usleep (20 * 1000);
  g_assert_cmpint (g_unlink (place->path), ==, 0);
  g_clear_pointer (&first, kr_secret_ledger_free);
  second = g_thread_join (thread);
  g_assert_cmpint (fstat (kr_secret_ledger_get_fd (second), &by_fd), ==, 0);
  g_assert_cmpint (stat (place->path, &by_name), ==, 0);
  g_assert_cmpuint (by_fd.st_ino, ==, by_name.st_ino);
}

static void
test_unlinked_while_held_lets_nobody_else_in (Place *place, gconstpointer data)
{
  G_GNUC_UNUSED g_autoptr (KrSecretLedger) first = try_lock (NULL);
  g_autoptr (KrSecretLedger) second = NULL;

  g_assert_cmpint (g_unlink (place->path), ==, 0);
  second = kr_secret_ledger_lock (NAME, kr_secret_deadline_in (200, NULL), NULL);
  g_assert_null (second);
}

static void
test_no_place_for_it_is_an_error (Place *place, gconstpointer data)
{
  g_assert_cmpint (g_rmdir (place->directory), ==, 0);
  test_file_write (place->directory, "a file", -1, 0600);
  assert_refused (place->directory);
  g_assert_cmpint (g_unlink (place->directory), ==, 0);
  g_assert_cmpint (g_mkdir (place->directory, 0700), ==, 0);
}

int
main (int argc, char **argv)
{
  g_autoptr (TestDirectory) state = NULL;
  static const struct
  {
    const char *name;
    void (*test) (Place *, gconstpointer);
  } tests[] = {
    { "is-made-for-the-user-alone", test_is_made_for_the_user_alone },
    { "no-secret-is-in-it", test_no_secret_is_in_it },
    { "symbolic-link-is-refused", test_symbolic_link_is_refused },
    { "fifo-is-refused-at-once", test_fifo_is_refused_at_once },
    { "directory-in-its-place-is-refused", test_directory_in_its_place_is_refused },
    { "file-others-can-use-is-refused", test_file_others_can_use_is_refused },
    { "hard-link-is-refused", test_hard_link_is_refused },
    { "directory-others-can-use-is-refused", test_directory_others_can_use_is_refused },
    { "link-to-a-directory-is-refused", test_link_to_a_directory_is_refused },
    { "other-owner-is-refused", test_other_owner_is_refused },
    { "waiter-takes-the-new-file", test_waiter_takes_the_new_file },
    { "no-place-for-it-is-an-error", test_no_place_for_it_is_an_error },
    { "unlinked-while-held-lets-nobody-else-in", test_unlinked_while_held_lets_nobody_else_in },
  };

  g_test_init (&argc, &argv, NULL);
  state = test_directory_new ();
  g_setenv ("XDG_STATE_HOME", state, TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *path = g_strconcat ("/ledger-files/", tests[i].name, NULL);

      g_test_add (path, Place, NULL, set_up, tests[i].test, tear_down);
    }
  return g_test_run ();
}
