/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Input and output of a user at a terminal. */

#include "terminal.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static Terminal *
start_add (World *world)
{
  return terminal_start (world, TERMINAL_ALL, ADD (world, "ls", "a"), NULL);
}

static void
expect_secret_prompt (Terminal *terminal, const char *prompt)
{
  terminal_expect (terminal, prompt);
  terminal_wait_for_no_echo (terminal);
}

/* Answers a prompt for a secret. */
static void
type_secret (Terminal *terminal, const char *prompt, const char *secret)
{
  g_autofree char *line = g_strconcat (secret, "\n", NULL);

  expect_secret_prompt (terminal, prompt);
  terminal_type (terminal, line);
}

static void
test_add_asks_without_echo (World *world, gconstpointer data)
{
  const char *const brokers[] = { "kis", "kiwoom", "ls" };

  for (guint i = 0; i < G_N_ELEMENTS (brokers); i++)
    {
      g_autofree char *appkey = test_simulator_get_key (brokers[i], 0, "appkey");
      g_autofree char *appsecret = test_simulator_get_key (brokers[i], 0, "appsecret");
      g_autoptr (Terminal) terminal
          = terminal_start (world, TERMINAL_ALL, ADD (world, brokers[i], brokers[i]), NULL);

      type_secret (terminal, "appkey", appkey);
      type_secret (terminal, "appsecret", appsecret);
      g_assert_cmpint (terminal_end (terminal), ==, 0);
      test_assert_lacks (terminal->seen->str, appkey);
      test_assert_lacks (terminal->seen->str, appsecret);
      g_assert_true (terminal_echoes (terminal));
    }
  g_assert_cmpuint (count_accounts (world), ==, 3);
}

/* Where the prompts go does not depend on where the output goes. */
static void
test_add_with_piped_output (World *world, gconstpointer data)
{
  g_autofree char *appkey = test_simulator_get_key ("ls", 0, "appkey");
  g_autofree char *appsecret = test_simulator_get_key ("ls", 0, "appsecret");
  g_autoptr (Terminal) terminal
      = terminal_start (world, TERMINAL_OUT_PIPED, ADD (world, "ls", "a"), NULL);
  g_autofree char *out = NULL;

  type_secret (terminal, "appkey", appkey);
  type_secret (terminal, "appsecret", appsecret);
  g_assert_cmpint (terminal_end (terminal), ==, 0);
  out = terminal_piped (terminal);
  g_assert_cmpstr (out, ==, "");
}

static void
test_ctrl_c (World *world, gconstpointer data)
{
  for (int i = 0; i < 2; i++)
    {
      g_autoptr (Terminal) terminal = start_add (world);

      expect_secret_prompt (terminal, "appkey");
      if (i == 1)
        {
          terminal_type (terminal, "half-of-a-key\n");
          expect_secret_prompt (terminal, "appsecret");
          terminal_type (terminal, "half-of-a-sec");
        }
      terminal_type (terminal, "\003");
      g_assert_cmpint (terminal_end (terminal), ==, 130);
      g_assert_true (terminal_echoes (terminal));
    }
  g_assert_cmpuint (count_accounts (world), ==, 0);
  g_assert_cmpuint (test_simulator_count (world->simulator, "ls", "connections"), ==, 0);
}

/* As soon as the prompt is visible, Ctrl-C applies to it, whichever thread gets the signal. */
static void
test_early_ctrl_c (World *world, gconstpointer data)
{
  for (int i = 0; i < 30; i++)
    {
      g_autoptr (Terminal) terminal = start_add (world);

      terminal_expect (terminal, "appkey");
      terminal_type (terminal, "\003");
      g_assert_cmpint (terminal_end (terminal), ==, 130);
    }
}

static void
test_terminated_at_prompt (World *world, gconstpointer data)
{
  const int signals[] = { SIGTERM, SIGHUP, SIGQUIT };

  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    {
      g_autoptr (Terminal) terminal = start_add (world);

      expect_secret_prompt (terminal, "appkey");
      g_subprocess_send_signal (terminal->process, signals[i]);
      g_assert_cmpint (terminal_end (terminal), ==, 128 + signals[i]);
      g_assert_true (terminal_echoes (terminal));
    }
  g_assert_cmpuint (count_accounts (world), ==, 0);
  g_assert_cmpuint (test_simulator_count (world->simulator, "ls", "connections"), ==, 0);
}

/* Ctrl-D: no answer does not mean an empty key. */
static void
test_ctrl_d (World *world, gconstpointer data)
{
  g_autoptr (Terminal) terminal = start_add (world);

  expect_secret_prompt (terminal, "appkey");
  terminal_type (terminal, "\004");
  g_assert_cmpint (terminal_end (terminal), ==, 10);
  test_assert_contains (terminal->seen->str, "[declined]");
  g_assert_true (terminal_echoes (terminal));
  g_assert_cmpuint (count_accounts (world), ==, 0);
  g_assert_cmpuint (test_simulator_count (world->simulator, "ls", "connections"), ==, 0);
}

/* The user has typed everything; a keyring that cannot store it should have been noticed before. */
static void
test_no_keyring_no_prompt (World *world, gconstpointer data)
{
  world_hide_bus (world);
  {
    g_autoptr (Terminal) terminal = start_add (world);

    g_assert_cmpint (terminal_end (terminal), ==, 6);
    test_assert_lacks (terminal->seen->str, "appkey");
  }
}

/* --no-input, in each of its forms. */
static void
test_no_input_asks_nothing (World *world, gconstpointer data)
{
  const char *const uri = test_simulator_get_uri (world->simulator, "ls");
  g_autoptr (Terminal) add = terminal_start (world, TERMINAL_ALL, "add", "ls", "b", "--env",
                                             "paper", "--endpoint", uri, "--no-input", NULL);

  g_assert_cmpint (terminal_end (add), ==, 2);
  add_account (world, "ls", 0, "a", "real");
  world_setenv (world, "KR_SECRET_NO_INPUT", "1");
  {
    g_autoptr (Terminal) again = terminal_start (world, TERMINAL_ALL, "add", "ls", "b", "--env",
                                                 "paper", "--endpoint", uri, NULL);
    g_autoptr (Terminal) revoke = NULL;

    g_assert_cmpint (terminal_end (again), ==, 2);
    test_assert_lacks (again->seen->str, "appkey:");
    revoke = terminal_start (world, TERMINAL_ALL, "revoke", "a", NULL);
    g_assert_cmpint (terminal_end (revoke), ==, 10);
    test_assert_contains (revoke->seen->str, "[declined]");
    test_assert_lacks (revoke->seen->str, "Type its alias");
  }
  g_assert_cmpuint (test_simulator_count (world->simulator, "ls", "revoke"), ==, 0);
  g_assert_cmpuint (count_accounts (world), ==, 1);
}

static void
answer (World *world, const char *command, const char *typed, int status)
{
  g_autoptr (Terminal) terminal
      = terminal_start (world, TERMINAL_ALL, command, "진짜-account", NULL);

  terminal_expect (terminal, "진짜-account");
  terminal_type (terminal, typed);
  if (terminal_end (terminal) != status)
    test_fail ("%s, answered with %s: %s", command, typed, terminal->seen->str);
}

static void
test_real_account_wants_alias (World *world, gconstpointer data)
{
  const char *const wrong[] = { "\n", "y\n", "yes\n", "진짜\n", "other\n", "진짜-accounts\n" };

  add_account (world, "ls", 0, "진짜-account", "real");
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      answer (world, "revoke", wrong[i], 10);
      answer (world, "remove", wrong[i], 10);
    }
  g_assert_cmpuint (test_simulator_count (world->simulator, "ls", "revoke"), ==, 0);
  g_assert_cmpuint (count_accounts (world), ==, 1);

  answer (world, "revoke", "진짜-account\n", 0);
  g_assert_cmpuint (test_simulator_count (world->simulator, "ls", "revoke"), ==, 1);
  answer (world, "remove", "진짜-account\n", 0);
  g_assert_cmpuint (count_accounts (world), ==, 0);
}

static void
test_interrupted_question (World *world, gconstpointer data)
{
  add_account (world, "ls", 0, "진짜-account", "real");
  answer (world, "remove", "\003", 130);
  g_assert_cmpuint (test_simulator_count (world->simulator, "ls", "revoke"), ==, 0);
  g_assert_cmpuint (count_accounts (world), ==, 1);
}

/* Text typed on a Mac, or pasted from a file's name, is decomposed. */
static void
test_decomposed_answer (World *world, gconstpointer data)
{
  g_autofree char *parts = g_utf8_normalize ("진짜-account\n", -1, G_NORMALIZE_NFD);

  g_assert_cmpstr (parts, !=, "진짜-account\n");
  add_account (world, "ls", 0, "진짜-account", "real");
  answer (world, "remove", parts, 0);
  g_assert_cmpuint (count_accounts (world), ==, 0);
}

/* From the first question on, no descriptor is left. */
static void
test_no_descriptors_to_ask_with (World *world, gconstpointer data)
{
  const struct rlimit none = { STDERR_FILENO + 1, STDERR_FILENO + 1 };

  add_account (world, "ls", 0, "r1", "real");
  add_account (world, "kiwoom", 0, "r2", "real");
  {
    g_autoptr (Terminal) terminal
        = terminal_start (world, TERMINAL_ALL, "remove", "r1", "r2", NULL);
    g_autofree char *why = g_strdup_printf ("cannot ask: %s", g_strerror (EMFILE));

    terminal_expect (terminal, "to remove it: ");
    g_assert_cmpint (prlimit ((pid_t) g_ascii_strtoll (
                                  g_subprocess_get_identifier (terminal->process), NULL, 10),
                              RLIMIT_NOFILE, &none, NULL),
                     ==, 0);
    terminal_type (terminal, "no\n");
    terminal_expect (terminal, "[declined]");
    terminal_expect (terminal, "[failed]");
    terminal_expect (terminal, why);
    g_assert_cmpint (terminal_end (terminal), ==, 10);
    g_assert_true (terminal_echoes (terminal));
  }
  g_assert_cmpuint (count_accounts (world), ==, 2);
}

static void
test_yes_and_paper_are_not_asked (World *world, gconstpointer data)
{
  add_account (world, "ls", 0, "r", "real");
  add_account (world, "ls", 1, "p", "paper");
  {
    g_autoptr (Terminal) real = terminal_start (world, TERMINAL_ALL, "revoke", "r", "-y", NULL);
    g_autoptr (Terminal) paper = terminal_start (world, TERMINAL_ALL, "remove", "p", NULL);

    g_assert_cmpint (terminal_end (real), ==, 0);
    g_assert_cmpint (terminal_end (paper), ==, 0);
  }
  g_assert_cmpuint (test_simulator_count (world->simulator, "ls", "revoke"), ==, 2);
}

/* A script cannot be asked, so nothing is done. */
static void
test_real_account_without_terminal (World *world, gconstpointer data)
{
  add_account (world, "ls", 0, "진짜", "real");
  {
    const char *const commands[] = { "revoke", "remove" };

    for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
      {
        /* Input from a pipe is not typed. */
        g_autoptr (TestRun) ran = tool_fed (world, 10, "진짜\n", commands[i], "진짜");
        G_GNUC_UNUSED g_autoptr (TestRun) json = tool (world, 10, commands[i], "진짜", "--json");
        g_autoptr (Terminal) no_stdin
            = terminal_start (world, TERMINAL_IN_NOT, commands[i], "진짜", NULL);

        test_assert_contains (ran->err, "[declined]");
        test_assert_contains (ran->err, "-y");
        g_assert_cmpint (terminal_end (no_stdin), ==, 10);
      }
  }
  g_assert_cmpuint (test_simulator_count (world->simulator, "ls", "revoke"), ==, 0);
  g_assert_cmpuint (count_accounts (world), ==, 1);
  tool_ends (world, 0, "revoke", "진짜", "-y");
  tool_ends (world, 0, "-y", "remove", "진짜");
  g_assert_cmpuint (count_accounts (world), ==, 0);
}

static void
test_revoke_all_asks_for_real_ones (World *world, gconstpointer data)
{
  add_account (world, "ls", 0, "r", "real");
  add_account (world, "kiwoom", 0, "p", "paper");
  {
    g_autoptr (TestRun) ran = tool (world, 10, "revoke", "--all");

    test_assert_contains (ran->err, "[declined]");
  }
  g_assert_cmpuint (test_simulator_count (world->simulator, "ls", "revoke"), ==, 0);
  tool_ends (world, 0, "revoke", "--all", "-y");
  g_assert_cmpuint (test_simulator_count (world->simulator, "ls", "revoke"), ==, 1);
}

/* Others can see the screen. */
static void
test_header_is_masked (World *world, gconstpointer data)
{
  g_autofree char *appsecret = test_simulator_get_key ("kis", 0, "appsecret");
  g_autofree char *appkey = test_simulator_get_key ("kis", 0, "appkey");
  g_autofree char *token = NULL;

  add_account (world, "kis", 0, "a", "paper");
  token = stored_token (world, "a");
  {
    const char *const formats[] = { "header", "curl-config" };

    for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
      {
        g_autoptr (Terminal) masked
            = terminal_start (world, TERMINAL_ALL, "header", "a", "--format", formats[i], NULL);
        g_autoptr (Terminal) json
            = terminal_start (world, TERMINAL_IN_NOT, "header", "a", "--json", NULL);
        g_autoptr (Terminal) shown = terminal_start (world, TERMINAL_ALL, "header", "a", "--format",
                                                     formats[i], "--reveal", NULL);
        g_autoptr (Terminal) piped = terminal_start (world, TERMINAL_OUT_PIPED, "header", "a",
                                                     "--format", formats[i], NULL);
        g_autofree char *out = NULL;

        g_assert_cmpint (terminal_end (masked), ==, 0);
        test_assert_contains (masked->seen->str, "authorization");
        test_assert_lacks (masked->seen->str, token);
        test_assert_lacks (masked->seen->str, token + strlen (token) / 2);
        test_assert_lacks (masked->seen->str, appkey + 4);
        test_assert_lacks (masked->seen->str, appsecret + 4);
        g_assert_cmpint (terminal_end (json), ==, 0);
        test_assert_lacks (json->seen->str, token);
        test_assert_lacks (json->seen->str, appsecret);
        g_assert_cmpint (terminal_end (shown), ==, 0);
        test_assert_contains (shown->seen->str, token);
        test_assert_contains (shown->seen->str, appsecret);
        g_assert_cmpint (terminal_end (piped), ==, 0);
        out = terminal_piped (piped);
        test_assert_contains (out, token);
        test_assert_lacks (piped->seen->str, token);
      }
  }
}

/* The only command that says what it shows. */
static void
test_token_is_shown (World *world, gconstpointer data)
{
  g_autofree char *token = NULL;

  add_account (world, "ls", 0, "a", "paper");
  token = stored_token (world, "a");
  {
    g_autoptr (Terminal) terminal = terminal_start (world, TERMINAL_ALL, "token", "a", NULL);

    g_assert_cmpint (terminal_end (terminal), ==, 0);
    test_assert_contains (terminal->seen->str, token);
  }
}

static void
test_color (World *world, gconstpointer data)
{
  add_account (world, "ls", 0, "a", "paper");
  {
    g_autoptr (TestRun) piped = tool (world, 0, "list");
    g_autoptr (TestRun) always = tool (world, 0, "list", "--color", "always");
    g_autoptr (Terminal) never
        = terminal_start (world, TERMINAL_ALL, "list", "--color", "never", NULL);

    test_assert_lacks (piped->out, "\033");
    test_assert_contains (always->out, "\033[");
    g_assert_cmpint (terminal_end (never), ==, 0);
    test_assert_lacks (never->seen->str, "\033");
  }
  world_setenv (world, "NO_COLOR", "1");
  {
    g_autoptr (Terminal) no_color = terminal_start (world, TERMINAL_ALL, "list", NULL);

    g_assert_cmpint (terminal_end (no_color), ==, 0);
    test_assert_lacks (no_color->seen->str, "\033");
  }
  tool_ends (world, 2, "list", "--color", "sometimes");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  WORLD_TEST ("terminal/add-asks-without-echo", NULL, test_add_asks_without_echo);
  WORLD_TEST ("terminal/add-asks-while-the-output-is-piped", NULL, test_add_with_piped_output);
  WORLD_TEST ("terminal/ctrl-c-restores-the-terminal", NULL, test_ctrl_c);
  WORLD_TEST ("terminal/ctrl-c-as-soon-as-the-prompt-is-there", NULL, test_early_ctrl_c);
  WORLD_TEST ("terminal/a-signal-restores-the-terminal", NULL, test_terminated_at_prompt);
  WORLD_TEST ("terminal/ctrl-d-adds-nothing", NULL, test_ctrl_d);
  WORLD_TEST ("terminal/no-prompt-where-no-keyring-is", NULL, test_no_keyring_no_prompt);
  WORLD_TEST ("terminal/no-input-asks-nothing", NULL, test_no_input_asks_nothing);
  WORLD_TEST ("terminal/real-account-wants-its-alias-typed", NULL, test_real_account_wants_alias);
  WORLD_TEST ("terminal/alias-typed-in-parts-is-the-same", NULL, test_decomposed_answer);
  WORLD_TEST ("terminal/nothing-to-ask-with-is-an-error", NULL, test_no_descriptors_to_ask_with);
  WORLD_TEST ("terminal/ctrl-c-at-the-question-does-nothing", NULL, test_interrupted_question);
  WORLD_TEST ("terminal/yes-and-paper-accounts-are-not-asked", NULL,
              test_yes_and_paper_are_not_asked);
  WORLD_TEST ("terminal/real-account-without-a-terminal-is-refused", NULL,
              test_real_account_without_terminal);
  WORLD_TEST ("terminal/revoke-all-spares-real-ones-without-an-answer", NULL,
              test_revoke_all_asks_for_real_ones);
  WORLD_TEST ("terminal/header-is-masked", NULL, test_header_is_masked);
  WORLD_TEST ("terminal/token-is-shown", NULL, test_token_is_shown);
  WORLD_TEST ("terminal/color-only-where-wanted", NULL, test_color);
  return g_test_run ();
}
