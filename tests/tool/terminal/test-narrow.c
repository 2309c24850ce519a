/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A window of forty columns: the terminal wraps nothing, and columns stay aligned. */

#include "backups.h"
#include "korean.h"

#include <string.h>

#include "test-files.h"
#include "test-keyring.h"

#define COLUMNS 40

static char *
strip_paint (const char *text)
{
  g_autoptr (GRegex) paint = g_regex_new ("\033\\[[0-9;]*m", 0, 0, NULL);

  return g_regex_replace_literal (paint, text, -1, 0, "", 0, NULL);
}

/* A command's output, line by line; no line is wider than the window. */
static char **
run_narrow (World *world, const char *command, const char *argument)
{
  g_autoptr (Terminal) terminal = NULL;
  g_autofree char *plain = NULL;
  char **lines;

  world->columns = COLUMNS;
  terminal = terminal_start (world, TERMINAL_ALL, command, argument, NULL);
  if (terminal_end (terminal) != 0)
    test_fail ("%s fails: %s", command, terminal->seen->str);
  plain = strip_paint (terminal->seen->str);
  lines = g_strsplit (g_strchomp (plain), "\r\n", -1);
  for (char **line = lines; *line != NULL; line++)
    if (korean_width (*line, *line + strlen (*line)) > COLUMNS)
      test_fail ("%s %s: wider than %d columns: '%s'", command, argument != NULL ? argument : "",
                 COLUMNS, *line);
  return lines;
}

static void
add_some (World *world)
{
  add_account (world, "kis", 0, "한투-모의1", "paper");
  add_account (world, "ls", 0, "b", "real");
  add_unverified (world, "kiwoom", 0, "kiwoom-1");
}

/* The line that begins with a name and blanks, and the column in which its second cell begins. */
static guint
find_second_column (char **lines, const char *name)
{
  for (; *lines != NULL; lines++)
    if (g_str_has_prefix (*lines, name) && (*lines)[strlen (name)] == ' ')
      {
        const char *cell = *lines + strlen (name);

        cell += strspn (cell, " ");
        return korean_width (*lines, cell);
      }
  test_fail ("no line for '%s'", name);
}

static void
test_list (World *world, gconstpointer data)
{
  add_some (world);
  {
    g_auto (GStrv) lines = run_narrow (world, "list", NULL);
    guint column = find_second_column (lines, "ALIAS");

    g_assert_cmpuint (g_strv_length (lines), ==, 4);
    /* Each name is whole; the widest takes ten columns. */
    g_assert_cmpuint (column, ==, 12);
    g_assert_cmpuint (find_second_column (lines, "한투-모의1"), ==, column);
    g_assert_cmpuint (find_second_column (lines, "b"), ==, column);
    g_assert_cmpuint (find_second_column (lines, "kiwoom-1"), ==, column);
  }
}

/* A cell that does not fit ends with a sign for the missing part, and takes no room from others. */
static void
test_list_of_long_names (World *world, gconstpointer data)
{
  add_some (world);
  add_unverified (world, "ls", 1, "한국투자증권-연금저축-장기보유-계좌");
  {
    g_auto (GStrv) lines = run_narrow (world, "list", NULL);
    g_autofree char *all = g_strjoinv ("\n", lines);
    guint column = find_second_column (lines, "ALIAS");

    g_assert_cmpuint (g_strv_length (lines), ==, 5);
    g_assert_nonnull (strstr (all, "\n한국"));
    g_assert_null (strstr (all, "장기보유"));
    g_assert_cmpuint (find_second_column (lines, "한투-모의1"), ==, column);
    g_assert_cmpuint (find_second_column (lines, "b"), ==, column);
  }
}

static void
test_show (World *world, gconstpointer data)
{
  add_some (world);
  {
    g_auto (GStrv) lines = run_narrow (world, "show", "한투-모의1");
    g_autofree char *all = g_strjoinv ("\n", lines);

    test_assert_contains (all, "한투-모의1");
  }
}

static void
test_doctor (World *world, gconstpointer data)
{
  add_some (world);
  {
    g_auto (GStrv) lines = run_narrow (world, "doctor", NULL);

    g_assert_cmpuint (g_strv_length (lines), >, 10);
  }
}

/* A plan is for the user who decides: it is fitted to the terminal, wherever standard output
 * goes. */
static void
test_plan (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) folder = test_directory_new ();
  g_autoptr (Terminal) terminal = NULL;
  g_autofree char *path = NULL;
  g_auto (GStrv) lines = NULL;
  guint n_rows = 0;

  add_unverified (world, "ls", 0, "한국투자증권-연금저축-장기보유-계좌");
  path = backups_make (world, folder);
  test_keyring_clear ();
  world->columns = COLUMNS;
  terminal = terminal_start (world, TERMINAL_OUT_PIPED, "restore", path, NULL);
  backups_type (terminal, "passphrase", BACKUPS_LINE);
  terminal_expect (terminal, "[y/N]");
  terminal_type (terminal, "n\n");
  terminal_end (terminal);
  lines = g_strsplit (terminal->seen->str, "\r\n", -1);
  for (char **line = lines; *line != NULL; line++)
    if (g_str_has_prefix (*line, "ALIAS") || g_str_has_prefix (*line, "한국"))
      {
        n_rows++;
        if (korean_width (*line, *line + strlen (*line)) > COLUMNS)
          test_fail ("wider than %d columns: '%s'", COLUMNS, *line);
      }
  g_assert_cmpuint (n_rows, ==, 2);
}

/* In both languages, and no word is broken. */
static void
check_help (World *world, const char *command, const char *option)
{
  g_auto (GStrv) lines = run_narrow (world, "help", command);
  g_autofree char *all = g_strjoinv ("\n", lines);

  test_assert_contains (all, option);
  for (char **line = lines; *line != NULL; line++)
    g_assert_false (g_str_has_suffix (*line, " "));
}

static void
test_help (World *world, gconstpointer data)
{
  check_help (world, NULL, "--no-input");
  check_help (world, "token", "--min-validity");
  check_help (world, "exec", "KR_SECRET_EXPIRATION");
}

static void
test_help_in_korean (World *world, gconstpointer data)
{
  if (!korean_speak (world))
    return;
  check_help (world, NULL, "--no-input");
  check_help (world, "token", "--min-validity");
  check_help (world, "exec", "KR_SECRET_EXPIRATION");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  WORLD_TEST ("narrow/list-keeps-names-whole", NULL, test_list);
  WORLD_TEST ("narrow/list-cuts-what-does-not-fit", NULL, test_list_of_long_names);
  WORLD_TEST ("narrow/show", NULL, test_show);
  WORLD_TEST ("narrow/doctor", NULL, test_doctor);
  WORLD_TEST ("narrow/plan", NULL, test_plan);
  WORLD_TEST ("narrow/help", NULL, test_help);
  WORLD_TEST ("narrow/help-in-korean", NULL, test_help_in_korean);
  return g_test_run ();
}
