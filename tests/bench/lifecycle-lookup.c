/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* get_token when the token is there: in the client's memory, or in the keyring. */
#include "lifecycle.h"

#include <stdio.h>
#include <string.h>

#include "allocations.h"
#include "test-bus.h"
#include "test-keyring.h"

#define ROUNDS 100
#define BATCH 10000
#define BATCH_LIMIT_MS 100
#define CHUNK 100
#define LOOKUPS 5 /* a round, beside a batch */
#define COUNTED_CALLS 100000
#define FLAT_CALLS 1000000
#define FLAT_LIMIT_MS 60000
#define KEYRING_ROUNDS 400
#define CHECKED_ROUNDS 20

#define SERVICE_NAME "org.freedesktop.secrets"
#define SERVICE_PATH "/org/freedesktop/secrets"
#define IFACE "org.freedesktop.Secret."

static void
get_tokens (KrSecretClient *client, KrSecretAccount *account, guint n)
{
  for (guint i = 0; i < n; i++)
    kr_secret_token_unref (world_get_token (client, account, KR_SECRET_TOKEN_DEFAULT));
}

/* That many, or as many as the time allows: a client that forgets to remember must not keep us for
 * hours. Returns how many. */
static guint
get_many (World *world, guint n, double limit_ms)
{
  double start = bench_now ();
  guint done;

  for (done = 0; done < n && bench_now () - start < limit_ms; done += CHUNK)
    get_tokens (world->client, world->account, CHUNK);
  return done;
}

/* Looks the token's item up as a program does that has only libsecret. */
static char *
lookup (const char *id)
{
  static const SecretSchema schema = {
    "kr.krsecret.Item",
    SECRET_SCHEMA_NONE,
    {
        { "id", SECRET_SCHEMA_ATTRIBUTE_STRING },
        { "kind", SECRET_SCHEMA_ATTRIBUTE_STRING },
    },
  };
  g_autoptr (GError) error = NULL;
  char *secret = secret_password_lookup_sync (&schema, NULL, &error, "id", id, "kind",
                                              "krsecret-token", NULL);

  g_assert_no_error (error);
  g_assert_nonnull (secret);
  return secret;
}

/* In a process of its own, whose GLib takes all its memory from malloc. */
int
child_count_allocations (const char *alias)
{
  g_autoptr (KrSecretClient) client = NULL;
  g_autoptr (KrSecretAccount) account = NULL;
  guint64 start = allocations_count ();

  child_load (alias, &client, &account);
  get_tokens (client, account, 2);
  /* It does count. */
  g_assert_cmpuint (allocations_count (), >, start + 100);
  start = allocations_count ();
  get_tokens (client, account, COUNTED_CALLS);
  printf ("%" G_GUINT64_FORMAT "\n", allocations_count () - start);
  return 0;
}

static double
count_allocations (const char *alias)
{
  g_autofree char *output = run_counted ("--count-allocations", alias);

  return g_ascii_strtod (output, NULL);
}

/* A lookup finds the same token that get_token hands out. */
static void
check_same (World *world, const char *id)
{
  g_autoptr (KrSecretToken) token
      = world_get_token (world->client, world->account, KR_SECRET_TOKEN_DEFAULT);
  char *secret = lookup (id);

  g_assert_nonnull (strstr (secret, secret_value_get_text (kr_secret_token_get_value (token))));
  secret_password_free (secret);
}

static double
time_lookups (const char *id, guint n)
{
  double start = bench_now ();

  for (guint i = 0; i < n; i++)
    secret_password_free (lookup (id));
  return (bench_now () - start) / n;
}

void
measure_memory (World *world)
{
  const char *id = kr_secret_account_get_id (world->account);
  g_autoptr (GArray) ours = bench_times_new ();
  g_autoptr (GArray) theirs = bench_times_new ();
  double us;

  check_same (world, id);
  for (guint i = 0; i < ROUNDS; i++)
    {
      double start = bench_now ();
      guint done = get_many (world, BATCH, BATCH_LIMIT_MS);

      bench_times_add (ours, (bench_now () - start) / done);
      bench_times_add (theirs, time_lookups (id, LOOKUPS));
    }
  us = bench_median (ours) * 1000;
  bench_add_row ("get_token, in memory: times faster", bench_median (theirs) * 1000 / us, "x",
                 BENCH_AT_LEAST, 2000, "%.2f us to %.0f us: secret_password_lookup_sync", us,
                 bench_median (theirs) * 1000);
  bench_add_row ("get_token, in memory: allocations", count_allocations (world->alias), "",
                 BENCH_AT_MOST, 0, "%d calls", COUNTED_CALLS);
}

void
measure_flat_memory (World *world)
{
  gint64 before;
  guint done;

  get_many (world, BATCH, BATCH_LIMIT_MS);
  before = resident_kib ();
  done = get_many (world, FLAT_CALLS, FLAT_LIMIT_MS);
  bench_add_row ("get_token, in memory: resident memory grows", (double) (resident_kib () - before),
                 "KiB", BENCH_AT_MOST, 256, "%u calls", done);
}

/* The bare Secret Service: the connection and the session exist already. */
typedef struct
{
  GDBusConnection *connection;
  char *session;
} Bare;

static GVariant *
bare_call (Bare *self, const char *path, const char *method, GVariant *parameters)
{
  const char *dot = strchr (method, '.');
  g_autofree char *interface = g_strdup_printf (IFACE "%.*s", (int) (dot - method), method);
  g_autoptr (GError) error = NULL;
  GVariant *reply
      = g_dbus_connection_call_sync (self->connection, SERVICE_NAME, path, interface, dot + 1,
                                     parameters, NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, &error);

  g_assert_no_error (error);
  return reply;
}

static void
bare_open (Bare *self)
{
  g_autoptr (GVariant) reply = NULL;

  self->connection = test_bus_connect ();
  reply = bare_call (self, SERVICE_PATH, "Service.OpenSession",
                     g_variant_new ("(sv)", "plain", g_variant_new_string ("")));
  g_variant_get (reply, "(vo)", NULL, &self->session);
}

static void
bare_close (Bare *self)
{
  g_object_unref (self->connection);
  g_free (self->session);
}

static GVariant *
bare_search (Bare *self, const char *id, const char *kind)
{
  GVariantBuilder attributes;

  g_variant_builder_init (&attributes, G_VARIANT_TYPE ("a{ss}"));
  g_variant_builder_add (&attributes, "{ss}", "xdg:schema", "kr.krsecret.Item");
  g_variant_builder_add (&attributes, "{ss}", "id", id);
  g_variant_builder_add (&attributes, "{ss}", "kind", kind);
  return bare_call (self, SERVICE_PATH, "Service.SearchItems",
                    g_variant_new ("(a{ss})", &attributes));
}

static void
bare_lookup (Bare *self, const char *id)
{
  g_autoptr (GVariant) found = bare_search (self, id, "krsecret-token");
  g_autoptr (GVariant) paths = g_variant_get_child_value (found, 0);
  g_autoptr (GVariant) reply = bare_call (self, SERVICE_PATH, "Service.GetSecrets",
                                          g_variant_new ("(@aoo)", paths, self->session));
  g_autoptr (GVariant) secrets = g_variant_get_child_value (reply, 0);

  g_assert_cmpuint (g_variant_n_children (secrets), ==, 1);
}

/* Another program stores something of its own. The client cannot tell from the keyring's signals
 * whether they concern its tokens, and looks again. Returns when the signals have reached this
 * process. */
static void
change_something (Bare *self)
{
  const char *const attributes[] = { "bench", "something else" };
  G_GNUC_UNUSED g_autoptr (GVariant) created = NULL;
  G_GNUC_UNUSED g_autoptr (GVariant) asked = NULL;
  GVariantBuilder properties;

  g_variant_builder_init (&properties, G_VARIANT_TYPE ("a{sv}"));
  g_variant_builder_add (&properties, "{sv}", IFACE "Item.Label",
                         g_variant_new_string ("something else"));
  g_variant_builder_add_parsed (&properties, "{'" IFACE "Item.Attributes', <{%s: %s}>}",
                                attributes[0], attributes[1]);
  created = bare_call (self, TEST_KEYRING_LOGIN, "Collection.CreateItem",
                       g_variant_new ("(a{sv}(oayays)b)", &properties, self->session, NULL, NULL,
                                      "text/plain", TRUE));
  /* The daemon may send its signals after its answer to one call, but not after its answer to a
   * second. */
  asked = bare_search (self, "none", "none");
  test_bus_catch_up ();
}

/* Without this we would not know what was measured. */
static void
check_keyring_is_asked (World *world, Bare *bare)
{
  g_autoptr (TestMonitor) monitor = test_monitor_start ();
  guint before;

  for (guint i = 0; i < CHECKED_ROUNDS; i++)
    {
      change_something (bare);
      before = test_monitor_count (monitor, "GetSecrets");
      get_tokens (world->client, world->account, 1);
      g_assert_cmpuint (test_monitor_count (monitor, "GetSecrets"), >, before);
    }
}

void
measure_keyring (World *world)
{
  const char *id = kr_secret_account_get_id (world->account);
  g_autoptr (GArray) ours = bench_times_new ();
  g_autoptr (GArray) theirs = bench_times_new ();
  g_autoptr (GArray) floor = bench_times_new ();
  Bare bare;

  bare_open (&bare);
  for (guint i = 0; i < KEYRING_ROUNDS; i++)
    {
      double start;

      change_something (&bare);
      start = bench_now ();
      get_tokens (world->client, world->account, 1);
      bench_times_add (ours, bench_now () - start);
      change_something (&bare);
      bench_times_add (theirs, time_lookups (id, 1));
      change_something (&bare);
      start = bench_now ();
      bare_lookup (&bare, id);
      bench_times_add (floor, bench_now () - start);
    }
  check_keyring_is_asked (world, &bare);
  bare_close (&bare);
  bench_add_row ("get_token, from the keyring", bench_median (ours) / bench_median (theirs), "x",
                 BENCH_AT_MOST, 1.1, "%.0f us to %.0f us: secret_password_lookup_sync, same item",
                 bench_median (ours) * 1000, bench_median (theirs) * 1000);
  bench_add_row ("SearchItems and GetSecrets alone", bench_median (floor) * 1000, "us",
                 BENCH_NO_BOUND, 0, "the floor of the row above: plain D-Bus, same item");
}
