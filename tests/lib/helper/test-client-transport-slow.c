/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Brokers whose answer never ends. All run at once, since each takes the helper's whole ten
 * seconds. */
#include "client-fixture.h"
#include "test-keyring.h"

static const char *const faults[]
    = { "'fault':'mute'", "'fault':'drip'", "'fault':'drip','in_headers':true" };

static KrSecretError
get_error (KrSecretClient *client, KrSecretAccount *account)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (KrSecretToken) token
      = kr_secret_client_get_token (client, account, KR_SECRET_TOKEN_ACCESS, 60, 0, NULL, &error);

  g_assert_null (token);
  g_assert_true (error->domain == KR_SECRET_ERROR);
  return (KrSecretError) error->code;
}

static void
test_caller_ends_at_its_deadline (Fixture *f, gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      g_autofree char *alias = g_strdup_printf ("a%u", i);
      g_autoptr (KrSecretAccount) account = NULL;
      gint64 began;

      kr_secret_client_set_timeout (f->client, 20000);
      account = fixture_add (f, "ls", alias, KR_SECRET_ADD_NO_VERIFY);
      test_simulator_fault (f->simulator, "ls", faults[i]);
      kr_secret_client_set_timeout (f->client, 500);
      began = g_get_monotonic_time ();
      g_assert_cmpint (get_error (f->client, account), ==, KR_SECRET_ERROR_DEADLINE);
      g_assert_cmpint (g_get_monotonic_time () - began, <, 5 * G_USEC_PER_SEC);
    }
  g_assert_cmpuint (test_keyring_count (NULL, "krsecret-token"), ==, 0);
}

typedef struct
{
  KrSecretClient *client;
  KrSecretAccount *account;
} Waiter;

static gpointer
wait_for_the_end (gpointer data)
{
  Waiter *waiter = data;
  gint64 began = g_get_monotonic_time ();

  g_assert_cmpint (get_error (waiter->client, waiter->account), ==, KR_SECRET_ERROR_UNREACHABLE);
  g_assert_cmpint (g_get_monotonic_time () - began, <, 17 * G_USEC_PER_SEC);
  return NULL;
}

static void
test_helper_ends_at_its_own (Fixture *f, gconstpointer data)
{
  const char *const brokers[] = { "kis", "kiwoom", "ls" };
  Waiter waiters[G_N_ELEMENTS (faults)];
  GThread *threads[G_N_ELEMENTS (faults)];

  for (guint i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      waiters[i].client = f->client;
      waiters[i].account = fixture_add (f, brokers[i], brokers[i], KR_SECRET_ADD_NO_VERIFY);
      test_simulator_fault (f->simulator, brokers[i], faults[i]);
      threads[i] = g_thread_new ("wait", wait_for_the_end, &waiters[i]);
    }
  for (guint i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      g_thread_join (threads[i]);
      g_object_unref (waiters[i].account);
    }
  g_assert_cmpuint (test_keyring_count (NULL, "krsecret-token"), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  FIXTURE_ADD ("/transport-slow/caller-ends-at-its-deadline", test_caller_ends_at_its_deadline);
  FIXTURE_ADD ("/transport-slow/helper-ends-at-its-own", test_helper_ends_at_its_own);
  return g_test_run ();
}
