/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* reject: forgets the stored token if it is the given one, and no other; never shows either. And
 * the consequences. */

#include "reject.h"

#include <string.h>

#include "test-files.h"

static const Command reject = { { "reject" }, STRANGER "\n" };

static void
test_stored_one (World *world, gconstpointer data)
{
  const char *const brokers[] = { "kis", "kiwoom", "ls" };

  for (guint i = 0; i < G_N_ELEMENTS (brokers); i++)
    {
      g_autofree char *token = NULL;

      add_account (world, brokers[i], 0, brokers[i], "paper");
      token = stored_token (world, brokers[i]);
      g_assert_true (is_forgotten (world, brokers[i], token));
      assert_stored (world, brokers[i], NULL);
      /* Once is enough. */
      g_assert_false (is_forgotten (world, brokers[i], token));
      g_assert_cmpuint (test_simulator_count (world->simulator, brokers[i], "connections"), ==, 1);
    }
  g_assert_cmpuint (count_accounts (world), ==, 3);
}

static void
test_text_output (World *world, gconstpointer data)
{
  g_autofree char *token = NULL;

  add_account (world, "ls", 0, "a", "paper");
  token = stored_token (world, "a");
  {
    g_autoptr (TestRun) other = tool_fed (world, 0, STRANGER, "reject", "a");
    g_autoptr (TestRun) quiet = tool_fed (world, 0, STRANGER, "-q", "reject", "a");
    g_autoptr (TestRun) ran = tool_fed (world, 0, token, "reject", "a", "-v", "--no-input");

    g_assert_cmpstr (other->out, ==, "");
    g_assert_cmpstr (quiet->out, ==, "");
    g_assert_cmpstr (quiet->err, ==, "");
    g_assert_cmpstr (ran->out, ==, "");
    g_assert_cmpstr (ran->err, !=, "");
    g_assert_cmpstr (ran->err, !=, other->err);
    assert_lacks (other, STRANGER);
    assert_lacks (ran, token);
  }
}

static void
test_others (World *world, gconstpointer data)
{
  g_autofree char *token = NULL;

  add_account (world, "kiwoom", 0, "a", "paper");
  add_account (world, "kiwoom", 1, "b", "paper");
  token = stored_token (world, "a");
  {
    g_autofree char *longer = g_strconcat (token, "x", NULL);
    g_autofree char *shorter = g_strndup (token, strlen (token) - 1);
    g_autofree char *upper = g_ascii_strup (token, -1);
    g_autofree char *bearer = g_strconcat ("Bearer ", token, NULL);
    g_autofree char *of_another = stored_token (world, "b");
    const char *const inputs[]
        = { longer, shorter, upper, of_another, STRANGER, token + 1, "x", bearer };

    for (guint i = 0; i < G_N_ELEMENTS (inputs); i++)
      {
        g_autoptr (TestRun) ran
            = tool_fed (world, ANY_STATUS, inputs[i], "reject", "a", "--json", "-v");

        /* Input that cannot be a token may be refused as well. */
        g_assert_true (ran->status == 0 || ran->status == 2);
        assert_lacks (ran, shorter);
        assert_stored (world, "a", token);
      }
    assert_stored (world, "b", of_another);
  }
}

static void
test_none_stored (World *world, gconstpointer data)
{
  add_unverified (world, "ls", 0, "a");
  g_assert_false (is_forgotten (world, "a", STRANGER));
  g_assert_cmpuint (test_simulator_count (world->simulator, "ls", "connections"), ==, 0);
}

/* However many callers report it dead. */
static void
test_several_at_once (World *world, gconstpointer data)
{
  const guint n = 8;
  guint forgotten = 0, other = 0;

  add_account (world, "ls", 0, "a", "paper");
  {
    g_autoptr (TestRun) ran
        = tool_shell (world, 0,
                      "token=$(\"$KR_TEST_TOOL\" token a)\n"
                      "for i in 1 2 3 4 5 6 7 8; do\n"
                      "  (echo \"$token\" | \"$KR_TEST_TOOL\" reject a --json || echo failed) &\n"
                      "done\n"
                      "wait\n");
    g_auto (GStrv) lines = g_strsplit (g_strchomp (ran->out), "\n", -1);

    g_assert_cmpuint (g_strv_length (lines), ==, n);
    for (guint i = 0; i < n; i++)
      {
        forgotten += strstr (lines[i], "\"result\":\"forgotten\"") != NULL;
        other += strstr (lines[i], "\"result\":\"other\"") != NULL;
      }
  }
  g_assert_cmpuint (forgotten, ==, 1);
  g_assert_cmpuint (other, ==, n - 1);
  assert_stored (world, "a", NULL);
}

/* Rejecting the previous token does not touch one that another program has stored meanwhile. */
static void
test_renewed_meanwhile (World *world, gconstpointer data)
{
  g_autofree char *old = NULL;
  g_autofree char *new = NULL;

  add_account (world, "kiwoom", 0, "a", "paper");
  old = stored_token (world, "a");
  tool_ends (world, 0, "refresh", "a");
  new = stored_token (world, "a");
  g_assert_false (is_forgotten (world, "a", old));
  assert_stored (world, "a", new);
}

static void
test_cool_down (World *world, gconstpointer data)
{
  const char *const brokers[] = { "kiwoom", "ls" };

  for (guint i = 0; i < G_N_ELEMENTS (brokers); i++)
    {
      g_autofree char *first = NULL;
      g_autofree char *second = NULL;

      add_account (world, brokers[i], 0, brokers[i], "paper");
      first = stored_token (world, brokers[i]);
      g_assert_true (is_forgotten (world, brokers[i], first));
      {
        g_autoptr (TestRun) ran = tool (world, 0, "token", brokers[i]);
        g_autoptr (TestRun) again = tool (world, 0, "token", brokers[i]);

        g_assert_cmpstr (again->out, ==, ran->out);
        second = g_strchomp (g_strdup (ran->out));
      }
      g_assert_cmpstr (second, !=, first);
      g_assert_true (is_forgotten (world, brokers[i], second));
      for (guint k = 0; k < 3; k++)
        {
          g_autoptr (TestRun) ran = tool (world, 7, "token", brokers[i], "--json");
          g_autoptr (JsonObject) error = failure (ran, "rate-limited");

          check_members (error, "code exit retry_after message");
          g_assert_cmpint (json_object_get_int_member (error, "retry_after"), >, 0);
        }
      tool_ends (world, 7, "refresh", brokers[i]);
      g_assert_cmpuint (test_simulator_count (world->simulator, brokers[i], "issue"), ==, 2);
    }
}

/* A dead token is not a reason to ask sooner than the broker allows. */
static void
test_minute (World *world, gconstpointer data)
{
  g_autofree char *dead = NULL;

  add_account (world, "kis", 0, "a", "paper");
  dead = stored_token (world, "a");
  g_assert_true (is_forgotten (world, "a", dead));
  /* The minute. */
  tool_ends (world, 7, "token", "a");
  g_assert_cmpuint (test_simulator_count (world->simulator, "kis", "issue"), ==, 1);
  assert_stored (world, "a", NULL);
}

static void
test_websocket (World *world, gconstpointer data)
{
  g_autofree char *access = NULL;

  add_account (world, "kis", 0, "a", "paper");
  access = stored_token (world, "a");
  {
    g_autoptr (TestRun) key = tool (world, 0, "token", "a", "--kind", "websocket");

    g_assert_true (is_forgotten (world, "a", key->out));
    tool_ends (world, 3, "token", "a", "--kind", "websocket", "--no-issue");
  }
  assert_stored (world, "a", access);
}

static void
check_secrets (World *world, guint n, const char *option)
{
  g_autofree char *alias = g_strdup_printf ("a%u", n);
  g_autofree char *token = NULL;

  add_account (world, "ls", n, alias, "paper");
  token = stored_token (world, alias);
  world_setenv (world, "G_MESSAGES_DEBUG", "all");
  {
    g_autofree char *two = g_strconcat (STRANGER "\n", token, NULL);
    g_autoptr (TestRun) wrong = tool_fed (world, 2, two, "reject", option, alias);
    g_autoptr (TestRun) other = tool_fed (world, 0, token + 1, "reject", option, alias);
    g_autoptr (TestRun) ran = tool_fed (world, 0, token, "reject", option, alias);
    TestRun *const all[] = { wrong, other, ran };

    for (guint i = 0; i < G_N_ELEMENTS (all); i++)
      {
        assert_lacks (all[i], token + 1);
        assert_lacks (all[i], token + strlen (token) - 20);
        assert_lacks (all[i], STRANGER);
      }
  }
  world_unsetenv (world, "G_MESSAGES_DEBUG");
  assert_stored (world, alias, NULL);
}

static void
test_secrets (World *world, gconstpointer data)
{
  check_secrets (world, 0, "-v");
  check_secrets (world, 1, "--json");
}

static void
test_names_of_something (World *world, gconstpointer data)
{
  check_names_of_something (world, &reject);
  g_assert_cmpuint (test_simulator_count (world->simulator, "kiwoom", "connections"), ==, 1);
}

static void
test_plugin_missing (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) empty = test_directory_new ();
  g_autofree char *token = NULL;

  add_account (world, "ls", 0, "a", "paper");
  token = stored_token (world, "a");
  world_setenv (world, "KR_SECRET_PLUGIN_DIR", empty);
  g_assert_true (is_forgotten (world, "a", token));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  WORLD_TEST ("reject/stored-one-is-forgotten", NULL, test_stored_one);
  WORLD_TEST ("reject/text-goes-to-standard-error", NULL, test_text_output);
  WORLD_TEST ("reject/others-forget-nothing", NULL, test_others);
  WORLD_TEST ("reject/nothing-stored-is-another", NULL, test_none_stored);
  WORLD_TEST ("reject/one-of-several-forgets", NULL, test_several_at_once);
  WORLD_TEST ("reject/renewed-meanwhile-stays", NULL, test_renewed_meanwhile);
  WORLD_TEST ("reject/one-issue-then-a-pause", NULL, test_cool_down);
  WORLD_TEST ("reject/minute-holds-afterwards", NULL, test_minute);
  WORLD_TEST ("reject/websocket-key", NULL, test_websocket);
  WORLD_TEST ("reject/secrets-are-not-shown", NULL, test_secrets);
  WORLD_TEST ("reject/names-of-something", NULL, test_names_of_something);
  WORLD_TEST ("reject/needs-no-plugin", NULL, test_plugin_missing);
  return g_test_run ();
}
