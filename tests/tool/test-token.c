/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* token: the same one for all, and never a dead one. */

#include "tool.h"

#include <string.h>

#include "test-process.h"

static void
test_token_twice (World *world, gconstpointer data)
{
  const char *const brokers[] = { "kis", "kiwoom", "ls" };

  for (guint i = 0; i < G_N_ELEMENTS (brokers); i++)
    {
      add_unverified (world, brokers[i], 0, brokers[i]);
      {
        g_autoptr (TestRun) first = tool (world, 0, "token", brokers[i]);
        g_autoptr (TestRun) second = tool (world, 0, "token", brokers[i]);

        g_assert_cmpuint (strlen (first->out), ==, first->out_length);
        g_assert_true (g_str_has_suffix (first->out, "\n"));
        g_assert_cmpuint (strcspn (first->out, " \r\n"), ==, first->out_length - 1);
        g_assert_cmpstr (second->out, ==, first->out);
        g_assert_cmpstr (second->err, ==, "");
      }
      g_assert_cmpuint (test_simulator_count (world->simulator, brokers[i], "issue"), ==, 1);
    }
}

typedef struct
{
  guint running;
  char *token;
} Readers;

static void
reader_done (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *out = NULL;
  Readers *readers = data;

  g_subprocess_communicate_utf8_finish (G_SUBPROCESS (source), result, &out, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_subprocess_get_exit_status (G_SUBPROCESS (source)), ==, 0);
  if (readers->token == NULL)
    readers->token = g_steal_pointer (&out);
  else
    g_assert_cmpstr (out, ==, readers->token);
  readers->running--;
}

static void
test_processes_share_one (World *world, gconstpointer data)
{
  g_autoptr (GSubprocessLauncher) launcher
      = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  Readers readers = { 8, NULL };

  add_unverified (world, "ls", 0, "a");
  test_simulator_set (world->simulator, "ls", "'latency_ms':200");
  g_subprocess_launcher_set_environ (launcher, world->env);
  for (guint i = 0; i < 8; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GSubprocess) process = g_subprocess_launcher_spawn (
          launcher, &error, g_getenv ("KR_TEST_TOOL"), "token", "a", NULL);

      g_assert_no_error (error);
      g_subprocess_communicate_utf8_async (process, NULL, NULL, reader_done, &readers);
    }
  while (readers.running > 0)
    g_main_context_iteration (NULL, TRUE);
  g_free (readers.token);
  g_assert_cmpuint (test_simulator_count (world->simulator, "ls", "issue"), ==, 1);
}

/* Waits until the token that is stored for @alias has at most @left seconds left; its own clock
 * counts. */
static void
wait_until_left (World *world, const char *alias, int left)
{
  g_autoptr (TestRun) ran = tool (world, 0, "show", alias, "--json");
  g_autoptr (JsonObject) whole = document (ran);
  gint64 until = json_object_get_int_member (json_object_get_object_member (whole, "token"),
                                             "expires_at_unix");

  test_wait_until (g_get_real_time () > (until - left) * G_USEC_PER_SEC);
}

static void
test_expired_is_renewed (World *world, gconstpointer data)
{
  g_autofree char *old = NULL;

  add_account (world, "kiwoom", 0, "a", "paper");
  {
    g_autoptr (TestRun) ran = tool (world, 0, "token", "a", "--min-validity", "0");

    old = g_strdup (ran->out);
  }
  wait_until_left (world, "a", 0);
  {
    g_autoptr (TestRun) stored = tool (world, 3, "token", "a", "--no-issue", "--min-validity", "0");
    g_autoptr (TestRun) list = tool (world, 0, "list", "--json");
    g_autoptr (JsonObject) whole = document (list);
    JsonObject *account
        = json_array_get_object_element (json_object_get_array_member (whole, "accounts"), 0);
    g_autoptr (TestRun) renewed = NULL;

    g_assert_cmpstr (stored->out, ==, "");
    g_assert_cmpstr (
        json_object_get_string_member (json_object_get_object_member (account, "token"), "state"),
        ==, "expired");
    test_simulator_set (world->simulator, "kiwoom", "'lifetime':null");
    renewed = tool (world, 0, "token", "a");
    g_assert_cmpstr (renewed->out, !=, old);
  }
  g_assert_cmpuint (test_simulator_count (world->simulator, "kiwoom", "issue"), ==, 2);
}

/* Whatever prevents a new one, the old one must not be used. */
static void
test_expired_is_never_printed (World *world, gconstpointer data)
{
  add_account (world, "kis", 0, "limited", "paper");
  add_account (world, "kiwoom", 0, "down", "paper");
  wait_until_left (world, "limited", 0);
  wait_until_left (world, "down", 0);
  {
    g_autoptr (TestRun) limited = tool (world, 7, "token", "limited", "--min-validity", "0");
    g_autoptr (TestRun) header = tool (world, 7, "header", "limited");

    g_assert_cmpstr (limited->out, ==, "");
    g_assert_cmpstr (header->out, ==, "");
  }
  test_simulator_stop (world->simulator);
  {
    g_autoptr (TestRun) down = tool (world, 8, "token", "down", "--min-validity", "0");
    g_autoptr (TestRun) header = tool (world, 8, "header", "down");

    g_assert_cmpstr (down->out, ==, "");
    g_assert_cmpstr (header->out, ==, "");
  }
}

/* Enough for one caller, too short for the next. */
static void
test_min_validity (World *world, gconstpointer data)
{
  add_account (world, "ls", 0, "a", "paper");
  wait_until_left (world, "a", 4); /* half would be 5 */
  test_simulator_set (world->simulator, "ls", "'lifetime':100");
  {
    g_autoptr (TestRun) good = tool (world, 0, "token", "a", "--min-validity", "1");

    g_assert_cmpuint (test_simulator_count (world->simulator, "ls", "issue"), ==, 1);
    {
      /* Capped at half of the lifetime, and that is more than is left. */
      g_autoptr (TestRun) renewed = tool (world, 0, "token", "a", "--min-validity", "2h");

      g_assert_cmpstr (renewed->out, !=, good->out);
    }
    g_assert_cmpuint (test_simulator_count (world->simulator, "ls", "issue"), ==, 2);
  }
  /* A better token than the broker's does not exist: no issue for every call. */
  tool_ends (world, 0, "token", "a", "--min-validity", "2h");
  g_assert_cmpuint (test_simulator_count (world->simulator, "ls", "issue"), ==, 2);
}

static void
test_min_validity_is_parsed (World *world, gconstpointer data)
{
  const char *const good[] = { "10m", "90", "2h", "90s", "0", "1d" };
  const char *const bad[] = { "",     "x",    "10x",  "-1",   "-10m",
                              "1.5h", "10 m", " 10m", "10m ", "1e3",
                              "0x10", "10mm", "m",    "+5",   "99999999999999999999",
                              "1h30", "９",   "10m\n" };

  add_account (world, "ls", 0, "a", "paper");
  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    tool_ends (world, 0, "token", "a", "--min-validity", good[i]);
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (TestRun) ran = tool (world, ANY_STATUS, "token", "a", "--min-validity", bad[i]);

      if (ran->status != 2)
        test_fail ("--min-validity '%s' ended with %d", bad[i], ran->status);
      g_assert_cmpstr (ran->out, ==, "");
    }
  tool_ends (world, 2, "token", "a", "--wait", "soon");
  tool_ends (world, 2, "token", "a", "--wait", "-1");
  tool_ends (world, 2, "token", "a", "--kind", "refresh");
  g_assert_cmpuint (test_simulator_count (world->simulator, "ls", "issue"), ==, 1);
}

static void
test_no_issue (World *world, gconstpointer data)
{
  add_unverified (world, "ls", 0, "a");
  {
    g_autoptr (TestRun) ran = tool (world, 3, "token", "a", "--no-issue", "--json");
    G_GNUC_UNUSED g_autoptr (JsonObject) error = failure (ran, "not-found");
  }
  g_assert_cmpuint (test_simulator_count (world->simulator, "ls", "connections"), ==, 0);
}

/* A minute is long: with --wait the tool stays if that is long enough, and fails at once if not. */
static void
test_wait (World *world, gconstpointer data)
{
  add_account (world, "ls", 0, "a", "paper");
  add_account (world, "kis", 0, "k", "paper");
  tool_ends (world, 0, "forget", "a", "k");
  tool_ends (world, 0, "token", "a", "--wait", "5");
  {
    g_autoptr (TestRun) ran = tool (world, 7, "token", "k", "--wait", "5");

    g_assert_cmpint (ran->took, <, 4000);
  }
}

/* The broker rejects the next issue, and says for how long. */
static void
limit (World *world, const char *seconds)
{
  g_autofree char *fault
      = g_strdup_printf ("'fault':'status','status':429,'headers':{'Retry-After':'%s'}", seconds);

  test_simulator_fault_at (world->simulator, "ls", "/oauth2/token", fault);
}

static void
assert_goes_at_once (World *world, const char *alias, const char *wait)
{
  g_autoptr (TestRun) ran = tool (world, 7, "token", alias, "--wait", wait);

  g_assert_cmpint (ran->took, <, 10000);
  g_assert_cmpstr (ran->out, ==, "");
}

/* The broker tells the first one; for the second, our own record of that does. */
static void
test_wait_of_nothing_does_not_wait (World *world, gconstpointer data)
{
  add_unverified (world, "ls", 0, "a");
  limit (world, "30");
  assert_goes_at_once (world, "a", "0");
  assert_goes_at_once (world, "a", "0");
  g_assert_cmpuint (test_simulator_count (world->simulator, "ls", "issue"), ==, 1);
}

static void
test_wait_that_is_too_short_does_not_begin (World *world, gconstpointer data)
{
  add_unverified (world, "ls", 0, "a");
  limit (world, "90");
  assert_goes_at_once (world, "a", "20");
  assert_goes_at_once (world, "a", "20");
  g_assert_cmpuint (test_simulator_count (world->simulator, "ls", "issue"), ==, 1);
}

static void
test_wait_that_is_long_enough_succeeds (World *world, gconstpointer data)
{
  add_unverified (world, "ls", 0, "a");
  limit (world, "2");
  {
    g_autoptr (TestRun) ran = tool (world, 0, "token", "a", "--wait", "30");
    g_autofree char *token = stored_token (world, "a");

    g_assert_cmpstr (g_strchomp (ran->out), ==, token);
    g_assert_cmpint (ran->took, >=, 1900);
  }
  g_assert_cmpuint (test_simulator_count (world->simulator, "ls", "issue"), ==, 2);
}

static void
test_json (World *world, gconstpointer data)
{
  gint64 before = g_get_real_time () / G_USEC_PER_SEC;

  add_account (world, "kis", 0, "a", "paper");
  {
    g_autoptr (TestRun) ran = tool (world, 0, "token", "a", "--json");
    g_autoptr (JsonObject) whole = document (ran);
    g_autofree char *token = stored_token (world, "a");
    gint64 issued;

    check_members (whole, "format_version token token_type kind issued_at issued_at_unix "
                          "expires_at expires_at_unix");
    g_assert_cmpstr (json_object_get_string_member (whole, "token"), ==, token);
    g_assert_cmpstr (json_object_get_string_member (whole, "token_type"), ==, "Bearer");
    g_assert_cmpstr (json_object_get_string_member (whole, "kind"), ==, "access");
    issued = check_time (whole, "issued_at");
    g_assert_cmpint (issued, >=, before - 1);
    g_assert_cmpint (issued, <=, before + 60);
    g_assert_cmpint (check_time (whole, "expires_at") - issued, ==, 86400);
  }
}

/* In a time zone far from Korea, with a broker that has no zone. */
static void
test_times_do_not_depend_on_zone (World *world, gconstpointer data)
{
  const char *const zones[] = { "Asia/Seoul", "America/New_York", "UTC" };

  for (guint i = 0; i < G_N_ELEMENTS (zones); i++)
    {
      g_autofree char *alias = g_strdup_printf ("a%u", i);

      world_setenv (world, "TZ", zones[i]);
      add_account (world, "kis", i, alias, "paper");
      {
        g_autoptr (TestRun) ran = tool (world, 0, "token", alias, "--json");
        g_autoptr (JsonObject) whole = document (ran);
        gint64 left = check_time (whole, "expires_at") - g_get_real_time () / G_USEC_PER_SEC;

        g_assert_cmpint (left, <=, 86400);
        g_assert_cmpint (left, >, 86400 - 60);
      }
    }
}

static void
test_websocket (World *world, gconstpointer data)
{
  add_account (world, "kis", 0, "a", "paper");
  add_account (world, "ls", 0, "b", "paper");
  {
    g_autofree char *access = stored_token (world, "a");
    g_autoptr (TestRun) first = tool (world, 0, "token", "a", "--kind", "websocket");
    g_autoptr (TestRun) second = tool (world, 0, "token", "a", "--kind", "websocket");
    g_autofree char *access_after = stored_token (world, "a");
    g_autoptr (JsonObject) request
        = test_simulator_get_request (world->simulator, "kis", "/oauth2/Approval");
    g_autoptr (TestRun) none = tool (world, 2, "token", "b", "--kind", "websocket");

    g_assert_cmpstr (first->out, ==, second->out);
    g_assert_cmpstr (access, ==, access_after);
    test_assert_contains (json_object_get_string_member (request, "body"), "\"secretkey\"");
    test_assert_lacks (json_object_get_string_member (request, "body"), "\"appsecret\"");
    g_assert_cmpstr (none->out, ==, "");
  }
  g_assert_cmpuint (test_simulator_count (world->simulator, "kis", "approval"), ==, 1);
}

static void
test_account_from_environment (World *world, gconstpointer data)
{
  add_account (world, "ls", 0, "one", "paper");
  add_account (world, "ls", 1, "two", "paper");
  tool_ends (world, 2, "token");
  world_setenv (world, "KR_SECRET_ACCOUNT", "two");
  {
    g_autofree char *one = stored_token (world, "one");
    g_autofree char *two = stored_token (world, "two");
    g_autoptr (TestRun) ran = tool (world, 0, "token");
    g_autoptr (TestRun) named = tool (world, 0, "token", "one");
    g_autoptr (TestRun) show = tool (world, 0, "show", "--json");
    g_autoptr (TestRun) header = tool (world, 0, "header");
    g_autoptr (JsonObject) whole = document (show);

    g_assert_cmpstr (g_strchomp (ran->out), ==, two);
    g_assert_cmpstr (g_strchomp (named->out), ==, one);
    g_assert_cmpstr (json_object_get_string_member (whole, "alias"), ==, "two");
    test_assert_contains (header->out, two);
  }
  world_setenv (world, "KR_SECRET_ACCOUNT", "nobody");
  tool_ends (world, 3, "token");
  world_setenv (world, "KR_SECRET_ACCOUNT", "");
  tool_ends (world, 2, "token");
}

static void
test_names_of_an_account (World *world, gconstpointer data)
{
  add_account (world, "ls", 0, "한국", "paper");
  {
    g_autoptr (TestRun) show = tool (world, 0, "show", "한국", "--json");
    g_autoptr (JsonObject) whole = document (show);
    const char *id = json_object_get_string_member (whole, "id");
    g_autofree char *prefix = g_strndup (id, 8);
    g_autofree char *short_prefix = g_strndup (id, 7);
    g_autofree char *nfd = g_utf8_normalize ("한국", -1, G_NORMALIZE_NFD);

    g_assert_true (g_uuid_string_is_valid (id));
    tool_ends (world, 0, "token", id);
    tool_ends (world, 0, "token", prefix);
    tool_ends (world, 0, "token", "ls/한국");
    tool_ends (world, 0, "token", nfd);
    tool_ends (world, 3, "token", short_prefix);
    tool_ends (world, 3, "token", "kis/한국");
    tool_ends (world, 3, "token", "nobody/한국");
    tool_ends (world, 3, "token", "한");
    tool_ends (world, 2, "token", "한국", "한국");
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  WORLD_TEST ("token/twice-is-one-request", NULL, test_token_twice);
  WORLD_TEST ("token/processes-share-one", NULL, test_processes_share_one);
  WORLD_TEST ("token/expired-is-renewed", "--lifetime 2", test_expired_is_renewed);
  WORLD_TEST ("token/expired-is-never-printed", "--lifetime 2", test_expired_is_never_printed);
  WORLD_TEST ("token/min-validity-is-kept-and-capped", "--lifetime 10", test_min_validity);
  WORLD_TEST ("token/min-validity-is-parsed", NULL, test_min_validity_is_parsed);
  WORLD_TEST ("token/no-issue-asks-nobody", NULL, test_no_issue);
  WORLD_TEST ("token/wait-for-the-limit", NULL, test_wait);
  WORLD_TEST ("token/wait-of-nothing-does-not-wait", NULL, test_wait_of_nothing_does_not_wait);
  WORLD_TEST ("token/wait-that-is-too-short-does-not-begin", NULL,
              test_wait_that_is_too_short_does_not_begin);
  WORLD_TEST ("token/wait-that-is-long-enough-succeeds", NULL,
              test_wait_that_is_long_enough_succeeds);
  WORLD_TEST ("token/json", NULL, test_json);
  WORLD_TEST ("token/times-do-not-depend-on-the-zone", NULL, test_times_do_not_depend_on_zone);
  WORLD_TEST ("token/websocket-key-is-another", NULL, test_websocket);
  WORLD_TEST ("token/account-from-the-environment", NULL, test_account_from_environment);
  WORLD_TEST ("token/names-of-an-account", NULL, test_names_of_an_account);
  return g_test_run ();
}
