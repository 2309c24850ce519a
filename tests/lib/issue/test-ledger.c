/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The ledger's lock and what it remembers of an issue. */
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/kr-secret-deadline-private.h"
#include "kr-secret-error.h"
#include "issue/kr-secret-pace-private.h"
#include "test-files.h"
#include "test-process.h"

#define ACCESS KR_SECRET_TOKEN_ACCESS
#define WEBSOCKET KR_SECRET_TOKEN_WEBSOCKET

static KrSecretLedger *
lock (const char *name)
{
  g_autoptr (GError) error = NULL;
  KrSecretLedger *ledger
      = kr_secret_ledger_lock (name, kr_secret_deadline_in (10000, NULL), &error);

  g_assert_no_error (error);
  return ledger;
}

static char *
path_of (const char *name)
{
  return g_build_filename (g_get_user_state_dir (), "krsecret", name, NULL);
}

static void
write_attempt (const char *name, KrSecretTokenKind kind, guint interval)
{
  g_autoptr (KrSecretLedger) ledger = lock (name);
  g_autoptr (GError) error = NULL;

  kr_secret_pace_begin (ledger, kind, interval, &error);
  g_assert_no_error (error);
}

static gint64
get_wait (const char *name, KrSecretTokenKind kind)
{
  g_autoptr (KrSecretLedger) ledger = lock (name);

  return kr_secret_pace_get_wait (ledger, kind);
}

static void
assert_busy (const char *name)
{
  g_autoptr (GError) error = NULL;
  gint64 before = g_get_monotonic_time ();

  g_assert_null (kr_secret_ledger_lock (name, kr_secret_deadline_in (100, NULL), &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_DEADLINE);
  g_assert_cmpint (g_get_monotonic_time () - before, <, 10 * G_USEC_PER_SEC);
}

/* A process that takes the lock, says so, and keeps it. */
static int
hold (const char *name)
{
  G_GNUC_UNUSED g_autoptr (KrSecretLedger) ledger = lock (name);

  g_print ("locked\n");
  fflush (stdout);
  pause ();
  return 0;
}

static GPid
spawn_holder (const char *name, GSubprocess **out_process)
{
  g_autoptr (GSubprocess) process = test_spawn_self ("--hold", name, NULL);
  char line[16] = "";

  g_input_stream_read (g_subprocess_get_stdout_pipe (process), line, sizeof line - 1, NULL, NULL);
  g_assert_cmpstr (line, ==, "locked\n");
  *out_process = g_steal_pointer (&process);
  return (GPid) g_ascii_strtoll (g_subprocess_get_identifier (*out_process), NULL, 10);
}

static void
test_new_account_has_not_to_wait (void)
{
  g_assert_cmpint (get_wait ("new", ACCESS), ==, 0);
  g_assert_cmpint (get_wait ("new", WEBSOCKET), ==, 0);
}

static void
test_wait_survives_and_is_per_kind (void)
{
  gint64 wait;

  write_attempt ("wait", ACCESS, 60);
  wait = get_wait ("wait", ACCESS);
  g_assert_cmpint (wait, >, 30 * 1000);
  g_assert_cmpint (wait, <=, 60 * 1000);
  g_assert_cmpint (get_wait ("wait", WEBSOCKET), ==, 0);
  write_attempt ("wait", WEBSOCKET, 600);
  g_assert_cmpint (get_wait ("wait", ACCESS), <=, 60 * 1000);
  g_assert_cmpint (get_wait ("wait", ACCESS), >, 0);
  g_assert_cmpint (get_wait ("wait", WEBSOCKET), >, 500 * 1000);
}

static void
test_wait_passes (void)
{
  write_attempt ("passes", ACCESS, 0);
  g_assert_cmpint (get_wait ("passes", ACCESS), ==, 0);
  write_attempt ("passes", ACCESS, 1);
  test_wait_until (get_wait ("passes", ACCESS) == 0);
}

static void
test_broker_says_how_long (void)
{
  g_autoptr (KrSecretLedger) ledger = lock ("says");
  g_autoptr (GError) error = NULL;

  g_assert_true (kr_secret_pace_begin (ledger, ACCESS, 60, &error));
  g_assert_true (kr_secret_pace_end (ledger, ACCESS, 300, NULL, NULL, &error));
  g_assert_cmpint (kr_secret_pace_get_wait (ledger, ACCESS), >, 200 * 1000);
}

static void
test_undo_restores_what_was_there (void)
{
  g_autoptr (GError) error = NULL;

  {
    g_autoptr (KrSecretLedger) ledger = lock ("undo");

    g_assert_true (kr_secret_pace_begin (ledger, ACCESS, 60, &error));
    g_assert_true (kr_secret_pace_end_unsent (ledger, ACCESS, NULL, &error));
    g_assert_cmpint (kr_secret_pace_get_wait (ledger, ACCESS), ==, 0);
  }
  g_assert_cmpint (get_wait ("undo", ACCESS), ==, 0);

  write_attempt ("undo", ACCESS, 1000);
  {
    g_autoptr (KrSecretLedger) ledger = lock ("undo");

    g_assert_true (kr_secret_pace_begin (ledger, ACCESS, 5000, &error));
    g_assert_true (kr_secret_pace_end_unsent (ledger, ACCESS, NULL, &error));
  }
  g_assert_cmpint (get_wait ("undo", ACCESS), >, 500 * 1000);
  g_assert_cmpint (get_wait ("undo", ACCESS), <=, 1000 * 1000);
}

/* A write cut at any point, and any damage, count as an attempt made just now. */
static void
test_torn_file_counts_as_an_attempt (void)
{
  g_autofree char *path = path_of ("torn");
  g_autofree char *whole = NULL;
  gsize length;

  write_attempt ("torn", ACCESS, 10);
  g_assert_true (g_file_get_contents (path, &whole, &length, NULL));
  for (gsize n = 1; n <= length; n++)
    {
      int fd = g_open (path, O_WRONLY | O_TRUNC | O_CLOEXEC);

      if (n == length)
        whole[length / 2] ^= 1;
      g_assert_cmpint (write (fd, whole, n), ==, n);
      close (fd);
      g_assert_cmpint (get_wait ("torn", ACCESS), >, 0);
      g_assert_cmpint (get_wait ("torn", ACCESS), <=, 60 * 1000);
    }
  write_attempt ("torn", ACCESS, 0);
  g_assert_cmpint (get_wait ("torn", ACCESS), ==, 0);
}

static void
test_file_from_the_future_does_not_wait_for_ever (void)
{
  g_autofree char *path = path_of ("future");
  const struct timespec times[2] = { { .tv_sec = 4000000000 }, { .tv_sec = 4000000000 } };

  write_attempt ("future", ACCESS, 10);
  test_file_write (path, "torn", -1, 0600);
  g_assert_cmpint (utimensat (AT_FDCWD, path, times, 0), ==, 0);
  g_assert_cmpint (get_wait ("future", ACCESS), <=, 60 * 1000);
}

static void
test_second_waits_to_its_deadline (void)
{
  g_autoptr (KrSecretLedger) ledger = lock ("held");
  gint64 before = g_get_monotonic_time ();

  assert_busy ("held");
  g_assert_cmpint (g_get_monotonic_time () - before, >=, 90 * 1000);
  g_clear_pointer (&ledger, kr_secret_ledger_free);
  ledger = lock ("held");
}

static void
test_other_accounts_do_not_wait (void)
{
  G_GNUC_UNUSED g_autoptr (KrSecretLedger) one = lock ("one");
  g_autoptr (KrSecretLedger) two = NULL;
  g_autoptr (GError) error = NULL;

  /* As adding an account does. */
  kr_secret_ledger_make ("two", &error);
  g_assert_no_error (error);
  two = lock ("two");
}

/* A missing file may still be in use, and there is no way to tell whose it was. */
static void
test_missing_file_is_made_when_nothing_is_in_use (void)
{
  g_autoptr (KrSecretLedger) one = lock ("made-first");
  g_autoptr (KrSecretLedger) two = NULL;

  assert_busy ("made-later");
  g_clear_pointer (&one, kr_secret_ledger_free);
  two = lock ("made-later");
}

static gpointer
cancel_soon (gpointer data)
{
  g_usleep (30 * 1000);
  g_cancellable_cancel (data);
  return NULL;
}

static void
test_waiting_can_be_cancelled (void)
{
  G_GNUC_UNUSED g_autoptr (KrSecretLedger) ledger = lock ("cancelled");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  GThread *thread = g_thread_new ("cancel", cancel_soon, cancellable);

  g_assert_null (
      kr_secret_ledger_lock ("cancelled", kr_secret_deadline_in (20000, cancellable), &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_CANCELLED);
  g_thread_join (thread);
}

static void
test_lock_is_free_when_its_holder_is_killed (void)
{
  g_autoptr (GSubprocess) process = NULL;
  GPid pid = spawn_holder ("killed", &process);
  g_autoptr (KrSecretLedger) ledger = NULL;

  assert_busy ("killed");
  g_assert_cmpint (kill (pid, SIGKILL), ==, 0);
  ledger = lock ("killed");
}

/* A helper keeps the lock when the program that started it is gone. */
static void
test_inherited_descriptor_keeps_the_lock (void)
{
  KrSecretLedger *ledger = lock ("inherited");
  g_autoptr (KrSecretLedger) next = NULL;
  int ready[2], stay[2];
  char byte;
  pid_t child;

  g_assert_cmpint (pipe (ready) + pipe (stay), ==, 0);
  child = fork ();
  if (child == 0)
    {
      close (stay[1]);
      if (write (ready[1], "x", 1) == 1 && read (stay[0], &byte, 1) == 0)
        _exit (0);
      _exit (1);
    }
  g_assert_cmpint (read (ready[0], &byte, 1), ==, 1);
  kr_secret_ledger_free (ledger);
  assert_busy ("inherited");
  close (stay[1]);
  g_assert_cmpint (waitpid (child, NULL, 0), ==, child);
  next = lock ("inherited");
  close (stay[0]);
  close (ready[0]);
  close (ready[1]);
}

static void
test_lock_can_be_adopted (void)
{
  KrSecretLedger *ledger = lock ("adopted");
  int fd = dup (kr_secret_ledger_get_fd (ledger));
  g_autoptr (GError) error = NULL;
  g_autoptr (KrSecretLedger) adopted = kr_secret_ledger_adopt (fd, &error);

  g_assert_no_error (error);
  kr_secret_ledger_free (ledger);
  assert_busy ("adopted");
  g_assert_true (kr_secret_pace_begin (adopted, ACCESS, 60, &error));
  g_clear_pointer (&adopted, kr_secret_ledger_free);
  g_assert_cmpint (get_wait ("adopted", ACCESS), >, 0);
}

static void
test_what_is_no_lock_cannot_be_adopted (void)
{
  int fd = g_open ("/dev/null", O_RDWR | O_CLOEXEC);
  g_autoptr (GError) error = NULL;

  g_assert_null (kr_secret_ledger_adopt (fd, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_FAILED);
  close (fd);
  g_clear_error (&error);
  g_assert_null (kr_secret_ledger_adopt (fd, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_FAILED);
}

typedef struct
{
  gint inside;
  gint failures;
} Crowd;

static gpointer
enter_and_leave (gpointer data)
{
  Crowd *crowd = data;

  for (int i = 0; i < 20; i++)
    {
      G_GNUC_UNUSED g_autoptr (KrSecretLedger) ledger = lock ("crowd");

      if (g_atomic_int_add (&crowd->inside, 1) != 0)
        g_atomic_int_inc (&crowd->failures);
      g_thread_yield ();
      g_atomic_int_add (&crowd->inside, -1);
    }
  return NULL;
}

static void
test_one_thread_at_a_time (void)
{
  Crowd crowd = { 0 };
  GThread *threads[8];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("crowd", enter_and_leave, &crowd);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  g_assert_cmpint (crowd.failures, ==, 0);
}

int
main (int argc, char **argv)
{
  g_autoptr (TestDirectory) directory = NULL;

  if (argc == 3 && g_str_equal (argv[1], "--hold"))
    return hold (argv[2]);
  g_test_init (&argc, &argv, NULL);
  directory = test_directory_new ();
  g_setenv ("XDG_STATE_HOME", directory, TRUE);
  g_test_add_func ("/ledger/new-account-has-not-to-wait", test_new_account_has_not_to_wait);
  g_test_add_func ("/ledger/wait-survives-and-is-per-kind", test_wait_survives_and_is_per_kind);
  g_test_add_func ("/ledger/wait-passes", test_wait_passes);
  g_test_add_func ("/ledger/broker-says-how-long", test_broker_says_how_long);
  g_test_add_func ("/ledger/undo-restores-what-was-there", test_undo_restores_what_was_there);
  g_test_add_func ("/ledger/torn-file-counts-as-an-attempt", test_torn_file_counts_as_an_attempt);
  g_test_add_func ("/ledger/file-from-the-future-does-not-wait-for-ever",
                   test_file_from_the_future_does_not_wait_for_ever);
  g_test_add_func ("/ledger/second-waits-to-its-deadline", test_second_waits_to_its_deadline);
  g_test_add_func ("/ledger/other-accounts-do-not-wait", test_other_accounts_do_not_wait);
  g_test_add_func ("/ledger/missing-file-is-made-when-nothing-is-in-use",
                   test_missing_file_is_made_when_nothing_is_in_use);
  g_test_add_func ("/ledger/waiting-can-be-cancelled", test_waiting_can_be_cancelled);
  g_test_add_func ("/ledger/lock-is-free-when-its-holder-is-killed",
                   test_lock_is_free_when_its_holder_is_killed);
  g_test_add_func ("/ledger/inherited-descriptor-keeps-the-lock",
                   test_inherited_descriptor_keeps_the_lock);
  g_test_add_func ("/ledger/lock-can-be-adopted", test_lock_can_be_adopted);
  g_test_add_func ("/ledger/what-is-no-lock-cannot-be-adopted",
                   test_what_is_no_lock_cannot_be_adopted);
  g_test_add_func ("/ledger/one-thread-at-a-time", test_one_thread_at_a_time);
  return g_test_run ();
}
