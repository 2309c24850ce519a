/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "exits.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "exit-world.h"
#include "test-process.h"

/* Runs the rows, and checks the results. */

gboolean
exit_row_is_at_terminal (const ExitRow *row)
{
  return row->steps[0].answer != NULL;
}

static gboolean
is_wanted (const ExitRow *row, const char *command, ExitSituation situation, gboolean at_terminal)
{
  return (command == NULL || g_str_equal (row->command, command))
         && (situation == EXIT_N_SITUATIONS || row->situation == situation)
         && exit_row_is_at_terminal (row) == at_terminal;
}

static char *
read_file (ExitWorld *self, guint row, const char *what)
{
  g_autofree char *name = g_strdup_printf ("%u.%s", row, what);
  g_autofree char *path = g_build_filename (self->directory, name, NULL);
  g_autoptr (GError) error = NULL;
  char *text;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  return text;
}

/* The error's words, which scripts use as they use the numbers. */
static const char *
get_word (const ExitRow *row)
{
  static const char *const words[]
      = { NULL,       "failed",     "usage",        "not-found",   "refused",
          "locked",   "no-keyring", "rate-limited", "unreachable", "deadline",
          "declined", "plugin",     "damaged",      "bad-reply" };

  if (row->word != NULL)
    return row->word;
  if (row->status == 130)
    return "interrupted";
  return row->status < (int) G_N_ELEMENTS (words) ? words[row->status] : NULL;
}

/* Other members that the document of a failure may have. */
static const char *
get_other_members (const char *command)
{
  if (g_str_equal (command, "revoke") || g_str_equal (command, "forget")
      || g_str_equal (command, "remove"))
    return "results";
  if (g_str_equal (command, "import"))
    return "accounts shredded caches caches_removed";
  if (g_str_equal (command, "restore"))
    return "accounts";
  if (g_str_equal (command, "doctor"))
    return "checks ok warning_count failure_count";
  return "";
}

/* What happened, why, what to do. */
static void
check_text (const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  guint n = g_strv_length (lines);

  while (n > 0 && *lines[n - 1] == '\0')
    n--;
  g_assert_cmpuint (n, >=, 3);
  test_assert_contains (lines[n - 3], "kr-secret-tool: ");
  g_assert_true (g_str_has_prefix (lines[n - 2], "  "));
  g_assert_true (g_str_has_prefix (lines[n - 1], "  "));
}

static void
check_row (const ExitRow *row, const char *script, TestRun *ran)
{
  const char *word = get_word (row);
  gboolean is_programs
      = row->status == 7 && row->word == NULL
        && (g_str_equal (row->command, "exec") || g_str_equal (row->command, "session"));

  if (ran->status != row->status)
    test_fail ("%d instead of %d in situation %d: %s\n%s%s", ran->status, row->status,
               row->situation, script, ran->out, ran->err);
  if (row->status == 0 || is_programs)
    return;
  g_assert_nonnull (word);
  if (strstr (script, ">/dev/full") != NULL)
    test_assert_contains (ran->err, "[failed]");
  else if (strstr (script, "--json") != NULL)
    {
      json_object_unref (failure_beside_at (script, ran, word, get_other_members (row->command)));
      check_text (ran->err);
    }
}

static char *
get_script (const ExitRow *row)
{
  gboolean limited
      = row->situation == EXIT_STOPPED || (g_str_equal (row->command, "wait") && row->status == 9);

  if (row->script[0] == ' ')
    return g_strdup (row->script + 1);
  return g_strdup_printf ("%s\"$T\" --json%s %s %s", exit_row_is_at_terminal (row) ? "exec " : "",
                          limited && !exit_row_is_at_terminal (row) ? " --timeout 1" : "",
                          row->command, row->script);
}

static void
run_row (ExitWorld *self, const ExitRow *row)
{
  g_autofree char *script = get_script (row);
  g_autoptr (TestRun) ran = NULL;

  exit_world_begin (self, row->situation);
  ran = tool_shell (self->world, ANY_STATUS, script);
  exit_world_end (self, row->situation);
  check_row (row, script, ran);
}

static void
do_step (World *world, Terminal *terminal, const ExitStep *step, guint requests)
{
  if (step->prompt != NULL)
    terminal_expect (terminal, step->prompt);
  else
    test_wait_until (test_simulator_count (world->simulator, "ls", "connections") > requests);
  if (step->hidden)
    terminal_wait_for_no_echo (terminal);
  terminal_type (terminal, step->answer);
}

/* Ctrl-C at a question is an answer, and is reported to users and programs. Otherwise it ends the
 * tool like any other program. */
static void
run_at_terminal (ExitWorld *self, const ExitRow *row)
{
  World *world = self->world;
  g_autofree char *script = get_script (row);
  g_autoptr (Terminal) terminal = NULL;
  TestRun ran = { 0 };
  g_autofree char *out = NULL;
  guint requests = test_simulator_count (world->simulator, "ls", "connections");

  exit_world_begin (self, row->situation);
  terminal = terminal_start_program (world, TERMINAL_OUT_PIPED, "sh", "-c", script, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (row->steps) && row->steps[i].answer != NULL; i++)
    do_step (world, terminal, &row->steps[i], requests);
  ran.status = terminal_end (terminal);
  exit_world_end (self, row->situation);
  ran.out = out = terminal_piped (terminal);
  ran.err = terminal->seen->str;
  g_assert_true (terminal_echoes (terminal));
  if (row->situation == EXIT_MUTE || strstr (script, "--json") == NULL)
    {
      if (ran.status != row->status)
        test_fail ("%d instead of %d: %s\n%s", ran.status, row->status, script, ran.err);
      g_assert_true (g_subprocess_get_if_signaled (terminal->process));
      g_assert_cmpint (g_subprocess_get_term_sig (terminal->process), ==, SIGINT);
      g_assert_cmpstr (ran.out, ==, "");
      return;
    }
  check_row (row, script, &ran);
}

/* Each of them waits for its deadline, so all run together. */
static void
run_stopped (ExitWorld *self, const char *command)
{
  g_autoptr (GString) all = g_string_new (NULL);

  for (guint i = 0; i < exit_n_rows; i++)
    if (is_wanted (&exit_rows[i], command, EXIT_STOPPED, FALSE))
      {
        g_autofree char *script = get_script (&exit_rows[i]);
        g_string_append_printf (
            all, "{ ( %s ) >\"$D/%u.out\" 2>\"$D/%u.err\"; echo $? >\"$D/%u.status\"; } &\n",
            script, i, i, i);
      }
  g_string_append (all, "wait\n");
  exit_world_begin (self, EXIT_STOPPED);
  test_run_free (tool_shell (self->world, ANY_STATUS, all->str));
  exit_world_end (self, EXIT_STOPPED);
  for (guint i = 0; i < exit_n_rows; i++)
    if (is_wanted (&exit_rows[i], command, EXIT_STOPPED, FALSE))
      {
        g_autofree char *script = get_script (&exit_rows[i]);
        g_autofree char *out = read_file (self, i, "out");
        g_autofree char *err = read_file (self, i, "err");
        g_autofree char *status = read_file (self, i, "status");
        TestRun ran = { .status = atoi (status), .out = out, .err = err };

        check_row (&exit_rows[i], script, &ran);
      }
}

/* A command that fails before it begins leaves everything as it was. */
static gboolean
leaves_traces (const ExitRow *row)
{
  return row->status == 0 || exit_row_is_at_terminal (row) || row->script[0] == ' '
         || strstr (row->script, ">/dev/full") != NULL
         || (row->situation != EXIT_FINE && row->situation != EXIT_NO_BUS
             && row->situation != EXIT_UNSAFE && row->situation != EXIT_NO_PLUGIN
             && row->situation != EXIT_BAD_PLUGIN);
}

void
exits_run (World *world, const char *command, ExitSituation situation, gboolean at_terminal)
{
  ExitWorld self = { NULL };
  gboolean with_backup = FALSE;

  for (guint i = 0; i < exit_n_rows; i++)
    with_backup |= is_wanted (&exit_rows[i], command, situation, at_terminal)
                   && strstr (exit_rows[i].script, "old.backup") != NULL;
  exit_world_set_up (&self, world, with_backup);
  if (situation == EXIT_STOPPED)
    run_stopped (&self, command);
  else
    for (guint i = 0; i < exit_n_rows; i++)
      {
        const ExitRow *row = &exit_rows[i];

        if (!is_wanted (row, command, situation, at_terminal))
          continue;
        if (at_terminal)
          run_at_terminal (&self, row);
        else
          run_row (&self, row);
        if (leaves_traces (row))
          exit_world_renew (&self, row->situation);
      }
  exit_world_tear_down (&self);
}
