/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A locked keyring: an error of its own, at once, and never a prompt. */
#include "base/kr-secret-deadline-private.h"
#include "kr-secret-error.h"
#include "keyring/kr-secret-store-private.h"
#include "test-bus.h"
#include "test-keyring.h"

#define ID "6b5b7c0e-5f0f-4f43-8d5b-0a4f6f1c2d3e"
#define KIND KR_SECRET_STORE_ACCOUNT

static SecretValue *payload;
static TestMonitor *monitor;
static gint64 began;

static KrSecretDeadline
soon (void)
{
  return kr_secret_deadline_in (10000, NULL);
}

static void
set_up (gconstpointer *fixture, gconstpointer data)
{
  g_assert_true (kr_secret_store_write (ID, KIND, payload, soon (), NULL));
  test_keyring_lock ();
  monitor = test_monitor_start ();
  began = g_get_monotonic_time ();
}

static void
tear_down (gconstpointer *fixture, gconstpointer data)
{
  g_assert_cmpint (g_get_monotonic_time () - began, <, G_USEC_PER_SEC);
  g_assert_cmpuint (test_monitor_count (monitor, "Prompt"), ==, 0);
  g_assert_cmpuint (test_monitor_count (monitor, "Dismiss"), ==, 0);
  g_clear_pointer (&monitor, test_monitor_stop);
  g_assert_true (test_keyring_is_alive ());
  test_keyring_unlock ();
  test_keyring_clear ();
}

static void
assert_locked (GError *error)
{
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_LOCKED);
}

static void
test_reading_says_locked (gconstpointer *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) all_error = NULL;

  g_assert_null (kr_secret_store_search (ID, KIND, soon (), &error));
  assert_locked (error);
  g_assert_null (kr_secret_store_search (NULL, NULL, soon (), &all_error));
  assert_locked (all_error);
}

static void
test_absent_is_not_locked (gconstpointer *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) items = kr_secret_store_search (ID, KR_SECRET_STORE_TOKEN, soon (), &error);

  g_assert_no_error (error);
  g_assert_cmpuint (items->len, ==, 0);
}

static void
test_writing_says_locked (gconstpointer *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) new_error = NULL;

  g_assert_false (kr_secret_store_write (ID, KIND, payload, soon (), &error));
  assert_locked (error);
  g_assert_false (kr_secret_store_write (ID, KR_SECRET_STORE_TOKEN, payload, soon (), &new_error));
  assert_locked (new_error);
}

static void
test_erasing_says_locked_and_erases_nothing (gconstpointer *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (kr_secret_store_erase (ID, NULL, NULL, soon (), &error));
  assert_locked (error);
  g_assert_cmpuint (test_keyring_count (ID, KIND), ==, 1);
}

static void
test_probe_says_locked (gconstpointer *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (kr_secret_store_probe (soon (), &error));
  assert_locked (error);
}

static void
test_unlocked_again_is_found (gconstpointer *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) items = NULL;

  g_assert_null (kr_secret_store_search (ID, KIND, soon (), NULL));
  test_keyring_unlock ();
  items = kr_secret_store_search (ID, KIND, soon (), NULL);
  g_assert_cmpuint (items->len, ==, 1);
}

/* Sixteen callers unlock it at once; none may leave a prompt behind that harms the daemon. */
static gpointer
read_locked (gpointer data)
{
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < 5; i++)
    {
      g_clear_error (&error);
      g_assert_null (kr_secret_store_search (ID, KIND, soon (), &error));
      assert_locked (error);
    }
  return NULL;
}

static void
test_many_at_once_do_the_daemon_no_harm (gconstpointer *fixture, gconstpointer data)
{
  GThread *threads[16];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("locked", read_locked, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
}

#define ADD(name, test) g_test_add (name, gconstpointer, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  payload = secret_value_new ("payload", -1, "text/plain");
  ADD ("/store-locked/reading-says-locked", test_reading_says_locked);
  ADD ("/store-locked/absent-is-not-locked", test_absent_is_not_locked);
  ADD ("/store-locked/writing-says-locked", test_writing_says_locked);
  ADD ("/store-locked/erasing-says-locked-and-erases-nothing",
       test_erasing_says_locked_and_erases_nothing);
  ADD ("/store-locked/probe-says-locked", test_probe_says_locked);
  ADD ("/store-locked/unlocked-again-is-found", test_unlocked_again_is_found);
  ADD ("/store-locked/many-at-once-do-the-daemon-no-harm", test_many_at_once_do_the_daemon_no_harm);
  return g_test_run ();
}
