/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Every command in every way in which it can end when all is well; and a check that no way was
 * forgotten. Trouble is in test-exit-faults.c, users are in test-exit-terminal.c. */

#include "exits.h"

static const ExitCommand *
find_command (const char *name)
{
  for (const ExitCommand *command = exit_commands; command->command != NULL; command++)
    if (g_str_equal (command->command, name))
      return command;
  return NULL;
}

static gboolean
has_row (const char *command, int status)
{
  for (guint i = 0; i < exit_n_rows; i++)
    if (g_str_equal (exit_rows[i].command, command) && exit_rows[i].status == status)
      return TRUE;
  return FALSE;
}

/* The tool itself lists its commands. */
static void
test_every_command_is_listed (World *world, gconstpointer data)
{
  g_autoptr (TestRun) ran = tool_shell (
      world, 0,
      "\"$KR_TEST_TOOL\" help | sed -n '/^Commands/,/^Options/s/^  \\([a-z]*\\)  .*/\\1/p'");
  g_auto (GStrv) commands = g_strsplit (g_strchomp (ran->out), "\n", -1);
  guint n = 0;

  for (char **command = commands; *command != NULL; command++, n++)
    if (find_command (*command) == NULL)
      test_fail ("how '%s' can end is not listed", *command);
  g_assert_cmpuint (n, >, 20);
  for (const ExitCommand *command = exit_commands; command->command != NULL; command++)
    if (!g_strv_contains ((const char *const *) commands, command->command))
      test_fail ("there is no command '%s'", command->command);
}

static void
test_every_status_has_a_row (void)
{
  for (const ExitCommand *command = exit_commands; command->command != NULL; command++)
    {
      g_auto (GStrv) statuses = g_strsplit (command->statuses, " ", -1);

      for (char **status = statuses; *status != NULL; status++)
        if (!has_row (command->command, atoi (*status)))
          test_fail ("nobody tries how '%s' ends with %s", command->command, *status);
    }
}

static void
test_every_row_is_listed (void)
{
  for (guint i = 0; i < exit_n_rows; i++)
    {
      const ExitCommand *command = find_command (exit_rows[i].command);
      g_auto (GStrv) statuses = NULL;
      g_autofree char *status = g_strdup_printf ("%d", exit_rows[i].status);

      g_assert_nonnull (command);
      statuses = g_strsplit (command->statuses, " ", -1);
      if (!g_strv_contains ((const char *const *) statuses, status))
        test_fail ("'%s' is not listed as ending with %s", command->command, status);
    }
}

static void
test_command (World *world, gconstpointer command)
{
  exits_run (world, command, EXIT_FINE, FALSE);
}

/* The test's data are not options for the simulator. */
static void
set_up_world (World *world, gconstpointer command)
{
  world_set_up (world, NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  WORLD_TEST ("exit/every-command-is-listed", NULL, test_every_command_is_listed);
  g_test_add_func ("/cli/exit/every-status-has-a-row", test_every_status_has_a_row);
  g_test_add_func ("/cli/exit/every-row-is-listed", test_every_row_is_listed);
  for (const ExitCommand *command = exit_commands; command->command != NULL; command++)
    {
      g_autofree char *path = g_strconcat ("/cli/exit/", command->command, NULL);

      g_test_add (path, World, command->command, set_up_world, test_command, world_tear_down);
    }
  return g_test_run ();
}
