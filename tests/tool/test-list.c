/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* list: it looks, and asks no one. */

#include "accounts.h"

#include <string.h>

static JsonObject *
account_at (JsonObject *whole, guint i)
{
  return json_array_get_object_element (json_object_get_array_member (whole, "accounts"), i);
}

static void
check_no_token (JsonObject *account)
{
  JsonObject *token = json_object_get_object_member (account, "token");
  const char *const names[] = { "kind", "expires_at", "expires_at_unix", "remaining" };

  check_members (token, "state kind expires_at expires_at_unix remaining");
  g_assert_cmpstr (json_object_get_string_member (token, "state"), ==, "none");
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_assert_true (json_object_get_null_member (token, names[i]));
}

static void
test_list_json (World *world, gconstpointer data)
{
  g_autoptr (TestRun) empty = tool (world, 0, "list", "--json");

  g_assert_cmpstr (empty->out, ==, "{\"format_version\":1,\"accounts\":[]}\n");
  add_account (world, "kis", 0, "with", "모의");
  add_account (world, "kis", 1, "without", "vps");
  tool_ends (world, 0, "forget", "without");
  {
    g_autoptr (TestRun) ran = tool (world, 0, "list", "--json");
    g_autoptr (JsonObject) whole = document (ran);

    check_members (whole, "format_version accounts");
    g_assert_cmpuint (json_array_get_length (json_object_get_array_member (whole, "accounts")), ==,
                      2);
    for (guint i = 0; i < 2; i++)
      check_members (account_at (whole, i), ACCOUNT);
    accounts_check (account_at (whole, 0), "with",
                    test_simulator_get_uri (world->simulator, "kis"));
    accounts_check_token (account_at (whole, 0));
    accounts_check (account_at (whole, 1), "without",
                    test_simulator_get_uri (world->simulator, "kis"));
    check_no_token (account_at (whole, 1));
  }
}

/* An account without an endpoint of its own has null there. */
static void
test_null_endpoint (World *world, gconstpointer data)
{
  g_autofree char *key = test_simulator_get_key_lines ("kis", 0);

  test_run_free (tool_fed (world, 0, key, "add", "kis", "a", "--env", "paper", "--no-verify"));
  {
    g_autoptr (TestRun) ran = tool (world, 0, "list", "--json");
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

    for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
      {
        g_autoptr (TestRun) ran
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

/* A misspelt name does not give an empty list. */
static void
test_list_of_unknown_broker (World *world, gconstpointer data)
{
  g_autoptr (TestRun) ran = tool (world, 3, "list", "--broker", "nobody", "--json");
  G_GNUC_UNUSED g_autoptr (JsonObject) error = failure (ran, "not-found");
}

/* Looking does not change the states, and asks no one. */
static void
test_list_never_asks_the_broker (World *world, gconstpointer data)
{
  add_account (world, "ls", 0, "a", "paper");
  test_simulator_stop (world->simulator);
  {
    g_autoptr (TestRun) list = tool (world, 0, "list");
    g_autoptr (TestRun) show = tool (world, 0, "show", "a");

    test_assert_contains (list->out, "valid");
    test_assert_contains (show->out, "valid");
  }
}

static void
test_list_in_columns (World *world, gconstpointer data)
{
  add_account (world, "ls", 0, "한국투자", "paper");
  add_account (world, "ls", 1, "ascii", "paper");
  {
    g_autoptr (TestRun) ran = tool (world, 0, "list");
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
  return g_test_run ();
}
