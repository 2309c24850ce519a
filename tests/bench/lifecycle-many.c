/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A client with many accounts. */
#include "lifecycle.h"

#include <malloc.h>
#include <stdio.h>

#include "test-keyring.h"

#define ACCOUNTS 1000
#define LOADS 5 /* before and after each listing by libsecret */
#define LISTINGS 3

/* No broker is asked about these keys. */
static KrSecretCredential *
make_credential (guint n)
{
  const char *const names[] = { "appkey", "appsecret", NULL };
  g_autofree char *appkey = g_strdup_printf ("%043u", n);
  g_autofree char *appsecret = g_strdup_printf ("secret%037u", n);
  g_autoptr (SecretValue) key_value = secret_value_new (appkey, -1, "text/plain");
  g_autoptr (SecretValue) secret_value = secret_value_new (appsecret, -1, "text/plain");
  SecretValue *const values[] = { key_value, secret_value, NULL };

  return kr_secret_credential_new (names, values);
}

static void
add_many (World *world)
{
  g_autoptr (KrSecretClient) client = world_make_client ();
  g_autoptr (GError) error = NULL;
  g_autoptr (KrSecretBroker) broker = kr_secret_broker_find (BROKER, &error);
  const char *uri = test_simulator_get_uri (world->simulator, BROKER);

  g_assert_no_error (error);
  for (guint i = 0; i < ACCOUNTS; i++)
    {
      g_autofree char *alias = g_strdup_printf ("account-%04u", i);
      g_autoptr (KrSecretCredential) credential = make_credential (i);
      G_GNUC_UNUSED g_autoptr (KrSecretAccount) account
          = kr_secret_client_add (client, broker, alias, KR_SECRET_ENVIRONMENT_PAPER, uri,
                                  credential, KR_SECRET_ADD_NO_VERIFY, NULL, &error);

      g_assert_no_error (error);
    }
}

static KrSecretClient *
load (void)
{
  KrSecretClient *client = world_make_client ();
  g_autoptr (GError) error = NULL;

  kr_secret_client_load (client, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (client)), ==, ACCOUNTS);
  return client;
}

static void
time_loads (GArray *times)
{
  for (guint i = 0; i < LOADS; i++)
    {
      double start = bench_now ();
      G_GNUC_UNUSED g_autoptr (KrSecretClient) client = load ();

      bench_times_add (times, bench_now () - start);
    }
}

/* The same items, as libsecret lists them. */
static double
time_listing (void)
{
  static const SecretSchema schema = {
    "kr.krsecret.Item",
    SECRET_SCHEMA_NONE,
    { { "kind", SECRET_SCHEMA_ATTRIBUTE_STRING } },
  };
  g_autoptr (GHashTable) attributes
      = secret_attributes_build (&schema, "kind", "krsecret-account", NULL);
  g_autoptr (GError) error = NULL;
  double start = bench_now ();
  double took;
  GList *items = secret_service_search_sync (
      NULL, &schema, attributes, SECRET_SEARCH_ALL | SECRET_SEARCH_LOAD_SECRETS, NULL, &error);

  took = bench_now () - start;
  g_assert_no_error (error);
  g_assert_cmpuint (g_list_length (items), ==, ACCOUNTS);
  g_list_free_full (items, g_object_unref);
  return took;
}

static double
heap_in_use (void)
{
  struct mallinfo2 info = mallinfo2 ();

  return (double) (info.uordblks + info.hblkhd) / 1024;
}

/* The memory that a client keeps for all accounts, in KiB: what malloc has given out and, for
 * information, the resident size. The connection to the keyring exists beforehand. Anything that
 * the first load allocates once and for all is counted. */
int
child_heap (void)
{
  g_autoptr (KrSecretClient) first = world_make_client ();
  g_autoptr (KrSecretClient) client = NULL;
  g_autoptr (GError) error = NULL;
  double heap, resident;

  kr_secret_client_check_keyring (first, NULL, &error);
  g_assert_no_error (error);
  malloc_trim (0);
  heap = heap_in_use ();
  resident = (double) resident_kib ();
  client = load ();
  heap = heap_in_use () - heap;
  malloc_trim (0);
  printf ("%.1f %.1f\n", heap, (double) resident_kib () - resident);
  return 0;
}

void
measure_many (World *world)
{
  g_autoptr (GArray) loads = bench_times_new ();
  g_autoptr (GArray) listings = bench_times_new ();
  g_autofree char *memory = NULL;
  double heap, resident;
  char *rest;

  test_keyring_clear ();
  add_many (world);
  memory = run_counted ("--heap", NULL);
  heap = g_ascii_strtod (memory, &rest);
  resident = g_ascii_strtod (rest, NULL);
  time_loads (loads);
  for (guint i = 0; i < LISTINGS; i++)
    {
      bench_times_add (listings, time_listing ());
      time_loads (loads);
    }
  bench_add_ratio ("1000 accounts: load", loads, listings, 0.12,
                   "secret_service_search_sync, same items");
  bench_add_row ("1000 accounts: heap for each", heap / ACCOUNTS, "KiB", BENCH_AT_MOST, 2,
                 "of resident memory: %.2f KiB", resident / ACCOUNTS);
}
