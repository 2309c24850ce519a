/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* refresh: a new token now, if the broker's rules allow one; never shown. */

#include "tool.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "test-files.h"
#include "test-keyring.h"
#include "test-process.h"

#define KIS_WINDOW (6 * 60 * 60)

static const Command refresh = { { "refresh" }, NULL };

static void
assert_lacks (TestRun *ran, const char *secret)
{
  test_assert_lacks (ran->out, secret);
  test_assert_lacks (ran->err, secret);
}

static void
test_new_token (World *world, gconstpointer data)
{
  const char *const brokers[] = { "kiwoom", "ls" };

  for (guint i = 0; i < G_N_ELEMENTS (brokers); i++)
    {
      g_autofree char *old = NULL;
      g_autofree char *new = NULL;

      add_account (world, brokers[i], 0, brokers[i], "paper");
      old = stored_token (world, brokers[i]);
      {
        g_autoptr (TestRun) ran = tool (world, 0, "refresh", brokers[i]);
        g_autoptr (TestRun) token = tool (world, 0, "token", brokers[i]);

        new = stored_token (world, brokers[i]);
        g_assert_nonnull (new);
        g_assert_cmpstr (new, !=, old);
        g_assert_cmpstr (g_strchomp (token->out), ==, new);
        g_assert_cmpstr (ran->out, ==, "");
        test_assert_contains (ran->err, brokers[i]);
        assert_lacks (ran, old);
        assert_lacks (ran, new);
      }
      g_assert_cmpuint (test_simulator_count (world->simulator, brokers[i], "issue"), ==, 2);
    }
}

static void
test_first_token (World *world, gconstpointer data)
{
  add_unverified (world, "kis", 0, "a");
  tool_ends (world, 0, "refresh", "a");
  g_assert_cmpuint (test_simulator_count (world->simulator, "kis", "issue"), ==, 1);
  {
    g_autofree char *token = stored_token (world, "a");

    g_assert_nonnull (token);
  }
}

static void
test_json (World *world, gconstpointer data)
{
  add_account (world, "ls", 0, "a", "paper");
  {
    g_autoptr (TestRun) ran = tool (world, 0, "refresh", "a", "--json");
    g_autoptr (TestRun) quiet = tool (world, 0, "refresh", "a", "--json", "-q");
    g_autoptr (TestRun) show = tool (world, 0, "show", "a", "--json");
    g_autoptr (JsonObject) whole = document (ran);
    g_autoptr (JsonObject) other = document (quiet);
    g_autoptr (JsonObject) shown = document (show);
    g_autofree char *token = stored_token (world, "a");

    check_account_document (whole, "a");
    check_account_document (other, "a");
    g_assert_cmpint (json_object_get_int_member (json_object_get_object_member (other, "token"),
                                                 "expires_at_unix"),
                     ==,
                     json_object_get_int_member (json_object_get_object_member (shown, "token"),
                                                 "expires_at_unix"));
    g_assert_cmpstr (quiet->err, ==, "");
    assert_lacks (ran, token);
    assert_lacks (quiet, token);
  }
}

static void
test_how_much_is_said (World *world, gconstpointer data)
{
  add_account (world, "kiwoom", 0, "a", "paper");
  {
    g_autoptr (TestRun) plain = tool (world, 0, "refresh", "a");
    g_autoptr (TestRun) quiet = tool (world, 0, "-q", "refresh", "a");
    g_autoptr (TestRun) verbose = tool (world, 0, "refresh", "-v", "a", "--no-input", "-y");

    g_assert_cmpstr (plain->out, ==, "");
    g_assert_cmpstr (quiet->out, ==, "");
    g_assert_cmpstr (verbose->out, ==, "");
    g_assert_cmpstr (quiet->err, ==, "");
    test_assert_contains (plain->err, "'a'");
    test_assert_contains (verbose->err, "'a'");
  }
  g_assert_cmpuint (test_simulator_count (world->simulator, "kiwoom", "issue"), ==, 4);
}

/* KIS would give the same token again. */
static void
test_kis_window (World *world, gconstpointer data)
{
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;

  add_account (world, "kis", 0, "a", "paper");
  before = stored_token (world, "a");
  check_fails (world, 7, "rate-limited", &refresh, "a");
  {
    g_autoptr (TestRun) ran = tool (world, 7, "refresh", "a", "--json");
    g_autoptr (JsonObject) error = failure (ran, "rate-limited");
    gint64 wait = json_object_get_int_member (error, "retry_after");

    g_assert_cmpint (wait, <=, KIS_WINDOW + 1);
    g_assert_cmpint (wait, >, KIS_WINDOW - 120);
    test_assert_contains (ran->err, "--force");
  }
  g_assert_cmpuint (test_simulator_count (world->simulator, "kis", "connections"), ==, 1);
  after = stored_token (world, "a");
  g_assert_cmpstr (after, ==, before);
  tool_ends (world, 0, "token", "a");
}

static void
check_minute (World *world, const char *alias, guint issues)
{
  g_autoptr (TestRun) ran = tool (world, 7, "refresh", alias, "--force", "--json");
  g_autoptr (JsonObject) error = failure (ran, "rate-limited");
  gint64 wait = json_object_get_int_member (error, "retry_after");

  g_assert_cmpint (wait, >, 0);
  g_assert_cmpint (wait, <=, 61);
  g_assert_cmpuint (test_simulator_count (world->simulator, "kis", "issue"), ==, issues);
}

/* The times of attempts are written there: with another ledger, the minute has passed. */
static TestDirectory *
forget_attempts (World *world)
{
  TestDirectory *state = test_directory_new ();

  world_setenv (world, "XDG_STATE_HOME", state);
  return state;
}

static void
test_force (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) first = NULL;
  g_autoptr (TestDirectory) second = NULL;
  g_autofree char *old = NULL;

  add_account (world, "kis", 0, "a", "paper");
  old = stored_token (world, "a");
  check_minute (world, "a", 1);
  first = forget_attempts (world);
  tool_ends (world, 7, "refresh", "a");
  g_assert_cmpuint (test_simulator_count (world->simulator, "kis", "issue"), ==, 1);
  /* The broker was asked and returned the same token: it is not a new one. */
  {
    g_autoptr (TestRun) ran = tool (world, 7, "refresh", "a", "--force", "--json");
    g_autoptr (JsonObject) error = failure (ran, "rate-limited");
    g_autofree char *same = stored_token (world, "a");

    g_assert_cmpint (json_object_get_int_member (error, "retry_after"), >, 0);
    g_assert_cmpstr (same, ==, old);
    assert_lacks (ran, old);
  }
  check_minute (world, "a", 2);

  second = forget_attempts (world);
  test_simulator_set (world->simulator, "kis", "'same_token_window':0");
  {
    g_autoptr (TestRun) ran = tool (world, 0, "refresh", "--force", "a");
    g_autofree char *new = stored_token (world, "a");

    g_assert_cmpstr (new, !=, old);
    g_assert_nonnull (new);
    assert_lacks (ran, new);
  }
  check_minute (world, "a", 3);
}

/* The answer is so slow that all of them have begun before it comes. */
static void
test_several_at_once (World *world, gconstpointer data)
{
  Running *all[8];

  add_account (world, "ls", 0, "a", "paper");
  test_simulator_set (world->simulator, "ls", "'latency_ms':3000");
  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    all[i] = tool_start (world, "refresh", "a", "--json");
  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    {
      if (running_end (all[i]) != 0)
        test_fail ("one of them failed: %s", running_get_err (all[i]));
      {
        g_autoptr (JsonObject) whole = document_at (G_STRLOC, running_get_out (all[i]));

        check_account_document (whole, "a");
      }
      running_free (all[i]);
    }
  g_assert_cmpuint (test_simulator_count (world->simulator, "ls", "issue"), ==, 2);
}

typedef struct
{
  const char *broker;
  const char *fault;
  int status;
  const char *code;
} Row;

static void
check_fault (World *world, const Row *row, const char *alias)
{
  g_autofree char *before = stored_token (world, alias);
  g_autofree char *after = NULL;

  test_simulator_fault (world->simulator, row->broker, row->fault);
  {
    g_autoptr (TestRun) ran
        = tool (world, ANY_STATUS, "refresh", alias, "--json", "--timeout", "3");
    g_autoptr (JsonObject) error = NULL;

    if (ran->status != row->status)
      test_fail ("%s, %s: exit status %d\n%s", row->broker, row->fault, ran->status, ran->err);
    error = failure (ran, row->code);
    g_assert_cmpint (json_object_has_member (error, "retry_after"), ==, row->status == 7);
    assert_lacks (ran, before);
  }
  after = stored_token (world, alias);
  g_assert_cmpstr (after, ==, before);
  tool_ends (world, 0, "token", alias, "--no-issue");
}

static void
test_faults (World *world, gconstpointer data)
{
  const Row rows[] = {
    { "ls", "'fault':'refuse-key'", 4, "refused" },
    { "ls", "'fault':'refuse-secret'", 4, "refused" },
    { "kiwoom", "'fault':'refuse-secret'", 4, "refused" },
    { "ls", "'fault':'reset'", 8, "unreachable" },
    { "ls", "'fault':'server-error'", 8, "unreachable" },
    { "ls", "'fault':'rate-limited'", 7, "rate-limited" },
    { "kiwoom", "'fault':'rate-limited'", 7, "rate-limited" },
    { "ls", "'fault':'html200'", 13, "bad-reply" },
    { "ls", "'fault':'deep'", 13, "bad-reply" },
    { "ls", "'fault':'duplicate-key'", 13, "bad-reply" },
    { "ls", "'fault':'token','token':'short'", 13, "bad-reply" },
    { "ls", "'fault':'token','token':'abcdefghijklmnop\\u0000qrst'", 13, "bad-reply" },
    { "ls", "'fault':'merge','merge':{'expires_in':-1}", 13, "bad-reply" },
    { "kiwoom", "'fault':'merge','merge':{'expires_dt':'20200101000000'}", 13, "bad-reply" },
    { "ls", "'fault':'redirect','location':'http://127.0.0.1:9/oauth2/token'", 13, "bad-reply" },
    { "ls", "'fault':'mute'", 9, "deadline" },
  };

  g_auto (GStrv) aliases = g_new0 (char *, G_N_ELEMENTS (rows) + 1);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      aliases[i] = g_strdup_printf ("a%u", i);
      add_account (world, rows[i].broker, i, aliases[i], "paper");
    }
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    check_fault (world, &rows[i], aliases[i]);
}

static void
test_broker_down (World *world, gconstpointer data)
{
  add_account (world, "ls", 0, "a", "paper");
  test_simulator_stop (world->simulator);
  check_fails (world, 8, "unreachable", &refresh, "a");
  tool_ends (world, 0, "token", "a");
}

/* The broker says for how long, and is left alone until then. */
static void
test_retry_after (World *world, gconstpointer data)
{
  add_account (world, "ls", 0, "a", "paper");
  test_simulator_fault (world->simulator, "ls",
                        "'fault':'status','status':429,'headers':{'Retry-After':'40'}");
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (TestRun) ran = i < 2 ? tool (world, 7, "refresh", "a", "--json")
                                      : tool (world, 7, "refresh", "a", "--json", "--force");
      g_autoptr (JsonObject) error = failure (ran, "rate-limited");
      gint64 wait = json_object_get_int_member (error, "retry_after");

      g_assert_cmpint (wait, >, 10);
      g_assert_cmpint (wait, <=, 40);
      g_assert_cmpint (ran->took, <, 8000);
    }
  g_assert_cmpuint (test_simulator_count (world->simulator, "ls", "issue"), ==, 2);
}

/* A key that is refused again and again is not tried for ever, unless the user insists. */
static void
test_refused_again_and_again (World *world, gconstpointer data)
{
  guint asked;

  add_account (world, "kiwoom", 0, "a", "paper");
  test_simulator_fault (world->simulator, "kiwoom", "'fault':'refuse-secret','times':0");
  for (guint i = 0; i < 6; i++)
    tool_ends (world, 4, "refresh", "a");
  asked = test_simulator_count (world->simulator, "kiwoom", "issue");
  g_assert_cmpuint (asked, <, 1 + 6);
  tool_ends (world, 4, "refresh", "a");
  g_assert_cmpuint (test_simulator_count (world->simulator, "kiwoom", "issue"), ==, asked);
  tool_ends (world, 4, "refresh", "a", "--force");
  g_assert_cmpuint (test_simulator_count (world->simulator, "kiwoom", "issue"), ==, asked + 1);
  /* The key was never thrown away. */
  test_simulator_reset (world->simulator, "kiwoom");
  tool_ends (world, 0, "refresh", "a", "--force");
  tool_ends (world, 0, "refresh", "a");
}

static void
test_lock_held (World *world, gconstpointer data)
{
  int lock;

  add_account (world, "ls", 0, "a", "paper");
  lock = hold_lock (world, "a");
  {
    g_autoptr (TestRun) ran = tool (world, 9, "refresh", "a", "--timeout", "1", "--json");
    G_GNUC_UNUSED g_autoptr (JsonObject) error = failure (ran, "deadline");

    g_assert_cmpint (ran->took, >=, 500);
    g_assert_cmpint (ran->took, <, 5000);
  }
  close (lock);
  g_assert_cmpuint (test_simulator_count (world->simulator, "ls", "issue"), ==, 1);
  tool_ends (world, 0, "refresh", "a");
}

static void
test_plugin_missing (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) empty = test_directory_new ();

  add_account (world, "ls", 0, "a", "paper");
  world_setenv (world, "KR_SECRET_PLUGIN_DIR", empty);
  check_fails (world, 11, "plugin", &refresh, "a");
  g_assert_cmpuint (test_simulator_count (world->simulator, "ls", "issue"), ==, 1);
}

static void
test_damaged (World *world, gconstpointer data)
{
  g_autofree char *id = NULL;

  add_account (world, "ls", 0, "a", "paper");
  id = account_id (world, "a");
  test_keyring_overwrite (id, "krsecret-account", "krsecret 1 account 5", -1);
  {
    /* Its alias was in the damaged part. */
    g_autoptr (TestRun) ran = tool (world, 12, "refresh", id, "--json");
    G_GNUC_UNUSED g_autoptr (JsonObject) error = failure (ran, "damaged");
  }
  g_assert_cmpuint (test_simulator_count (world->simulator, "ls", "issue"), ==, 1);
  g_assert_cmpuint (test_keyring_count (id, "krsecret-account"), ==, 1);
}

static void
test_unsafe_state (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) state = NULL;

  add_account (world, "ls", 0, "a", "paper");
  state = world_expose_ledger (world);
  check_fails (world, 12, "damaged", &refresh, "a");
  g_assert_cmpuint (test_simulator_count (world->simulator, "ls", "issue"), ==, 1);
}

/* The command reports that the document is lost; the token is still stored. */
static void
test_full_output (World *world, gconstpointer data)
{
  const char *const scripts[] = { "\"$KR_TEST_TOOL\" refresh a --json >/dev/full",
                                  "\"$KR_TEST_TOOL\" refresh a --json >&-" };

  add_account (world, "ls", 0, "a", "paper");
  for (guint i = 0; i < G_N_ELEMENTS (scripts); i++)
    {
      g_autofree char *before = stored_token (world, "a");
      g_autofree char *after = NULL;
      g_autoptr (TestRun) ran = tool_shell (world, 1, scripts[i]);

      test_assert_contains (ran->err, "[failed]");
      after = stored_token (world, "a");
      g_assert_cmpstr (after, !=, before);
    }
  /* Nothing was meant to be written there. */
  test_run_free (tool_shell (world, 0, "\"$KR_TEST_TOOL\" refresh a >/dev/full"));
  test_run_free (tool_shell (world, 0, "\"$KR_TEST_TOOL\" refresh a <&- >&- 2>&-"));
}

static void
test_interrupted (World *world, gconstpointer data)
{
  add_account (world, "ls", 0, "a", "paper");
  test_simulator_set (world->simulator, "ls", "'latency_ms':1500");
  {
    g_autoptr (Running) running = tool_start (world, "refresh", "a", "--json");

    test_wait_until (test_simulator_count (world->simulator, "ls", "connections") > 1);
    running_signal (running, SIGINT);
    g_assert_cmpint (running_end (running), ==, 130);
    g_assert_cmpstr (running_get_out (running), ==, "");
  }
}

static void
test_own_wrong_use (World *world, gconstpointer data)
{
  check_wrong_use (world, &refresh);
  tool_ends (world, 2, "refresh");
  tool_ends (world, 2, "refresh", "a", "--force=yes");
  tool_ends (world, 2, "refresh", "a", "--min-validity", "5m");
  tool_ends (world, 2, "refresh", "--all");
  tool_ends (world, 2, "refresh", "");
  g_assert_cmpuint (test_simulator_count (world->simulator, "ls", "connections"), ==, 0);
}

static void
test_secrets (World *world, gconstpointer data)
{
  g_autofree char *appsecret = test_simulator_get_key ("ls", 0, "appsecret");
  g_autofree char *appkey = test_simulator_get_key ("ls", 0, "appkey");
  const char *const options[] = { "-v", "--json", "--force" };

  add_account (world, "ls", 0, "a", "paper");
  for (guint i = 0; i < G_N_ELEMENTS (options); i++)
    {
      g_autofree char *before = stored_token (world, "a");
      g_autofree char *after = NULL;
      g_autoptr (TestRun) ran = NULL;

      world_setenv (world, "G_MESSAGES_DEBUG", "all");
      ran = tool (world, 0, "refresh", "a", options[i]);
      world_unsetenv (world, "G_MESSAGES_DEBUG");
      after = stored_token (world, "a");
      g_assert_cmpstr (before, !=, after);
      assert_lacks (ran, before);
      assert_lacks (ran, after);
      /* Tokens differ at their end. */
      assert_lacks (ran, after + strlen (after) - 20);
      assert_lacks (ran, appsecret);
      assert_lacks (ran, appkey + 4);
    }
}

/* Standard output is for data, whatever the options. */
static void
test_debug_messages (World *world, gconstpointer data)
{
  add_account (world, "ls", 0, "a", "paper");
  world_setenv (world, "G_MESSAGES_DEBUG", "all");
  {
    g_autoptr (TestRun) json = tool (world, 0, "refresh", "a", "--json");
    g_autoptr (TestRun) text = tool (world, 0, "refresh", "a");
    g_autoptr (JsonObject) whole = document (json);

    check_account_document (whole, "a");
    g_assert_cmpstr (text->out, ==, "");
  }
}

static void
test_names_of_something (World *world, gconstpointer data)
{
  check_names_of_something (world, &refresh);
  g_assert_cmpuint (test_simulator_count (world->simulator, "kiwoom", "issue"), ==, 1 + 6);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  WORLD_TEST ("refresh/old-token-is-replaced", NULL, test_new_token);
  WORLD_TEST ("refresh/first-token-is-issued", NULL, test_first_token);
  WORLD_TEST ("refresh/json", NULL, test_json);
  WORLD_TEST ("refresh/says-as-much-as-wanted", NULL, test_how_much_is_said);
  WORLD_TEST ("refresh/where-the-same-would-come-is-7-without-a-request", NULL, test_kis_window);
  WORLD_TEST ("refresh/force-asks-but-keeps-the-minute", "--issue-interval 0", test_force);
  WORLD_TEST ("refresh/several-at-once-are-one-issue", NULL, test_several_at_once);
  WORLD_TEST ("refresh/faults-leave-the-old-token", NULL, test_faults);
  WORLD_TEST ("refresh/broker-down-is-8", NULL, test_broker_down);
  WORLD_TEST ("refresh/retry-after-is-kept", NULL, test_retry_after);
  WORLD_TEST ("refresh/refused-again-and-again-is-not-asked", NULL, test_refused_again_and_again);
  WORLD_TEST ("refresh/lock-held-by-another-is-9", NULL, test_lock_held);
  WORLD_TEST ("refresh/plugin-missing-is-11", NULL, test_plugin_missing);
  WORLD_TEST ("refresh/damaged-account-is-12", NULL, test_damaged);
  WORLD_TEST ("refresh/unsafe-state-directory-is-12", NULL, test_unsafe_state);
  WORLD_TEST ("refresh/full-output-is-1", NULL, test_full_output);
  WORLD_TEST ("refresh/interrupted-is-130", NULL, test_interrupted);
  WORLD_TEST ("refresh/wrong-use-is-2", NULL, test_own_wrong_use);
  WORLD_TEST ("refresh/secrets-are-not-shown", NULL, test_secrets);
  WORLD_TEST ("refresh/names-of-something", NULL, test_names_of_something);
  WORLD_TEST ("refresh/debug-messages-are-no-data", NULL, test_debug_messages);
  add_command_tests ("refresh", &refresh);
  return g_test_run ();
}
