/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A keyring daemon that is stopped, killed or restarted under a program. */
#include "base/kr-secret-deadline-private.h"
#include "kr-secret-error.h"
#include "keyring/kr-secret-store-private.h"
#include "test-keyring.h"
#include "test-process.h"

#define ID "6b5b7c0e-5f0f-4f43-8d5b-0a4f6f1c2d3e"
#define KIND KR_SECRET_STORE_ACCOUNT

static SecretValue *payload;

static gboolean
try_write (guint timeout, GError **error)
{
  return kr_secret_store_write (ID, KIND, payload, kr_secret_deadline_in (timeout, NULL), error);
}

static guint
count_items (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) items
      = kr_secret_store_search (ID, KIND, kr_secret_deadline_in (10000, NULL), &error);

  g_assert_no_error (error);
  return items->len;
}

static void
assert_ends_at (gint64 began, guint timeout)
{
  gint64 took = (g_get_monotonic_time () - began) / 1000;

  g_assert_cmpint (took, >=, (gint64) timeout - 20);
  g_assert_cmpint (took, <, (gint64) timeout + 3000);
}

static void
test_stopped_daemon_ends_at_the_deadline (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) read_error = NULL;
  gint64 began;

  g_assert_true (try_write (10000, NULL));
  test_pause (test_keyring_get_pid ());
  began = g_get_monotonic_time ();
  g_assert_null (kr_secret_store_search (ID, KIND, kr_secret_deadline_in (300, NULL), &read_error));
  assert_ends_at (began, 300);
  began = g_get_monotonic_time ();
  g_assert_false (try_write (300, &error));
  assert_ends_at (began, 300);
  test_resume (test_keyring_get_pid ());
  g_assert_error (read_error, KR_SECRET_ERROR, KR_SECRET_ERROR_DEADLINE);
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_DEADLINE);
  g_assert_cmpuint (count_items (), ==, 1);
}

/* In a process without a connection so far. */
static void
test_stopped_daemon_while_connecting (void)
{
  g_autoptr (GError) error = NULL;
  gint64 began;

  if (!g_test_subprocess ())
    {
      test_pause (test_keyring_get_pid ());
      g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
      test_resume (test_keyring_get_pid ());
      g_test_trap_assert_passed ();
      return;
    }
  began = g_get_monotonic_time ();
  g_assert_false (try_write (300, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_DEADLINE);
  assert_ends_at (began, 300);
}

typedef struct
{
  guint timeout;
  gint64 took;
  GError *error;
} Waiter;

static gpointer
search_in_thread (gpointer data)
{
  Waiter *waiter = data;
  gint64 began = g_get_monotonic_time ();
  G_GNUC_UNUSED g_autoptr (GPtrArray) items = kr_secret_store_search (
      ID, KIND, kr_secret_deadline_in (waiter->timeout, NULL), &waiter->error);

  waiter->took = (g_get_monotonic_time () - began) / 1000;
  return NULL;
}

/* Each caller has its own deadline, whichever of them began to connect. */
static void
test_patient_caller_outlasts_an_impatient_one (void)
{
  Waiter impatient = { .timeout = 200 }, patient = { .timeout = 15000 };
  GThread *first, *second;

  if (!g_test_subprocess ())
    {
      test_pause (test_keyring_get_pid ());
      g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
      test_resume (test_keyring_get_pid ());
      if (!g_test_trap_has_passed ())
        g_test_fail ();
      return;
    }
  first = g_thread_new ("impatient", search_in_thread, &impatient);
  g_usleep (50 * 1000);
  second = g_thread_new ("patient", search_in_thread, &patient);
  g_thread_join (first);
  g_usleep (100 * 1000);
  test_resume (test_keyring_get_pid ());
  g_thread_join (second);
  g_assert_error (impatient.error, KR_SECRET_ERROR, KR_SECRET_ERROR_DEADLINE);
  g_assert_no_error (patient.error);
  g_clear_error (&impatient.error);
}

static gpointer
cancel_soon (gpointer data)
{
  g_usleep (50 * 1000);
  g_cancellable_cancel (data);
  return NULL;
}

static void
test_waiting_for_a_stopped_daemon_can_be_cancelled (void)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  GThread *thread;

  g_assert_true (try_write (10000, NULL));
  test_pause (test_keyring_get_pid ());
  thread = g_thread_new ("cancel", cancel_soon, cancellable);
  g_assert_null (
      kr_secret_store_search (ID, KIND, kr_secret_deadline_in (20000, cancellable), &error));
  test_resume (test_keyring_get_pid ());
  g_thread_join (thread);
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_CANCELLED);
}

static void
test_next_call_after_a_restart_works (void)
{
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < 3; i++)
    {
      g_assert_true (try_write (10000, NULL));
      test_keyring_kill ();
      test_keyring_start (TRUE);
      if (i == 0)
        g_assert_cmpuint (count_items (), ==, 1);
      else if (i == 1)
        {
          try_write (10000, &error);
          g_assert_no_error (error);
        }
      else
        {
          kr_secret_store_erase (ID, KIND, NULL, kr_secret_deadline_in (10000, NULL), &error);
          g_assert_no_error (error);
          g_assert_cmpuint (count_items (), ==, 0);
        }
    }
}

static void
test_daemon_that_comes_back_locked_is_locked (void)
{
  g_autoptr (GError) error = NULL;

  g_autoptr (GPtrArray) items = NULL;

  g_assert_true (try_write (10000, NULL));
  test_keyring_kill ();
  test_keyring_start (FALSE);
  /* It has read only the unencrypted part: no schema's name, and hashes of the attributes. */
  items = kr_secret_store_search (ID, KIND, kr_secret_deadline_in (10000, NULL), &error);
  if (items != NULL)
    g_error ("%u items were found", items->len);
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_LOCKED);
  test_keyring_unlock ();
  g_assert_cmpuint (count_items (), ==, 1);
}

static void
test_daemon_that_is_gone_is_no_keyring (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) again = NULL;

  g_assert_true (try_write (10000, NULL));
  test_keyring_kill ();
  g_assert_false (try_write (10000, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_NO_KEYRING);
  g_assert_null (kr_secret_store_search (ID, KIND, kr_secret_deadline_in (10000, NULL), &again));
  g_assert_error (again, KR_SECRET_ERROR, KR_SECRET_ERROR_NO_KEYRING);
  test_keyring_start (TRUE);
  g_assert_cmpuint (count_items (), ==, 1);
}

static gpointer
kill_soon (gpointer data)
{
  g_usleep (100 * 1000);
  test_kill (test_keyring_get_pid ());
  return NULL;
}

/* A call in progress when the daemon dies ends at once, with an error. */
static void
test_daemon_killed_in_a_call (void)
{
  g_autoptr (GError) error = NULL;
  gint64 began = g_get_monotonic_time ();
  GThread *thread;

  g_assert_true (try_write (10000, NULL));
  test_pause (test_keyring_get_pid ());
  thread = g_thread_new ("kill", kill_soon, NULL);
  g_assert_false (try_write (20000, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_NO_KEYRING);
  g_assert_cmpint (g_get_monotonic_time () - began, <, 10 * G_USEC_PER_SEC);
  g_thread_join (thread);
  test_wait_until (!test_keyring_is_alive ());
  test_keyring_start (TRUE);
  g_assert_cmpuint (count_items (), ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  payload = secret_value_new ("payload", -1, "text/plain");
  g_test_add_func ("/daemon/stopped-ends-at-the-deadline",
                   test_stopped_daemon_ends_at_the_deadline);
  g_test_add_func ("/daemon/stopped-while-connecting", test_stopped_daemon_while_connecting);
  g_test_add_func ("/daemon/waiting-for-it-can-be-cancelled",
                   test_waiting_for_a_stopped_daemon_can_be_cancelled);
  g_test_add_func ("/daemon/next-call-after-a-restart-works", test_next_call_after_a_restart_works);
  g_test_add_func ("/daemon/that-is-gone-is-no-keyring", test_daemon_that_is_gone_is_no_keyring);
  g_test_add_func ("/daemon/killed-in-a-call", test_daemon_killed_in_a_call);
  g_test_add_func ("/daemon/patient-caller-outlasts-an-impatient-one",
                   test_patient_caller_outlasts_an_impatient_one);
  g_test_add_func ("/daemon/that-comes-back-locked-is-locked",
                   test_daemon_that_comes_back_locked_is_locked);
  return g_test_run ();
}
