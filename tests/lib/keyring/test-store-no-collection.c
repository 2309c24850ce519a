/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A HOME without any login so far: the daemon runs, but there is no collection to store in. */
#include "base/kr-secret-deadline-private.h"
#include "kr-secret-error.h"
#include "keyring/kr-secret-store-private.h"
#include "test-assert.h"
#include "test-bus.h"

#define ID "6b5b7c0e-5f0f-4f43-8d5b-0a4f6f1c2d3e"
#define KIND KR_SECRET_STORE_ACCOUNT

static KrSecretDeadline
soon (void)
{
  return kr_secret_deadline_in (10000, NULL);
}

static void
assert_says_what_to_do (GError *error)
{
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_NO_KEYRING);
  test_assert_contains (error->message, "log in");
}

static void
test_storing_says_what_to_do (void)
{
  g_autoptr (SecretValue) payload = secret_value_new ("payload", -1, "text/plain");
  g_autoptr (TestMonitor) monitor = test_monitor_start ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) probe_error = NULL;

  g_assert_false (kr_secret_store_write (ID, KIND, payload, soon (), &error));
  assert_says_what_to_do (error);
  g_assert_false (kr_secret_store_probe (soon (), &probe_error));
  assert_says_what_to_do (probe_error);
  g_assert_cmpuint (test_monitor_count (monitor, "Prompt"), ==, 0);
  g_assert_cmpuint (test_monitor_count (monitor, "CreateCollection"), ==, 0);
}

static void
test_nothing_is_found (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) items = kr_secret_store_search (ID, KIND, soon (), &error);

  g_assert_no_error (error);
  g_assert_cmpuint (items->len, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/no-collection/storing-says-what-to-do", test_storing_says_what_to_do);
  g_test_add_func ("/no-collection/nothing-is-found", test_nothing_is_found);
  return g_test_run ();
}
