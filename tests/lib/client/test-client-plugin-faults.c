/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A plugin that crashes, exits, loops or prints in the helper causes an error here, and nothing
 * else. */

#include "client-fixture.h"
#include "test-keyring.h"
#include "test-process.h"

static void
check (Fixture *f, const char *broker, guint timeout, KrSecretError code)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, broker, broker, KR_SECRET_ADD_NO_VERIFY);

  kr_secret_client_set_timeout (f->client, timeout);
  for (int i = 0; i < 2; i++)
    {
      g_autoptr (GError) error = NULL;
      gint64 began = g_get_monotonic_time ();

      g_assert_null (kr_secret_client_get_token (f->client, account, KR_SECRET_TOKEN_ACCESS, 60, 0,
                                                 NULL, &error));
      g_assert_nonnull (error);
      g_assert_error (error, KR_SECRET_ERROR, (int) code);
      g_assert_cmpint (g_get_monotonic_time () - began, <, 10 * G_USEC_PER_SEC);
    }
  g_assert_cmpuint (test_keyring_count (NULL, "krsecret-token"), ==, 0);
  if (code == KR_SECRET_ERROR_DEADLINE)
    test_kill (test_wait_for_argument (kr_secret_account_get_id (account)));
}

static void
test_ends_with_plugin_error (Fixture *f, gconstpointer data)
{
  check (f, data, 20000, KR_SECRET_ERROR_PLUGIN);
}

/* The helper would end such a plugin itself, but that takes longer than the test waits: it is
 * killed. */
static void
test_ends_at_the_deadline (Fixture *f, gconstpointer data)
{
  check (f, data, 500, KR_SECRET_ERROR_DEADLINE);
}

static void
add (const char *name, const char *broker, void (*test) (Fixture *, gconstpointer))
{
  g_test_add (name, Fixture, broker, fixture_set_up, test, fixture_tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_setenv ("KR_SECRET_PLUGIN_DIR", g_getenv ("KR_TEST_FIXTURES"), TRUE);
  add ("/plugin-faults/crash-in-build", "crash_build", test_ends_with_plugin_error);
  add ("/plugin-faults/crash-in-parse", "crash_parse", test_ends_with_plugin_error);
  add ("/plugin-faults/exit-in-build", "exit_build", test_ends_with_plugin_error);
  add ("/plugin-faults/exit-in-parse", "exit_parse", test_ends_with_plugin_error);
  add ("/plugin-faults/fails-without-a-reason", "silent_parse", test_ends_with_plugin_error);
  add ("/plugin-faults/loop-in-build", "loop_build", test_ends_at_the_deadline);
  add ("/plugin-faults/more-output-than-an-answer-has", "shout_build", test_ends_with_plugin_error);
  return g_test_run ();
}
