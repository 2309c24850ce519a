/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which plugins are loaded and which are not, from directories made here. A loaded plugin stays for
 * the life of a process, so each test is a process of its own. */
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "krsecret.h"
#include "test-files.h"

static char *plugins; /* the directory plugins are loaded from */
static char *markers; /* the one where each plugin that has run leaves a mark */

static char *
path_of (const char *id)
{
  return g_strdup_printf ("%s/%s.so", plugins, id);
}

static char *
install_as (const char *fixture, const char *id)
{
  g_autofree char *from = g_strdup_printf ("%s/%s.so", g_getenv ("KR_TEST_FIXTURES"), fixture);
  char *to = path_of (id);

  test_file_copy (from, to);
  return to;
}

static gboolean
has_run (const char *id)
{
  g_autofree char *path = g_build_filename (markers, id, NULL);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

static void
assert_loaded (const char *id)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (KrSecretBroker) broker = kr_secret_broker_find (id, &error);
  g_autofree char *path = path_of (id);
  g_autofree char *name = g_strconcat ("Fixture ", id, NULL);

  g_assert_no_error (error);
  g_assert_cmpstr (kr_secret_broker_get_id (broker), ==, id);
  g_assert_cmpstr (kr_secret_broker_get_name (broker), ==, name);
  g_assert_cmpstr (kr_secret_broker_get_path (broker), ==, path);
  g_assert_true (has_run (id));
}

/* The report names the file, what was found and what was expected; a good plugin next to it
 * loads. */
static void
assert_refused (const char *id, const char *const *words)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = path_of (id);
  g_autoptr (GPtrArray) brokers = NULL;
  g_autoptr (GPtrArray) failed = NULL;
  KrSecretBrokerFailure *failure;
  G_GNUC_UNUSED g_autofree char *second = install_as ("second", "second");

  g_assert_null (kr_secret_broker_find (id, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_PLUGIN);
  g_test_message ("%s", error->message);
  g_assert_true (g_str_has_prefix (error->message, path));
  for (gsize i = 0; words[i] != NULL; i++)
    if (strstr (error->message, words[i]) == NULL)
      g_error ("“%s” is not in “%s”", words[i], error->message);

  brokers = kr_secret_broker_list (&failed);
  g_assert_cmpuint (brokers->len, ==, 1);
  g_assert_cmpstr (kr_secret_broker_get_id (g_ptr_array_index (brokers, 0)), ==, "second");
  g_assert_cmpuint (failed->len, ==, 1);
  failure = g_ptr_array_index (failed, 0);
  g_assert_cmpstr (failure->path, ==, path);
  g_assert_true (g_str_has_suffix (error->message, failure->reason));
  assert_loaded ("second");
}

#define REFUSED(id, ...) assert_refused (id, (const char *const[]){ __VA_ARGS__, NULL })

static void
test_two_good_ones_are_told_apart (void)
{
  G_GNUC_UNUSED g_autofree char *good = install_as ("good", "good");
  G_GNUC_UNUSED g_autofree char *second = install_as ("second", "second");
  g_autoptr (GPtrArray) failed = NULL;
  g_autoptr (GPtrArray) brokers = kr_secret_broker_list (&failed);

  g_assert_cmpuint (failed->len, ==, 0);
  g_assert_cmpuint (brokers->len, ==, 2);
  assert_loaded ("good");
  assert_loaded ("second");
}

static void
test_broker_shows_what_the_plugin_says (void)
{
  G_GNUC_UNUSED g_autofree char *path = install_as ("good", "good");
  g_autoptr (KrSecretBroker) broker = kr_secret_broker_find ("good", NULL);
  g_autoptr (KrSecretBroker) again = kr_secret_broker_find ("good", NULL);
  G_GNUC_UNUSED g_autoptr (KrSecretBroker) boxed = g_boxed_copy (KR_SECRET_TYPE_BROKER, broker);

  g_assert_cmpstr (kr_secret_broker_get_name_ko (broker), ==, "시험");
  g_assert_cmpstr (kr_secret_broker_get_uri (broker, KR_SECRET_ENVIRONMENT_REAL), ==,
                   "https://broker.invalid:8443");
  g_assert_false (kr_secret_broker_can_revoke (broker));
  g_assert_cmpuint (kr_secret_broker_get_traits (broker)->death_time, ==, 0);
  g_assert_cmpstr (kr_secret_broker_get_fields (broker)[1].name, ==, "appsecret");
  g_assert_true (kr_secret_broker_find_field (broker, "secret")
                 == kr_secret_broker_find_field (again, "appsecret"));
  g_assert_null (kr_secret_broker_find_field (broker, "other"));
}

static void
test_what_is_not_there_is_not_found (void)
{
  const char *const ids[]
      = { "none", "",   "..",           "../good",          "a/b",    "GOOD", "a=b",
          "a\nb", "가", "\xe2\x80\xae", "sixteen_letters_", "good.so" };
  G_GNUC_UNUSED g_autofree char *path = install_as ("good", "good");
  g_autofree char *long_id = g_strnfill (10240, 'a');
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    {
      g_autoptr (GError) local = NULL;

      g_assert_null (kr_secret_broker_find (ids[i], &local));
      g_assert_error (local, KR_SECRET_ERROR, KR_SECRET_ERROR_NOT_FOUND);
    }
  g_assert_null (kr_secret_broker_find (long_id, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_NOT_FOUND);
  g_assert_false (has_run ("good"));
}

static void
test_directory_that_is_empty_or_gone_has_none (void)
{
  g_autoptr (GPtrArray) failed = NULL;
  g_autoptr (GPtrArray) brokers = kr_secret_broker_list (&failed);
  g_autoptr (GPtrArray) none = NULL;

  g_assert_cmpuint (brokers->len + failed->len, ==, 0);
  g_setenv ("KR_SECRET_PLUGIN_DIR", "/nonexistent", TRUE);
  none = kr_secret_broker_list (NULL);
  g_assert_cmpuint (none->len, ==, 0);
}

static void
test_wrong_abi (void)
{
  G_GNUC_UNUSED g_autofree char *path = install_as ("wrong_abi", "wrong_abi");

  REFUSED ("wrong_abi", "interface 7;", " 2 is expected");
  g_assert_false (has_run ("wrong_abi"));
}

/* A plugin built for 0.1.0, whose structure was different. */
static void
test_abi_of_0_1 (void)
{
  G_GNUC_UNUSED g_autofree char *path = install_as ("old_abi", "old_abi");

  REFUSED ("old_abi", "interface 1;", " 2 is expected");
  g_assert_false (has_run ("old_abi"));
}

static void
test_gap_in_the_table (void)
{
  G_GNUC_UNUSED g_autofree char *path = install_as ("gap_in_table", "gap_in_table");

  REFUSED ("gap_in_table", "lacks 'issue'");
}

static void
test_wrong_size (void)
{
  G_GNUC_UNUSED g_autofree char *path = install_as ("wrong_size", "wrong_size");

  REFUSED ("wrong_size", "8 bytes", "expected");
  g_assert_false (has_run ("wrong_size"));
}

static void
test_wrong_id (void)
{
  G_GNUC_UNUSED g_autofree char *path = install_as ("wrong_id", "wrong_id");

  REFUSED ("wrong_id", "'good'", "'wrong_id' is expected");
  g_assert_false (has_run ("wrong_id"));
}

static void
test_file_named_after_another_plugin (void)
{
  G_GNUC_UNUSED g_autofree char *path = install_as ("good", "other");

  REFUSED ("other", "kr_secret_plugin_other");
  g_assert_false (has_run ("good"));
}

static void
test_missing_symbol (void)
{
  G_GNUC_UNUSED g_autofree char *path = install_as ("no_symbol", "no_symbol");

  REFUSED ("no_symbol", "kr_secret_plugin_no_symbol");
  g_assert_false (has_run ("no_symbol"));
}

static void
test_host_without_tls (void)
{
  G_GNUC_UNUSED g_autofree char *path = install_as ("plain_http", "plain_http");

  REFUSED ("plain_http", "https://HOST");
}

static void
test_time_of_day_that_there_is_not (void)
{
  G_GNUC_UNUSED g_autofree char *path = install_as ("no_such_minute", "no_such_minute");

  REFUSED ("no_such_minute", "time of day", "1440", "expected");
}

static void
test_last_minute_of_the_day_is_one (void)
{
  G_GNUC_UNUSED g_autofree char *path = install_as ("last_minute", "last_minute");
  g_autoptr (KrSecretBroker) broker = kr_secret_broker_find ("last_minute", NULL);

  assert_loaded ("last_minute");
  g_assert_cmpuint (kr_secret_broker_get_traits (broker)->death_time, ==, 1440);
}

static void
test_field_without_the_brokers_name (void)
{
  G_GNUC_UNUSED g_autofree char *path = install_as ("nameless_field", "nameless_field");

  REFUSED ("nameless_field", "field without a name");
}

static void
test_unresolved_symbol (void)
{
  g_autofree char *path = install_as ("unresolved", "unresolved");
  g_autoptr (GError) error = NULL;

  g_assert_null (kr_secret_broker_find ("unresolved", &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_PLUGIN);
  g_assert_true (g_str_has_prefix (error->message, path));
  g_assert_nonnull (strstr (error->message, "cannot be loaded"));
  g_assert_nonnull (strstr (error->message, "kr_secret_fixture_is_nowhere"));
  g_assert_false (has_run ("unresolved"));
}

static guint
count_descriptors (void)
{
  g_autoptr (GDir) directory = g_dir_open ("/proc/self/fd", 0, NULL);
  guint n = 0;

  while (g_dir_read_name (directory) != NULL)
    n++;
  return n;
}

/* A long-running program may ask for the list again and again. */
static void
test_refusals_cost_no_descriptors (void)
{
  const char *const ids[] = { "unresolved", "no_symbol", "wrong_abi", "plain_http" };

  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    {
      G_GNUC_UNUSED g_autofree char *path = install_as (ids[i], ids[i]);
      guint before;

      /* A plugin that was loaded before it was refused stays loaded, once. */
      g_assert_null (kr_secret_broker_find (ids[i], NULL));
      before = count_descriptors ();
      for (guint n = 0; n < 50; n++)
        g_assert_null (kr_secret_broker_find (ids[i], NULL));
      g_assert_cmpuint (count_descriptors (), ==, before);
    }
}

static void
test_not_elf (void)
{
  g_autofree char *path = path_of ("script");

  test_file_write (path, "#!/bin/sh\n", -1, 0755);
  REFUSED ("script", "shared object");
}

static void
test_empty_file (void)
{
  g_autofree char *path = path_of ("empty");

  test_file_write (path, "", 0, 0755);
  REFUSED ("empty", "shared object");
}

static void
test_truncated (void)
{
  g_autofree char *path = install_as ("good", "good");

  g_assert_cmpint (truncate (path, 5000), ==, 0);
  assert_refused ("good", (const char *const[]){ NULL });
  g_assert_false (has_run ("good"));
}

static void
check_mode (int mode)
{
  g_autofree char *path = install_as ("good", "good");

  g_assert_cmpint (g_chmod (path, mode), ==, 0);
  REFUSED ("good", "written by others", "expected");
  g_assert_false (has_run ("good"));
}

static void
test_writable_by_others (void)
{
  check_mode (0757);
}

static void
test_writable_by_the_group (void)
{
  check_mode (0775);
}

static void
test_symbolic_link (void)
{
  g_autofree char *path = install_as ("good", "good");
  g_autofree char *moved = g_strconcat (path, ".1", NULL);

  g_assert_cmpint (g_rename (path, moved), ==, 0);
  g_assert_cmpint (symlink (moved, path), ==, 0);
  REFUSED ("good", "symbolic link", "expected");
  g_assert_false (has_run ("good"));
}

static void
test_directory (void)
{
  g_autofree char *path = path_of ("folder");

  g_assert_cmpint (g_mkdir (path, 0755), ==, 0);
  REFUSED ("folder", "regular file");
}

static void
test_fifo (void)
{
  g_autofree char *path = path_of ("fifo");
  gint64 before = g_get_monotonic_time ();

  g_assert_cmpint (mkfifo (path, 0600), ==, 0);
  REFUSED ("fifo", "regular file");
  g_assert_cmpint (g_get_monotonic_time () - before, <, 10 * G_USEC_PER_SEC);
}

static void
test_other_owner (void)
{
  g_autofree char *path = install_as ("good", "good");

  g_assert_cmpint (chown (path, 65534, 65534), ==, 0);
  REFUSED ("good", "another user", "expected");
  g_assert_false (has_run ("good"));
}

/* A plugin that was refused and then repaired is found without a restart. */
static void
test_refusal_is_not_for_ever (void)
{
  g_autofree char *path = install_as ("good", "good");

  g_assert_cmpint (g_chmod (path, 0777), ==, 0);
  g_assert_null (kr_secret_broker_find ("good", NULL));
  g_assert_cmpint (g_chmod (path, 0755), ==, 0);
  assert_loaded ("good");
}

static gpointer
find_in_thread (gpointer data)
{
  return kr_secret_broker_find ("good", NULL);
}

static void
test_many_threads_load_it_once (void)
{
  G_GNUC_UNUSED g_autofree char *path = install_as ("good", "good");
  GThread *threads[16];
  const KrSecretTraits *traits = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("find", find_in_thread, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    {
      g_autoptr (KrSecretBroker) broker = g_thread_join (threads[i]);

      g_assert_nonnull (broker);
      g_assert_true (traits == NULL || traits == kr_secret_broker_get_traits (broker));
      traits = kr_secret_broker_get_traits (broker);
    }
}

static void
run (gconstpointer data)
{
  void (*const *test) (void) = data;
  g_autoptr (TestDirectory) directory = NULL;

  if (!g_test_subprocess ())
    {
      if (*test == test_other_owner && geteuid () != 0)
        {
          g_test_skip ("only root can give a file away");
          return;
        }
      g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
      if (!g_test_trap_has_passed ())
        g_test_fail ();
      return;
    }
  directory = test_directory_new ();
  plugins = g_build_filename (directory, "plugins", NULL);
  markers = g_build_filename (directory, "markers", NULL);
  g_assert_cmpint (g_mkdir (plugins, 0755) + g_mkdir (markers, 0755), ==, 0);
  g_setenv ("KR_SECRET_PLUGIN_DIR", plugins, TRUE);
  g_setenv ("KR_TEST_MARKERS", markers, TRUE);
  (*test) ();
  g_free (plugins);
  g_free (markers);
}

static const struct
{
  const char *name;
  void (*test) (void);
} tests[] = {
  { "two-good-ones-are-told-apart", test_two_good_ones_are_told_apart },
  { "broker-shows-what-the-plugin-says", test_broker_shows_what_the_plugin_says },
  { "many-threads-load-it-once", test_many_threads_load_it_once },
  { "what-is-not-there-is-not-found", test_what_is_not_there_is_not_found },
  { "directory-that-is-empty-or-gone-has-none", test_directory_that_is_empty_or_gone_has_none },
  { "refusal-is-not-for-ever", test_refusal_is_not_for_ever },
  { "refused/wrong-abi", test_wrong_abi },
  { "refused/abi-of-0.1", test_abi_of_0_1 },
  { "refused/gap-in-the-table", test_gap_in_the_table },
  { "refused/wrong-size", test_wrong_size },
  { "refused/wrong-id", test_wrong_id },
  { "refused/file-named-after-another-plugin", test_file_named_after_another_plugin },
  { "refused/missing-symbol", test_missing_symbol },
  { "refused/host-without-tls", test_host_without_tls },
  { "refused/time-of-day-that-there-is-not", test_time_of_day_that_there_is_not },
  { "last-minute-of-the-day-is-one", test_last_minute_of_the_day_is_one },
  { "refused/field-without-the-brokers-name", test_field_without_the_brokers_name },
  { "refused/unresolved-symbol", test_unresolved_symbol },
  { "refused/costs-no-descriptors", test_refusals_cost_no_descriptors },
  { "refused/not-elf", test_not_elf },
  { "refused/empty-file", test_empty_file },
  { "refused/truncated", test_truncated },
  { "refused/writable-by-others", test_writable_by_others },
  { "refused/writable-by-the-group", test_writable_by_the_group },
  { "refused/symbolic-link", test_symbolic_link },
  { "refused/directory", test_directory },
  { "refused/fifo", test_fifo },
  { "refused/other-owner", test_other_owner },
};

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *path = g_strconcat ("/registry/", tests[i].name, NULL);

      g_test_add_data_func (path, &tests[i].test, run);
    }
  return g_test_run ();
}
