/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Trouble with the keyring or the bus during a long-running program. */
#include "daemon.h"
#include "krsecret.h"
#include "test-bus.h"
#include "test-keyring.h"
#include "test-process.h"
#include "victim.h"

static KrSecretClient *
client_new (KrSecretAccount **out_account)
{
  KrSecretClient *client = kr_secret_client_new ();
  g_autoptr (GError) error = NULL;

  kr_secret_client_load (client, NULL, &error);
  g_assert_no_error (error);
  *out_account = kr_secret_client_find_account (client, "a", &error);
  g_assert_no_error (error);
  return client;
}

static KrSecretToken *
get_token (KrSecretClient *client, KrSecretAccount *account, GError **error)
{
  return kr_secret_client_get_token (client, account, KR_SECRET_TOKEN_ACCESS,
                                     KR_SECRET_MIN_VALIDITY, KR_SECRET_TOKEN_DEFAULT, NULL, error);
}

static void
assert_token (KrSecretClient *client, KrSecretAccount *account, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (KrSecretToken) token = get_token (client, account, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (secret_value_get_text (kr_secret_token_get_value (token)), ==, expected);
}

/* The client's memory must not outlive the daemon that would report changes. */
static void
test_daemon_restarted (World *world, gconstpointer data)
{
  g_autoptr (KrSecretClient) client = NULL;
  g_autoptr (KrSecretAccount) account = NULL;

  add_account (world, "ls", 0, "a", "paper");
  client = client_new (&account);
  for (guint i = 1; i <= 5; i++)
    {
      g_autofree char *old = stored_token (world, "a");
      g_autofree char *token = NULL;

      assert_token (client, account, old);
      test_keyring_kill ();
      daemon_start ();
      assert_token (client, account, old);
      tool_ends (world, 0, "forget", "a");
      tool_ends (world, 0, "token", "a");
      token = stored_token (world, "a");
      g_assert_cmpstr (token, !=, old);
      test_bus_catch_up ();
      assert_token (client, account, token);
      g_assert_cmpuint (test_simulator_count (world->simulator, "ls", "issue"), ==, i + 1);
    }
}

static void
test_daemon_gone (World *world, gconstpointer data)
{
  g_autoptr (KrSecretClient) client = NULL;
  g_autoptr (KrSecretAccount) account = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *token = NULL;

  add_unverified (world, "ls", 0, "a");
  client = client_new (&account);
  test_keyring_kill ();
  test_bus_catch_up ();
  g_assert_null (get_token (client, account, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_NO_KEYRING);
  g_assert_cmpuint (test_simulator_count (world->simulator, "ls", "connections"), ==, 0);
  daemon_start ();
  token = stored_token (world, "a");
  g_assert_null (token);
}

/* It reports that at once, asks no one, and leaves every prompt alone. */
static void
test_locked (World *world, gconstpointer data)
{
  static const char *const commands[]
      = { "token", "header", "refresh", "show", "revoke", "forget", "remove", "list" };
  g_autoptr (KrSecretClient) client = NULL;
  g_autoptr (KrSecretAccount) account = NULL;
  g_autoptr (TestMonitor) monitor = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *key = test_simulator_get_key_lines ("ls", 1);

  add_unverified (world, "ls", 0, "a");
  client = client_new (&account);
  monitor = test_monitor_start ();
  test_keyring_lock ();
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      const char *alias = g_str_equal (commands[i], "list") ? NULL : "a";
      g_autoptr (TestRun) ran = tool (world, 5, commands[i], alias);

      g_assert_cmpint (ran->took, <, 10000); /* of 30 s; the rest is for a busy machine */
    }
  test_run_free (tool_fed (world, 5, key, ADD (world, "ls", "b")));
  g_assert_null (get_token (client, account, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_LOCKED);
  g_assert_cmpuint (test_monitor_count (monitor, "Prompt"), ==, 0);
  g_assert_cmpuint (test_monitor_count (monitor, "Dismiss"), ==, 0);
  g_assert_cmpuint (test_simulator_count (world->simulator, "ls", "connections"), ==, 0);
  g_assert_true (test_keyring_is_alive ());
  test_keyring_unlock ();
  tool_ends (world, 0, "token", "a");
}

static void
got_token (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (KrSecretToken) token
      = kr_secret_client_get_token_finish (KR_SECRET_CLIENT (source), result, &error);
  gboolean *done = data;

  g_print ("%s\n", token != NULL ? "token" : kr_secret_error_get_word (error));
  *done = TRUE;
}

static void
loaded (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  gboolean *done = data;

  kr_secret_client_load_finish (KR_SECRET_CLIENT (source), result, &error);
  g_print ("%s\n", error == NULL ? "loaded" : kr_secret_error_get_word (error));
  *done = TRUE;
}

static void
wait_for (gboolean *done)
{
  while (!*done)
    g_main_context_iteration (NULL, TRUE);
}

/* A program with a main loop that asks for a token, and then for something in the keyring. */
static int
run_program (void)
{
  g_autoptr (KrSecretAccount) account = NULL;
  g_autoptr (KrSecretClient) client = client_new (&account);
  gboolean has_token = FALSE, has_loaded = FALSE;

  kr_secret_client_get_token_async (client, account, KR_SECRET_TOKEN_ACCESS, KR_SECRET_MIN_VALIDITY,
                                    KR_SECRET_TOKEN_DEFAULT, NULL, got_token, &has_token);
  wait_for (&has_token);
  kr_secret_client_load_async (client, NULL, loaded, &has_loaded);
  wait_for (&has_loaded);
  return 0;
}

/* The token has arrived and cannot be stored; from then on there is no keyring. */
static void
test_bus_dies_during_an_issue (World *world, gconstpointer data)
{
  g_autoptr (GSubprocess) program = NULL;
  g_autofree char *out = NULL;

  add_unverified (world, "ls", 0, "a");
  test_simulator_set (world->simulator, "ls", "'latency_ms':700");
  program = test_spawn_self ("--program", NULL);
  test_wait_until (test_simulator_count (world->simulator, "ls", "connections") > 0);
  test_kill (test_pid_from_env ("KR_TEST_BUS_PID"));
  out = test_finish (program);
  g_assert_cmpstr (out, ==, "token\nno-keyring\n");
  g_assert_cmpuint (test_simulator_count (world->simulator, "ls", "issue"), ==, 1);
}

/* Without a bus there is nothing left to clear. */
static void
tear_down_without_bus (World *world, gconstpointer data)
{
  test_simulator_free (world->simulator);
  g_strfreev (world->env);
}

int
main (int argc, char **argv)
{
  if (argc == 2 && g_str_equal (argv[1], "--program"))
    return run_program ();
  g_test_init (&argc, &argv, NULL);
  FAULT_TEST ("/session/daemon-restarted", NULL, test_daemon_restarted);
  FAULT_TEST ("/session/daemon-gone", NULL, test_daemon_gone);
  FAULT_TEST ("/session/locked", NULL, test_locked);
  /* The last test: it leaves no bus. */
  g_test_add ("/session/the-bus-dies-during-an-issue", World, NULL, world_set_up,
              test_bus_dies_during_an_issue, tear_down_without_bus);
  return g_test_run ();
}
