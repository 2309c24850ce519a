/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* monitor: one line for each thing that happens, as it happens; it does nothing itself. */

#include "monitor.h"

#include <signal.h>
#include <string.h>

#include "test-files.h"
#include "test-process.h"

/* The next event is this one, possibly after a change of the account. */
static void
expect_after_changes (Running *running, const char *name, const char *alias)
{
  for (;;)
    {
      g_autoptr (JsonObject) event = next_event (running);

      g_assert_cmpstr (event_string (event, "alias"), ==, alias);
      if (g_str_equal (event_string (event, "event"), "account-changed"))
        continue;
      if (!g_str_equal (event_string (event, "event"), name))
        test_fail ("not %s of %s, but: %s", name, alias, running_get_out (running));
      return;
    }
}

static void
reject_stored (World *world, const char *alias)
{
  g_autofree char *token = stored_token (world, alias);

  test_run_free (tool_fed (world, 0, token, "reject", alias));
}

static void
test_everything (World *world, gconstpointer data)
{
  g_autoptr (Running) running = start_monitor (world, NULL);
  g_autofree char *id = NULL;

  add_unverified (world, "kiwoom", 0, "에이");
  id = account_id (world, "에이");
  expect_event_at (G_STRLOC, running, "account-added", "에이", id);
  tool_ends (world, 0, "token", "에이");
  expect_event_at (G_STRLOC, running, "token-issued", "에이", id);
  tool_ends (world, 0, "refresh", "에이");
  expect_event_at (G_STRLOC, running, "token-issued", "에이", id);
  reject_stored (world, "에이");
  expect_event_at (G_STRLOC, running, "token-forgotten", "에이", id);
  tool_ends (world, 0, "token", "에이");
  expect_event_at (G_STRLOC, running, "token-issued", "에이", id);
  tool_ends (world, 0, "forget", "에이");
  expect_event_at (G_STRLOC, running, "token-forgotten", "에이", id);
  tool_ends (world, 0, "remove", "에이");
  expect_event_at (G_STRLOC, running, "account-removed", "에이", id);
  /* Nothing else, and only these. */
  add_unverified (world, "kis", 0, "b");
  expect_event (running, "account-added", "b");
  g_assert_false (running_has_line (running));
  g_assert_cmpuint (test_simulator_count (world->simulator, "kiwoom", "connections"), ==, 3);
  g_assert_cmpuint (test_simulator_count (world->simulator, "kis", "connections"), ==, 0);
}

/* A command that changes nothing causes no event. */
static void
test_nothing_happens (World *world, gconstpointer data)
{
  g_autoptr (Running) running = NULL;

  add_account (world, "kiwoom", 0, "a", "paper");
  running = start_monitor (world, NULL);
  tool_ends (world, 0, "token", "a");
  tool_ends (world, 0, "header", "a");
  tool_ends (world, 0, "list");
  tool_ends (world, 0, "show", "a");
  test_run_free (tool_fed (world, 0, "another-another-another", "reject", "a"));
  tool_ends (world, 3, "token", "nobody");
  {
    g_autofree char *key = test_simulator_get_key_lines ("kiwoom", 0);

    /* Refused: the key exists already. */
    test_run_free (tool_fed (world, 2, key, ADD (world, "kiwoom", "again")));
  }
  tool_ends (world, 0, "forget", "a");
  expect_event (running, "token-forgotten", "a");
  tool_ends (world, 0, "forget", "a");
  tool_ends (world, 0, "remove", "a");
  expect_event (running, "account-removed", "a");
  g_assert_false (running_has_line (running));
}

static void
test_added_and_verified (World *world, gconstpointer data)
{
  g_autoptr (Running) running = start_monitor (world, NULL);

  add_account (world, "ls", 0, "a", "paper");
  expect_event (running, "account-added", "a");
  expect_event (running, "token-issued", "a");
}

static GPid
get_pid (const char *text)
{
  return (GPid) g_ascii_strtoll (text, NULL, 10);
}

/* A slow monitor sees both at once, and still has to report both. */
static void
test_added_and_verified_is_both (World *world, gconstpointer data)
{
  g_autoptr (Running) running = running_start (
      world, "sh", "-c", "echo $$ >&2; exec \"$KR_TEST_TOOL\" monitor --json", NULL);
  GPid pid;

  running_expect (running, READY);
  pid = get_pid (running_get_err (running));
  test_pause (pid);
  add_account (world, "ls", 0, "a", "paper");
  test_resume (pid);
  expect_event (running, "account-added", "a");
  expect_event (running, "token-issued", "a");
}

/* An ordinary revoke is not trouble, at any broker. */
static void
test_revoke (World *world, gconstpointer data)
{
  const char *const brokers[] = { "kis", "kiwoom", "ls" };
  g_autoptr (Running) running = start_monitor (world, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (brokers); i++)
    {
      add_unverified (world, brokers[i], 0, brokers[i]);
      expect_event (running, "account-added", brokers[i]);
      tool_ends (world, 0, "token", brokers[i]);
      expect_event (running, "token-issued", brokers[i]);
      tool_ends (world, 0, "revoke", brokers[i]);
      expect_after_changes (running, "token-forgotten", brokers[i]);
      tool_ends (world, 0, "remove", brokers[i]);
      expect_after_changes (running, "account-removed", brokers[i]);
    }
  g_assert_null (strstr (running_get_out (running), "attention"));
}

/* With a slow broker a revoke takes a while, which is not trouble either. */
static void
test_slow_revoke (World *world, gconstpointer data)
{
  g_autoptr (Running) running = NULL;

  add_account (world, "ls", 0, "a", "paper");
  test_simulator_set (world->simulator, "ls", "'latency_ms':700");
  running = start_monitor (world, NULL);
  tool_ends (world, 0, "revoke", "a");
  expect_after_changes (running, "token-forgotten", "a");
  tool_ends (world, 0, "remove", "a");
  expect_after_changes (running, "account-removed", "a");
  g_assert_null (strstr (running_get_out (running), "attention"));
}

/* Removed with a good token: this is the last event about it. */
static void
test_remove_with_token (World *world, gconstpointer data)
{
  g_autoptr (Running) running = NULL;
  guint removed = 0;

  add_account (world, "ls", 0, "a", "paper");
  running = start_monitor (world, NULL);
  tool_ends (world, 0, "remove", "a");
  while (removed == 0)
    {
      g_autoptr (JsonObject) event = next_event (running);
      const char *name = event_string (event, "event");

      g_assert_cmpstr (event_string (event, "alias"), ==, "a");
      removed += g_str_equal (name, "account-removed");
      g_assert_true (removed > 0 || g_str_equal (name, "account-changed")
                     || g_str_equal (name, "token-forgotten"));
    }
  add_unverified (world, "ls", 1, "b");
  expect_event (running, "account-added", "b");
}

static void
test_one_account (World *world, gconstpointer data)
{
  g_autofree char *id = NULL;
  g_autofree char *prefix = NULL;

  add_account (world, "kiwoom", 0, "한", "paper");
  add_account (world, "kiwoom", 1, "other", "paper");
  id = account_id (world, "한");
  prefix = g_strndup (id, 8);
  {
    g_autofree char *nfd = g_utf8_normalize ("한", -1, G_NORMALIZE_NFD);
    const char *const names[] = { "한", "kiwoom/한", nfd, id, prefix, NULL };

    for (guint i = 0; i < G_N_ELEMENTS (names); i++)
      {
        g_autoptr (Running) running = NULL;

        if (names[i] == NULL)
          world_setenv (world, "KR_SECRET_ACCOUNT", "한");
        running = start_monitor (world, names[i]);
        tool_ends (world, 0, "forget", "other");
        tool_ends (world, 0, "token", "other");
        tool_ends (world, 0, "forget", "한");
        expect_event_at (G_STRLOC, running, "token-forgotten", "한", id);
        tool_ends (world, 0, "token", "한");
        expect_event_at (G_STRLOC, running, "token-issued", "한", id);
        g_assert_false (running_has_line (running));
        running_signal (running, SIGINT);
        g_assert_cmpint (running_end (running), ==, 130);
      }
  }
}

static void
test_several_monitors (World *world, gconstpointer data)
{
  g_autoptr (Running) all = start_monitor (world, NULL);
  g_autoptr (Running) more = start_monitor (world, NULL);

  add_unverified (world, "ls", 0, "a");
  expect_event (all, "account-added", "a");
  expect_event (more, "account-added", "a");
}

static void
test_expiring (World *world, gconstpointer data)
{
  g_autoptr (Running) running = NULL;
  g_autofree char *old = NULL;

  add_unverified (world, "kiwoom", 0, "a");
  running = start_monitor (world, NULL);
  tool_ends (world, 0, "token", "a");
  expect_event (running, "token-issued", "a");
  expect_event (running, "token-expiring", "a");
  old = stored_token (world, "a");
  g_assert_nonnull (old);
  test_simulator_set (world->simulator, "kiwoom", "'lifetime':null");
  tool_ends (world, 0, "refresh", "a");
  /* Once only. */
  expect_event (running, "token-issued", "a");
  g_assert_cmpuint (test_simulator_count (world->simulator, "kiwoom", "issue"), ==, 2);
}

/* Only commands that ask brokers need plugins. */
static void
test_plugin_missing (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) empty = test_directory_new ();
  g_autoptr (Running) running = NULL;

  add_account (world, "kiwoom", 0, "a", "paper");
  world_setenv (world, "KR_SECRET_PLUGIN_DIR", empty);
  running = start_monitor (world, "a");
  tool_ends (world, 0, "forget", "a");
  expect_event (running, "token-forgotten", "a");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  WORLD_TEST ("monitor/tells-of-everything", NULL, test_everything);
  WORLD_TEST ("monitor/what-changes-nothing-is-no-event", NULL, test_nothing_happens);
  WORLD_TEST ("monitor/added-and-verified", NULL, test_added_and_verified);
  WORLD_TEST ("monitor/added-and-verified-is-both", NULL, test_added_and_verified_is_both);
  WORLD_TEST ("monitor/revoke-is-no-trouble", NULL, test_revoke);
  WORLD_TEST ("monitor/slow-revoke-is-no-trouble", NULL, test_slow_revoke);
  WORLD_TEST ("monitor/removed-with-its-token", NULL, test_remove_with_token);
  WORLD_TEST ("monitor/one-account", NULL, test_one_account);
  WORLD_TEST ("monitor/several-at-once", NULL, test_several_monitors);
  WORLD_TEST ("monitor/expiring-is-told-once", "--lifetime 8", test_expiring);
  WORLD_TEST ("monitor/needs-no-plugin", NULL, test_plugin_missing);
  return g_test_run ();
}
