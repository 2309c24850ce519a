/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One exit status for each way in which the world can fail. */

#include "terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

/* All that need the keyring, for an account “a”. */
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
  g_autofree char *key = world_key (world, "ls", 9);

  for (gsize i = 0; i <= G_N_ELEMENTS (needing); i++)
    {
      g_autoptr (Ran) ran
          = i == G_N_ELEMENTS (needing)
                ? tool_fed (world, ANY_STATUS, key, "--json", "add", "ls", "new", "--env", "paper",
                            "--endpoint", world_uri (world, "ls"))
                : tool (world, ANY_STATUS, "--json", needing[i][0], needing[i][1], needing[i][2]);
      g_autoptr (JsonObject) error = NULL;

      if (ran->status != status)
        fail ("%s %s ended with %d: %s", i < G_N_ELEMENTS (needing) ? needing[i][0] : "add",
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
    guint items = world_count_items ();
    guint requests = world_count (world, "ls", "connections");

    world_lock_keyring ();
    /* Within a second; the rest is for a busy machine. */
    check_all (world, 5, "locked", 3000);
    g_assert_cmpuint (world_count (world, "ls", "connections"), ==, requests);
    world_unlock_keyring ();
    g_assert_cmpuint (world_count_items (), ==, items);
  }
  tool_ends (world, 0, "token", "a");
}

/* Locked is not empty: no command may say that there is no such account. */
static void
test_locked_unknown_account (World *world, gconstpointer data)
{
  add_account (world, "ls", 0, "a", "paper");
  world_lock_keyring ();
  tool_ends (world, 5, "token", "nobody");
  tool_ends (world, 5, "remove", "nobody");
  world_unlock_keyring ();
}

static void
test_no_bus (World *world, gconstpointer data)
{
  add_account (world, "ls", 0, "a", "paper");
  world_hide_bus (world);
  check_all (world, 6, "no-keyring", 3000);
  g_assert_cmpuint (world_count (world, "ls", "connections"), ==, 1);
}

static void
test_dead_bus (World *world, gconstpointer data)
{
  g_autofree char *address
      = g_strdup_printf ("unix:path=%s/no-such-socket", g_getenv ("KR_TEST_DIR"));

  world_setenv (world, "DBUS_SESSION_BUS_ADDRESS", address);
  check_all (world, 6, "no-keyring", 3000);
  world_setenv (world, "DBUS_SESSION_BUS_ADDRESS", "nonsense");
  check_all (world, 6, "no-keyring", 3000);
}

/* Nor a home; a clear word instead of a guess. */
static void
test_no_home (World *world, gconstpointer data)
{
  const char *const names[]
      = { "HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME" };

  world_hide_bus (world);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    world_unsetenv (world, names[i]);
  {
    g_autoptr (Ran) ran = tool (world, ANY_STATUS, "token", "a");

    g_assert_true (ran->status == 6 || ran->status == 12);
  }
}

static void
test_keyring_stopped (World *world, gconstpointer data)
{
  add_account (world, "ls", 0, "a", "paper");
  world_pause_keyring ();
  {
    const char *const commands[][2]
        = { { "list" }, { "token", "a" }, { "revoke", "a" }, { "remove", "a" } };

    for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
      {
        g_autoptr (Ran) ran
            = tool (world, ANY_STATUS, "--json", "--timeout", "1", commands[i][0], commands[i][1]);
        g_autoptr (JsonObject) error = NULL;

        if (ran->status != 9)
          {
            world_resume_keyring ();
            fail ("%s ended with %d: %s", commands[i][0], ran->status, ran->err);
          }
        error = failure (ran, "deadline");
        g_assert_cmpint (ran->took, >=, 900);
        g_assert_cmpint (ran->took, <, 4000);
      }
  }
  world_resume_keyring ();
  g_assert_cmpuint (world_count (world, "ls", "revoke"), ==, 0);
  tool_ends (world, 0, "token", "a");
}

static void
ended (GObject *source, GAsyncResult *result, gpointer data)
{
  g_assert_true (g_subprocess_wait_finish (G_SUBPROCESS (source), result, NULL));
  (*(guint *) data)--;
}

/* Items come and go while others look: add tries the keyring with one that it takes away again. An
 * item that is gone between search and read is absent; it is not a failure. */
static void
test_others_at_work (World *world, gconstpointer data)
{
  const char *const script = "for i in $(seq 60); do \"$KR_TEST_TOOL\" add ls b --env paper; done";
  guint running = 2;

  add_account (world, "ls", 0, "a", "paper");
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (
          G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE);
      g_autoptr (GSubprocess) process = NULL;

      g_subprocess_launcher_set_environ (launcher, world->env);
      process = g_subprocess_launcher_spawn (launcher, &error, "sh", "-c", script, NULL);
      g_assert_no_error (error);
      g_subprocess_wait_async (process, NULL, ended, &running);
    }
  while (running > 0)
    {
      g_autoptr (Ran) list = tool (world, 0, "list", "--json");
      g_autoptr (JsonObject) whole = document (list);

      g_assert_cmpuint (json_array_get_length (json_object_get_array_member (whole, "accounts")),
                        ==, 1);
      tool_ends (world, 0, "token", "a");
    }
}

static void
test_rate_limited_here (World *world, gconstpointer data)
{
  add_account (world, "kis", 0, "a", "paper");
  tool_ends (world, 0, "forget", "a");
  {
    g_autoptr (Ran) ran = tool (world, 7, "token", "a", "--json");
    g_autoptr (JsonObject) error = failure (ran, "rate-limited");
    gint64 wait = json_object_get_int_member (error, "retry_after");

    check_members (error, "code exit retry_after message");
    g_assert_cmpint (wait, >=, 30);
    g_assert_cmpint (wait, <=, 61);
    tool_ends (world, 7, "header", "a");
  }
  g_assert_cmpuint (world_count (world, "kis", "issue"), ==, 1);
}

/* Another machine of the user's asked a moment ago: only the broker knows. */
static void
test_rate_limited_there (World *world, gconstpointer data)
{
  g_autofree char *key = world_key (world, "kis", 0);

  ran_free (tool_fed (world, 0, key, "add", "kis", "a", "--env", "paper", "--no-verify",
                      "--endpoint", world_uri (world, "kis")));
  g_assert_cmpuint (world_issue_elsewhere (world, "kis", 0), ==, 200);
  {
    g_autoptr (Ran) ran = tool (world, 7, "token", "a", "--json");
    g_autoptr (JsonObject) error = failure (ran, "rate-limited");
    gint64 wait = json_object_get_int_member (error, "retry_after");

    check_members (error, "code exit retry_after broker_code message");
    g_assert_cmpstr (json_object_get_string_member (error, "broker_code"), ==, "EGW00133");
    g_assert_cmpint (wait, >, 0);
    g_assert_cmpint (wait, <=, 61);
  }
  g_assert_cmpuint (world_count (world, "kis", "issue"), ==, 2);
  /* And it is not asked again before that. */
  tool_ends (world, 7, "token", "a");
  g_assert_cmpuint (world_count (world, "kis", "issue"), ==, 2);
}

static void
test_broker_down (World *world, gconstpointer data)
{
  g_autofree char *key = world_key (world, "ls", 0);

  ran_free (tool_fed (world, 0, key, "add", "ls", "a", "--env", "paper", "--no-verify",
                      "--endpoint", world_uri (world, "ls")));
  world_stop_simulator (world);
  {
    g_autoptr (Ran) ran = tool (world, 8, "token", "a", "--json");
    g_autoptr (JsonObject) error = failure (ran, "unreachable");

    g_assert_cmpint (ran->took, <, 5000);
  }
}

/* A key that worked once does not any more: the person has to look, and nothing is thrown away. */
static void
test_refused_later (World *world, gconstpointer data)
{
  const struct
  {
    const char *broker;
    const char *fault;
    const char *code;
  } rows[] = { { "kis", "\"fault\":\"refuse-key\"", "EGW00103" },
               { "kiwoom", "\"fault\":\"refuse-secret\"", "8001" },
               { "ls", "\"fault\":\"refuse-secret\"", "IGW00105" } };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *key = world_key (world, rows[i].broker, 0);

      ran_free (tool_fed (world, 0, key, "add", rows[i].broker, rows[i].broker, "--env", "paper",
                          "--no-verify", "--endpoint", world_uri (world, rows[i].broker)));
      world_fault (world, rows[i].broker, rows[i].fault);
      {
        g_autoptr (Ran) ran = tool (world, 4, "token", rows[i].broker, "--json");
        g_autoptr (JsonObject) error = failure (ran, "refused");

        check_members (error, "code exit broker_code message");
        g_assert_cmpstr (json_object_get_string_member (error, "broker_code"), ==, rows[i].code);
      }
    }
  g_assert_cmpuint (count_accounts (world), ==, 3);
}

/* An account whose token is due, and whose broker may be asked. */
static void
add_untried (World *world, const char *broker, const char *alias)
{
  g_autofree char *key = world_key (world, broker, 0);

  ran_free (tool_fed (world, 0, key, "add", broker, alias, "--env", "paper", "--no-verify",
                      "--endpoint", world_uri (world, broker)));
}

/* A directory for plugins with copies of the good ones. */
static char *
copy_plugins (World *world)
{
  g_autofree char *directory = g_dir_make_tmp ("plugins-XXXXXX", NULL);
  const char *const names[] = { "kis.so", "kiwoom.so", "ls.so" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *from = g_build_filename (g_getenv ("KR_SECRET_PLUGIN_DIR"), names[i], NULL);
      g_autofree char *to = g_build_filename (directory, names[i], NULL);
      g_autofree char *content = NULL;
      gsize length;

      g_assert_true (g_file_get_contents (from, &content, &length, NULL));
      g_assert_true (g_file_set_contents (to, content, (gssize) length, NULL));
      g_assert_cmpint (g_chmod (to, 0755), ==, 0);
    }
  world_setenv (world, "KR_SECRET_PLUGIN_DIR", directory);
  return g_steal_pointer (&directory);
}

static void
test_plugin_missing (World *world, gconstpointer data)
{
  g_autofree char *directory = NULL;
  g_autofree char *plugin = NULL;
  g_autofree char *away = NULL;
  g_autofree char *key = world_key (world, "kis", 1);

  add_untried (world, "kis", "a");
  add_untried (world, "ls", "b");
  directory = copy_plugins (world);
  plugin = g_build_filename (directory, "kis.so", NULL);
  away = g_build_filename (directory, "kis.so.away", NULL);
  g_assert_cmpint (g_rename (plugin, away), ==, 0);
  {
    g_autoptr (Ran) token = tool (world, 11, "token", "a", "--json");
    g_autoptr (JsonObject) error = failure (token, "plugin");
    g_autoptr (Ran) list = tool (world, 0, "list", "--json");
    g_autoptr (JsonObject) whole = document (list);

    /* The account is still there. */
    g_assert_cmpuint (json_array_get_length (json_object_get_array_member (whole, "accounts")), ==,
                      2);
  }
  tool_ends (world, 11, "header", "a");
  tool_ends (world, 0, "show", "a");
  /* Nobody has heard of that broker. */
  ran_free (tool_fed (world, 3, key, "add", "kis", "c", "--env", "paper", "--endpoint",
                      world_uri (world, "kis")));
  /* The others do not mind. */
  tool_ends (world, 0, "token", "b");
}

/* That an account cannot be used is a problem of it. */
static void
test_plugin_missing_in_list (World *world, gconstpointer data)
{
  g_autofree char *directory = g_dir_make_tmp ("plugins-XXXXXX", NULL);

  add_untried (world, "kis", "a");
  world_setenv (world, "KR_SECRET_PLUGIN_DIR", directory);
  {
    g_autoptr (Ran) list = tool (world, 0, "list", "--json");
    g_autoptr (JsonObject) whole = document (list);
    JsonArray *accounts = json_object_get_array_member (whole, "accounts");

    g_assert_cmpuint (json_array_get_length (accounts), ==, 1);
    g_assert_false (
        json_object_get_null_member (json_array_get_object_element (accounts, 0), "problem"));
  }
}

/* Nobody is told to wait a minute for what will not work then either. */
static void
test_plugin_missing_inside_limit (World *world, gconstpointer data)
{
  g_autofree char *directory = g_dir_make_tmp ("plugins-XXXXXX", NULL);

  add_account (world, "kis", 0, "a", "paper");
  tool_ends (world, 0, "forget", "a");
  world_setenv (world, "KR_SECRET_PLUGIN_DIR", directory);
  tool_ends (world, 11, "token", "a");
}

static void
check_failed (World *world, const char *file)
{
  g_autoptr (Ran) ran = tool (world, 0, "brokers", "--json");
  g_autoptr (Ran) text = tool (world, 0, "brokers");
  g_autoptr (JsonObject) whole = document (ran);
  JsonArray *failed = json_object_get_array_member (whole, "failed");
  JsonObject *first;

  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (whole, "brokers")), ==, 2);
  g_assert_cmpuint (json_array_get_length (failed), ==, 1);
  first = json_array_get_object_element (failed, 0);
  check_members (first, "path reason");
  assert_contains (json_object_get_string_member (first, "path"), file);
  g_assert_cmpstr (json_object_get_string_member (first, "reason"), !=, "");
  if (strstr (text->out, file) == NULL)
    assert_contains (text->err, file);
}

static void
test_plugin_bad (World *world, gconstpointer data)
{
  g_autofree char *directory = NULL;
  g_autofree char *plugin = NULL;
  g_autofree char *other = NULL;

  add_untried (world, "kis", "a");
  directory = copy_plugins (world);
  plugin = g_build_filename (directory, "kis.so", NULL);
  other = g_build_filename (directory, "not-a-plugin", NULL);

  g_assert_cmpint (g_chmod (plugin, 0757), ==, 0);
  check_failed (world, "kis.so");
  tool_ends (world, 11, "token", "a");

  g_assert_cmpint (g_rename (plugin, other), ==, 0);
  g_assert_cmpint (g_chmod (other, 0755), ==, 0);
  g_assert_cmpint (symlink (other, plugin), ==, 0);
  check_failed (world, "kis.so");
  tool_ends (world, 11, "token", "a");

  g_assert_cmpint (g_unlink (plugin), ==, 0);
  g_assert_true (g_file_set_contents (plugin, "#!/bin/sh\necho hello\n", -1, NULL));
  check_failed (world, "kis.so");
  tool_ends (world, 11, "token", "a");
}

static void
test_no_plugins (World *world, gconstpointer data)
{
  g_autofree char *directory = g_dir_make_tmp ("plugins-XXXXXX", NULL);

  world_setenv (world, "KR_SECRET_PLUGIN_DIR", directory);
  {
    g_autoptr (Ran) ran = tool (world, 0, "brokers", "--json");

    g_assert_cmpstr (ran->out, ==, "{\"format_version\":1,\"brokers\":[],\"failed\":[]}\n");
  }
  g_rmdir (directory);
}

static void
test_helper_missing (World *world, gconstpointer data)
{
  g_autofree char *key = world_key (world, "ls", 0);

  world_setenv (world, "KR_SECRET_HELPER", "/nonexistent/kr-secret-helper");
  {
    g_autoptr (Ran) ran = tool_fed (world, ANY_STATUS, key, "--json", "add", "ls", "a", "--env",
                                    "paper", "--endpoint", world_uri (world, "ls"));
    g_autoptr (JsonObject) whole = document (ran);

    g_assert_true (ran->status == 1 || ran->status == 11 || ran->status == 12);
  }
  g_assert_cmpuint (world_count_items (), ==, 0);
}

/* The file that keeps processes apart: in the way, held by others, open to others. */
static void
test_ledger_unsafe (World *world, gconstpointer data)
{
  g_autofree char *key = world_key (world, "ls", 0);
  g_autofree char *state = g_dir_make_tmp ("state-XXXXXX", NULL);
  g_autofree char *directory = g_build_filename (state, "krsecret", NULL);

  world_setenv (world, "XDG_STATE_HOME", state);
  g_assert_cmpint (g_mkdir (directory, 0777), ==, 0);
  g_assert_cmpint (g_chmod (directory, 0777), ==, 0);
  {
    g_autoptr (Ran) ran = tool_fed (world, 12, key, "--json", "add", "ls", "a", "--env", "paper",
                                    "--endpoint", world_uri (world, "ls"));
    g_autoptr (JsonObject) whole = document (ran);

    assert_contains (ran->err, directory);
  }
  g_assert_cmpuint (world_count (world, "ls", "connections"), ==, 0);
  g_assert_cmpuint (world_count_items (), ==, 0);
}

static void
test_interrupted (World *world, gconstpointer data)
{
  g_autofree char *key = world_key (world, "ls", 0);

  ran_free (tool_fed (world, 0, key, "add", "ls", "a", "--env", "paper", "--no-verify",
                      "--endpoint", world_uri (world, "ls")));
  world_settings (world, "ls", "{\"latency_ms\":1500}");
  {
    g_autoptr (Terminal) terminal = terminal_start (world, TERMINAL_ALL, "token", "a", NULL);

    while (world_count (world, "ls", "connections") == 0)
      g_usleep (10000);
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
  WORLD_TEST ("errors/missing-plugin-is-11", NULL, test_plugin_missing);
  WORLD_TEST ("errors/missing-plugin-is-a-problem-in-list", NULL, test_plugin_missing_in_list);
  WORLD_TEST ("errors/missing-plugin-is-11-inside-the-rate-limit-too", NULL,
              test_plugin_missing_inside_limit);
  WORLD_TEST ("errors/bad-plugin-is-listed-as-failed", NULL, test_plugin_bad);
  WORLD_TEST ("errors/no-plugins-at-all", NULL, test_no_plugins);
  WORLD_TEST ("errors/missing-helper-stores-nothing", NULL, test_helper_missing);
  WORLD_TEST ("errors/unsafe-state-directory-is-12", NULL, test_ledger_unsafe);
  WORLD_TEST ("errors/interrupted-is-130", NULL, test_interrupted);
  return g_test_run ();
}
