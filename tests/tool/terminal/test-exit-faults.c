/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Every command in every way in which it can end when something is wrong: a test for each kind of
 * trouble. */

#include "exits.h"

static void
test_situation (World *world, gconstpointer situation)
{
  exits_run (world, NULL, (ExitSituation) GPOINTER_TO_INT (situation), FALSE);
}

/* The test's data are not options for the simulator. */
static void
set_up_world (World *world, gconstpointer situation)
{
  world_set_up (world, NULL);
}

int
main (int argc, char **argv)
{
  static const char *const names[EXIT_N_SITUATIONS] = {
    [EXIT_LOCKED] = "locked",     [EXIT_NO_BUS] = "no-bus",         [EXIT_STOPPED] = "stopped",
    [EXIT_REFUSED] = "refused",   [EXIT_LIMITED] = "limited",       [EXIT_GONE] = "gone",
    [EXIT_NONSENSE] = "nonsense", [EXIT_NO_PLUGIN] = "no-plugin",   [EXIT_UNSAFE] = "unsafe",
    [EXIT_DAMAGED] = "damaged",   [EXIT_BAD_PLUGIN] = "bad-plugin", [EXIT_EMPTY] = "empty",
  };

  g_test_init (&argc, &argv, NULL);
  for (int i = 0; i < EXIT_N_SITUATIONS; i++)
    if (names[i] != NULL)
      {
        g_autofree char *path = g_strconcat ("/cli/exit-faults/", names[i], NULL);

        g_test_add (path, World, GINT_TO_POINTER (i), set_up_world, test_situation,
                    world_tear_down);
      }
  return g_test_run ();
}
