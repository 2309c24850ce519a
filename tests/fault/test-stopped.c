/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Something that everything waits for has stopped: each command ends at its deadline, and when it
 * continues, everything works again. */
#include <gio/gunixsocketaddress.h>

#include "test-keyring.h"
#include "test-process.h"
#include "victim.h"

#define TIMEOUT " --timeout 1"

/* A command that runs at the same time as others. */
typedef struct
{
  World *world;
  const char *line; /* as a shell would take it */
  char *input;
  TestRun *ran;
  GThread *thread;
} Beside;

static gpointer
run_beside (gpointer data)
{
  Beside *beside = data;
  g_autofree char *whole = g_strconcat (g_getenv ("KR_TEST_TOOL"), " ", beside->line, NULL);
  g_auto (GStrv) argv = NULL;

  g_assert_true (g_shell_parse_argv (whole, NULL, &argv, NULL));
  beside->ran = test_run (beside->world->env, (const char *const *) argv, beside->input, -1);
  return NULL;
}

static void
beside_start (Beside *beside, World *world, const char *line)
{
  beside->world = world;
  beside->line = line;
  beside->thread = g_thread_new (line, run_beside, beside);
}

static TestRun *
beside_finish (Beside *beside)
{
  g_thread_join (beside->thread);
  g_free (beside->input);
  return beside->ran;
}

/* Runs all of them at once. Each ends with one of two statuses and, with --timeout, soon. */
static void
run_all (World *world, const char *const *lines, int status, int or_status)
{
  guint n = g_strv_length ((char **) lines);
  g_autofree Beside *all = g_new0 (Beside, n);

  for (guint i = 0; i < n; i++)
    {
      if (g_str_has_prefix (lines[i], "add "))
        all[i].input = test_simulator_get_key_lines ("ls", 7);
      else if (g_str_has_prefix (lines[i], "reject "))
        all[i].input = g_strdup ("some.token.of.some.other\n");
      beside_start (&all[i], world, lines[i]);
    }
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (TestRun) ran = beside_finish (&all[i]);

      if (ran->status != status && ran->status != or_status)
        test_fail ("'%s' ended with %d: %s", lines[i], ran->status, ran->err);
      if (ran->took > 8000)
        test_fail ("'%s' took %d ms", lines[i], (int) ran->took);
    }
}

/* All commands that need the keyring. */
static const char *const keyring_commands[] = {
  "token a" TIMEOUT,
  "token a --min-validity 6h" TIMEOUT,
  "list" TIMEOUT,
  "show a" TIMEOUT,
  "header a" TIMEOUT,
  "refresh a" TIMEOUT,
  "reject a" TIMEOUT,
  "wait a --valid-until 06:00" TIMEOUT,
  "monitor" TIMEOUT,
  "revoke a" TIMEOUT,
  "forget a" TIMEOUT,
  "remove a" TIMEOUT,
  "add ls b --env paper --endpoint http://127.0.0.1:9" TIMEOUT,
  "add ls b --env paper --endpoint http://127.0.0.1:9 --no-verify" TIMEOUT,
  NULL,
};
static const char *const other_commands[] = { "brokers" TIMEOUT, "version" TIMEOUT, NULL };

static void
assert_works (World *world, const char *token)
{
  g_autoptr (TestRun) ran = tool (world, 0, "token", "a");

  g_assert_cmpstr (g_strchomp (ran->out), ==, token);
  tool_ends (world, 0, "list");
  tool_ends (world, 0, "show", "a");
  tool_ends (world, 0, "header", "a");
  g_assert_cmpuint (test_simulator_count (world->simulator, "ls", "issue"), ==, 1);
  g_assert_cmpuint (test_simulator_count (world->simulator, "ls", "revoke"), ==, 0);
  tool_ends (world, 0, "revoke", "a");
  tool_ends (world, 0, "forget", "a");
  tool_ends (world, 0, "remove", "a");
}

static void
check_stopped (World *world, GPid pid)
{
  g_autofree char *token = NULL;

  add_account (world, "ls", 0, "a", "paper");
  token = stored_token (world, "a");
  test_pause (pid);
  run_all (world, keyring_commands, 9, 6);
  run_all (world, other_commands, 0, 0);
  test_resume (pid);
  assert_works (world, token);
}

static void
test_daemon (World *world, gconstpointer data)
{
  check_stopped (world, test_keyring_get_pid ());
}

static void
test_bus (World *world, gconstpointer data)
{
  check_stopped (world, test_pid_from_env ("KR_TEST_BUS_PID"));
}

/* Accepts connections and never sends anything. */
static void
test_mute_bus (World *world, gconstpointer data)
{
  g_autofree char *path = g_build_filename (g_getenv ("XDG_RUNTIME_DIR"), "mute", NULL);
  g_autofree char *address = g_strconcat ("unix:path=", path, NULL);
  g_autofree char *right = g_strdup (g_environ_getenv (world->env, "DBUS_SESSION_BUS_ADDRESS"));
  g_autofree char *token = NULL;
  g_autoptr (GSocketListener) listener = g_socket_listener_new ();
  g_autoptr (GSocketAddress) where = g_unix_socket_address_new (path);
  g_autoptr (GError) error = NULL;

  g_socket_listener_add_address (listener, where, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT,
                                 NULL, NULL, &error);
  g_assert_no_error (error);
  add_account (world, "ls", 0, "a", "paper");
  token = stored_token (world, "a");
  world_setenv (world, "DBUS_SESSION_BUS_ADDRESS", address);
  run_all (world, keyring_commands, 9, 6);
  run_all (world, other_commands, 0, 0);
  world_setenv (world, "DBUS_SESSION_BUS_ADDRESS", right);
  assert_works (world, token);
}

/* Lets a helper wait for the broker while it holds the account's lock, and stops it there. */
static GPid
stop_helper (World *world, Beside *beside, const char *line)
{
  g_autofree char *id = victim_get_id (world, "a");
  GPid pid;

  beside_start (beside, world, line);
  test_wait_until (test_simulator_count (world->simulator, "kis", "connections") > 0);
  pid = test_wait_for_argument (id);
  test_pause (pid);
  return pid;
}

static void
test_lock_holder (World *world, gconstpointer data)
{
  static const char *const with_lock[] = {
    "token a" TIMEOUT,
    "token a --wait 1" TIMEOUT,
    "header a" TIMEOUT,
    "revoke a" TIMEOUT,
    "forget a" TIMEOUT,
    "remove a" TIMEOUT,
    NULL,
  };
  static const char *const without[] = {
    "list" TIMEOUT,
    "show a" TIMEOUT,
    "brokers" TIMEOUT,
    "add ls b --env paper --endpoint http://127.0.0.1:9 --no-verify" TIMEOUT,
    NULL,
  };
  Beside first = { NULL };
  g_autofree char *token = NULL;
  GPid pid;

  add_unverified (world, "kis", 0, "a");
  test_simulator_set (world->simulator, "kis", "'latency_ms':500");
  pid = stop_helper (world, &first, "token a --timeout 25");
  run_all (world, with_lock, 9, 9);
  run_all (world, without, 0, 0);
  g_assert_cmpuint (test_simulator_count (world->simulator, "kis", "connections"), ==, 1);
  test_resume (pid);
  {
    g_autoptr (TestRun) ran = beside_finish (&first);

    g_assert_cmpint (ran->status, ==, 0);
    token = stored_token (world, "a");
    g_assert_cmpstr (g_strchomp (ran->out), ==, token);
  }
  g_assert_cmpuint (test_simulator_count (world->simulator, "kis", "issue"), ==, 1);
  tool_ends (world, 0, "header", "a");
  tool_ends (world, 0, "revoke", "a");
  tool_ends (world, 0, "forget", "a");
  tool_ends (world, 0, "remove", "a");
}

/* The websocket key's helper holds the same lock. */
static void
test_lock_holder_valid_token (World *world, gconstpointer data)
{
  Beside holder = { NULL };
  g_autofree char *token = NULL;
  gint64 last;
  GPid pid;

  add_account (world, "kis", 0, "a", "paper");
  token = stored_token (world, "a");
  last = g_get_real_time () / G_USEC_PER_SEC;
  test_simulator_reset (world->simulator, "kis");
  test_simulator_set (world->simulator, "kis", "'latency_ms':500");
  pid = stop_helper (world, &holder, "token a --kind websocket --timeout 25");
  {
    g_autoptr (TestRun) fresh
        = tool (world, 0, "token", "a", "--timeout", "1", "--min-validity", "1s");

    g_assert_cmpstr (g_strchomp (fresh->out), ==, token);
  }
  /* With half its life over it would be replaced, if that were possible. */
  test_wait_until (g_get_real_time () / G_USEC_PER_SEC > last + 10);
  {
    g_autoptr (TestRun) ran
        = tool (world, 0, "token", "a", "--timeout", "1", "--min-validity", "1h");

    g_assert_cmpstr (g_strchomp (ran->out), ==, token);
    g_assert_cmpint (ran->took, >=, 300); /* it did try */
  }
  g_assert_cmpuint (test_simulator_count (world->simulator, "kis", "issue"), ==, 0);
  test_resume (pid);
  test_run_free (beside_finish (&holder));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  FAULT_TEST ("/stopped/daemon", NULL, test_daemon);
  FAULT_TEST ("/stopped/bus", NULL, test_bus);
  FAULT_TEST ("/stopped/mute-bus", NULL, test_mute_bus);
  FAULT_TEST ("/stopped/lock-holder", NULL, test_lock_holder);
  FAULT_TEST ("/stopped/lock-holder-with-valid-token", "--lifetime 18 --same-token-window 0",
              test_lock_holder_valid_token);
  return g_test_run ();
}
