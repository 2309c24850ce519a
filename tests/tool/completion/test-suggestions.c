/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The messages for a mistyped name. */

#include "tool.h"

static void
check_meant (TestRun *ran, int status, const char *meant)
{
  g_autofree char *question = g_strdup_printf ("did you mean '%s'?", meant);

  g_assert_cmpint (ran->status, ==, status);
  g_assert_cmpstr (ran->out, ==, "");
  test_assert_contains (ran->err, question);
}

static void
check_command (World *world, const char *typed, const char *meant)
{
  g_autoptr (TestRun) ran = tool (world, 2, typed);

  check_meant (ran, 2, meant);
}

static void
test_commands (World *world, gconstpointer data)
{
  check_command (world, "lst", "list");
  check_command (world, "List", "list");
  check_command (world, "tokne", "token");
  check_command (world, "unlok", "unlock");
  check_command (world, "renam", "rename");
  check_command (world, "edti", "edit");
  check_command (world, "brokrs", "brokers");
}

static void
test_no_command_like_it (World *world, gconstpointer data)
{
  const char *const words[] = { "frobnicate", "x", "", "ㄱ", "\377" };

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    {
      g_autoptr (TestRun) ran = tool (world, 2, words[i]);

      test_assert_lacks (ran->err, "did you mean");
      test_assert_contains (ran->err, "kr-secret-tool help");
    }
}

static void
check_account (World *world, const char *typed, const char *meant)
{
  g_autoptr (TestRun) token = tool (world, 3, "token", typed);
  g_autoptr (TestRun) edit = tool (world, 3, "edit", typed, "--endpoint=");
  g_autoptr (TestRun) rename = tool (world, 3, "rename", typed, "other");

  check_meant (token, 3, meant);
  check_meant (edit, 3, meant);
  check_meant (rename, 3, meant);
}

static void
test_accounts (World *world, gconstpointer data)
{
  g_autofree char *nfd = g_utf8_normalize ("연금저측", -1, G_NORMALIZE_NFD);

  add_unverified (world, "ls", 0, "연금저축");
  add_unverified (world, "ls", 1, "trading");
  check_account (world, "traing", "trading");
  check_account (world, "Trading", "trading");
  check_account (world, "연금저측", "연금저축");
  check_account (world, "연금", "연금저축");
  /* As some systems pass it. */
  check_account (world, nfd, "연금저축");
  check_account (world, "ls/연금저측", "연금저축");
  /* It belongs to another broker. */
  check_account (world, "kis/trading", "trading");
}

static void
check_no_account (World *world, const char *typed)
{
  g_autoptr (TestRun) ran = tool (world, 3, "token", typed);

  test_assert_lacks (ran->err, "did you mean");
  test_assert_contains (ran->err, "kr-secret-tool list");
}

static void
test_no_account_like_it (World *world, gconstpointer data)
{
  check_no_account (world, "trading");
  add_unverified (world, "ls", 0, "주식");
  add_unverified (world, "ls", 1, "trading");
  /* Two letters of two are too many. */
  check_no_account (world, "연금");
  check_no_account (world, "savings");
}

/* In JSON it is not in the document. */
static void
test_json (World *world, gconstpointer data)
{
  add_unverified (world, "ls", 0, "trading");
  {
    g_autoptr (TestRun) ran = tool (world, 3, "token", "traing", "--json");
    G_GNUC_UNUSED g_autoptr (JsonObject) error = failure (ran, "not-found");

    test_assert_contains (ran->err, "did you mean 'trading'?");
  }
}

static void
test_brokers (World *world, gconstpointer data)
{
  const char *const cases[][2]
      = { { "kiss", "kis" }, { "kiwom", "kiwoom" }, { "kiwoon", "kiwoom" }, { "lss", "ls" } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (TestRun) add = tool_fed (world, 3, "", "add", cases[i][0], "a", "--env", "paper");
      g_autoptr (TestRun) show = tool (world, 3, "brokers", "show", cases[i][0]);

      check_meant (add, 3, cases[i][1]);
      check_meant (show, 3, cases[i][1]);
    }
}

static void
test_no_broker_like_it (World *world, gconstpointer data)
{
  g_autoptr (TestRun) ran = tool_fed (world, 3, "", "add", "samsung", "a", "--env", "paper");

  test_assert_lacks (ran->err, "did you mean");
  test_assert_contains (ran->err, "kis");
  test_assert_contains (ran->err, "kiwoom");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  WORLD_TEST ("suggestions/commands", NULL, test_commands);
  WORLD_TEST ("suggestions/no-command-like-it", NULL, test_no_command_like_it);
  WORLD_TEST ("suggestions/accounts", NULL, test_accounts);
  WORLD_TEST ("suggestions/no-account-like-it", NULL, test_no_account_like_it);
  WORLD_TEST ("suggestions/json", NULL, test_json);
  WORLD_TEST ("suggestions/brokers", NULL, test_brokers);
  WORLD_TEST ("suggestions/no-broker-like-it", NULL, test_no_broker_like_it);
  return g_test_run ();
}
