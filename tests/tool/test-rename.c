/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* rename: another alias for an account that stays the same one. */

#include "tool.h"

#include <string.h>
#include <unistd.h>

#include "test-keyring.h"
#include "test-process.h"

static void
test_stays_the_same (World *world, gconstpointer data)
{
  g_autofree char *id = NULL;
  g_autofree char *token = NULL;
  g_autofree char *after = NULL;
  g_autofree char *still = NULL;

  add_account (world, "ls", 0, "a", "real");
  id = account_id (world, "a");
  token = stored_token (world, "a");
  tool_ends (world, 0, "rename", "a", "연금저축");
  after = account_id (world, "연금저축");
  still = stored_token (world, "연금저축");
  g_assert_cmpstr (after, ==, id);
  g_assert_cmpstr (still, ==, token);
  tool_ends (world, 3, "show", "a");
  g_assert_cmpuint (count_accounts (world), ==, 1);
  g_assert_cmpuint (test_simulator_count (world->simulator, "ls", "connections"), ==, 1);
  /* The old name is free. */
  add_unverified (world, "ls", 1, "a");
}

static void
test_document (World *world, gconstpointer data)
{
  add_account (world, "ls", 0, "a", "paper");
  {
    g_autoptr (TestRun) ran = tool (world, 0, "rename", "a", "b", "--json");
    g_autoptr (JsonObject) account = document (ran);

    check_account_document (account, "b");
  }
}

static void
test_words (World *world, gconstpointer data)
{
  add_unverified (world, "ls", 0, "a");
  {
    g_autoptr (TestRun) loud = tool (world, 0, "rename", "a", "b");
    g_autoptr (TestRun) quiet = tool (world, 0, "rename", "b", "c", "-q");

    g_assert_cmpstr (loud->out, ==, "");
    test_assert_contains (loud->err, "'a'");
    test_assert_contains (loud->err, "'b'");
    g_assert_cmpstr (quiet->out, ==, "");
    g_assert_cmpstr (quiet->err, ==, "");
  }
}

static void
test_names_of_something (World *world, gconstpointer data)
{
  g_autofree char *nfd = g_utf8_normalize ("이름", -1, G_NORMALIZE_NFD);
  g_autofree char *id = NULL;
  g_autofree char *prefix = NULL;

  add_unverified (world, "ls", 0, "이름");
  id = account_id (world, "이름");
  prefix = g_strndup (id, 8);
  tool_ends (world, 0, "rename", nfd, "b");
  tool_ends (world, 0, "rename", "ls/b", "c");
  tool_ends (world, 0, "rename", id, "d");
  tool_ends (world, 0, "rename", prefix, "e");
  tool_ends (world, 0, "show", "e");
}

static void
check_nobody (World *world, const char *name)
{
  g_autoptr (TestRun) ran = tool (world, 3, "rename", name, "other", "--json");
  G_GNUC_UNUSED g_autoptr (JsonObject) error = failure (ran, "not-found");
  g_autoptr (TestRun) text = tool (world, 3, "rename", name, "other");

  g_assert_cmpstr (text->out, ==, "");
  test_assert_contains (text->err, "[not-found]");
}

static void
test_names_of_nothing (World *world, gconstpointer data)
{
  add_unverified (world, "ls", 0, "a");
  check_nobody (world, "nobody");
  check_nobody (world, "kis/a");
  check_nobody (world, "00000000");
  g_assert_cmpuint (count_accounts (world), ==, 1);
  tool_ends (world, 0, "show", "a");
}

/* The beginning of one account's id, and the alias of another. */
static void
test_ambiguous (World *world, gconstpointer data)
{
  g_autofree char *id = NULL;
  g_autofree char *prefix = NULL;

  add_unverified (world, "ls", 0, "a");
  id = account_id (world, "a");
  prefix = g_strndup (id, 8);
  tool_ends (world, 0, "rename", "a", prefix);
  tool_ends (world, 0, "rename", prefix, "a");
  add_unverified (world, "ls", 1, prefix);
  {
    g_autoptr (TestRun) ran = tool (world, 2, "rename", prefix, "b");

    test_assert_contains (ran->err, id);
  }
  tool_ends (world, 3, "show", "b");
}

/* If the account is left out, the environment names it. */
static void
test_account_of_the_environment (World *world, gconstpointer data)
{
  add_unverified (world, "ls", 0, "a");
  add_unverified (world, "ls", 1, "b");
  tool_ends (world, 2, "rename", "c");
  world_setenv (world, "KR_SECRET_ACCOUNT", "a");
  tool_ends (world, 0, "rename", "c");
  tool_ends (world, 0, "show", "c");
  tool_ends (world, 3, "rename", "d");
  /* If both are named, both are meant. */
  tool_ends (world, 0, "rename", "b", "a");
  world_setenv (world, "KR_SECRET_ACCOUNT", "");
  tool_ends (world, 2, "rename", "d");
  world_unsetenv (world, "KR_SECRET_ACCOUNT");
  tool_ends (world, 0, "show", "c");
  tool_ends (world, 0, "show", "a");
}

static void
test_taken (World *world, gconstpointer data)
{
  g_autofree char *nfd = g_utf8_normalize ("이름", -1, G_NORMALIZE_NFD);

  add_unverified (world, "ls", 0, "a");
  add_unverified (world, "kis", 0, "이름");
  {
    g_autoptr (TestRun) ran = tool (world, 2, "rename", "a", "이름", "--json");
    g_autoptr (JsonObject) error = failure (ran, "usage");

    test_assert_contains (json_object_get_string_member (error, "message"), "이름");
  }
  tool_ends (world, 2, "rename", "a", nfd);
  tool_ends (world, 0, "show", "a");
  tool_ends (world, 0, "show", "이름");
}

static void
test_same_name (World *world, gconstpointer data)
{
  g_autofree char *nfd = g_utf8_normalize ("이름", -1, G_NORMALIZE_NFD);
  g_autofree char *token = NULL;
  g_autofree char *still = NULL;

  add_account (world, "ls", 0, "이름", "paper");
  token = stored_token (world, "이름");
  tool_ends (world, 0, "rename", "이름", "이름");
  tool_ends (world, 0, "rename", "이름", nfd);
  still = stored_token (world, "이름");
  g_assert_cmpstr (still, ==, token);
}

static void
test_composed (World *world, gconstpointer data)
{
  g_autofree char *nfd = g_utf8_normalize ("연금저축", -1, G_NORMALIZE_NFD);

  add_unverified (world, "ls", 0, "a");
  {
    g_autoptr (TestRun) ran = tool (world, 0, "rename", "a", nfd, "--json");
    g_autoptr (JsonObject) account = document (ran);

    g_assert_cmpstr (json_object_get_string_member (account, "alias"), ==, "연금저축");
  }
}

static void
test_bad_aliases (World *world, gconstpointer data)
{
  g_autofree char *long_alias = g_strnfill (65, 'a');
  g_autofree char *longer = g_strnfill (10240, 'a');
  const char *const aliases[] = {
    "",           "a/b",      "/",         "a\nb",
    "a\rb",       "a\tb",     "a\033[31m", "a\177b",
    "a\302\205b", /* U+0085 */
    "..",         "../a",     "   ",       " a",
    "a ",         "\377\376", "a=b",       "a\342\200\256b", /* U+202E */
    long_alias,   longer,
  };

  add_account (world, "ls", 0, "a", "paper");
  for (guint i = 0; i < G_N_ELEMENTS (aliases); i++)
    {
      g_autoptr (TestRun) ran = tool (world, ANY_STATUS, "rename", "a", "--", aliases[i]);

      if (ran->status != 2)
        test_fail ("rename to '%.40s' ended with %d: %s", aliases[i], ran->status, ran->err);
      g_assert_cmpstr (ran->out, ==, "");
      g_assert_true (g_utf8_validate (ran->err, -1, NULL));
      for (const char *p = ran->err; *p != '\0'; p++)
        g_assert_true (*p == '\n' || !g_ascii_iscntrl (*p));
    }
  tool_ends (world, 0, "token", "a", "--no-issue");
}

/* A key in the wrong place is not repeated. */
static void
test_key_as_alias (World *world, gconstpointer data)
{
  add_unverified (world, "ls", 0, "a");
  {
    g_autoptr (TestRun) ran = tool (world, 2, "rename", "a", "appsecret=hush-hush-hush");

    test_assert_lacks (ran->err, "hush");
  }
}

static void
test_wrong_use (World *world, gconstpointer data)
{
  add_unverified (world, "ls", 0, "a");
  tool_ends (world, 2, "rename");
  tool_ends (world, 2, "rename", "a");
  tool_ends (world, 2, "rename", "a", "b", "c");
  tool_ends (world, 2, "rename", "a", "b", "--secret");
  tool_ends (world, 2, "rename", "a", "b", "--timeout", "0");
  tool_ends (world, 0, "show", "a");
}

static void
test_keyring_locked (World *world, gconstpointer data)
{
  add_unverified (world, "ls", 0, "a");
  test_keyring_lock ();
  {
    g_autoptr (TestRun) ran = tool (world, ANY_STATUS, "rename", "a", "b", "--json");
    g_autoptr (TestRun) unknown = tool (world, ANY_STATUS, "rename", "nobody", "b");

    test_keyring_unlock ();
    g_assert_cmpint (ran->status, ==, 5);
    g_assert_cmpint (unknown->status, ==, 5);
    g_assert_cmpint (ran->took, <, 10000);
  }
  tool_ends (world, 0, "show", "a");
}

static void
test_keyring_stopped (World *world, gconstpointer data)
{
  add_unverified (world, "ls", 0, "a");
  test_pause (test_keyring_get_pid ());
  {
    g_autoptr (TestRun) ran = tool (world, ANY_STATUS, "rename", "a", "b", "--timeout", "1");

    test_resume (test_keyring_get_pid ());
    g_assert_cmpint (ran->status, ==, 9);
  }
}

static void
test_no_keyring (World *world, gconstpointer data)
{
  world_hide_bus (world);
  {
    g_autoptr (TestRun) ran = tool (world, 6, "rename", "a", "b", "--json");
    G_GNUC_UNUSED g_autoptr (JsonObject) error = failure (ran, "no-keyring");
  }
}

static void
test_lock_held_by_another (World *world, gconstpointer data)
{
  int held;

  add_unverified (world, "ls", 0, "a");
  held = hold_lock (world, "a");
  tool_ends (world, 9, "rename", "a", "b", "--timeout", "1");
  close (held);
  tool_ends (world, 0, "show", "a");
  tool_ends (world, 0, "rename", "a", "b");
}

/* Many programs want one name: it stays unique. */
static void
test_race (World *world, gconstpointer data)
{
  Running *running[4];
  guint renamed = 0;

  for (guint i = 0; i < G_N_ELEMENTS (running); i++)
    {
      g_autofree char *alias = g_strdup_printf ("a%u", i);

      add_unverified (world, "ls", i, alias);
    }
  for (guint i = 0; i < G_N_ELEMENTS (running); i++)
    {
      g_autofree char *alias = g_strdup_printf ("a%u", i);

      running[i] = tool_start (world, "rename", alias, "one");
    }
  for (guint i = 0; i < G_N_ELEMENTS (running); i++)
    {
      int status = running_end (running[i]);

      g_assert_true (status == 0 || status == 2);
      renamed += status == 0;
      running_free (running[i]);
    }
  g_assert_cmpuint (renamed, ==, 1);
  g_assert_cmpuint (count_accounts (world), ==, 4);
  tool_ends (world, 0, "show", "one");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  WORLD_TEST ("rename/id-and-token-stay", NULL, test_stays_the_same);
  WORLD_TEST ("rename/document", NULL, test_document);
  WORLD_TEST ("rename/says-both-names", NULL, test_words);
  WORLD_TEST ("rename/names-of-something", NULL, test_names_of_something);
  WORLD_TEST ("rename/names-of-nothing", NULL, test_names_of_nothing);
  WORLD_TEST ("rename/ambiguous-name-is-2", NULL, test_ambiguous);
  WORLD_TEST ("rename/account-of-the-environment", NULL, test_account_of_the_environment);
  WORLD_TEST ("rename/taken-alias-is-refused", NULL, test_taken);
  WORLD_TEST ("rename/same-alias", NULL, test_same_name);
  WORLD_TEST ("rename/alias-is-composed", NULL, test_composed);
  WORLD_TEST ("rename/bad-alias-is-refused", NULL, test_bad_aliases);
  WORLD_TEST ("rename/key-as-alias-is-not-repeated", NULL, test_key_as_alias);
  WORLD_TEST ("rename/wrong-use", NULL, test_wrong_use);
  WORLD_TEST ("rename/keyring-locked", NULL, test_keyring_locked);
  WORLD_TEST ("rename/keyring-stopped", NULL, test_keyring_stopped);
  WORLD_TEST ("rename/no-keyring", NULL, test_no_keyring);
  WORLD_TEST ("rename/lock-held-by-another-is-9", NULL, test_lock_held_by_another);
  WORLD_TEST ("rename/several-to-one-alias", NULL, test_race);
  return g_test_run ();
}
