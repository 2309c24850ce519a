/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One exit status for each way in which things can fail. */

#include "terminal.h"

#include "test-files.h"
#include "test-keyring.h"
#include "test-process.h"

/* All commands that need the keyring, for an account “a”. */
static const char *const needing[][4] = { { "list" },
                                          { "show", "a" },
                                          { "token", "a" },
                                          { "header", "a" },
                                          { "revoke", "a" },
                                          { "revoke", "--all" },
                                          { "forget", "a" },
                                          { "forget", "--all" },
                                          { "remove", "a" },
                                          { "remove", "a", "--keep-token" },
                                          { "remove", "a", "--force" },
                                          { "token", "a", "--no-issue" } };

static void
check_all (World *world, int status, const char *code, gint64 within_ms)
{
  g_autofree char *key = test_simulator_get_key_lines ("ls", 9);

  for (gsize i = 0; i <= G_N_ELEMENTS (needing); i++)
    {
      g_autoptr (TestRun) ran
          = i == G_N_ELEMENTS (needing)
                ? tool_fed (world, ANY_STATUS, key, "--json", ADD (world, "ls", "new"))
                : tool (world, ANY_STATUS, "--json", needing[i][0], needing[i][1], needing[i][2]);
      g_autoptr (JsonObject) error = NULL;

      if (ran->status != status)
        test_fail ("%s %s ended with %d: %s", i < G_N_ELEMENTS (needing) ? needing[i][0] : "add",
                   i < G_N_ELEMENTS (needing) ? needing[i][1] : "", ran->status, ran->err);
      error = failure (ran, code);
      g_assert_cmpint (ran->took, <, within_ms);
    }
}

static void
test_locked (World *world, gconstpointer data)
{
  add_account (world, "ls", 0, "a", "paper");
  {
    guint items = test_keyring_count (NULL, NULL);
    guint requests = test_simulator_count (world->simulator, "ls", "connections");

    test_keyring_lock ();
    /* Far within the deadline of 30 s; the rest is for a busy machine. */
    check_all (world, 5, "locked", 10000);
    g_assert_cmpuint (test_simulator_count (world->simulator, "ls", "connections"), ==, requests);
    test_keyring_unlock ();
    g_assert_cmpuint (test_keyring_count (NULL, NULL), ==, items);
  }
  tool_ends (world, 0, "token", "a");
}

/* Locked does not mean empty: no command may say that there is no such account. */
static void
test_locked_unknown_account (World *world, gconstpointer data)
{
  add_account (world, "ls", 0, "a", "paper");
  test_keyring_lock ();
  tool_ends (world, 5, "token", "nobody");
  tool_ends (world, 5, "remove", "nobody");
  test_keyring_unlock ();
}

static void
test_no_bus (World *world, gconstpointer data)
{
  add_account (world, "ls", 0, "a", "paper");
  world_hide_bus (world);
  check_all (world, 6, "no-keyring", 10000);
  g_assert_cmpuint (test_simulator_count (world->simulator, "ls", "connections"), ==, 1);
}

static void
test_dead_bus (World *world, gconstpointer data)
{
  g_autofree char *address
      = g_strdup_printf ("unix:path=%s/no-such-socket", g_getenv ("KR_TEST_DIR"));

  world_setenv (world, "DBUS_SESSION_BUS_ADDRESS", address);
  check_all (world, 6, "no-keyring", 10000);
  world_setenv (world, "DBUS_SESSION_BUS_ADDRESS", "nonsense");
  check_all (world, 6, "no-keyring", 10000);
}

/* There is no HOME either; a clear message instead of a guess. */
static void
test_no_home (World *world, gconstpointer data)
{
  const char *const names[]
      = { "HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME" };

  world_hide_bus (world);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    world_unsetenv (world, names[i]);
  {
    g_autoptr (TestRun) ran = tool (world, ANY_STATUS, "token", "a");

    g_assert_true (ran->status == 6 || ran->status == 12);
  }
}

static void
test_keyring_stopped (World *world, gconstpointer data)
{
  add_account (world, "ls", 0, "a", "paper");
  test_pause (test_keyring_get_pid ());
  {
    const char *const commands[][2]
        = { { "list" }, { "token", "a" }, { "revoke", "a" }, { "remove", "a" } };

    for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
      {
        g_autoptr (TestRun) ran
            = tool (world, ANY_STATUS, "--json", "--timeout", "1", commands[i][0], commands[i][1]);
        g_autoptr (JsonObject) error = NULL;

        if (ran->status != 9)
          {
            test_resume (test_keyring_get_pid ());
            test_fail ("%s ended with %d: %s", commands[i][0], ran->status, ran->err);
          }
        error = failure (ran, "deadline");
        g_assert_cmpint (ran->took, >=, 900);
        g_assert_cmpint (ran->took, <, 10000);
      }
  }
  test_resume (test_keyring_get_pid ());
  g_assert_cmpuint (test_simulator_count (world->simulator, "ls", "revoke"), ==, 0);
  tool_ends (world, 0, "token", "a");
}

/* Items come and go while other commands look: add tests the keyring with an item that it removes
 * again. An item that disappears between search and read counts as absent, not as a failure. */
static void
test_others_at_work (World *world, gconstpointer data)
{
  const char *const script = "for i in $(seq 60); do \"$KR_TEST_TOOL\" add ls b --env paper; done";
  GSubprocess *others[2];

  add_account (world, "ls", 0, "a", "paper");
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (
          G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE);

      g_subprocess_launcher_set_environ (launcher, world->env);
      others[i] = g_subprocess_launcher_spawn (launcher, &error, "sh", "-c", script, NULL);
      g_assert_no_error (error);
    }
  /* A process that has ended no longer has an identifier. */
  while (g_subprocess_get_identifier (others[0]) != NULL
         || g_subprocess_get_identifier (others[1]) != NULL)
    {
      g_autoptr (TestRun) list = tool (world, 0, "list", "--json");
      g_autoptr (JsonObject) whole = document (list);

      g_assert_cmpuint (json_array_get_length (json_object_get_array_member (whole, "accounts")),
                        ==, 1);
      tool_ends (world, 0, "token", "a");
    }
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    g_object_unref (others[i]);
}

static void
test_rate_limited_here (World *world, gconstpointer data)
{
  add_account (world, "kis", 0, "a", "paper");
  tool_ends (world, 0, "forget", "a");
  {
    g_autoptr (TestRun) ran = tool (world, 7, "token", "a", "--json");
    g_autoptr (JsonObject) error = failure (ran, "rate-limited");
    gint64 wait = json_object_get_int_member (error, "retry_after");

    check_members (error, "code exit retry_after message");
    g_assert_cmpint (wait, >=, 30);
    g_assert_cmpint (wait, <=, 61);
    tool_ends (world, 7, "header", "a");
  }
  g_assert_cmpuint (test_simulator_count (world->simulator, "kis", "issue"), ==, 1);
}

/* Another machine of the same user asked a moment ago: only the broker knows. */
static void
test_rate_limited_there (World *world, gconstpointer data)
{
  add_unverified (world, "kis", 0, "a");
  g_assert_cmpuint (test_simulator_issue (world->simulator, "kis", 0), ==, 200);
  {
    g_autoptr (TestRun) ran = tool (world, 7, "token", "a", "--json");
    g_autoptr (JsonObject) error = failure (ran, "rate-limited");
    gint64 wait = json_object_get_int_member (error, "retry_after");

    check_members (error, "code exit retry_after broker_code message");
    g_assert_cmpstr (json_object_get_string_member (error, "broker_code"), ==, "EGW00133");
    g_assert_cmpint (wait, >, 0);
    g_assert_cmpint (wait, <=, 61);
  }
  g_assert_cmpuint (test_simulator_count (world->simulator, "kis", "issue"), ==, 2);
  /* And it is not asked again before then. */
  tool_ends (world, 7, "token", "a");
  g_assert_cmpuint (test_simulator_count (world->simulator, "kis", "issue"), ==, 2);
}

static void
test_broker_down (World *world, gconstpointer data)
{
  add_unverified (world, "ls", 0, "a");
  test_simulator_stop (world->simulator);
  {
    g_autoptr (TestRun) ran = tool (world, 8, "token", "a", "--json");
    G_GNUC_UNUSED g_autoptr (JsonObject) error = failure (ran, "unreachable");

    g_assert_cmpint (ran->took, <, 5000);
  }
}

/* A key that used to work no longer does: the user has to look, and nothing is thrown away. */
static void
test_refused_later (World *world, gconstpointer data)
{
  const struct
  {
    const char *broker;
    const char *fault;
    const char *code;
  } rows[] = { { "kis", "'fault':'refuse-key'", "EGW00103" },
               { "kiwoom", "'fault':'refuse-secret'", "8001" },
               { "ls", "'fault':'refuse-secret'", "IGW00105" } };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      add_unverified (world, rows[i].broker, 0, rows[i].broker);
      test_simulator_fault (world->simulator, rows[i].broker, rows[i].fault);
      {
        g_autoptr (TestRun) ran = tool (world, 4, "token", rows[i].broker, "--json");
        g_autoptr (JsonObject) error = failure (ran, "refused");

        check_members (error, "code exit broker_code message");
        g_assert_cmpstr (json_object_get_string_member (error, "broker_code"), ==, rows[i].code);
      }
    }
  g_assert_cmpuint (count_accounts (world), ==, 3);
}

/* The lock file: something in its place, held by others, open to others. */
static void
test_ledger_unsafe (World *world, gconstpointer data)
{
  g_autofree char *key = test_simulator_get_key_lines ("ls", 0);
  g_autoptr (TestDirectory) state = world_expose_ledger (world);
  g_autofree char *directory = g_build_filename (state, "krsecret", NULL);

  {
    g_autoptr (TestRun) ran = tool_fed (world, 12, key, "--json", ADD (world, "ls", "a"));
    G_GNUC_UNUSED g_autoptr (JsonObject) whole = document (ran);

    test_assert_contains (ran->err, directory);
  }
  g_assert_cmpuint (test_simulator_count (world->simulator, "ls", "connections"), ==, 0);
  g_assert_cmpuint (test_keyring_count (NULL, NULL), ==, 0);
}

static void
test_interrupted (World *world, gconstpointer data)
{
  add_unverified (world, "ls", 0, "a");
  test_simulator_set (world->simulator, "ls", "'latency_ms':1500");
  {
    g_autoptr (Terminal) terminal = terminal_start (world, TERMINAL_ALL, "token", "a", NULL);

    test_wait_until (test_simulator_count (world->simulator, "ls", "connections") > 0);
    terminal_type (terminal, "\003");
    g_assert_cmpint (terminal_end (terminal), ==, 130);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  WORLD_TEST ("errors/locked-keyring-is-5-without-a-request", NULL, test_locked);
  WORLD_TEST ("errors/locked-is-not-absent", NULL, test_locked_unknown_account);
  WORLD_TEST ("errors/no-bus-is-6", NULL, test_no_bus);
  WORLD_TEST ("errors/dead-bus-is-6", NULL, test_dead_bus);
  WORLD_TEST ("errors/no-home-is-6-or-12", NULL, test_no_home);
  WORLD_TEST ("errors/stopped-keyring-is-9-at-the-deadline", NULL, test_keyring_stopped);
  WORLD_TEST ("errors/others-at-work-are-none", NULL, test_others_at_work);
  WORLD_TEST ("errors/rate-limit-known-here-is-7-without-a-request", NULL, test_rate_limited_here);
  WORLD_TEST ("errors/rate-limit-of-the-broker-is-7-with-its-code", NULL, test_rate_limited_there);
  WORLD_TEST ("errors/broker-down-is-8", NULL, test_broker_down);
  WORLD_TEST ("errors/refused-key-is-4-and-stays-stored", NULL, test_refused_later);
  WORLD_TEST ("errors/unsafe-state-directory-is-12", NULL, test_ledger_unsafe);
  WORLD_TEST ("errors/interrupted-is-130", NULL, test_interrupted);
  return g_test_run ();
}
