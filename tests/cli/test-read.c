/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* list, show, brokers, help, version: what only looks. And options that all commands know. */

#include "tool.h"

#include <glib/gstdio.h>
#include <string.h>

static JsonObject *
account_at (JsonObject *whole, guint i)
{
  return json_array_get_object_element (json_object_get_array_member (whole, "accounts"), i);
}

#define ACCOUNT "id alias broker environment endpoint token problem"

static void
check_account (JsonObject *account, const char *alias, const char *endpoint)
{
  g_assert_true (g_uuid_string_is_valid (json_object_get_string_member (account, "id")));
  g_assert_cmpstr (json_object_get_string_member (account, "alias"), ==, alias);
  g_assert_cmpstr (json_object_get_string_member (account, "broker"), ==, "kis");
  g_assert_cmpstr (json_object_get_string_member (account, "environment"), ==, "paper");
  g_assert_cmpstr (json_object_get_string_member (account, "endpoint"), ==, endpoint);
  g_assert_true (json_object_get_null_member (account, "problem"));
}

static void
check_token (JsonObject *account)
{
  JsonObject *token = json_object_get_object_member (account, "token");
  gint64 left;

  check_members (token, "state kind expires_at expires_at_unix remaining");
  g_assert_cmpstr (json_object_get_string_member (token, "state"), ==, "valid");
  g_assert_cmpstr (json_object_get_string_member (token, "kind"), ==, "access");
  left = check_time (token, "expires_at") - g_get_real_time () / G_USEC_PER_SEC;
  g_assert_cmpint (json_object_get_int_member (token, "remaining"), <=, left + 30);
  g_assert_cmpint (json_object_get_int_member (token, "remaining"), >=, left);
}

static void
check_no_token (JsonObject *account)
{
  JsonObject *token = json_object_get_object_member (account, "token");
  const char *const names[] = { "kind", "expires_at", "expires_at_unix", "remaining" };

  check_members (token, "state kind expires_at expires_at_unix remaining");
  g_assert_cmpstr (json_object_get_string_member (token, "state"), ==, "none");
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    g_assert_true (json_object_get_null_member (token, names[i]));
}

static void
test_list_json (World *world, gconstpointer data)
{
  g_autoptr (Ran) empty = tool (world, 0, "list", "--json");

  g_assert_cmpstr (empty->out, ==, "{\"format_version\":1,\"accounts\":[]}\n");
  add_account (world, "kis", 0, "with", "모의");
  add_account (world, "kis", 1, "without", "vps");
  tool_ends (world, 0, "forget", "without");
  {
    g_autoptr (Ran) ran = tool (world, 0, "list", "--json");
    g_autoptr (JsonObject) whole = document (ran);

    check_members (whole, "format_version accounts");
    g_assert_cmpuint (json_array_get_length (json_object_get_array_member (whole, "accounts")), ==,
                      2);
    for (guint i = 0; i < 2; i++)
      check_members (account_at (whole, i), ACCOUNT);
    check_account (account_at (whole, 0), "with", world_uri (world, "kis"));
    check_token (account_at (whole, 0));
    check_account (account_at (whole, 1), "without", world_uri (world, "kis"));
    check_no_token (account_at (whole, 1));
  }
}

static void
test_show_json (World *world, gconstpointer data)
{
  g_autofree char *appkey = world_key_field (world, "kis", 0, "appkey");
  g_autofree char *appsecret = world_key_field (world, "kis", 0, "appsecret");
  g_autofree char *hint = g_strndup (appkey, 4);
  g_autofree char *token = NULL;

  add_account (world, "kis", 0, "a", "paper");
  token = stored_token (world, "a");
  {
    g_autoptr (Ran) ran = tool (world, 0, "show", "a", "--json");
    g_autoptr (Ran) text = tool (world, 0, "show", "a");
    g_autoptr (JsonObject) whole = document (ran);

    check_members (whole, "format_version appkey_hint " ACCOUNT);
    check_account (whole, "a", world_uri (world, "kis"));
    check_token (whole);
    g_assert_cmpstr (json_object_get_string_member (whole, "appkey_hint"), ==, hint);
    assert_contains (text->out, hint);
    assert_lacks (text->out, appkey + 1);
    assert_lacks (text->out, appkey + strlen (appkey) - 6);
    assert_lacks (text->out, appsecret);
    assert_lacks (text->out, token);
    assert_lacks (ran->out, token);
  }
}

/* What has no endpoint of its own has null there. */
static void
test_null_endpoint (World *world, gconstpointer data)
{
  g_autofree char *key = world_key (world, "kis", 0);

  ran_free (tool_fed (world, 0, key, "add", "kis", "a", "--env", "paper", "--no-verify"));
  {
    g_autoptr (Ran) ran = tool (world, 0, "list", "--json");
    g_autoptr (JsonObject) whole = document (ran);

    g_assert_true (json_object_get_null_member (account_at (whole, 0), "endpoint"));
  }
}

static void
test_list_filters (World *world, gconstpointer data)
{
  add_account (world, "kis", 0, "kp", "paper");
  add_account (world, "kis", 1, "kr", "real");
  add_account (world, "ls", 0, "lr", "real");
  {
    const struct
    {
      const char *broker;
      const char *env;
      const char *aliases;
    } rows[] = { { "kis", "paper", "kp" },
                 { "kis", "실전", "kr" },
                 { "ls", "prod", "lr" },
                 { "ls", "mock", NULL } };

    for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
      {
        g_autoptr (Ran) ran
            = tool (world, 0, "list", "--broker", rows[i].broker, "--env", rows[i].env, "--json");
        g_autoptr (JsonObject) whole = document (ran);
        guint n = json_array_get_length (json_object_get_array_member (whole, "accounts"));

        g_assert_cmpuint (n, ==, rows[i].aliases == NULL ? 0 : 1);
        if (n == 1)
          g_assert_cmpstr (json_object_get_string_member (account_at (whole, 0), "alias"), ==,
                           rows[i].aliases);
      }
  }
  tool_ends (world, 2, "list", "--env", "nowhere");
  tool_ends (world, 2, "list", "stray");
}

/* The states; looking does not change them, and asks nobody. */
/* A misspelt name is not an empty list. */
static void
test_list_of_unknown_broker (World *world, gconstpointer data)
{
  g_autoptr (Ran) ran = tool (world, 3, "list", "--broker", "nobody", "--json");
  g_autoptr (JsonObject) error = failure (ran, "not-found");
}

static void
test_list_never_asks_the_broker (World *world, gconstpointer data)
{
  add_account (world, "ls", 0, "a", "paper");
  world_stop_simulator (world);
  {
    g_autoptr (Ran) list = tool (world, 0, "list");
    g_autoptr (Ran) show = tool (world, 0, "show", "a");

    assert_contains (list->out, "valid");
    assert_contains (show->out, "valid");
  }
}

static void
test_list_in_columns (World *world, gconstpointer data)
{
  add_account (world, "ls", 0, "한국투자", "paper");
  add_account (world, "ls", 1, "ascii", "paper");
  {
    g_autoptr (Ran) ran = tool (world, 0, "list");
    g_auto (GStrv) lines = g_strsplit (ran->out, "\n", -1);
    guint columns[2];

    g_assert_cmpuint (g_strv_length (lines), ==, 4);
    for (guint i = 0; i < 2; i++)
      {
        const char *end = strstr (lines[i + 1], "ls ");

        g_assert_nonnull (end);
        columns[i] = 0;
        for (const char *p = lines[i + 1]; p < end; p = g_utf8_next_char (p))
          columns[i] += g_unichar_iswide (g_utf8_get_char (p)) ? 2 : 1;
      }
    g_assert_cmpuint (columns[0], ==, columns[1]);
  }
}

static void
test_brokers_json (World *world, gconstpointer data)
{
  g_autoptr (Ran) ran = tool (world, 0, "brokers", "--json");
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
  g_autoptr (Ran) text = tool (world, 0, "brokers", "show", "kiwoom");
  g_autoptr (Ran) json = tool (world, 0, "brokers", "show", "kiwoom", "--json");
  g_autoptr (JsonObject) whole = document (json);

  assert_contains (text->out, "kiwoom");
  g_assert_cmpstr (json_object_get_string_member (whole, "id"), ==, "kiwoom");
  tool_ends (world, 3, "brokers", "show", "nobody");
  tool_ends (world, 2, "brokers", "show");
  tool_ends (world, 2, "brokers", "shown");
}

/* Neither keyring nor broker has to be there for these. */
static void
test_work_without_anything (World *world, gconstpointer data)
{
  world_hide_bus (world);
  world_stop_simulator (world);
  tool_ends (world, 0, "brokers");
  tool_ends (world, 0, "brokers", "show", "ls");
  tool_ends (world, 0, "help");
  tool_ends (world, 0, "version");
}

static void
test_help (World *world, gconstpointer data)
{
  const char *const commands[] = { "add",    "list",   "show",    "token", "header", "revoke",
                                   "forget", "remove", "brokers", "help",  "version" };
  g_autoptr (Ran) help = tool (world, 0, "help");
  g_autoptr (Ran) option = tool (world, 0, "--help");

  g_assert_cmpstr (help->out, ==, option->out);
  g_assert_cmpstr (help->err, ==, "");
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      g_autoptr (Ran) one = tool (world, 0, "help", commands[i]);
      g_autoptr (Ran) other = tool (world, 0, commands[i], "--help");

      assert_contains (help->out, commands[i]);
      assert_contains (one->out, commands[i]);
      g_assert_cmpstr (one->out, ==, other->out);
      g_assert_cmpstr (one->err, ==, "");
      g_assert_cmpstr (other->err, ==, "");
    }
  tool_ends (world, 2, "help", "dance");
}

/* A part of a release that is still to come is not half there. */
static void
test_later_commands_are_unknown (World *world, gconstpointer data)
{
  const char *const later[]
      = { "edit",   "rename",  "credential", "exec",       "refresh", "reject",
          "import", "backup",  "restore",    "monitor",    "wait",    "lock",
          "unlock", "session", "doctor",     "completion", "dance",   "" };
  g_autoptr (Ran) help = tool (world, 0, "help");

  for (gsize i = 0; i < G_N_ELEMENTS (later); i++)
    {
      g_autoptr (Ran) ran = tool (world, 2, later[i], "--json");
      g_autoptr (JsonObject) error = failure (ran, "usage");
    }
  assert_lacks (help->out, "credential");
  assert_lacks (help->out, "monitor");
}

static void
test_version (World *world, gconstpointer data)
{
  g_autoptr (Ran) version = tool (world, 0, "version");
  g_autoptr (Ran) json = tool (world, 0, "version", "--json");
  g_autoptr (JsonObject) whole = document (json);

  assert_contains (version->out, "kr-secret-tool ");
}

static void
test_options_anywhere (World *world, gconstpointer data)
{
  add_account (world, "ls", 0, "a", "paper");
  {
    g_autoptr (Ran) before = tool (world, 0, "--json", "--timeout", "20", "token", "a");
    g_autoptr (Ran) between = tool (world, 0, "token", "--json", "--timeout=20", "a");
    g_autoptr (Ran) after = tool (world, 0, "token", "a", "--timeout", "20", "--json");

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

  for (gsize i = 0; i < G_N_ELEMENTS (arguments); i++)
    {
      g_autoptr (Ran) ran = tool (world, 2, arguments[i][0], arguments[i][1], arguments[i][2]);

      g_assert_cmpstr (ran->out, ==, "");
      assert_contains (ran->err, "kr-secret-tool");
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
  g_assert_cmpuint (world_count (world, "ls", "revoke"), ==, 0);
  g_assert_cmpuint (count_accounts (world), ==, 1);
}

static void
test_quiet (World *world, gconstpointer data)
{
  g_autofree char *key = world_key (world, "kis", 0);
  g_autoptr (Ran) add = tool_fed (world, 0, key, "-q", "add", "kis", "a", "--env", "paper",
                                  "--endpoint", world_uri (world, "kis"));
  g_autoptr (Ran) revoke = tool (world, 0, "revoke", "a", "-q");
  g_autoptr (Ran) forget = tool (world, 0, "forget", "a", "--quiet");
  g_autoptr (Ran) remove = tool (world, 0, "remove", "a", "-q");
  g_autoptr (Ran) error = tool (world, 3, "show", "a", "-q");

  g_assert_cmpstr (add->err, ==, "");
  g_assert_cmpstr (revoke->err, ==, "");
  g_assert_cmpstr (forget->err, ==, "");
  g_assert_cmpstr (remove->err, ==, "");
  assert_contains (error->err, "[not-found]");
}

static void
test_unknown_account (World *world, gconstpointer data)
{
  const char *const commands[] = { "show", "token", "header", "revoke", "forget", "remove" };

  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      g_autoptr (Ran) ran = tool (world, 3, commands[i], "nobody", "--json");
      g_autoptr (JsonObject) error = failure (ran, "not-found");
      g_auto (GStrv) lines = g_strsplit (g_strchomp (ran->err), "\n", -1);

      check_members (error, "code exit message");
      /* What, why, what next. */
      g_assert_cmpuint (g_strv_length (lines), ==, 3);
    }
  tool_ends (world, 3, "add", "nobody", "a", "--env", "paper");
}

/* Ids that begin alike are not to be had, so an alias plays the second one. */
static void
test_alias_before_id (World *world, gconstpointer data)
{
  add_account (world, "ls", 0, "first", "paper");
  {
    g_autoptr (Ran) show = tool (world, 0, "show", "first", "--json");
    g_autoptr (JsonObject) whole = document (show);
    g_autofree char *prefix = g_strndup (json_object_get_string_member (whole, "id"), 8);
    g_autofree char *key = world_key (world, "ls", 1);
    /* An alias that looks like the id of another: whoever types it means one of the two. */
    g_autoptr (Ran) add = tool_fed (world, ANY_STATUS, key, "add", "ls", prefix, "--env", "paper",
                                    "--no-verify", "--endpoint", world_uri (world, "ls"));

    if (add->status == 0)
      {
        g_autoptr (Ran) ran = tool (world, 2, "token", prefix);

        assert_contains (ran->err, "first");
        assert_contains (ran->err, prefix);
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
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      g_autofree char *line
          = g_strdup_printf ("exec '%s' %s > /dev/full", g_getenv ("KR_TEST_TOOL"), commands[i]);
      const char *const argv[] = { "sh", "-c", line, NULL };
      g_autoptr (Ran) ran = run_program (world->env, argv, NULL, -1);

      if (ran->status != 1)
        fail ("%s > /dev/full ended with %d", commands[i], ran->status);
      assert_contains (ran->err, "kr-secret-tool");
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  WORLD_TEST ("list/json", NULL, test_list_json);
  WORLD_TEST ("list/endpoint-of-none-is-null", NULL, test_null_endpoint);
  WORLD_TEST ("list/filters", NULL, test_list_filters);
  WORLD_TEST ("list/of-an-unknown-broker", NULL, test_list_of_unknown_broker);
  WORLD_TEST ("list/never-asks-the-broker", NULL, test_list_never_asks_the_broker);
  WORLD_TEST ("list/hangul-stays-in-its-column", NULL, test_list_in_columns);
  WORLD_TEST ("show/json-without-secrets", NULL, test_show_json);
  WORLD_TEST ("brokers/json", NULL, test_brokers_json);
  WORLD_TEST ("brokers/show", NULL, test_brokers_show);
  WORLD_TEST ("help/of-each-command", NULL, test_help);
  WORLD_TEST ("help/later-commands-are-unknown", NULL, test_later_commands_are_unknown);
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
