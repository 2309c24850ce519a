/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The moving line while the user waits. */

#include "terminal.h"

#include <string.h>
#include <unistd.h>

#include "test-process.h"

#define ERASE "\r\033[K"
#define TEXT "waiting for a token of"

static void
make_slow (World *world)
{
  add_unverified (world, "ls", 0, "a");
  test_simulator_set (world->simulator, "ls", "'latency_ms':1500");
}

/* The final screen, with lines that were overwritten. */
static char *
get_screen (Terminal *terminal)
{
  g_auto (GStrv) lines = g_strsplit (terminal->seen->str, "\n", -1);
  GString *screen = g_string_new (NULL);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      const char *last = g_strrstr (lines[i], ERASE);

      g_string_append_printf (screen, "%s\n", last != NULL ? last + strlen (ERASE) : lines[i]);
    }
  return g_string_free (screen, FALSE);
}

static void
test_shown_and_erased (World *world, gconstpointer data)
{
  make_slow (world);
  {
    g_autoptr (Terminal) terminal = terminal_start (world, TERMINAL_ALL, "token", "a", NULL);
    g_autofree char *screen = NULL;
    g_autofree char *token = NULL;

    terminal_expect (terminal, TEXT " 'a'");
    g_assert_cmpint (terminal_end (terminal), ==, 0);
    screen = get_screen (terminal);
    token = stored_token (world, "a");
    test_assert_lacks (screen, TEXT);
    test_assert_contains (screen, token);
    /* It moved: more than one frame, and each was erased. */
    g_assert_nonnull (strstr (strstr (terminal->seen->str, TEXT) + 1, TEXT));
  }
}

static void
test_nothing_of_it_in_the_output (World *world, gconstpointer data)
{
  make_slow (world);
  {
    g_autoptr (Terminal) terminal = terminal_start (world, TERMINAL_OUT_PIPED, "token", "a", NULL);
    g_autofree char *out = NULL;
    g_autofree char *token = NULL;

    terminal_expect (terminal, TEXT);
    g_assert_cmpint (terminal_end (terminal), ==, 0);
    g_assert_true (g_str_has_suffix (terminal->seen->str, ERASE));
    out = g_strchomp (terminal_piped (terminal));
    token = stored_token (world, "a");
    g_assert_cmpstr (out, ==, token);
  }
}

static void
test_erased_before_an_error (World *world, gconstpointer data)
{
  make_slow (world);
  test_simulator_fault (world->simulator, "ls", "'fault':'refuse-key'");
  {
    g_autoptr (Terminal) terminal = terminal_start (world, TERMINAL_ALL, "token", "a", NULL);
    g_autofree char *screen = NULL;

    terminal_expect (terminal, TEXT);
    g_assert_cmpint (terminal_end (terminal), ==, 4);
    screen = get_screen (terminal);
    test_assert_lacks (screen, TEXT);
    g_assert_true (g_str_has_prefix (screen, "kr-secret-tool: "));
  }
}

/* Also while waiting for another program instead of a broker. */
static void
test_waiting_for_a_lock (World *world, gconstpointer data)
{
  const char *const commands[][3]
      = { { "rename", "a", "b" }, { "edit", "a", "--endpoint=" }, { "token", "a" } };
  int held;

  add_unverified (world, "ls", 0, "a");
  held = hold_lock (world, "a");
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      g_autoptr (Terminal) terminal
          = terminal_start (world, TERMINAL_ALL, "--timeout", "2", commands[i][0], commands[i][1],
                            commands[i][2], NULL);
      g_autofree char *screen = NULL;

      terminal_expect (terminal, "'a'");
      g_assert_cmpint (terminal_end (terminal), ==, 9);
      g_assert_nonnull (strstr (terminal->seen->str, ERASE));
      screen = get_screen (terminal);
      test_assert_contains (screen, "[deadline]");
    }
  close (held);
}

/* A fast command shows nothing. On a machine too busy to be that fast, another try. */
static void
test_nothing_below_half_a_second (World *world, gconstpointer data)
{
  gboolean fast = FALSE;

  add_account (world, "ls", 0, "a", "paper");
  for (guint i = 0; i < 50 && !fast; i++)
    {
      gint64 started = g_get_monotonic_time ();
      g_autoptr (Terminal) terminal = terminal_start (world, TERMINAL_ALL, "token", "a", NULL);

      g_assert_cmpint (terminal_end (terminal), ==, 0);
      fast = g_get_monotonic_time () - started < G_USEC_PER_SEC / 2;
      if (fast)
        test_assert_lacks (terminal->seen->str, TEXT);
    }
  if (!fast)
    g_test_skip ("nothing is done within half a second here");
}

static void
check_silent (World *world, TerminalKind kind, const char *option)
{
  g_autoptr (Terminal) terminal = terminal_start (world, kind, "refresh", "a", option, NULL);

  g_assert_cmpint (terminal_end (terminal), ==, 0);
  test_assert_lacks (terminal->seen->str, "waiting");
  test_assert_lacks (terminal->seen->str, ERASE);
}

static void
test_quiet (World *world, gconstpointer data)
{
  make_slow (world);
  check_silent (world, TERMINAL_ALL, "-q");
}

static void
test_dumb_terminal (World *world, gconstpointer data)
{
  make_slow (world);
  world_setenv (world, "TERM", "dumb");
  check_silent (world, TERMINAL_ALL, NULL);
}

static void
test_no_terminal (World *world, gconstpointer data)
{
  make_slow (world);
  {
    g_autoptr (TestRun) ran = tool (world, 0, "token", "a");

    g_assert_cmpint (ran->took, >=, 1000);
    g_assert_cmpstr (ran->err, ==, "");
  }
}

/* Without input from the terminal, only a user who sees the errors needs the line: it is shown. */
static void
test_input_from_elsewhere (World *world, gconstpointer data)
{
  make_slow (world);
  {
    g_autoptr (Terminal) terminal = terminal_start (world, TERMINAL_IN_NOT, "token", "a", NULL);

    terminal_expect (terminal, TEXT);
    g_assert_cmpint (terminal_end (terminal), ==, 0);
  }
}

/* The width of the longest line in columns. */
static guint
get_width (const char *text)
{
  guint width = 0, widest = 0;

  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (g_str_has_prefix (p, "\033[K"))
        p += strlen ("\033[K") - 1;
      else if (c == '\r' || c == '\n')
        width = 0;
      else
        width += g_unichar_iswide (c) ? 2 : 1;
      widest = MAX (widest, width);
    }
  return widest;
}

static void
check_width (World *world, const char *alias, guint n, guint columns)
{
  add_unverified (world, "ls", n, alias);
  world->columns = columns;
  {
    g_autoptr (Terminal) terminal
        = terminal_start (world, TERMINAL_OUT_PIPED, "token", alias, NULL);

    terminal_expect (terminal, "…");
    g_assert_cmpint (terminal_end (terminal), ==, 0);
    g_assert_cmpuint (get_width (terminal->seen->str), <, columns);
  }
}

/* A wrapped line could not be overwritten. */
static void
test_narrow_window (World *world, gconstpointer data)
{
  test_simulator_set (world->simulator, "ls", "'latency_ms':1500");
  check_width (world, "an-alias-that-takes-most-of-a-line-of-a-window", 0, 40);
  check_width (world, "한글은-두-칸을-차지하므로-더-빨리-찬다-그래도-맞아야-한다", 1, 40);
  check_width (world, "short", 2, 12);
  check_width (world, "shorter", 3, 5);
}

static void
test_plain_letters_in_a_plain_locale (World *world, gconstpointer data)
{
  make_slow (world);
  world_setenv (world, "LC_ALL", "C");
  {
    g_autoptr (Terminal) terminal = terminal_start (world, TERMINAL_OUT_PIPED, "token", "a", NULL);

    terminal_expect (terminal, TEXT);
    g_assert_cmpint (terminal_end (terminal), ==, 0);
    for (const char *p = terminal->seen->str; *p != '\0'; p++)
      g_assert_cmpint ((guchar) *p, <, 0x80);
  }
}

static void
test_ctrl_c (World *world, gconstpointer data)
{
  make_slow (world);
  {
    g_autoptr (Terminal) terminal = terminal_start (world, TERMINAL_ALL, "token", "a", NULL);

    terminal_expect (terminal, TEXT);
    terminal_type (terminal, "\003");
    g_assert_cmpint (terminal_end (terminal), ==, 130);
  }
  /* The helper finishes the issue: no token was issued in vain. */
  {
    g_autofree char *token = NULL;

    test_wait_until ((token = stored_token (world, "a")) != NULL);
  }
  g_assert_cmpuint (test_simulator_count (world->simulator, "ls", "issue"), ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  WORLD_TEST ("progress/shown-and-erased", NULL, test_shown_and_erased);
  WORLD_TEST ("progress/nothing-of-it-in-the-output", NULL, test_nothing_of_it_in_the_output);
  WORLD_TEST ("progress/erased-before-an-error", NULL, test_erased_before_an_error);
  WORLD_TEST ("progress/waiting-for-a-lock", NULL, test_waiting_for_a_lock);
  WORLD_TEST ("progress/nothing-below-half-a-second", NULL, test_nothing_below_half_a_second);
  WORLD_TEST ("progress/quiet", NULL, test_quiet);
  WORLD_TEST ("progress/dumb-terminal", NULL, test_dumb_terminal);
  WORLD_TEST ("progress/no-terminal", NULL, test_no_terminal);
  WORLD_TEST ("progress/input-from-elsewhere", NULL, test_input_from_elsewhere);
  WORLD_TEST ("progress/narrow-window", NULL, test_narrow_window);
  WORLD_TEST ("progress/plain-letters-in-a-plain-locale", NULL,
              test_plain_letters_in_a_plain_locale);
  WORLD_TEST ("progress/ctrl-c", NULL, test_ctrl_c);
  return g_test_run ();
}
