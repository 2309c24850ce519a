/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* brokers, help, version; and the options, names and output that all commands share. */

#include "tool.h"

static void
test_brokers_json (World *world, gconstpointer data)
{
  g_autoptr (TestRun) ran = tool (world, 0, "brokers", "--json");
  g_autoptr (JsonObject) whole = document (ran);
  JsonArray *brokers = json_object_get_array_member (whole, "brokers");
  const char *const ids[] = { "kis", "kiwoom", "ls" };
  const char *const names[] = { "한국투자증권", "키움증권", "LS증권" };

  check_members (whole, "format_version brokers failed");
  g_assert_cmpuint (json_array_get_length (brokers), ==, 3);
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (whole, "failed")), ==, 0);
  for (guint i = 0; i < 3; i++)
    {
      JsonObject *broker = json_array_get_object_element (brokers, i);
      g_autofree char *file = g_strdup_printf ("/%s.so", ids[i]);

      check_members (broker, "id name name_ko environments fields traits path");
      g_assert_cmpstr (json_object_get_string_member (broker, "id"), ==, ids[i]);
      g_assert_cmpstr (json_object_get_string_member (broker, "name_ko"), ==, names[i]);
      g_assert_cmpuint (
          json_array_get_length (json_object_get_array_member (broker, "environments")), ==, 2);
      g_assert_true (g_str_has_suffix (json_object_get_string_member (broker, "path"), file));
      g_assert_true (JSON_NODE_HOLDS_ARRAY (json_object_get_member (broker, "fields")));
    }
}

static void
test_brokers_show (World *world, gconstpointer data)
{
  g_autoptr (TestRun) text = tool (world, 0, "brokers", "show", "kiwoom");
  g_autoptr (TestRun) json = tool (world, 0, "brokers", "show", "kiwoom", "--json");
  g_autoptr (JsonObject) whole = document (json);

  test_assert_contains (text->out, "kiwoom");
  g_assert_cmpstr (json_object_get_string_member (whole, "id"), ==, "kiwoom");
  tool_ends (world, 3, "brokers", "show", "nobody");
  tool_ends (world, 2, "brokers", "show");
  tool_ends (world, 2, "brokers", "shown");
}

/* These need neither a keyring nor a broker. */
static void
test_work_without_anything (World *world, gconstpointer data)
{
  world_hide_bus (world);
  test_simulator_stop (world->simulator);
  tool_ends (world, 0, "brokers");
  tool_ends (world, 0, "brokers", "show", "ls");
  tool_ends (world, 0, "help");
  tool_ends (world, 0, "version");
}

static void
test_help (World *world, gconstpointer data)
{
  const char *const commands[]
      = { "add",        "edit",    "rename",  "list",       "show",   "token",   "header",
          "credential", "exec",    "refresh", "reject",     "wait",   "revoke",  "forget",
          "remove",     "monitor", "brokers", "import",     "backup", "restore", "lock",
          "unlock",     "session", "doctor",  "completion", "help",   "version" };
  g_autoptr (TestRun) help = tool (world, 0, "help");
  g_autoptr (TestRun) option = tool (world, 0, "--help");

  g_assert_cmpstr (help->out, ==, option->out);
  g_assert_cmpstr (help->err, ==, "");
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      g_autoptr (TestRun) one = tool (world, 0, "help", commands[i]);
      g_autoptr (TestRun) other = tool (world, 0, commands[i], "--help");

      test_assert_contains (help->out, commands[i]);
      test_assert_contains (one->out, commands[i]);
      g_assert_cmpstr (one->out, ==, other->out);
      g_assert_cmpstr (one->err, ==, "");
      g_assert_cmpstr (other->err, ==, "");
    }
  tool_ends (world, 2, "help", "dance");
}

static void
test_unknown_commands (World *world, gconstpointer data)
{
  const char *const unknown[] = { "dance", "tokens", "Token", "-", "" };

  for (guint i = 0; i < G_N_ELEMENTS (unknown); i++)
    {
      g_autoptr (TestRun) ran = tool (world, ANY_STATUS, unknown[i], "--json");

      g_assert_cmpint (ran->status, ==, 2);
    }
}

static void
test_version (World *world, gconstpointer data)
{
  g_autoptr (TestRun) version = tool (world, 0, "version");
  g_autoptr (TestRun) json = tool (world, 0, "version", "--json");
  g_autoptr (JsonObject) whole = document (json);
  g_autofree char *line = NULL;

  check_members (whole, "format_version version");
  g_assert_true (g_regex_match_simple ("^\\d+\\.\\d+\\.\\d+$",
                                       json_object_get_string_member (whole, "version"), 0, 0));
  line = g_strdup_printf ("kr-secret-tool %s\n", json_object_get_string_member (whole, "version"));
  g_assert_cmpstr (version->out, ==, line);
}

static void
test_options_anywhere (World *world, gconstpointer data)
{
  add_account (world, "ls", 0, "a", "paper");
  {
    g_autoptr (TestRun) before = tool (world, 0, "--json", "--timeout", "20", "token", "a");
    g_autoptr (TestRun) between = tool (world, 0, "token", "--json", "--timeout=20", "a");
    g_autoptr (TestRun) after = tool (world, 0, "token", "a", "--timeout", "20", "--json");

    g_assert_cmpstr (before->out, ==, between->out);
    g_assert_cmpstr (before->out, ==, after->out);
  }
  tool_ends (world, 0, "-q", "-v", "-y", "--no-input", "--color", "auto", "list");
  tool_ends (world, 0, "-qy", "list");
  tool_ends (world, 0, "token", "--", "a");
  tool_ends (world, 2, "token", "--", "--json");
}

static void
test_wrong_options (World *world, gconstpointer data)
{
  const char *const arguments[][4] = {
    { NULL },
    { "--nonsense" },
    { "-Z" },
    { "list", "--nonsense" },
    { "list", "-Z" },
    { "list", "--timeout" },
    { "list", "--timeout", "x" },
    { "list", "--timeout", "-1" },
    { "list", "--timeout", "0x5" },
    { "list", "--timeout", "" },
    { "list", "--timeout", "99999999999999999999" },
    { "list", "--no-issue" },
    { "version", "stray" },
    { "show", "--reveal", "a" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (arguments); i++)
    {
      g_autoptr (TestRun) ran = tool (world, 2, arguments[i][0], arguments[i][1], arguments[i][2]);

      g_assert_cmpstr (ran->out, ==, "");
      test_assert_contains (ran->err, "kr-secret-tool");
    }
}

/* --yes=no is not a yes. */
static void
test_value_for_a_switch (World *world, gconstpointer data)
{
  add_account (world, "ls", 0, "r", "real");
  tool_ends (world, 2, "revoke", "r", "--yes=no");
  tool_ends (world, 2, "remove", "r", "-y", "--force=false");
  tool_ends (world, 2, "list", "--json=false");
  g_assert_cmpuint (test_simulator_count (world->simulator, "ls", "revoke"), ==, 0);
  g_assert_cmpuint (count_accounts (world), ==, 1);
}

static void
test_quiet (World *world, gconstpointer data)
{
  g_autofree char *key = test_simulator_get_key_lines ("kis", 0);
  g_autoptr (TestRun) add = tool_fed (world, 0, key, "-q", ADD (world, "kis", "a"));
  g_autoptr (TestRun) revoke = tool (world, 0, "revoke", "a", "-q");
  g_autoptr (TestRun) forget = tool (world, 0, "forget", "a", "--quiet");
  g_autoptr (TestRun) remove = tool (world, 0, "remove", "a", "-q");
  g_autoptr (TestRun) error = tool (world, 3, "show", "a", "-q");

  g_assert_cmpstr (add->err, ==, "");
  g_assert_cmpstr (revoke->err, ==, "");
  g_assert_cmpstr (forget->err, ==, "");
  g_assert_cmpstr (remove->err, ==, "");
  test_assert_contains (error->err, "[not-found]");
}

static void
test_unknown_account (World *world, gconstpointer data)
{
  const char *const commands[] = { "show", "token", "header", "revoke", "forget", "remove" };

  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      g_autoptr (TestRun) ran = tool (world, 3, commands[i], "nobody", "--json");
      g_autoptr (JsonObject) error = failure (ran, "not-found");
      g_auto (GStrv) lines = g_strsplit (g_strchomp (ran->err), "\n", -1);

      check_members (error, "code exit message");
      /* What happened, why, what to do. */
      g_assert_cmpuint (g_strv_length (lines), ==, 3);
    }
  tool_ends (world, 3, "add", "nobody", "a", "--env", "paper");
}

/* Ids with a common beginning cannot be made on purpose, so an alias takes the place of the
 * second. */
static void
test_alias_before_id (World *world, gconstpointer data)
{
  add_account (world, "ls", 0, "first", "paper");
  {
    g_autoptr (TestRun) show = tool (world, 0, "show", "first", "--json");
    g_autoptr (JsonObject) whole = document (show);
    g_autofree char *prefix = g_strndup (json_object_get_string_member (whole, "id"), 8);
    g_autofree char *key = test_simulator_get_key_lines ("ls", 1);
    /* An alias that looks like another account's id: the user may mean either. */
    g_autoptr (TestRun) add
        = tool_fed (world, ANY_STATUS, key, ADD (world, "ls", prefix), "--no-verify");

    if (add->status == 0)
      {
        g_autoptr (TestRun) ran = tool (world, 2, "token", prefix);

        test_assert_contains (ran->err, "first");
        test_assert_contains (ran->err, prefix);
      }
    else
      g_assert_cmpint (add->status, ==, 2);
  }
}

static void
test_full_disk (World *world, gconstpointer data)
{
  const char *const commands[]
      = { "list", "token a", "header a", "brokers", "help", "version", "list --json", "show a" };

  add_account (world, "ls", 0, "a", "paper");
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      g_autofree char *line
          = g_strdup_printf ("exec '%s' %s > /dev/full", g_getenv ("KR_TEST_TOOL"), commands[i]);
      const char *const argv[] = { "sh", "-c", line, NULL };
      g_autoptr (TestRun) ran = test_run (world->env, argv, NULL, -1);

      if (ran->status != 1)
        test_fail ("%s > /dev/full ended with %d", commands[i], ran->status);
      test_assert_contains (ran->err, "kr-secret-tool");
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  WORLD_TEST ("brokers/json", NULL, test_brokers_json);
  WORLD_TEST ("brokers/show", NULL, test_brokers_show);
  WORLD_TEST ("help/of-each-command", NULL, test_help);
  WORLD_TEST ("help/unknown-commands", NULL, test_unknown_commands);
  WORLD_TEST ("help/needs-neither-keyring-nor-broker", NULL, test_work_without_anything);
  WORLD_TEST ("version/names-itself", NULL, test_version);
  WORLD_TEST ("options/before-and-after-the-command", NULL, test_options_anywhere);
  WORLD_TEST ("options/wrong-ones-are-refused", NULL, test_wrong_options);
  WORLD_TEST ("options/switches-take-no-value", NULL, test_value_for_a_switch);
  WORLD_TEST ("options/quiet", NULL, test_quiet);
  WORLD_TEST ("lookup/unknown-account", NULL, test_unknown_account);
  WORLD_TEST ("lookup/alias-that-is-the-beginning-of-another's-id", NULL, test_alias_before_id);
  WORLD_TEST ("output/full-disk-is-an-error", NULL, test_full_disk);
  return g_test_run ();
}
