/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A keyring without a password opens when it is asked, without a prompt. */
#include "kr-secret-clock-private.h"
#include "kr-secret-store-private.h"
#include "test-bus.h"
#include "test-keyring.h"

#define ID "6b5b7c0e-5f0f-4f43-8d5b-0a4f6f1c2d3e"
#define KIND KR_SECRET_STORE_ACCOUNT

static gint64
soon (void)
{
  return kr_secret_deadline_in (10000);
}

static void
test_opens_without_a_prompt (void)
{
  g_autoptr (SecretValue) payload = secret_value_new ("payload", -1, "text/plain");
  g_autoptr (TestMonitor) monitor = NULL;
  g_autoptr (GPtrArray) items = NULL;
  g_autoptr (GError) error = NULL;

  test_keyring_create ("");
  kr_secret_store_write (ID, KIND, payload, soon (), NULL, &error);
  g_assert_no_error (error);
  monitor = test_monitor_start ();
  test_keyring_lock ();
  items = kr_secret_store_search (ID, KIND, soon (), NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (items->len, ==, 1);
  test_keyring_lock ();
  kr_secret_store_write (ID, KR_SECRET_STORE_TOKEN, payload, soon (), NULL, &error);
  g_assert_no_error (error);
  test_keyring_lock ();
  kr_secret_store_erase (ID, NULL, NULL, soon (), NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (test_monitor_count (monitor, "Unlock"), >=, 3);
  g_assert_cmpuint (test_monitor_count (monitor, "Prompt"), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/blank-password/opens-without-a-prompt", test_opens_without_a_prompt);
  return g_test_run ();
}
