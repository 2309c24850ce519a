/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* reject: forgets the stored token if it is the one given, and no other; never shows either. */

#include "terminal.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "test-files.h"
#include "test-keyring.h"

/* A token that no broker gave. */
#define STRANGER "stranger-stranger-stranger"

static const Command reject = { { "reject" }, STRANGER "\n" };

static void
assert_lacks (TestRun *ran, const char *secret)
{
  test_assert_lacks (ran->out, secret);
  test_assert_lacks (ran->err, secret);
}

static void
assert_stored (World *world, const char *alias, const char *token)
{
  g_autofree char *stored = stored_token (world, alias);

  g_assert_cmpstr (stored, ==, token);
}

/* What became of @input, as JSON says. */
static gboolean
is_forgotten (World *world, const char *alias, const char *input)
{
  g_autoptr (TestRun) ran = tool_fed (world, 0, input, "reject", alias, "--json");
  g_autoptr (JsonObject) whole = document (ran);
  g_autofree char *id = account_id (world, alias);
  const char *result = json_object_get_string_member (whole, "result");

  check_members (whole, "format_version id alias result");
  g_assert_cmpstr (json_object_get_string_member (whole, "id"), ==, id);
  g_assert_cmpstr (json_object_get_string_member (whole, "alias"), ==, alias);
  g_assert_true (g_str_equal (result, "forgotten") || g_str_equal (result, "other"));
  if (strlen (input) > 16)
    assert_lacks (ran, input);
  return g_str_equal (result, "forgotten");
}

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
check_form (World *world, guint n, const char *before, const char *after)
{
  g_autofree char *alias = g_strdup_printf ("a%u", n);
  g_autofree char *token = NULL;
  g_autofree char *input = NULL;

  add_account (world, "ls", n, alias, "paper");
  token = stored_token (world, alias);
  input = g_strconcat (before, token, after, NULL);
  if (!is_forgotten (world, alias, input))
    test_fail ("with '%s' before and '%s' after it the token was not known", before, after);
  assert_stored (world, alias, NULL);
}

static void
test_line_ends (World *world, gconstpointer data)
{
  const char *const ends[] = { "", "\n", "\r\n", " ", " \t \n", "\n\n", "\r\n\r\n", "\n \n" };

  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    check_form (world, i, "", ends[i]);
}

/* Of a key that add takes, white space is trimmed at both ends. */
static void
test_space_before (World *world, gconstpointer data)
{
  const char *const spaces[] = { "\n", "\r\n", " ", "\t", " \n  " };

  for (guint i = 0; i < G_N_ELEMENTS (spaces); i++)
    check_form (world, i, spaces[i], "\n");
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

        /* What cannot be a token may be refused as well. */
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

static void
test_no_token (World *world, gconstpointer data)
{
  g_autofree char *token = NULL;

  add_account (world, "ls", 0, "a", "paper");
  token = stored_token (world, "a");
  {
    g_autofree char *twice = g_strconcat (token, "\n", token, "\n", NULL);
    g_autofree char *other = g_strconcat (token, "\n" STRANGER "\n", NULL);
    g_autofree char *other_first = g_strconcat (STRANGER "\n", token, "\n", NULL);
    g_autofree char *endless = g_strnfill (9000, 'a');
    const char *const inputs[]
        = { "", "\n", " ", "\r\n", " \t\n\n", "\n\n\n\n ", endless, other, other_first, twice };

    for (guint i = 0; i < G_N_ELEMENTS (inputs); i++)
      {
        g_autoptr (TestRun) ran
            = tool_fed (world, ANY_STATUS, inputs[i], "reject", "a", "--json", "-v");
        g_autoptr (JsonObject) error = NULL;

        if (ran->status != 2)
          test_fail ("'%.40s' ended with %d", inputs[i], ran->status);
        error = failure (ran, "usage");
        assert_lacks (ran, token);
        assert_lacks (ran, STRANGER);
        assert_stored (world, "a", token);
      }
  }
}

/* What is no text, or too much of it: it may be said to be wrong or to be another. */
static void
test_odd_bytes (World *world, gconstpointer data)
{
  const char *const scripts[] = {
    "(tok; printf '\\0')",
    "(tok; printf '\\0\\n')",
    "(tok; printf '\\0junk\\n')",
    "(printf '\\0'; tok)",
    "(printf 'junk\\0'; tok; echo)",
    "(tok; printf '\\377\\n')",
    "(printf '\\377\\376'; tok)",
    "(printf '\\357\\273\\277x'; tok)",
    "(tok; printf '\\033[0m\\n')",
    "(tok; printf '\\302\\240x\\n')",
    "printf '%05000d\\n' 1",
    "(tok; printf '%05000d\\n' 1)",
    "(tok; printf '%09000d\\n' 1)",
    "cat /dev/zero",
    "yes",
  };
  g_autofree char *token = NULL;

  add_account (world, "kiwoom", 0, "a", "paper");
  token = stored_token (world, "a");
  for (guint i = 0; i < G_N_ELEMENTS (scripts); i++)
    {
      g_autofree char *script
          = g_strdup_printf ("tok () { \"$KR_TEST_TOOL\" token a | tr -d '\\n'; }; "
                             "%s | \"$KR_TEST_TOOL\" reject a --json",
                             scripts[i]);
      g_autoptr (TestRun) ran = tool_shell (world, ANY_STATUS, script);
      G_GNUC_UNUSED g_autoptr (JsonObject) whole = document (ran);

      if (ran->status != 0 && ran->status != 2)
        test_fail ("%s ended with %d", scripts[i], ran->status);
      g_assert_true (g_utf8_validate (ran->err, -1, NULL));
      test_assert_lacks (ran->err, "\033");
      assert_lacks (ran, token);
      assert_stored (world, "a", token);
    }
}

static void
test_descriptor (World *world, gconstpointer data)
{
  g_autofree char *token = NULL;

  add_account (world, "ls", 0, "a", "paper");
  token = stored_token (world, "a");
  {
    const char *const bad[] = { "99", "-1", "x", "", "1", "3x", "0x3", "1e1", "4294967296" };

    for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
      {
        g_autoptr (TestRun) ran
            = tool_fd (world, ANY_STATUS, 3, token, "reject", "a", "--fd", bad[i]);

        if (ran->status != 2)
          test_fail ("--fd '%s' ended with %d", bad[i], ran->status);
        g_assert_cmpstr (ran->out, ==, "");
        assert_stored (world, "a", token);
      }
  }
  {
    g_autoptr (TestRun) ran = tool_fd (world, 0, 3, token, "reject", "a", "--json", "--fd", "3");
    g_autoptr (JsonObject) whole = document (ran);

    g_assert_cmpstr (json_object_get_string_member (whole, "result"), ==, "forgotten");
    assert_stored (world, "a", NULL);
  }
}

/* Arguments can be read by everybody: refused, and not repeated in a log. */
static void
test_token_in_arguments (World *world, gconstpointer data)
{
  g_autofree char *token = NULL;

  add_account (world, "kiwoom", 0, "a", "paper");
  token = stored_token (world, "a");
  {
    g_autofree char *start = g_strndup (token, 24);
    g_autofree char *option = g_strconcat ("--token=", token, NULL);
    g_autofree char *assignment = g_strconcat ("a=", token, NULL);
    g_autofree char *fd = g_strconcat ("--fd=", token, NULL);
    g_autofree char *dashed = g_strconcat ("-HR1h", token, NULL);
    const char *const arguments[][2]
        = { { token },      { option }, { "--token", token }, { fd }, { "--fd", token },
            { assignment }, { dashed } };

    for (guint i = 0; i < G_N_ELEMENTS (arguments); i++)
      {
        g_autoptr (TestRun) ran = tool_fed (world, 2, token, "reject", "--json", "-v", "a",
                                            arguments[i][0], arguments[i][1]);

        assert_lacks (ran, start);
        assert_stored (world, "a", token);
      }
  }
}

/* Where the account was left out, the token stands in its place. */
static void
test_token_as_account (World *world, gconstpointer data)
{
  const char *const brokers[] = { "kiwoom", "ls" };

  for (guint i = 0; i < G_N_ELEMENTS (brokers); i++)
    {
      g_autofree char *token = NULL;
      g_autofree char *start = NULL;

      add_account (world, brokers[i], 0, brokers[i], "paper");
      token = stored_token (world, brokers[i]);
      start = g_strndup (token, 24);
      {
        /* One in a hundred begins as an option does. */
        g_autoptr (TestRun) ran
            = tool_fed (world, ANY_STATUS, token, "reject", "--json", "--", token);

        g_assert_true (ran->status == 2 || ran->status == 3);
        assert_lacks (ran, start);
        assert_stored (world, brokers[i], token);
      }
    }
}

static Terminal *
start_on_terminal (World *world)
{
  Terminal *terminal = terminal_start (world, TERMINAL_ALL, "reject", "a", NULL);

  terminal_expect (terminal, "token");
  terminal_wait_for_no_echo (terminal);
  return terminal;
}

static void
check_typed (World *world, const char *before, const char *token, const char *after)
{
  g_autoptr (Terminal) terminal = start_on_terminal (world);

  terminal_type (terminal, before);
  terminal_type (terminal, token);
  terminal_type (terminal, after);
  g_assert_cmpint (terminal_end (terminal), ==, 0);
  g_assert_true (terminal_echoes (terminal));
  test_assert_lacks (terminal->seen->str, token);
}

static void
test_terminal (World *world, gconstpointer data)
{
  g_autofree char *token = NULL;

  add_account (world, "ls", 0, "a", "paper");
  token = stored_token (world, "a");
  check_typed (world, "", STRANGER, "\n");
  assert_stored (world, "a", token);
  check_typed (world, "", token, "\n");
  assert_stored (world, "a", NULL);
}

/* What is pasted often has some. */
static void
test_terminal_with_space (World *world, gconstpointer data)
{
  g_autofree char *token = NULL;

  add_account (world, "ls", 0, "a", "paper");
  token = stored_token (world, "a");
  check_typed (world, " ", token, " \n");
  assert_stored (world, "a", NULL);
}

static void
test_terminal_given_up (World *world, gconstpointer data)
{
  g_autofree char *token = NULL;

  add_account (world, "ls", 0, "a", "paper");
  token = stored_token (world, "a");
  {
    g_autoptr (Terminal) interrupted = start_on_terminal (world);
    g_autoptr (Terminal) declined = start_on_terminal (world);
    int status;

    terminal_type (interrupted, "half-of-a-tok\003");
    g_assert_cmpint (terminal_end (interrupted), ==, 130);
    g_assert_true (terminal_echoes (interrupted));
    terminal_type (declined, "\004");
    status = terminal_end (declined);
    g_assert_true (status == 2 || status == 10);
    g_assert_true (terminal_echoes (declined));
  }
  assert_stored (world, "a", token);
}

/* No answer is no token, typed or not. */
static void
test_terminal_empty (World *world, gconstpointer data)
{
  add_account (world, "ls", 0, "a", "paper");
  {
    g_autoptr (Terminal) terminal = start_on_terminal (world);

    terminal_type (terminal, "\n");
    g_assert_cmpint (terminal_end (terminal), ==, 2);
  }
}

static void
test_terminal_without_asking (World *world, gconstpointer data)
{
  add_account (world, "ls", 0, "a", "paper");
  {
    g_autoptr (Terminal) option
        = terminal_start (world, TERMINAL_ALL, "reject", "a", "--no-input", NULL);
    g_autoptr (Terminal) variable = NULL;

    g_assert_cmpint (terminal_end (option), ==, 2);
    world_setenv (world, "KR_SECRET_NO_INPUT", "1");
    variable = terminal_start (world, TERMINAL_ALL, "reject", "a", NULL);
    g_assert_cmpint (terminal_end (variable), ==, 2);
  }
}

/* However many are told that it is dead. */
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

/* A token that another program has put there meanwhile is not touched by who rejects the one
 * before. */
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

/* A dead token is no reason to ask sooner than the broker allows. */
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
test_plugin_missing (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) empty = test_directory_new ();
  g_autofree char *token = NULL;

  add_account (world, "ls", 0, "a", "paper");
  token = stored_token (world, "a");
  world_setenv (world, "KR_SECRET_PLUGIN_DIR", empty);
  g_assert_true (is_forgotten (world, "a", token));
}

static void
test_lock_held (World *world, gconstpointer data)
{
  g_autofree char *token = NULL;
  int lock;

  add_account (world, "ls", 0, "a", "paper");
  token = stored_token (world, "a");
  lock = hold_lock (world, "a");
  {
    g_autoptr (TestRun) ran = tool_fed (world, 9, token, "reject", "a", "--timeout", "1", "--json");
    G_GNUC_UNUSED g_autoptr (JsonObject) error = failure (ran, "deadline");

    g_assert_cmpint (ran->took, <, 5000);
  }
  close (lock);
  assert_stored (world, "a", token);
}

/* A pipe that nobody writes to, and nobody closes. */
static void
test_mute_pipe (World *world, gconstpointer data)
{
  add_account (world, "ls", 0, "a", "paper");
  {
    g_autoptr (TestRun) ran = tool_shell (
        world, 9,
        "mkfifo \"$TMPDIR/mute\" && exec 3<> \"$TMPDIR/mute\" && rm \"$TMPDIR/mute\" && "
        "timeout 8 \"$KR_TEST_TOOL\" reject a --json --timeout 1 <&3");
    G_GNUC_UNUSED g_autoptr (JsonObject) error = failure (ran, "deadline");
  }
}

static void
test_odd_streams (World *world, gconstpointer data)
{
  add_account (world, "ls", 0, "a", "paper");
  test_run_free (tool_shell (world, 2, "\"$KR_TEST_TOOL\" reject a <&-"));
  test_run_free (tool_shell (world, 2, "\"$KR_TEST_TOOL\" reject a </"));
  test_run_free (tool_shell (world, 2, "\"$KR_TEST_TOOL\" reject a </dev/null"));
  {
    g_autoptr (TestRun) full
        = tool_shell (world, 1, "echo stranger | \"$KR_TEST_TOOL\" reject a --json >/dev/full");
    g_autoptr (TestRun) closed
        = tool_shell (world, 1, "echo stranger | \"$KR_TEST_TOOL\" reject a --json >&-");

    test_assert_contains (full->err, "[failed]");
    test_assert_contains (closed->err, "[failed]");
  }
  test_run_free (tool_shell (world, 0, "echo stranger | \"$KR_TEST_TOOL\" reject a >/dev/full"));
}

static void
test_damaged (World *world, gconstpointer data)
{
  g_autofree char *id = NULL;

  add_account (world, "ls", 0, "a", "paper");
  id = account_id (world, "a");
  test_keyring_overwrite (id, "krsecret-token", "krsecret 1 token 5", -1);
  {
    g_autoptr (TestRun) ran = tool_fed (world, ANY_STATUS, STRANGER, "reject", "a", "--json");
    G_GNUC_UNUSED g_autoptr (JsonObject) whole = document (ran);

    /* Whatever it was, it is not this one. */
    g_assert_true (ran->status == 0 || ran->status == 12);
    g_assert_cmpuint (test_keyring_count (id, "krsecret-token"), ==, 1);
  }
}

static void
test_unsafe_state (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) state = test_directory_new ();
  g_autofree char *directory = g_build_filename (state, "krsecret", NULL);

  add_account (world, "ls", 0, "a", "paper");
  world_setenv (world, "XDG_STATE_HOME", state);
  g_assert_cmpint (g_mkdir (directory, 0777), ==, 0);
  g_assert_cmpint (g_chmod (directory, 0777), ==, 0);
  check_fails (world, 12, "damaged", &reject, "a");
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
test_wrong_use (World *world, gconstpointer data)
{
  check_wrong_use (world, &reject);
  tool_ends (world, 2, "reject");
  tool_ends (world, 2, "reject", "a", "--fd");
  tool_ends (world, 2, "reject", "a", "--force");
  tool_ends (world, 2, "reject", "");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  WORLD_TEST ("reject/stored-one-is-forgotten", NULL, test_stored_one);
  WORLD_TEST ("reject/text-goes-to-standard-error", NULL, test_text_output);
  WORLD_TEST ("reject/line-ends-are-no-part-of-it", NULL, test_line_ends);
  WORLD_TEST ("reject/others-forget-nothing", NULL, test_others);
  WORLD_TEST ("reject/nothing-stored-is-another", NULL, test_none_stored);
  WORLD_TEST ("reject/no-token-is-2", NULL, test_no_token);
  WORLD_TEST ("reject/odd-bytes-forget-nothing", NULL, test_odd_bytes);
  WORLD_TEST ("reject/from-a-descriptor", NULL, test_descriptor);
  WORLD_TEST ("reject/token-in-arguments-is-refused", NULL, test_token_in_arguments);
  WORLD_TEST ("reject/typed-without-echo", NULL, test_terminal);
  WORLD_TEST ("reject/given-up-at-the-prompt-forgets-nothing", NULL, test_terminal_given_up);
  WORLD_TEST ("reject/no-input-asks-nothing", NULL, test_terminal_without_asking);
  WORLD_TEST ("reject/one-of-several-forgets", NULL, test_several_at_once);
  WORLD_TEST ("reject/renewed-meanwhile-stays", NULL, test_renewed_meanwhile);
  WORLD_TEST ("reject/one-issue-then-a-pause", NULL, test_cool_down);
  WORLD_TEST ("reject/minute-holds-afterwards", NULL, test_minute);
  WORLD_TEST ("reject/websocket-key", NULL, test_websocket);
  WORLD_TEST ("reject/needs-no-plugin", NULL, test_plugin_missing);
  WORLD_TEST ("reject/lock-held-by-another-is-9", NULL, test_lock_held);
  WORLD_TEST ("reject/mute-pipe-is-9", NULL, test_mute_pipe);
  WORLD_TEST ("reject/odd-streams", NULL, test_odd_streams);
  WORLD_TEST ("reject/damaged-token-is-not-erased", NULL, test_damaged);
  WORLD_TEST ("reject/unsafe-state-directory-is-12", NULL, test_unsafe_state);
  WORLD_TEST ("reject/secrets-are-not-shown", NULL, test_secrets);
  WORLD_TEST ("reject/names-of-something", NULL, test_names_of_something);
  WORLD_TEST ("reject/wrong-use-is-2", NULL, test_wrong_use);
  WORLD_TEST ("reject/space-before-it-is-no-part-of-it", NULL, test_space_before);
  WORLD_TEST ("reject/token-for-an-account-is-not-repeated", NULL, test_token_as_account);
  WORLD_TEST ("reject/typed-with-space-around", NULL, test_terminal_with_space);
  WORLD_TEST ("reject/nothing-typed-is-2", NULL, test_terminal_empty);
  add_command_tests ("reject", &reject);
  return g_test_run ();
}
