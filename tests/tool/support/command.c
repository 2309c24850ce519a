/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tool.h"

#include "test-keyring.h"
#include "test-process.h"

TestRun *
run_command (const char *where,
             World *world,
             int status,
             const Command *command,
             const char *option,
             const char *account)
{
  const char *words[8] = { NULL };
  guint n = 0;

  while (command->words[n] != NULL)
    {
      words[n] = command->words[n];
      n++;
    }
  if (option != NULL)
    words[n++] = option;
  if (account != NULL)
    words[n++] = account;
  return run_tool (where, world, status, -1, command->input, words[0], words[1], words[2], words[3],
                   words[4], words[5], words[6], NULL);
}

/* In that case it also reports the result of each. */
static gboolean
is_for_several (const Command *command)
{
  const char *const names[] = { "revoke", "forget", "remove", NULL };

  return g_strv_contains (names, command->words[0]);
}

void
check_fails_at (const char *where,
                World *world,
                int status,
                const char *code,
                const Command *command,
                const char *account)
{
  g_autofree char *word = g_strdup_printf ("[%s]", code);
  g_autoptr (TestRun) json = run_command (where, world, status, command, "--json", account);
  g_autoptr (JsonObject) error
      = failure_beside_at (where, json, code, is_for_several (command) ? "results" : "");
  g_autoptr (TestRun) text = run_command (where, world, status, command, NULL, account);
  g_autoptr (TestRun) quiet = run_command (where, world, status, command, "-q", account);

  if (status == 7)
    check_members_at (where, error, "code exit retry_after message");
  g_assert_cmpstr (text->out, ==, "");
  g_assert_cmpstr (quiet->out, ==, "");
  test_assert_contains_at (where, text->err, word);
  test_assert_contains_at (where, quiet->err, word);
}

void
check_names_of_nothing (World *world, gconstpointer data)
{
  const Command *command = data;
  g_autofree char *id = NULL;
  g_autofree char *prefix = NULL;
  g_autofree char *too_short = NULL;
  g_autofree char *full = NULL;

  add_unverified (world, "ls", 900, "이름");
  id = account_id (world, "이름");
  prefix = g_strndup (id, 8);
  full = g_strconcat ("ls/", prefix, NULL);
  too_short = g_strndup (id, 7);
  check_fails (world, 3, "not-found", command, "nobody");
  check_fails (world, 3, "not-found", command, "이");
  check_fails (world, 3, "not-found", command, "kis/이름");
  check_fails (world, 3, "not-found", command, "nobody/이름");
  check_fails (world, 3, "not-found", command, too_short);
  world_setenv (world, "KR_SECRET_ACCOUNT", "nobody");
  check_fails (world, 3, "not-found", command, NULL);
  world_unsetenv (world, "KR_SECRET_ACCOUNT");

  /* The beginning of one account's id, and the alias of another. */
  add_unverified (world, "ls", 901, prefix);
  check_fails (world, 2, "usage", command, prefix);
  {
    g_autoptr (TestRun) ran = command_run (world, 2, command, NULL, prefix);
    g_autofree char *other = NULL;

    test_assert_contains (ran->err, "이름");
    test_assert_contains (ran->err, id);
    other = account_id (world, full);
    test_assert_contains (ran->err, other);
  }
  g_assert_cmpuint (test_simulator_count (world->simulator, "ls", "connections"), ==, 0);
}

void
check_names_of_something (World *world, gconstpointer data)
{
  const Command *command = data;
  g_autofree char *id = NULL;
  g_autofree char *prefix = NULL;
  g_autofree char *nfd = g_utf8_normalize ("이름", -1, G_NORMALIZE_NFD);

  add_account (world, "kiwoom", 902, "이름", "paper");
  id = account_id (world, "이름");
  prefix = g_strndup (id, 8);
  command_ends (world, 0, command, NULL, "이름");
  command_ends (world, 0, command, NULL, "kiwoom/이름");
  command_ends (world, 0, command, NULL, nfd);
  command_ends (world, 0, command, NULL, id);
  command_ends (world, 0, command, NULL, prefix);
  world_setenv (world, "KR_SECRET_ACCOUNT", "이름");
  command_ends (world, 0, command, NULL, NULL);
  command_ends (world, 3, command, NULL, "nobody");
  world_unsetenv (world, "KR_SECRET_ACCOUNT");
}

void
check_wrong_use (World *world, gconstpointer data)
{
  const Command *command = data;
  const char *const options[] = { "--reveal",     "--json=yes", "--timeout=0", "--timeout=soon",
                                  "--timeout=-1", "--color=no", "-x" };

  add_unverified (world, "ls", 900, "a");
  for (guint i = 0; i < G_N_ELEMENTS (options); i++)
    {
      g_autoptr (TestRun) ran = command_run (world, ANY_STATUS, command, options[i], "a");

      if (ran->status != 2)
        test_fail ("%s %s ended with %d", command->words[0], options[i], ran->status);
      if (g_str_has_prefix (options[i], "--json"))
        continue;
      g_assert_cmpstr (ran->out, ==, "");
      test_assert_contains (ran->err, "[usage]");
    }
  /* One account too many. */
  command_ends (world, 2, command, "a", "a");
  g_assert_cmpuint (test_simulator_count (world->simulator, "ls", "connections"), ==, 0);
}

void
check_keyring_locked (World *world, gconstpointer data)
{
  const Command *command = data;
  guint requests;

  add_account (world, "ls", 900, "a", "paper");
  requests = test_simulator_count (world->simulator, "ls", "connections");
  test_keyring_lock ();
  {
    g_autoptr (TestRun) ran = command_run (world, ANY_STATUS, command, NULL, "a");
    g_autoptr (TestRun) unknown = command_run (world, ANY_STATUS, command, NULL, "nobody");

    if (ran->status == 5)
      check_fails (world, 5, "locked", command, "a");
    test_keyring_unlock ();
    g_assert_cmpint (ran->status, ==, 5);
    g_assert_cmpint (ran->took, <, 3000);
    /* Locked does not mean absent. */
    g_assert_cmpint (unknown->status, ==, 5);
  }
  g_assert_cmpuint (test_simulator_count (world->simulator, "ls", "connections"), ==, requests);
}

void
check_keyring_stopped (World *world, gconstpointer data)
{
  const Command *command = data;
  add_account (world, "ls", 900, "a", "paper");
  test_pause (test_keyring_get_pid ());
  {
    g_autoptr (TestRun) ran = command_run (world, ANY_STATUS, command, "--timeout=1", "a");

    test_resume (test_keyring_get_pid ());
    g_assert_cmpint (ran->status, ==, 9);
    test_assert_contains (ran->err, "[deadline]");
    g_assert_cmpint (ran->took, >=, 900);
    g_assert_cmpint (ran->took, <, 4000);
  }
}

void
check_no_keyring (World *world, gconstpointer data)
{
  const Command *command = data;
  add_account (world, "ls", 900, "a", "paper");
  world_hide_bus (world);
  check_fails (world, 6, "no-keyring", command, "a");
  g_assert_cmpuint (test_simulator_count (world->simulator, "ls", "connections"), ==, 1);
}

static void
set_up (World *world, gconstpointer command)
{
  world_set_up (world, NULL);
}

static void
tear_down (World *world, gconstpointer command)
{
  world_tear_down (world, NULL);
}

void
add_command_test (const char *name, const char *what, const Command *command, CommandCheck check)
{
  g_autofree char *path = g_strconcat ("/cli/", name, "/", what, NULL);

  g_test_add (path, World, command, set_up, check, tear_down);
}

void
add_command_tests (const char *name, const Command *command)
{
  add_command_test (name, "names-of-nothing", command, check_names_of_nothing);
  add_command_test (name, "locked-keyring-is-5-without-a-request", command, check_keyring_locked);
  add_command_test (name, "stopped-keyring-is-9", command, check_keyring_stopped);
  add_command_test (name, "no-keyring-is-6", command, check_no_keyring);
}
