/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* edit: another key or server for an account that stays the same one. */

#include "terminal.h"

#include <string.h>
#include <unistd.h>

#include "test-keyring.h"

static const char *const brokers[] = { "kis", "kiwoom", "ls" };

/* Changes the key of "a" to key @n. */
static TestRun *
edit_to (World *world, int status, guint n, const char *option)
{
  g_autofree char *lines = test_simulator_get_key_lines ("ls", n);

  return tool_fed (world, status, lines, "edit", "a", "--secret", option);
}

static void
edit_ends (World *world, int status, guint n)
{
  test_run_free (edit_to (world, status, n, NULL));
}

/* Checks that the last issue was requested with key @n. */
static void
check_issued_with (World *world, const char *broker, const char *path, guint n)
{
  g_autoptr (JsonObject) request = test_simulator_get_request (world->simulator, broker, path);
  g_autofree char *appkey = test_simulator_get_key (broker, n, "appkey");

  test_assert_contains (json_object_get_string_member (request, "body"), appkey);
}

static void
test_new_key (World *world, gconstpointer data)
{
  static const char *const paths[] = { "/oauth2/tokenP", "/oauth2/token", "/oauth2/token" };

  for (guint i = 0; i < G_N_ELEMENTS (brokers); i++)
    {
      g_autofree char *lines = test_simulator_get_key_lines (brokers[i], 1);
      g_autofree char *id = NULL;
      g_autofree char *after = NULL;
      G_GNUC_UNUSED g_autofree char *token = NULL;

      /* KIS has an interval, so a verified account would have to wait. */
      add_unverified (world, brokers[i], 0, brokers[i]);
      id = account_id (world, brokers[i]);
      test_run_free (tool_fed (world, 0, lines, "edit", brokers[i], "--secret"));
      g_assert_cmpuint (test_simulator_count (world->simulator, brokers[i], "connections"), ==, 0);
      after = account_id (world, brokers[i]);
      g_assert_cmpstr (after, ==, id);
      tool_ends (world, 0, "token", brokers[i]);
      check_issued_with (world, brokers[i], paths[i], 1);
    }
  g_assert_cmpuint (count_accounts (world), ==, 3);
}

static void
test_token_is_forgotten (World *world, gconstpointer data)
{
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;

  add_account (world, "ls", 0, "a", "paper");
  first = stored_token (world, "a");
  edit_ends (world, 0, 1);
  g_assert_null (stored_token (world, "a"));
  g_assert_cmpuint (test_keyring_count (NULL, "krsecret-token"), ==, 0);
  /* Forgotten is not revoked. */
  g_assert_cmpuint (test_simulator_count (world->simulator, "ls", "revoke"), ==, 0);
  tool_ends (world, 0, "token", "a");
  second = stored_token (world, "a");
  g_assert_cmpstr (second, !=, first);
}

static void
test_descriptor (World *world, gconstpointer data)
{
  g_autofree char *lines = test_simulator_get_key_lines ("ls", 1);

  add_unverified (world, "ls", 0, "a");
  test_run_free (tool_fd (world, 0, 7, lines, "edit", "a", "--secret", "--fd", "7"));
  tool_ends (world, 0, "token", "a");
  check_issued_with (world, "ls", "/oauth2/token", 1);
  test_run_free (tool_fed (world, 2, lines, "edit", "a", "--secret", "--fd", "77"));
  test_run_free (tool_fed (world, 2, lines, "edit", "a", "--secret", "--fd", "3x"));
  /* Only keys are read from a descriptor. */
  test_run_free (tool_fd (world, 2, 7, lines, "edit", "a", "--endpoint=", "--fd", "7"));
}

/* The old key's token may be useless and the broker may be gone, so it is not asked. */
static void
test_without_the_broker (World *world, gconstpointer data)
{
  add_account (world, "ls", 0, "a", "paper");
  test_simulator_stop (world->simulator);
  edit_ends (world, 0, 1);
  g_assert_null (stored_token (world, "a"));
}

static void
test_document (World *world, gconstpointer data)
{
  g_autoptr (TestRun) ran = NULL;
  g_autoptr (JsonObject) account = NULL;
  g_autofree char *id = NULL;

  add_account (world, "ls", 0, "a", "paper");
  id = account_id (world, "a");
  ran = edit_to (world, 0, 1, "--json");
  account = document (ran);
  check_members (account, "format_version id alias broker environment endpoint token problem");
  g_assert_cmpstr (json_object_get_string_member (account, "id"), ==, id);
  g_assert_cmpstr (json_object_get_string_member (account, "alias"), ==, "a");
  g_assert_cmpstr (
      json_object_get_string_member (json_object_get_object_member (account, "token"), "state"), ==,
      "none");
  g_assert_cmpstr (json_object_get_string_member (account, "endpoint"), ==,
                   test_simulator_get_uri (world->simulator, "ls"));
}

static void
test_quiet (World *world, gconstpointer data)
{
  add_account (world, "ls", 0, "a", "paper");
  {
    g_autoptr (TestRun) loud = edit_to (world, 0, 1, NULL);
    g_autoptr (TestRun) quiet = edit_to (world, 0, 2, "-q");

    g_assert_cmpstr (loud->out, ==, "");
    test_assert_contains (loud->err, "'a'");
    g_assert_cmpstr (quiet->out, ==, "");
    g_assert_cmpstr (quiet->err, ==, "");
  }
}

static void
test_no_secret_is_shown (World *world, gconstpointer data)
{
  static const char *const options[] = { NULL, "-v", "--json" };

  world_setenv (world, "G_MESSAGES_DEBUG", "all");
  add_account (world, "ls", 0, "a", "paper");
  for (guint i = 0; i < G_N_ELEMENTS (options); i++)
    {
      g_autoptr (TestRun) ran = edit_to (world, 0, i + 1, options[i]);
      g_autofree char *appkey = test_simulator_get_key ("ls", i + 1, "appkey");
      g_autofree char *appsecret = test_simulator_get_key ("ls", i + 1, "appsecret");

      test_assert_lacks (ran->out, appkey + 4);
      test_assert_lacks (ran->err, appkey + 4);
      test_assert_lacks (ran->out, appsecret + 4);
      test_assert_lacks (ran->err, appsecret + 4);
    }
}

/* Everything stays as it is, the token too. */
static void
check_unchanged (World *world, const char *input, const char *option, int status)
{
  g_autofree char *id = account_id (world, "a");
  g_autofree char *token = stored_token (world, "a");
  g_autoptr (GBytes) before = test_keyring_read (id, "krsecret-account");
  g_autoptr (TestRun) ran = tool_fed (world, ANY_STATUS, input, "edit", "a", "--secret", option);
  g_autoptr (GBytes) after = test_keyring_read (id, "krsecret-account");
  g_autofree char *still = stored_token (world, "a");

  if (ran->status != status)
    test_fail ("edit of '%s' ended with %d: %s", input, ran->status, ran->err);
  g_assert_true (g_bytes_equal (before, after));
  g_assert_cmpstr (still, ==, token);
}

static void
test_bad_input (World *world, gconstpointer data)
{
  static const char *const inputs[] = {
    "",
    "\n",
    "appkey=some-key-some-key\n",
    "appsecret=some-secret-some-secret\n",
    "appkey=\nappsecret=some-secret-some-secret\n",
    "appkey=some-key-some-key\nappsecret=some\001secret\n",
    "appkey=some-key-some-key\nappkey=some-key-some-key\nappsecret=some-secret-some-secret\n",
    "account=1234\nappkey=some-key-some-key\nappsecret=some-secret-some-secret\n",
    "appkey some-key-some-key\n",
  };

  add_account (world, "ls", 0, "a", "paper");
  for (guint i = 0; i < G_N_ELEMENTS (inputs); i++)
    check_unchanged (world, inputs[i], NULL, 2);
}

static void
test_taken_key (World *world, gconstpointer data)
{
  g_autofree char *lines = test_simulator_get_key_lines ("ls", 1);

  add_account (world, "ls", 0, "a", "paper");
  add_unverified (world, "ls", 1, "연금저축");
  check_unchanged (world, lines, NULL, 2);
  {
    g_autoptr (TestRun) ran = edit_to (world, 2, 1, "--json");
    g_autoptr (JsonObject) error = failure (ran, "usage");

    test_assert_contains (json_object_get_string_member (error, "message"), "연금저축");
  }
}

static void
test_same_key_again (World *world, gconstpointer data)
{
  add_account (world, "ls", 0, "a", "paper");
  edit_ends (world, 0, 0);
  g_assert_null (stored_token (world, "a"));
  tool_ends (world, 0, "token", "a");
}

static void
test_endpoint (World *world, gconstpointer data)
{
  g_autoptr (TestSimulator) other = test_simulator_start (NULL);
  const char *uri = test_simulator_get_uri (other, "ls");

  add_account (world, "ls", 0, "a", "paper");
  tool_ends (world, 0, "edit", "a", "--endpoint", uri);
  g_assert_null (stored_token (world, "a"));
  tool_ends (world, 0, "token", "a");
  g_assert_cmpuint (test_simulator_count (other, "ls", "issue"), ==, 1);
  g_assert_cmpuint (test_simulator_count (world->simulator, "ls", "issue"), ==, 1);
  {
    g_autoptr (TestRun) ran = tool (world, 0, "edit", "a", "--endpoint", "", "--json");
    g_autoptr (JsonObject) account = document (ran);

    g_assert_true (json_object_get_null_member (account, "endpoint"));
  }
}

static void
test_bad_endpoint (World *world, gconstpointer data)
{
  static const char *const endpoints[] = {
    "http://example.com",     "https://openapi.example.com", "http://127.0.0.1.example.com", "word",
    "http://user@127.0.0.1/", "file:///etc/passwd",          "http://127.0.0.1\n",
  };

  add_account (world, "ls", 0, "a", "paper");
  for (guint i = 0; i < G_N_ELEMENTS (endpoints); i++)
    {
      g_autofree char *option = g_strconcat ("--endpoint=", endpoints[i], NULL);
      g_autofree char *lines = test_simulator_get_key_lines ("ls", 1);
      g_autofree char *id = account_id (world, "a");
      g_autoptr (GBytes) before = test_keyring_read (id, "krsecret-account");
      g_autoptr (GBytes) after = NULL;

      check_unchanged (world, lines, option, 2);
      tool_ends (world, 2, "edit", "a", option);
      after = test_keyring_read (id, "krsecret-account");
      g_assert_true (g_bytes_equal (before, after));
    }
}

/* A user does not type a key in vain. */
static void
test_bad_endpoint_before_the_key (World *world, gconstpointer data)
{
  add_account (world, "ls", 0, "a", "paper");
  {
    g_autoptr (Terminal) terminal = terminal_start (world, TERMINAL_ALL, "edit", "a", "--secret",
                                                    "--endpoint", "http://example.com", NULL);

    g_assert_cmpint (terminal_end (terminal), ==, 2);
    test_assert_lacks (terminal->seen->str, "appkey");
  }
}

static void
type_secret (Terminal *terminal, const char *prompt, const char *secret)
{
  g_autofree char *line = g_strconcat (secret, "\n", NULL);

  terminal_expect (terminal, prompt);
  terminal_wait_for_no_echo (terminal);
  terminal_type (terminal, line);
}

static void
test_terminal (World *world, gconstpointer data)
{
  g_autofree char *appkey = test_simulator_get_key ("ls", 1, "appkey");
  g_autofree char *appsecret = test_simulator_get_key ("ls", 1, "appsecret");

  add_account (world, "ls", 0, "a", "paper");
  {
    g_autoptr (Terminal) terminal
        = terminal_start (world, TERMINAL_ALL, "edit", "a", "--secret", NULL);

    type_secret (terminal, "appkey", appkey);
    type_secret (terminal, "appsecret", appsecret);
    g_assert_cmpint (terminal_end (terminal), ==, 0);
    test_assert_lacks (terminal->seen->str, appkey);
    test_assert_lacks (terminal->seen->str, appsecret);
    g_assert_true (terminal_echoes (terminal));
  }
  tool_ends (world, 0, "token", "a");
  check_issued_with (world, "ls", "/oauth2/token", 1);
}

static void
test_ctrl_c (World *world, gconstpointer data)
{
  g_autofree char *token = NULL;
  g_autofree char *still = NULL;

  add_account (world, "ls", 0, "a", "paper");
  token = stored_token (world, "a");
  {
    g_autoptr (Terminal) terminal
        = terminal_start (world, TERMINAL_ALL, "edit", "a", "--secret", NULL);

    type_secret (terminal, "appkey", "half of it");
    terminal_expect (terminal, "appsecret");
    terminal_type (terminal, "\003");
    g_assert_cmpint (terminal_end (terminal), ==, 130);
    g_assert_true (terminal_echoes (terminal));
  }
  still = stored_token (world, "a");
  g_assert_cmpstr (still, ==, token);
}

/* A key that the broker refuses is not tried again and again, until there is another one. */
static void
test_refused_key (World *world, gconstpointer data)
{
  add_unverified (world, "ls", 0, "a");
  test_simulator_fault (world->simulator, "ls", "'fault':'refuse-key','times':0");
  for (guint i = 0; i < 5; i++)
    tool_ends (world, 4, "token", "a");
  g_assert_cmpuint (test_simulator_count (world->simulator, "ls", "issue"), ==, 3);
  test_simulator_reset (world->simulator, "ls");
  edit_ends (world, 0, 1);
  tool_ends (world, 0, "token", "a");
  g_assert_cmpuint (test_simulator_count (world->simulator, "ls", "issue"), ==, 1);
}

static void
test_missing_plugin (World *world, gconstpointer data)
{
  g_autofree char *lines = test_simulator_get_key_lines ("ls", 1);
  g_autofree char *nowhere = g_build_filename (g_get_tmp_dir (), "nowhere", NULL);
  g_autofree char *id = NULL;
  g_autoptr (GBytes) before = NULL;
  g_autoptr (GBytes) after = NULL;

  add_account (world, "ls", 0, "a", "paper");
  id = account_id (world, "a");
  before = test_keyring_read (id, "krsecret-account");
  world_setenv (world, "KR_SECRET_PLUGIN_DIR", nowhere);
  {
    /* Without the plugin the fields are unknown. */
    g_autoptr (TestRun) ran
        = tool_fed (world, ANY_STATUS, lines, "edit", "a", "--secret", "--json");

    g_assert_true (ran->status == 3 || ran->status == 11);
  }
  after = test_keyring_read (id, "krsecret-account");
  g_assert_true (g_bytes_equal (before, after));
}

static void
test_nothing_to_change (World *world, gconstpointer data)
{
  add_account (world, "ls", 0, "a", "paper");
  {
    g_autoptr (TestRun) ran = tool (world, 2, "edit", "a", "--json");
    g_autoptr (JsonObject) error = failure (ran, "usage");
    g_autofree char *token = stored_token (world, "a");

    test_assert_contains (ran->err, "--secret");
    g_assert_nonnull (error);
    g_assert_nonnull (token);
  }
  /* A key in the wrong place is not repeated. */
  {
    g_autoptr (TestRun) ran = tool (world, 2, "edit", "a", "appsecret=hush-hush-hush");

    test_assert_lacks (ran->err, "hush");
  }
}

static void
test_lock_held_by_another (World *world, gconstpointer data)
{
  int held;

  add_account (world, "ls", 0, "a", "paper");
  held = hold_lock (world, "a");
  {
    g_autofree char *lines = test_simulator_get_key_lines ("ls", 1);
    G_GNUC_UNUSED g_autofree char *id = account_id (world, "a");
    g_autofree char *token = NULL;

    test_run_free (tool_fed (world, 9, lines, "edit", "a", "--secret", "--timeout", "1"));
    close (held);
    token = stored_token (world, "a");
    g_assert_nonnull (token);
  }
  edit_ends (world, 0, 1);
}

static const Command command_endpoint = { { "edit", "--endpoint=" }, NULL };
static const Command command_secret
    = { { "edit", "--secret" }, "appkey=some-key-some-key\nappsecret=some-secret-some-secret\n" };

static void
add_common (const char *name, const Command *command)
{
  add_command_test (name, "names-of-something", command, check_names_of_something);
  add_command_test (name, "wrong-use-is-2", command, check_wrong_use);
  add_command_tests (name, command);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  WORLD_TEST ("edit/new-key-is-used-for-the-next-token", NULL, test_new_key);
  WORLD_TEST ("edit/token-is-forgotten-not-revoked", NULL, test_token_is_forgotten);
  WORLD_TEST ("edit/key-from-a-descriptor", NULL, test_descriptor);
  WORLD_TEST ("edit/needs-no-broker", NULL, test_without_the_broker);
  WORLD_TEST ("edit/document", NULL, test_document);
  WORLD_TEST ("edit/quiet", NULL, test_quiet);
  WORLD_TEST ("edit/no-secret-is-shown", NULL, test_no_secret_is_shown);
  WORLD_TEST ("edit/bad-input-changes-nothing", NULL, test_bad_input);
  WORLD_TEST ("edit/key-of-another-account-is-refused", NULL, test_taken_key);
  WORLD_TEST ("edit/same-key-again", NULL, test_same_key_again);
  WORLD_TEST ("edit/endpoint-and-back", NULL, test_endpoint);
  WORLD_TEST ("edit/endpoint-elsewhere-is-refused", NULL, test_bad_endpoint);
  WORLD_TEST ("edit/bad-endpoint-before-the-key-is-asked-for", NULL,
              test_bad_endpoint_before_the_key);
  WORLD_TEST ("edit/terminal-asks-without-echo", NULL, test_terminal);
  WORLD_TEST ("edit/ctrl-c-changes-nothing", NULL, test_ctrl_c);
  WORLD_TEST ("edit/another-key-after-a-refused-one", NULL, test_refused_key);
  WORLD_TEST ("edit/missing-plugin-changes-nothing", NULL, test_missing_plugin);
  WORLD_TEST ("edit/nothing-to-change-is-2", NULL, test_nothing_to_change);
  WORLD_TEST ("edit/lock-held-by-another-is-9", NULL, test_lock_held_by_another);
  add_common ("edit/endpoint", &command_endpoint);
  add_common ("edit/secret", &command_secret);
  return g_test_run ();
}
