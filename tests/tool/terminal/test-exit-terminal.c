/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Every command that a user can end, by Ctrl-C or by an answer: a test for each. */

#include "exits.h"

static void
test_command (World *world, gconstpointer command)
{
  exits_run (world, command, EXIT_N_SITUATIONS, TRUE);
}

/* The test's data are not options for the simulator. */
static void
set_up_world (World *world, gconstpointer command)
{
  world_set_up (world, NULL);
}

static gboolean
has_rows (const char *command)
{
  for (guint i = 0; i < exit_n_rows; i++)
    if (g_str_equal (exit_rows[i].command, command) && exit_row_is_at_terminal (&exit_rows[i]))
      return TRUE;
  return FALSE;
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (const ExitCommand *command = exit_commands; command->command != NULL; command++)
    {
      g_autofree char *path = g_strconcat ("/cli/exit-terminal/", command->command, NULL);

      if (has_rows (command->command))
        g_test_add (path, World, command->command, set_up_world, test_command, world_tear_down);
    }
  return g_test_run ();
}
