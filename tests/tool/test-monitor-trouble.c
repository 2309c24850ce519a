/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* monitor: a locked keyring, a missing daemon, damaged data: each is reported once, and no account
 * is reported as removed. And conditions in which it cannot even begin. */

#include "monitor.h"

#include "test-bus.h"
#include "test-keyring.h"
#include "test-process.h"

static const Command monitor = { { "monitor" }, NULL };

static void
expect_attention (Running *running, const char *code)
{
  g_autoptr (JsonObject) event = next_event (running);

  if (!g_str_equal (event_string (event, "event"), "attention"))
    test_fail ("not for attention, but: %s", running_get_out (running));
  g_assert_cmpstr (event_string (event, "code"), ==, code);
  g_assert_true (json_object_get_null_member (event, "account"));
  g_assert_true (json_object_get_null_member (event, "alias"));
  g_assert_cmpstr (event_string (event, "message"), !=, "");
}

/* It keeps looking and reports it once; and again when it happens again. */
static void
test_locked_meanwhile (World *world, gconstpointer data)
{
  g_autoptr (TestMonitor) bus = test_monitor_start ();
  g_autoptr (Running) running = NULL;

  add_account (world, "kiwoom", 0, "a", "paper");
  running = start_monitor (world, NULL);
  for (guint i = 0; i < 2; i++)
    {
      guint looks;

      test_keyring_lock ();
      expect_attention (running, "locked");
      looks = test_monitor_count (bus, "SearchItems");
      test_wait_until (test_monitor_count (bus, "SearchItems") >= looks + 2);
      test_keyring_unlock ();
      tool_ends (world, 0, "forget", "a");
      expect_event (running, "token-forgotten", "a");
      tool_ends (world, 0, "token", "a");
      expect_event (running, "token-issued", "a");
      g_assert_false (running_has_line (running));
    }
  g_assert_cmpuint (test_monitor_count (bus, "Prompt"), ==, 0);
  g_assert_cmpuint (test_monitor_count (bus, "Dismiss"), ==, 0);
}

/* No account disappears, at whatever moment the keyring is locked. */
static void
test_locked_at_once (World *world, gconstpointer data)
{
  add_account (world, "kiwoom", 0, "a", "paper");
  for (guint i = 0; i < 12; i++)
    {
      g_autoptr (Running) running = start_monitor (world, NULL);

      test_keyring_lock ();
      expect_attention (running, "locked");
      test_keyring_unlock ();
    }
}

/* The same for reading commands: the account is there, or the result is unknown. */
static void
test_locked_while_looking (World *world, gconstpointer data)
{
  add_account (world, "kiwoom", 0, "a", "paper");
  for (guint round = 0; round < 40; round++)
    {
      Running *all[8];
      int statuses[G_N_ELEMENTS (all)];

      for (guint i = 0; i < G_N_ELEMENTS (all); i++)
        all[i] = tool_start (world, "token", "a", "--no-issue");
      /* Each time a little later in their lives. */
      g_usleep (round * 500);
      test_keyring_lock ();
      for (guint i = 0; i < G_N_ELEMENTS (all); i++)
        statuses[i] = running_end (all[i]);
      test_keyring_unlock ();
      for (guint i = 0; i < G_N_ELEMENTS (all); i++)
        {
          if (statuses[i] != 0 && statuses[i] != 5)
            test_fail ("round %u ended with %d: %s", round, statuses[i], running_get_err (all[i]));
          running_free (all[i]);
        }
    }
}

/* Even the monitor of one account: the event is about the keyring as a whole. */
static void
test_locked_with_one_account (World *world, gconstpointer data)
{
  g_autoptr (Running) running = NULL;

  add_account (world, "kiwoom", 0, "a", "paper");
  running = start_monitor (world, "a");
  test_keyring_lock ();
  expect_attention (running, "locked");
  test_keyring_unlock ();
}

/* A missing daemon does not mean missing accounts. */
static void
test_daemon_again (World *world, gconstpointer data)
{
  g_autoptr (Running) running = NULL;

  add_account (world, "kiwoom", 0, "a", "paper");
  running = start_monitor (world, NULL);
  test_keyring_kill ();
  test_keyring_start (TRUE);
  tool_ends (world, 0, "forget", "a");
  for (;;)
    {
      g_autoptr (JsonObject) event = next_event (running);

      if (g_str_equal (event_string (event, "event"), "token-forgotten"))
        break;
      g_assert_cmpstr (event_string (event, "event"), ==, "attention");
    }
  tool_ends (world, 0, "token", "a");
  expect_event (running, "token-issued", "a");
  add_unverified (world, "ls", 0, "b");
  expect_event (running, "account-added", "b");
}

static void
test_daemon_stays_away (World *world, gconstpointer data)
{
  g_autoptr (Running) running = NULL;

  add_account (world, "kiwoom", 0, "a", "paper");
  running = start_monitor (world, NULL);
  test_keyring_kill ();
  {
    g_autoptr (JsonObject) event = next_event (running);

    g_assert_cmpstr (event_string (event, "event"), ==, "attention");
  }
  test_keyring_start (TRUE);
  tool_ends (world, 0, "forget", "a");
  expect_event (running, "token-forgotten", "a");
}

static void
test_damaged (World *world, gconstpointer data)
{
  g_autoptr (Running) running = NULL;
  g_autofree char *id = NULL;

  add_account (world, "kiwoom", 0, "a", "paper");
  id = account_id (world, "a");
  running = start_monitor (world, NULL);
  test_keyring_overwrite (id, "krsecret-account", "krsecret 1 account 5", -1);
  for (;;)
    {
      g_autoptr (JsonObject) event = next_event (running);

      g_assert_cmpstr (event_string (event, "account"), ==, id);
      if (g_str_equal (event_string (event, "event"), "attention"))
        {
          g_assert_cmpstr (event_string (event, "code"), ==, "damaged");
          break;
        }
      g_assert_cmpstr (event_string (event, "event"), ==, "account-changed");
    }
}

static void
test_wrong_use (World *world, gconstpointer data)
{
  check_wrong_use (world, &monitor);
  tool_ends (world, 2, "monitor", "--all");
}

/* An empty variable is not a request to watch all. */
static void
test_empty_name (World *world, gconstpointer data)
{
  g_autoptr (Running) running = tool_start (world, "monitor", "");

  g_assert_cmpint (running_end (running), ==, 2);
}

static void
test_locked_for_all (World *world, gconstpointer data)
{
  add_account (world, "ls", 900, "a", "paper");
  test_keyring_lock ();
  {
    g_autoptr (TestRun) ran = tool (world, ANY_STATUS, "monitor", "--json");

    test_keyring_unlock ();
    g_assert_cmpint (ran->status, ==, 5);
  }
}

static void
test_no_keyring_for_all (World *world, gconstpointer data)
{
  add_account (world, "ls", 900, "a", "paper");
  world_hide_bus (world);
  check_fails (world, 6, "no-keyring", &monitor, NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  WORLD_TEST ("monitor/locked-meanwhile-is-told-once", NULL, test_locked_meanwhile);
  WORLD_TEST ("monitor/locked-at-once-removes-nothing", NULL, test_locked_at_once);
  WORLD_TEST ("monitor/locked-while-looking-is-0-or-5", NULL, test_locked_while_looking);
  WORLD_TEST ("monitor/locked-is-told-for-one-account", NULL, test_locked_with_one_account);
  WORLD_TEST ("monitor/daemon-started-again", NULL, test_daemon_again);
  WORLD_TEST ("monitor/daemon-gone-is-told", NULL, test_daemon_stays_away);
  WORLD_TEST ("monitor/damaged-account-is-told", NULL, test_damaged);
  WORLD_TEST ("monitor/wrong-use-is-2", NULL, test_wrong_use);
  WORLD_TEST ("monitor/empty-name-is-2", NULL, test_empty_name);
  WORLD_TEST ("monitor/locked-keyring-is-5-for-all", NULL, test_locked_for_all);
  WORLD_TEST ("monitor/no-keyring-is-6-for-all", NULL, test_no_keyring_for_all);
  add_command_tests ("monitor", &monitor);
  return g_test_run ();
}
