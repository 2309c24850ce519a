/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The session bus: absent, stopped, or gone under a program. Each test is a process of its own. */
#include <gio/gunixsocketaddress.h>

#include "krsecret.h"
#include "test-process.h"

static KrSecretClient *
client_new (guint timeout)
{
  KrSecretClient *client = kr_secret_client_new ();

  kr_secret_client_set_timeout (client, timeout);
  return client;
}

static void
assert_load_fails (KrSecretClient *client, KrSecretError code)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (kr_secret_client_load (client, NULL, &error));
  g_assert_error (error, KR_SECRET_ERROR, (int) code);
}

static void
test_no_bus_is_said_at_once (void)
{
  g_autoptr (KrSecretClient) client = client_new (20000);
  gint64 began = g_get_monotonic_time ();

  g_unsetenv ("DBUS_SESSION_BUS_ADDRESS");
  g_unsetenv ("XDG_RUNTIME_DIR");
  assert_load_fails (client, KR_SECRET_ERROR_NO_KEYRING);
  g_assert_cmpint (g_get_monotonic_time () - began, <, 2 * G_USEC_PER_SEC);
}

static void
test_address_that_leads_nowhere (void)
{
  g_autoptr (KrSecretClient) client = client_new (20000);
  gint64 began = g_get_monotonic_time ();

  g_setenv ("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus", TRUE);
  assert_load_fails (client, KR_SECRET_ERROR_NO_KEYRING);
  g_setenv ("DBUS_SESSION_BUS_ADDRESS", "nonsense", TRUE);
  assert_load_fails (client, KR_SECRET_ERROR_NO_KEYRING);
  g_assert_cmpint (g_get_monotonic_time () - began, <, 4 * G_USEC_PER_SEC);
}

/* A server that accepts a connection and never sends anything. */
static void
test_mute_bus_ends_at_the_deadline (void)
{
  g_autofree char *path = g_build_filename (g_getenv ("XDG_RUNTIME_DIR"), "mute", NULL);
  g_autofree char *address = g_strconcat ("unix:path=", path, NULL);
  g_autoptr (GSocketListener) listener = g_socket_listener_new ();
  g_autoptr (GSocketAddress) where = g_unix_socket_address_new (path);
  g_autoptr (KrSecretClient) client = client_new (50);
  g_autoptr (GError) error = NULL;

  g_socket_listener_add_address (listener, where, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT,
                                 NULL, NULL, &error);
  g_assert_no_error (error);
  g_setenv ("DBUS_SESSION_BUS_ADDRESS", address, TRUE);
  for (int i = 0; i < 8; i++)
    {
      gint64 began = g_get_monotonic_time ();

      assert_load_fails (client, KR_SECRET_ERROR_DEADLINE);
      g_assert_cmpint (g_get_monotonic_time () - began, <, 5 * G_USEC_PER_SEC);
    }
}

static void
test_stopped_bus_ends_at_the_deadline (void)
{
  g_autoptr (KrSecretClient) client = client_new (20000);
  g_autoptr (GError) error = NULL;
  GPid bus = test_pid_from_env ("KR_TEST_BUS_PID");
  gint64 began;

  kr_secret_client_load (client, NULL, &error);
  g_assert_no_error (error);
  kr_secret_client_set_timeout (client, 300);
  test_pause (bus);
  began = g_get_monotonic_time ();
  assert_load_fails (client, KR_SECRET_ERROR_DEADLINE);
  test_resume (bus);
  g_assert_cmpint (g_get_monotonic_time () - began, <, 5 * G_USEC_PER_SEC);
  kr_secret_client_set_timeout (client, 20000);
  kr_secret_client_load (client, NULL, &error);
  g_assert_no_error (error);
}

static void
test_bus_stopped_before_connecting (void)
{
  g_autoptr (KrSecretClient) client = client_new (300);
  g_autoptr (GError) error = NULL;
  GPid bus = test_pid_from_env ("KR_TEST_BUS_PID");
  gint64 began;

  test_pause (bus);
  began = g_get_monotonic_time ();
  assert_load_fails (client, KR_SECRET_ERROR_DEADLINE);
  g_assert_cmpint (g_get_monotonic_time () - began, <, 5 * G_USEC_PER_SEC);
  test_resume (bus);
  kr_secret_client_set_timeout (client, 20000);
  kr_secret_client_load (client, NULL, &error);
  g_assert_no_error (error);
}

static void
on_loaded (GObject *source, GAsyncResult *result, gpointer data)
{
  GError **error = data;

  kr_secret_client_load_finish (KR_SECRET_CLIENT (source), result, error);
}

static gboolean
on_tick (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

/* GDBus would end the program once its main loop runs. */
static void
test_program_outlives_the_bus (void)
{
  g_autoptr (KrSecretClient) client = client_new (20000);
  g_autoptr (GDBusConnection) shared = NULL;
  g_autoptr (GError) error = NULL;
  guint tick = g_timeout_add (10, on_tick, NULL);

  kr_secret_client_load (client, NULL, &error);
  g_assert_no_error (error);
  shared = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, NULL);
  g_assert_false (g_dbus_connection_get_exit_on_close (shared));
  test_kill (test_pid_from_env ("KR_TEST_BUS_PID"));
  while (!g_dbus_connection_is_closed (shared))
    g_main_context_iteration (NULL, TRUE);
  for (int i = 0; i < 8; i++)
    g_main_context_iteration (NULL, TRUE);
  for (int i = 0; i < 2; i++)
    {
      kr_secret_client_load_async (client, NULL, on_loaded, &error);
      while (error == NULL)
        g_main_context_iteration (NULL, TRUE);
      g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_NO_KEYRING);
      g_clear_error (&error);
    }
  g_source_remove (tick);
}

static void
run (gconstpointer data)
{
  void (*const *test) (void) = data;

  if (g_test_subprocess ())
    {
      (*test) ();
      return;
    }
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
  if (!g_test_trap_has_passed ())
    g_test_fail ();
}

static const struct
{
  const char *name;
  void (*test) (void);
} tests[] = {
  { "none-is-said-at-once", test_no_bus_is_said_at_once },
  { "address-that-leads-nowhere", test_address_that_leads_nowhere },
  { "mute-ends-at-the-deadline", test_mute_bus_ends_at_the_deadline },
  { "stopped-ends-at-the-deadline", test_stopped_bus_ends_at_the_deadline },
  { "stopped-before-connecting", test_bus_stopped_before_connecting },
  /* The last test: it leaves no bus. */
  { "program-outlives-it", test_program_outlives_the_bus },
};

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *path = g_strconcat ("/bus/", tests[i].name, NULL);

      g_test_add_data_func (path, &tests[i].test, run);
    }
  return g_test_run ();
}
