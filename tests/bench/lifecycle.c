/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "lifecycle.h"

#include <string.h>

#include "test-process.h"

/* Measures what libkrsecret costs a long-running program, next to its anchor in the same run. The
 * two of a pair take turns, so that a busy machine slows both. Medians count. Runs under
 * tools/with-keyring. Where other processes take part, they are this program again. */

#define TIMEOUT_MS 30000

KrSecretClient *
world_make_client (void)
{
  KrSecretClient *client = kr_secret_client_new ();

  kr_secret_client_set_timeout (client, TIMEOUT_MS);
  return client;
}

static KrSecretAccount *
add_account (World *self)
{
  const char *const names[] = { "appkey", "appsecret", NULL };
  g_autofree char *appkey = test_simulator_get_key (BROKER, 0, "appkey");
  g_autofree char *appsecret = test_simulator_get_key (BROKER, 0, "appsecret");
  g_autoptr (SecretValue) key_value = secret_value_new (appkey, -1, "text/plain");
  g_autoptr (SecretValue) secret_value = secret_value_new (appsecret, -1, "text/plain");
  SecretValue *const values[] = { key_value, secret_value, NULL };
  g_autoptr (KrSecretCredential) credential = kr_secret_credential_new (names, values);
  g_autoptr (GError) error = NULL;
  g_autoptr (KrSecretBroker) broker = kr_secret_broker_find (BROKER, &error);
  KrSecretAccount *account;

  g_assert_no_error (error);
  account = kr_secret_client_add (self->client, broker, self->alias, KR_SECRET_ENVIRONMENT_PAPER,
                                  test_simulator_get_uri (self->simulator, BROKER), credential,
                                  KR_SECRET_ADD_NO_VERIFY, NULL, &error);
  g_assert_no_error (error);
  return account;
}

KrSecretToken *
world_get_token (KrSecretClient *client, KrSecretAccount *account, KrSecretTokenFlags flags)
{
  g_autoptr (GError) error = NULL;
  KrSecretToken *token = kr_secret_client_get_token (client, account, KR_SECRET_TOKEN_ACCESS,
                                                     KR_SECRET_MIN_VALIDITY, flags, NULL, &error);

  if ((flags & KR_SECRET_TOKEN_NO_ISSUE) != 0 && token == NULL)
    g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_NOT_FOUND);
  else
    g_assert_no_error (error);
  return token;
}

void
child_load (const char *alias, KrSecretClient **out_client, KrSecretAccount **out_account)
{
  g_autoptr (GError) error = NULL;

  *out_client = world_make_client ();
  kr_secret_client_load (*out_client, NULL, &error);
  g_assert_no_error (error);
  *out_account = kr_secret_client_find_account (*out_client, alias, &error);
  g_assert_no_error (error);
}

char *
run_counted (const char *argument, const char *alias)
{
  g_autoptr (GSubprocess) process = NULL;

  g_setenv ("G_SLICE", "always-malloc", TRUE);
  process = test_spawn_self (argument, alias, NULL);
  g_unsetenv ("G_SLICE");
  return test_finish (process);
}

/* The kernel's quick counters, as in VmRSS, are off by some pages per processor; these are
 * exact. */
gint64
resident_kib (void)
{
  g_autofree char *text = NULL;
  const char *line;

  g_assert_true (g_file_get_contents ("/proc/self/smaps_rollup", &text, NULL, NULL));
  line = strstr (text, "\nRss:");
  g_assert_nonnull (line);
  return g_ascii_strtoll (line + strlen ("\nRss:"), NULL, 10);
}

static void
run_all (World *world)
{
  void (*const measurements[]) (World *) = { measure_memory, measure_flat_memory, measure_keyring,
                                             measure_expiry, measure_change,      measure_many };

  for (guint i = 0; i < G_N_ELEMENTS (measurements); i++)
    measurements[i](world);
}

static int
be_child (char **argv)
{
  if (g_str_equal (argv[1], "--count-allocations"))
    return child_count_allocations (argv[2]);
  if (g_str_equal (argv[1], "--at-expiry"))
    return child_at_expiry (argv[2]);
  if (g_str_equal (argv[1], "--alone"))
    return child_alone (argv[2], argv[3]);
  if (g_str_equal (argv[1], "--change"))
    return child_change (argv[2]);
  if (g_str_equal (argv[1], "--heap"))
    return child_heap ();
  g_error ("what is %s?", argv[1]);
}

int
main (int argc, char **argv)
{
  g_autoptr (TestSimulator) simulator = NULL;
  g_autoptr (KrSecretClient) client = NULL;
  g_autoptr (KrSecretAccount) account = NULL;
  World world;

  if (argc > 1)
    return be_child (argv);
  simulator = test_simulator_start (NULL);
  client = world_make_client ();
  world = (World){ .simulator = simulator, .client = client, .alias = "bench" };
  world.account = account = add_account (&world);
  run_all (&world);
  return bench_report ();
}
