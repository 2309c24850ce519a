/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* credential: the key for programs, and not for shoulder surfers. */

#include "terminal.h"

static const Command credential = { { "credential" } };

static void
check_key (World *world, const char *broker, JsonObject *whole)
{
  g_autofree char *appkey = test_simulator_get_key (broker, 0, "appkey");
  g_autofree char *appsecret = test_simulator_get_key (broker, 0, "appsecret");

  check_members (whole, "format_version appkey appsecret");
  g_assert_cmpstr (json_object_get_string_member (whole, "appkey"), ==, appkey);
  g_assert_cmpstr (json_object_get_string_member (whole, "appsecret"), ==, appsecret);
}

static void
test_canonical_names (World *world, gconstpointer data)
{
  const char *const brokers[] = { "kis", "kiwoom", "ls" };

  for (guint i = 0; i < G_N_ELEMENTS (brokers); i++)
    {
      add_unverified (world, brokers[i], 0, brokers[i]);
      {
        g_autoptr (TestRun) plain = tool (world, 0, "credential", brokers[i]);
        g_autoptr (TestRun) json = tool (world, 0, "credential", brokers[i], "--json");
        g_autoptr (JsonObject) whole = document (plain);

        check_key (world, brokers[i], whole);
        g_assert_cmpstr (plain->out, ==, json->out);
        g_assert_cmpstr (plain->err, ==, "");
      }
      g_assert_cmpuint (test_simulator_count (world->simulator, brokers[i], "connections"), ==, 0);
    }
}

static void
test_terminal_refused (World *world, gconstpointer data)
{
  g_autofree char *appkey = test_simulator_get_key ("ls", 0, "appkey");

  add_unverified (world, "ls", 0, "a");
  {
    g_autoptr (Terminal) terminal = terminal_start (world, TERMINAL_ALL, "credential", "a", NULL);

    terminal_expect (terminal, "[usage]");
    terminal_expect (terminal, "--reveal");
    g_assert_cmpint (terminal_end (terminal), ==, 2);
    test_assert_lacks (terminal->seen->str, appkey + 4);
  }
  /* Refused before the account is looked up. */
  {
    g_autoptr (Terminal) terminal = terminal_start (world, TERMINAL_ALL, "credential", "b", NULL);

    g_assert_cmpint (terminal_end (terminal), ==, 2);
  }
}

static void
test_terminal_revealed (World *world, gconstpointer data)
{
  g_autofree char *appkey = test_simulator_get_key ("ls", 0, "appkey");

  add_unverified (world, "ls", 0, "a");
  {
    g_autoptr (Terminal) terminal
        = terminal_start (world, TERMINAL_ALL, "credential", "a", "--reveal", NULL);

    terminal_expect (terminal, appkey);
    g_assert_cmpint (terminal_end (terminal), ==, 0);
  }
}

static void
test_terminal_piped (World *world, gconstpointer data)
{
  add_unverified (world, "ls", 0, "a");
  {
    g_autoptr (Terminal) terminal
        = terminal_start (world, TERMINAL_OUT_PIPED, "credential", "a", NULL);
    g_autoptr (JsonObject) whole = NULL;
    g_autofree char *piped = NULL;

    g_assert_cmpint (terminal_end (terminal), ==, 0);
    piped = terminal_piped (terminal);
    whole = document_at (G_STRLOC, piped);
    check_key (world, "ls", whole);
  }
}

static void
test_wrong_use (World *world, gconstpointer data)
{
  const char *const options[] = { "--reveal=yes", "--with-credential", "-x", "b" };

  add_unverified (world, "ls", 0, "a");
  for (guint i = 0; i < G_N_ELEMENTS (options); i++)
    {
      g_autoptr (TestRun) ran = tool (world, 2, "credential", "a", options[i]);

      g_assert_cmpstr (ran->out, ==, "");
      test_assert_contains (ran->err, "[usage]");
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  WORLD_TEST ("credential/has-one-set-of-names-for-all-brokers", NULL, test_canonical_names);
  WORLD_TEST ("credential/is-refused-on-a-terminal", NULL, test_terminal_refused);
  WORLD_TEST ("credential/is-revealed-on-request", NULL, test_terminal_revealed);
  WORLD_TEST ("credential/goes-through-a-pipe", NULL, test_terminal_piped);
  WORLD_TEST ("credential/wrong-use", NULL, test_wrong_use);
  add_command_test ("credential", "names-of-something", &credential, check_names_of_something);
  add_command_tests ("credential", &credential);
  return g_test_run ();
}
