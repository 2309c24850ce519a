/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* reject: how it gets the token: by a line, a descriptor or a prompt, and not by an argument. */

#include "reject.h"

#include <string.h>

#include "terminal.h"

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

/* add trims white space at both ends of a key. */
static void
test_space_before (World *world, gconstpointer data)
{
  const char *const spaces[] = { "\n", "\r\n", " ", "\t", " \n  " };

  for (guint i = 0; i < G_N_ELEMENTS (spaces); i++)
    check_form (world, i, spaces[i], "\n");
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

/* Input that is not text, or too long: it may be called wrong, or a different token. */
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

/* Anyone can read arguments: refused, and not repeated in a log. */
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

/* If the account was left out, the token takes its place. */
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
        /* One token in a hundred begins like an option. */
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

/* Pasted text often has some. */
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

/* No answer means no token, typed or not. */
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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  WORLD_TEST ("reject/line-ends-are-no-part-of-it", NULL, test_line_ends);
  WORLD_TEST ("reject/space-before-it-is-no-part-of-it", NULL, test_space_before);
  WORLD_TEST ("reject/no-token-is-2", NULL, test_no_token);
  WORLD_TEST ("reject/odd-bytes-forget-nothing", NULL, test_odd_bytes);
  WORLD_TEST ("reject/from-a-descriptor", NULL, test_descriptor);
  WORLD_TEST ("reject/token-in-arguments-is-refused", NULL, test_token_in_arguments);
  WORLD_TEST ("reject/token-for-an-account-is-not-repeated", NULL, test_token_as_account);
  WORLD_TEST ("reject/typed-without-echo", NULL, test_terminal);
  WORLD_TEST ("reject/typed-with-space-around", NULL, test_terminal_with_space);
  WORLD_TEST ("reject/given-up-at-the-prompt-forgets-nothing", NULL, test_terminal_given_up);
  WORLD_TEST ("reject/nothing-typed-is-2", NULL, test_terminal_empty);
  WORLD_TEST ("reject/no-input-asks-nothing", NULL, test_terminal_without_asking);
  return g_test_run ();
}
