/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* monitor: a line for each thing that happens, while it happens; and it does nothing itself. */

#include "tool.h"

#include <signal.h>
#include <string.h>

#include "test-bus.h"
#include "test-files.h"
#include "test-keyring.h"
#include "test-process.h"

#define READY "watching"

static const Command monitor = { { "monitor" }, NULL };

/* One that is ready to see what comes. */
static Running *
start_monitor (World *world, const char *account)
{
  Running *running = account != NULL ? tool_start (world, "monitor", "--json", account)
                                     : tool_start (world, "monitor", "--json");

  running_expect (running, READY);
  return running;
}

/* The event's own members, besides those that all have. */
static const char *
get_members (const char *event)
{
  if (g_str_equal (event, "token-issued") || g_str_equal (event, "token-expiring"))
    return "format_version event account alias at at_unix expires_at expires_at_unix";
  if (g_str_equal (event, "attention"))
    return "format_version event account alias at at_unix code message";
  return "format_version event account alias at at_unix";
}

static const char *
get_string (JsonObject *event, const char *name)
{
  return json_object_get_string_member (event, name);
}

static JsonObject *
next_event (Running *running)
{
  g_autofree char *line = running_next_line (running);
  g_autofree char *text = g_strconcat (line, "\n", NULL);
  g_autoptr (JsonObject) event = document_at (G_STRLOC, text);
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  gint64 at;

  check_members (event, get_members (get_string (event, "event")));
  at = check_time (event, "at");
  g_assert_cmpint (at, <=, now);
  g_assert_cmpint (at, >, now - 60);
  if (json_object_has_member (event, "expires_at"))
    g_assert_cmpint (check_time (event, "expires_at"), >, at);
  return g_steal_pointer (&event);
}

/* The next event is this one, of the account that has the alias and id. */
static void
expect_event_at (
    const char *where, Running *running, const char *name, const char *alias, const char *id)
{
  g_autoptr (JsonObject) event = next_event (running);

  if (!g_str_equal (get_string (event, "event"), name)
      || g_strcmp0 (get_string (event, "alias"), alias) != 0)
    test_fail_at (where, "not %s of %s, but: %s", name, alias, running_get_out (running));
  if (id != NULL)
    g_assert_cmpstr (get_string (event, "account"), ==, id);
  g_assert_true (g_uuid_string_is_valid (get_string (event, "account")));
}
#define expect_event(running, name, alias) expect_event_at (G_STRLOC, running, name, alias, NULL)

/* The same; that the account changes before that is no surprise. */
static void
expect_after_changes (Running *running, const char *name, const char *alias)
{
  for (;;)
    {
      g_autoptr (JsonObject) event = next_event (running);

      g_assert_cmpstr (get_string (event, "alias"), ==, alias);
      if (g_str_equal (get_string (event, "event"), "account-changed"))
        continue;
      if (!g_str_equal (get_string (event, "event"), name))
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
  /* Nothing else, and nothing that is not one of these. */
  add_unverified (world, "kis", 0, "b");
  expect_event (running, "account-added", "b");
  g_assert_false (running_has_line (running));
  g_assert_cmpuint (test_simulator_count (world->simulator, "kiwoom", "connections"), ==, 3);
  g_assert_cmpuint (test_simulator_count (world->simulator, "kis", "connections"), ==, 0);
}

/* What changes nothing is no event. */
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

    /* Refused: the key is there already. */
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

/* One that is slow sees both at once: it has to tell of both all the same. */
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

/* An ordinary revoke is no trouble, of whichever broker. */
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

/* With a slow broker a revoke is under way for a while, and that is no trouble either. */
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

/* Removed with a good token: the last that is heard of it. */
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
      const char *name = get_string (event, "event");

      g_assert_cmpstr (get_string (event, "alias"), ==, "a");
      removed += g_str_equal (name, "account-removed");
      g_assert_true (removed > 0 || g_str_equal (name, "account-changed")
                     || g_str_equal (name, "token-forgotten"));
    }
  add_unverified (world, "ls", 1, "b");
  expect_event (running, "account-added", "b");
}

static void
expect_text (Running *running, const char *event, const char *alias)
{
  g_autofree char *line = running_next_line (running);

  test_assert_contains (line, event);
  test_assert_contains (line, alias);
}

static void
test_text (World *world, gconstpointer data)
{
  g_autoptr (Running) running = tool_start (world, "monitor");

  running_expect (running, READY);
  add_unverified (world, "kiwoom", 0, "에이");
  expect_text (running, "account-added", "에이");
  tool_ends (world, 0, "token", "에이");
  expect_text (running, "token-issued", "에이");
  tool_ends (world, 0, "forget", "에이");
  expect_text (running, "token-forgotten", "에이");
  add_unverified (world, "ls", 0, "b");
  expect_text (running, "account-added", "b");
  tool_ends (world, 0, "remove", "에이");
  expect_text (running, "account-removed", "에이");
  test_keyring_lock ();
  expect_text (running, "attention", "[locked]");
  test_keyring_unlock ();
  g_assert_false (running_has_line (running));
  test_assert_lacks (running_get_out (running), "\033");
}

/* Nothing but the events; when it is ready is not said then. */
static void
test_quiet (World *world, gconstpointer data)
{
  g_autoptr (Running) running = NULL;

  add_account (world, "kiwoom", 0, "a", "paper");
  running = tool_start (world, "-q", "monitor");
  while (!running_has_line (running))
    {
      tool_ends (world, 0, "forget", "a");
      tool_ends (world, 0, "token", "a");
    }
  g_assert_cmpstr (running_get_err (running), ==, "");
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

static void
expect_attention (Running *running, const char *code)
{
  g_autoptr (JsonObject) event = next_event (running);

  if (!g_str_equal (get_string (event, "event"), "attention"))
    test_fail ("not for attention, but: %s", running_get_out (running));
  g_assert_cmpstr (get_string (event, "code"), ==, code);
  g_assert_true (json_object_get_null_member (event, "account"));
  g_assert_true (json_object_get_null_member (event, "alias"));
  g_assert_cmpstr (get_string (event, "message"), !=, "");
}

/* It looks again and again, and tells it once; and again, when it happens again. */
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

/* Whatever moment the keyring is locked at: no account is gone for that. */
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

/* The same for who only looks: the account is there, or it cannot be said. */
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

/* Of one account's too: it is about the keyring as a whole. */
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

/* A daemon that is gone has taken no account with it. */
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

      if (g_str_equal (get_string (event, "event"), "token-forgotten"))
        break;
      g_assert_cmpstr (get_string (event, "event"), ==, "attention");
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

    g_assert_cmpstr (get_string (event, "event"), ==, "attention");
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

      g_assert_cmpstr (get_string (event, "account"), ==, id);
      if (g_str_equal (get_string (event, "event"), "attention"))
        {
          g_assert_cmpstr (get_string (event, "code"), ==, "damaged");
          break;
        }
      g_assert_cmpstr (get_string (event, "event"), ==, "account-changed");
    }
}

static void
check_signal (World *world, int number)
{
  g_autoptr (Running) running = start_monitor (world, NULL);

  running_signal (running, number);
  g_assert_cmpint (running_end (running), ==, 128 + number);
  g_assert_cmpstr (running_get_out (running), ==, "");
}

static void
test_signals (World *world, gconstpointer data)
{
  check_signal (world, SIGINT);
  check_signal (world, SIGTERM);
  check_signal (world, SIGHUP);
}

/* The next event finds nobody to tell. */
static void
test_output_closed (World *world, gconstpointer data)
{
  g_autoptr (Running) running = NULL;

  add_account (world, "kiwoom", 0, "a", "paper");
  running = start_monitor (world, NULL);
  running_close_output (running);
  tool_ends (world, 0, "forget", "a");
  g_assert_cmpint (running_end (running), !=, 0);
}

static void
test_full_output (World *world, gconstpointer data)
{
  const char *const scripts[] = { "exec \"$KR_TEST_TOOL\" monitor >/dev/full",
                                  "exec \"$KR_TEST_TOOL\" monitor --json >/dev/full",
                                  "exec \"$KR_TEST_TOOL\" monitor >&-" };

  add_account (world, "kiwoom", 0, "a", "paper");
  for (guint i = 0; i < G_N_ELEMENTS (scripts); i++)
    {
      g_autoptr (Running) running = running_start (world, "sh", "-c", scripts[i], NULL);

      running_expect (running, READY);
      tool_ends (world, 0, "forget", "a");
      tool_ends (world, 0, "token", "a");
      g_assert_cmpint (running_end (running), ==, 1);
      test_assert_contains (running_get_err (running), "[failed]");
    }
}

/* It asks for nothing, so it does not matter that nobody can answer. */
static void
test_input_closed (World *world, gconstpointer data)
{
  g_autoptr (Running) running = running_start (
      world, "sh", "-c", "exec \"$KR_TEST_TOOL\" monitor --json --no-input <&-", NULL);

  running_expect (running, READY);
  add_unverified (world, "ls", 0, "a");
  expect_event (running, "account-added", "a");
}

/* Who reads what it prints reads no secret. */
static void
check_secrets (World *world, const char *option, guint n)
{
  g_autofree char *appkey = test_simulator_get_key ("ls", n, "appkey");
  g_autofree char *appsecret = test_simulator_get_key ("ls", n, "appsecret");
  g_autofree char *token = NULL;
  g_autoptr (Running) running = NULL;

  world_setenv (world, "G_MESSAGES_DEBUG", "all");
  running = tool_start (world, "monitor", option);
  running_expect (running, READY);
  world_unsetenv (world, "G_MESSAGES_DEBUG");
  add_account (world, "ls", n, "a", "paper");
  token = stored_token (world, "a");
  tool_ends (world, 0, "revoke", "a");
  tool_ends (world, 0, "remove", "a");
  while (strstr (running_get_out (running), "account-removed") == NULL)
    g_free (running_next_line (running));
  running_signal (running, SIGINT);
  running_end (running);
  {
    const char *const secrets[] = { token, token + strlen (token) - 20, appkey + 4, appsecret };

    for (guint i = 0; i < G_N_ELEMENTS (secrets); i++)
      {
        test_assert_lacks (running_get_out (running), secrets[i]);
        test_assert_lacks (running_get_err (running), secrets[i]);
      }
  }
}

static void
test_secrets (World *world, gconstpointer data)
{
  check_secrets (world, "--json", 0);
  check_secrets (world, "-v", 1);
}

/* Plugins are for those who ask brokers. */
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

static void
test_wrong_use (World *world, gconstpointer data)
{
  check_wrong_use (world, &monitor);
  tool_ends (world, 2, "monitor", "--all");
}

/* A variable that was not set is no wish to watch all. */
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
  WORLD_TEST ("monitor/tells-of-everything", NULL, test_everything);
  WORLD_TEST ("monitor/what-changes-nothing-is-no-event", NULL, test_nothing_happens);
  WORLD_TEST ("monitor/added-and-verified", NULL, test_added_and_verified);
  WORLD_TEST ("monitor/revoke-is-no-trouble", NULL, test_revoke);
  WORLD_TEST ("monitor/slow-revoke-is-no-trouble", NULL, test_slow_revoke);
  WORLD_TEST ("monitor/removed-with-its-token", NULL, test_remove_with_token);
  WORLD_TEST ("monitor/text", NULL, test_text);
  WORLD_TEST ("monitor/quiet", NULL, test_quiet);
  WORLD_TEST ("monitor/one-account", NULL, test_one_account);
  WORLD_TEST ("monitor/several-at-once", NULL, test_several_monitors);
  WORLD_TEST ("monitor/expiring-is-told-once", "--lifetime 8", test_expiring);
  WORLD_TEST ("monitor/daemon-started-again", NULL, test_daemon_again);
  WORLD_TEST ("monitor/daemon-gone-is-told", NULL, test_daemon_stays_away);
  WORLD_TEST ("monitor/damaged-account-is-told", NULL, test_damaged);
  WORLD_TEST ("monitor/signals-end-it", NULL, test_signals);
  WORLD_TEST ("monitor/closed-output-ends-it", NULL, test_output_closed);
  WORLD_TEST ("monitor/full-output-is-1", NULL, test_full_output);
  WORLD_TEST ("monitor/needs-no-input", NULL, test_input_closed);
  WORLD_TEST ("monitor/secrets-are-not-shown", NULL, test_secrets);
  WORLD_TEST ("monitor/needs-no-plugin", NULL, test_plugin_missing);
  WORLD_TEST ("monitor/wrong-use-is-2", NULL, test_wrong_use);
  WORLD_TEST ("monitor/locked-keyring-is-5-for-all", NULL, test_locked_for_all);
  WORLD_TEST ("monitor/no-keyring-is-6-for-all", NULL, test_no_keyring_for_all);
  WORLD_TEST ("monitor/locked-meanwhile-is-told-once", NULL, test_locked_meanwhile);
  WORLD_TEST ("monitor/locked-is-told-for-one-account", NULL, test_locked_with_one_account);
  WORLD_TEST ("monitor/locked-while-looking-is-0-or-5", NULL, test_locked_while_looking);
  WORLD_TEST ("monitor/locked-at-once-removes-nothing", NULL, test_locked_at_once);
  WORLD_TEST ("monitor/empty-name-is-2", NULL, test_empty_name);
  WORLD_TEST ("monitor/added-and-verified-is-both", NULL, test_added_and_verified_is_both);
  add_command_tests ("monitor", &monitor);
  return g_test_run ();
}
