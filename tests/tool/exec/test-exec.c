/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* exec: the program's environment, and how it ends. */

#include "tool.h"

#include <string.h>

#include "test-files.h"
#include "test-keyring.h"
#include "test-record.h"

#define TOKEN_FREE "env -u KR_SECRET_TOKEN"

/* The environment that `env` has printed, without the parts that differ between any two runs. */
static char **
read_environment (const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  return g_environ_unsetenv (g_steal_pointer (&lines), "_");
}

static void
check_variable (char **environment, const char *name, const char *value)
{
  const char *found = g_environ_getenv (environment, name);

  if (g_strcmp0 (found, value) != 0)
    test_fail ("%s is '%s' instead of '%s'", name, found, value);
}

static char *
get_expiration (World *world, const char *alias)
{
  g_autoptr (TestRun) ran = tool (world, 0, "token", alias, "--json", "--no-issue");
  g_autoptr (JsonObject) whole = document (ran);

  return g_strdup (json_object_get_string_member (whole, "expires_at"));
}

static void
test_environment (World *world, gconstpointer data)
{
  const char *const argv[] = { "env", NULL };
  g_autoptr (TestRun) before = test_run (world->env, argv, NULL, -1);
  g_auto (GStrv) expected = read_environment (before->out);
  g_auto (GStrv) found = NULL;
  g_autofree char *token = NULL;
  g_autofree char *expiration = NULL;

  add_account (world, "kis", 0, "a", "paper");
  {
    g_autoptr (TestRun) ran = tool (world, 0, "exec", "a", "--", "env");

    found = read_environment (ran->out);
    g_assert_cmpstr (ran->err, ==, "");
  }
  token = stored_token (world, "a");
  expiration = get_expiration (world, "a");
  expected = g_environ_setenv (expected, "KR_SECRET_TOKEN", token, TRUE);
  expected = g_environ_setenv (expected, "KR_SECRET_EXPIRATION", expiration, TRUE);
  expected = g_environ_setenv (expected, "KR_SECRET_ENVIRONMENT", "paper", TRUE);
  expected = g_environ_setenv (expected, "KR_SECRET_BROKER", "kis", TRUE);
  g_assert_cmpuint (g_strv_length (found), ==, g_strv_length (expected));
  for (char **variable = expected; *variable != NULL; variable++)
    if (!g_strv_contains ((const char *const *) found, *variable))
      test_fail ("the program does not get: %s", *variable);
  g_assert_cmpuint (test_simulator_count (world->simulator, "kis", "issue"), ==, 1);
}

static void
test_issues_when_due (World *world, gconstpointer data)
{
  add_unverified (world, "ls", 0, "a");
  {
    g_autoptr (TestRun) ran
        = tool (world, 0, "exec", "a", "--", "sh", "-c", "printf %s \"$KR_SECRET_TOKEN\"");
    g_autofree char *token = stored_token (world, "a");

    g_assert_cmpstr (ran->out, ==, token);
  }
  g_assert_cmpuint (test_simulator_count (world->simulator, "ls", "issue"), ==, 1);
}

static void
test_credential_on_request (World *world, gconstpointer data)
{
  const char *const brokers[] = { "kis", "kiwoom", "ls" };

  for (guint i = 0; i < G_N_ELEMENTS (brokers); i++)
    {
      g_autofree char *appkey = test_simulator_get_key (brokers[i], 0, "appkey");
      g_autofree char *appsecret = test_simulator_get_key (brokers[i], 0, "appsecret");

      add_account (world, brokers[i], 0, brokers[i], "paper");
      {
        g_autoptr (TestRun) with
            = tool (world, 0, "exec", brokers[i], "--with-credential", "--", "env");
        g_autoptr (TestRun) without = tool (world, 0, "exec", brokers[i], "--", "env");
        g_auto (GStrv) environment = read_environment (with->out);

        check_variable (environment, "KR_SECRET_APPKEY", appkey);
        check_variable (environment, "KR_SECRET_APPSECRET", appsecret);
        test_assert_lacks (without->out, appkey);
        test_assert_lacks (without->out, appsecret);
        test_assert_lacks (without->out, "KR_SECRET_APP");
      }
    }
}

/* Variables that were set before must not be taken for ours. */
static void
test_leftovers (World *world, gconstpointer data)
{
  add_account (world, "ls", 0, "a", "paper");
  world_setenv (world, "KR_SECRET_APPKEY", "leftover");
  world_setenv (world, "OLD_KR_SECRET_TOKEN_FD", "7");
  world_setenv (world, "KR_SECRET_TOKEN", "");
  world_setenv (world, "MY_KR_SECRET_TOKENS", "mine");
  {
    g_autoptr (TestRun) ran = tool (world, 0, "exec", "a", "--", "env");
    g_auto (GStrv) environment = read_environment (ran->out);

    test_assert_lacks (ran->out, "leftover");
    test_assert_lacks (ran->out, "KR_SECRET_TOKEN_FD");
    g_assert_cmpstr (g_environ_getenv (environment, "KR_SECRET_TOKEN"), !=, "");
    check_variable (environment, "MY_KR_SECRET_TOKENS", "mine");
  }
}

static void
test_arguments (World *world, gconstpointer data)
{
  add_account (world, "ls", 0, "a", "paper");
  {
    g_autoptr (TestRun) ran = tool (world, 0, "exec", "a", "--", "printf", "<%s>", "--json", "-h",
                                    "--", "-q", "a b", "", "--with-credential", "\xff", "한글");
    g_autoptr (TestRun) line
        = tool (world, 0, "exec", "--with-credential", "a", "--", "cat", "/proc/self/cmdline");

    g_assert_cmpstr (ran->out, ==, "<--json><-h><--><-q><a b><><--with-credential><\xff><한글>");
    /* Nothing is added to them. */
    g_assert_cmpuint (line->out_length, ==, sizeof "cat\0/proc/self/cmdline");
    g_assert_cmpint (memcmp (line->out, "cat\0/proc/self/cmdline", line->out_length), ==, 0);
  }
}

static void
test_several_accounts (World *world, gconstpointer data)
{
  g_autofree char *appkey = test_simulator_get_key ("kiwoom", 1, "appkey");
  g_autofree char *kis = NULL;
  g_autofree char *second = NULL;
  g_autofree char *ls = NULL;

  add_account (world, "kis", 0, "my-kis", "paper");
  add_account (world, "kiwoom", 1, "second.one", "paper");
  add_account (world, "ls", 0, "한투", "paper");
  kis = stored_token (world, "my-kis");
  second = stored_token (world, "second.one");
  ls = stored_token (world, "한투");
  {
    g_autoptr (TestRun) ran = tool (world, 0, "exec", "my-kis", "kiwoom/second.one", "ls_2=한투",
                                    "--with-credential", "--", "env");
    g_auto (GStrv) environment = read_environment (ran->out);

    check_variable (environment, "MY_KIS_KR_SECRET_TOKEN", kis);
    check_variable (environment, "MY_KIS_KR_SECRET_BROKER", "kis");
    check_variable (environment, "SECOND_ONE_KR_SECRET_TOKEN", second);
    check_variable (environment, "SECOND_ONE_KR_SECRET_APPKEY", appkey);
    check_variable (environment, "ls_2_KR_SECRET_TOKEN", ls);
    check_variable (environment, "ls_2_KR_SECRET_ENVIRONMENT", "paper");
    check_variable (environment, "KR_SECRET_TOKEN", NULL);
    check_variable (environment, "KR_SECRET_APPKEY", NULL);
  }
}

/* The only document when exec itself fails. */
static void
check_own_failure_at (const char *where, TestRun *ran, const char *code, const char *text)
{
  g_autoptr (JsonObject) error = failure_at (where, ran, code);

  test_assert_contains_at (where, ran->err, text);
  g_assert_cmpint (json_object_get_int_member (error, "exit"), ==, ran->status);
}
#define check_own_failure(code, text, ...)                                                         \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_autoptr (TestRun) failed = tool (world, 125, "--json", "exec", __VA_ARGS__);                 \
    check_own_failure_at (G_STRLOC, failed, code, text);                                           \
  }                                                                                                \
  G_STMT_END

static void
test_prefix_needed (World *world, gconstpointer data)
{
  add_account (world, "ls", 0, "한투", "paper");
  add_account (world, "ls", 1, "1st", "paper");
  add_account (world, "ls", 2, "a-b", "paper");
  add_account (world, "ls", 3, "a.b", "paper");
  check_own_failure ("usage", "KIS=한투", "한투", "a-b", "--", "true");
  check_own_failure ("usage", "KIS=1st", "a-b", "1st", "--", "true");
  check_own_failure ("usage", "KIS=a-b", "a-b", "a.b", "--", "true");
  check_own_failure ("usage", "KIS=a-b", "X=a-b", "X=a.b", "--", "true");
  check_own_failure ("usage", "KIS=a-b", "a-b", "a-b", "--", "true");
  check_own_failure ("usage", "PREFIX=ALIAS", "1x=한투", "a-b", "--", "true");
  check_own_failure ("usage", "PREFIX=ALIAS", "=한투", "a-b", "--", "true");
  tool_ends (world, 0, "exec", "A=a-b", "B=a-b", "_=한투", "--", "true");
}

static void
test_prefix_of_one (World *world, gconstpointer data)
{
  add_account (world, "ls", 0, "한투", "paper");
  {
    g_autofree char *token = stored_token (world, "한투");
    g_autoptr (TestRun) bare = tool (world, 0, "exec", "한투", "--", "env");
    g_autoptr (TestRun) given = tool (world, 0, "exec", "LS=한투", "--", "env");
    g_auto (GStrv) first = read_environment (bare->out);
    g_auto (GStrv) second = read_environment (given->out);

    check_variable (first, "KR_SECRET_TOKEN", token);
    check_variable (second, "LS_KR_SECRET_TOKEN", token);
    check_variable (second, "KR_SECRET_TOKEN", NULL);
  }
}

static void
test_account_from_environment (World *world, gconstpointer data)
{
  add_account (world, "ls", 0, "a", "paper");
  check_own_failure ("usage", "no account", "--", "true");
  world_setenv (world, "KR_SECRET_ACCOUNT", "a");
  {
    g_autofree char *token = stored_token (world, "a");
    g_autoptr (TestRun) ran = tool (world, 0, "exec", "--", "env");
    g_auto (GStrv) environment = read_environment (ran->out);

    check_variable (environment, "KR_SECRET_TOKEN", token);
    check_variable (environment, "KR_SECRET_ACCOUNT", "a");
  }
}

static void
test_status (World *world, gconstpointer data)
{
  const int statuses[] = { 0, 1, 2, 3, 5, 7, 9, 124, 125, 126, 127, 128, 130, 137, 200, 255 };

  add_account (world, "ls", 0, "a", "paper");
  for (guint i = 0; i < G_N_ELEMENTS (statuses); i++)
    {
      g_autofree char *script = g_strdup_printf ("exit %d", statuses[i]);
      g_autoptr (TestRun) ran
          = tool (world, statuses[i], "exec", "a", "--json", "--", "sh", "-c", script);

      g_assert_cmpstr (ran->out, ==, "");
      g_assert_cmpstr (ran->err, ==, "");
    }
}

static void
test_signals (World *world, gconstpointer data)
{
  add_account (world, "ls", 0, "a", "paper");
  tool_ends (world, 128 + 15, "exec", "a", "--", "sh", "-c", "kill -TERM $$");
  tool_ends (world, 128 + 9, "exec", "a", "--", "sh", "-c", "kill -KILL $$");
  tool_ends (world, 128 + 11, "exec", "a", "--", "sh", "-c", "kill -SEGV $$");
  {
    /* There is no process in between in which a signal could get lost. */
    g_autoptr (TestRun) ran
        = tool_shell (world, 0, "echo $$; \"$KR_TEST_TOOL\" exec a -- sh -c 'echo $PPID'; true");
    g_auto (GStrv) lines = g_strsplit (ran->out, "\n", -1);

    g_assert_cmpuint (g_strv_length (lines), ==, 3);
    g_assert_cmpstr (lines[0], ==, lines[1]);
  }
}

static void
test_streams (World *world, gconstpointer data)
{
  add_account (world, "ls", 0, "a", "paper");
  {
    g_autoptr (TestRun) ran = tool_fed (world, 0, "one\ntwo\n", "exec", "a", "--", "sh", "-c",
                                        "read -r first; echo $first; echo err >&2; cat");

    g_assert_cmpstr (ran->out, ==, "one\ntwo\n");
    g_assert_cmpstr (ran->err, ==, "err\n");
  }
}

/* The program has the descriptors, signals and limits that exec was started with. */
static void
test_surroundings (World *world, gconstpointer data)
{
  const char *const starts[] = {
    "",
    "exec <&-; ",
    "exec 2>&-; ",
    "exec <&- 2>&-; ",
    "exec 5</dev/null; ",
    "trap '' PIPE; ",
    "trap '' CHLD HUP; ",
    "ulimit -Sc 0; ",
  };
  const char *look = "for fd in 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19; do"
                     " [ -e /dev/fd/$fd ] && echo $fd; done; grep ^Sig[BI] /proc/self/status;"
                     " ulimit -a; umask; pwd";

  add_account (world, "ls", 0, "a", "paper");
  for (guint i = 0; i < G_N_ELEMENTS (starts); i++)
    {
      g_autofree char *direct = g_strdup_printf ("%s sh -c '%s'", starts[i], look);
      g_autofree char *below
          = g_strdup_printf ("%s \"$KR_TEST_TOOL\" exec a -- sh -c '%s'", starts[i], look);
      g_autoptr (TestRun) first = tool_shell (world, 0, direct);
      g_autoptr (TestRun) second = tool_shell (world, 0, below);

      test_assert_contains (first->out, "SigIgn");
      g_assert_cmpstr (second->out, ==, first->out);
    }
}

static void
test_wrong_use (World *world, gconstpointer data)
{
  add_unverified (world, "ls", 0, "a");
  check_own_failure ("usage", "'--'", "a");
  check_own_failure ("usage", "'--'", "a", "true");
  check_own_failure ("usage", "missing", "a", "--");
  check_own_failure ("usage", "unknown option", "a", "--nothing", "--", "true");
  check_own_failure ("usage", "no value", "a", "--with-credential=yes", "--", "true");
  check_own_failure ("usage", "options", "a", "--wait", "--", "true");
  check_own_failure ("usage", "not a time", "a", "--wait", "soon", "--", "true");
  check_own_failure ("usage", "not a time", "a", "--min-validity", "soon", "--", "true");
  check_own_failure ("not-found", "nobody", "nobody", "--", "true");
  check_own_failure ("not-found", "nobody", "a", "B=nobody", "--", "true");
  {
    g_autofree char *key = test_simulator_get_key ("ls", 0, "appkey");
    g_autofree char *word = g_strconcat ("appkey=", key, NULL);
    g_autoptr (TestRun) ran = tool (world, 125, "exec", "a", word, "--json", "--", "true");

    test_assert_contains (ran->err, "never taken from the command line");
    test_assert_lacks (ran->err, key + 4);
    test_assert_lacks (ran->out, key + 4);
  }
  g_assert_cmpuint (test_simulator_count (world->simulator, "ls", "connections"), ==, 0);
}

static void
test_no_token (World *world, gconstpointer data)
{
  add_account (world, "kis", 0, "kis", "paper");
  tool_ends (world, 0, "revoke", "kis");
  check_own_failure ("rate-limited", "--wait", "kis", "--", "true");
  {
    g_autoptr (TestRun) ran = tool (world, 125, "--json", "exec", "kis", "--", "echo", "ran");
    g_autoptr (JsonObject) error = failure (ran, "rate-limited");

    g_assert_cmpint (json_object_get_int_member (error, "retry_after"), >, 0);
    test_assert_lacks (ran->out, "ran\n");
  }
  test_simulator_fault (world->simulator, "ls", "'fault':'refuse-key','times':0");
  add_unverified (world, "ls", 0, "ls");
  check_own_failure ("refused", "no token", "ls", "--", "true");
  test_keyring_lock ();
  {
    g_autoptr (TestRun) ran = tool (world, ANY_STATUS, "exec", "ls", "--json", "--", "true");

    test_keyring_unlock ();
    g_assert_cmpint (ran->status, ==, 125);
    check_own_failure_at (G_STRLOC, ran, "locked", "locked");
  }
  world_hide_bus (world);
  check_own_failure ("no-keyring", "keyring", "ls", "--", "true");
}

static void
check_not_run (World *world, const char *program, int status)
{
  g_autoptr (TestRun) ran = tool (world, status, "exec", "a", "--json", "--", program, "--json");
  g_autoptr (TestRun) text = tool (world, status, "exec", "a", "--", program);
  g_autoptr (JsonObject) error = failure (ran, status == 127 ? "not-found" : "failed");

  g_assert_cmpint (json_object_get_int_member (error, "exit"), ==, status);
  test_assert_contains (text->err, "cannot run");
  g_assert_cmpstr (text->out, ==, "");
}

static void
test_not_run (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) directory = test_directory_new ();
  g_autofree char *plain = g_build_filename (directory, "plain", NULL);
  g_autofree char *script = g_build_filename (directory, "script", NULL);
  g_autofree char *missing = g_build_filename (directory, "missing", NULL);

  test_file_write (plain, "data", -1, 0600);
  test_file_write (script, "#!/nonexistent/interpreter\n", -1, 0700);
  add_unverified (world, "ls", 0, "a");
  check_not_run (world, missing, 127);
  check_not_run (world, "no-such-program-anywhere", 127);
  check_not_run (world, "", 127);
  check_not_run (world, plain, 126);
  check_not_run (world, directory, 126);
  /* No token was requested that would not be used. */
  g_assert_cmpuint (test_simulator_count (world->simulator, "ls", "connections"), ==, 0);
  {
    g_autoptr (TestRun) ran = tool (world, 127, "exec", "a", "--", script);

    test_assert_contains (ran->err, "interpreter");
  }
}

static void
test_nested (World *world, gconstpointer data)
{
  const char *const outer[] = { "a", "P=a" };

  add_account (world, "ls", 0, "a", "paper");
  for (guint i = 0; i < G_N_ELEMENTS (outer); i++)
    {
      g_autofree char *script = g_strdup_printf (
          "\"$KR_TEST_TOOL\" exec %s -- \"$KR_TEST_TOOL\" exec a -- echo ran", outer[i]);
      g_autoptr (TestRun) ran = tool_shell (world, 125, script);

      g_assert_cmpstr (ran->out, ==, "");
      test_assert_contains (ran->err, "KR_SECRET_TOKEN is set");
    }
  {
    /* All other commands work there as elsewhere. */
    g_autofree char *token = stored_token (world, "a");
    g_autoptr (TestRun) ran
        = tool_shell (world, 0, "\"$KR_TEST_TOOL\" exec a -- \"$KR_TEST_TOOL\" token a --no-issue");
    g_autoptr (TestRun) meant = tool_shell (world, 0,
                                            "\"$KR_TEST_TOOL\" exec a -- " TOKEN_FREE
                                            " \"$KR_TEST_TOOL\" exec a -- echo ran");

    g_assert_cmpstr (g_strchomp (ran->out), ==, token);
    g_assert_cmpstr (meant->out, ==, "ran\n");
  }
}

static void
test_help (World *world, gconstpointer data)
{
  g_autoptr (TestRun) ran = tool (world, 0, "exec", "--help");

  test_assert_contains (ran->out, "--refresh-signal");
  test_assert_contains (ran->out, "-- COMMAND");
  test_assert_contains (ran->out, "/dev/fd/$KR_SECRET_TOKEN_FD");
}

static void
test_min_validity (World *world, gconstpointer data)
{
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  g_autofree char *id = NULL;

  add_account (world, "kiwoom", 0, "a", "paper");
  id = account_id (world, "a");
  test_token_set_times (id, now - 7200, now + 1800);
  tool_ends (world, 0, "exec", "a", "--min-validity", "10m", "--", "true");
  g_assert_cmpuint (test_simulator_count (world->simulator, "kiwoom", "issue"), ==, 1);
  tool_ends (world, 0, "exec", "a", "--min-validity", "1h", "--wait", "1", "--", "true");
  g_assert_cmpuint (test_simulator_count (world->simulator, "kiwoom", "issue"), ==, 2);
  /* No token at all is better than one that expires on the way. */
  test_token_set_times (id, now - 7200, now + 1800);
  test_simulator_fault (world->simulator, "kiwoom", "'fault':'server-error','times':0");
  tool_ends (world, 125, "exec", "a", "--min-validity", "1h", "--", "true");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  WORLD_TEST ("exec/environment-is-what-it-was-and-four-more", NULL, test_environment);
  WORLD_TEST ("exec/issues-when-due", NULL, test_issues_when_due);
  WORLD_TEST ("exec/key-only-on-request", NULL, test_credential_on_request);
  WORLD_TEST ("exec/leftovers-are-not-passed-on", NULL, test_leftovers);
  WORLD_TEST ("exec/arguments-arrive-as-they-are", NULL, test_arguments);
  WORLD_TEST ("exec/several-accounts-have-prefixes", NULL, test_several_accounts);
  WORLD_TEST ("exec/asks-for-a-prefix", NULL, test_prefix_needed);
  WORLD_TEST ("exec/prefix-of-one-account", NULL, test_prefix_of_one);
  WORLD_TEST ("exec/account-from-environment", NULL, test_account_from_environment);
  WORLD_TEST ("exec/status-passes-through", NULL, test_status);
  WORLD_TEST ("exec/signals-pass-through", NULL, test_signals);
  WORLD_TEST ("exec/streams-pass-through", NULL, test_streams);
  WORLD_TEST ("exec/surroundings-are-as-without-it", NULL, test_surroundings);
  WORLD_TEST ("exec/wrong-use-is-125", NULL, test_wrong_use);
  WORLD_TEST ("exec/no-token-is-125", NULL, test_no_token);
  WORLD_TEST ("exec/what-cannot-run-is-126-or-127", NULL, test_not_run);
  WORLD_TEST ("exec/nested-is-refused", NULL, test_nested);
  WORLD_TEST ("exec/min-validity-decides-what-is-due", NULL, test_min_validity);
  WORLD_TEST ("exec/help", NULL, test_help);
  return g_test_run ();
}
