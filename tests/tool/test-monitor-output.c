/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* monitor: how it ends, where it prints, and what it never prints. */

#include "monitor.h"

#include <signal.h>
#include <string.h>

#include "test-keyring.h"

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

/* Nothing but the events; it does not say that it is ready then. */
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

/* The next event finds no reader. */
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

/* It asks nothing, so it does not matter that no one can answer. */
static void
test_input_closed (World *world, gconstpointer data)
{
  g_autoptr (Running) running = running_start (
      world, "sh", "-c", "exec \"$KR_TEST_TOOL\" monitor --json --no-input <&-", NULL);

  running_expect (running, READY);
  add_unverified (world, "ls", 0, "a");
  expect_event (running, "account-added", "a");
}

/* Its output contains no secret. */
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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  WORLD_TEST ("monitor/text", NULL, test_text);
  WORLD_TEST ("monitor/quiet", NULL, test_quiet);
  WORLD_TEST ("monitor/signals-end-it", NULL, test_signals);
  WORLD_TEST ("monitor/closed-output-ends-it", NULL, test_output_closed);
  WORLD_TEST ("monitor/full-output-is-1", NULL, test_full_output);
  WORLD_TEST ("monitor/needs-no-input", NULL, test_input_closed);
  WORLD_TEST ("monitor/secrets-are-not-shown", NULL, test_secrets);
  return g_test_run ();
}
