/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which account a name stands for. */

#include "tool.h"

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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  WORLD_TEST ("lookup/unknown-account", NULL, test_unknown_account);
  WORLD_TEST ("lookup/alias-that-is-the-beginning-of-another's-id", NULL, test_alias_before_id);
  return g_test_run ();
}
