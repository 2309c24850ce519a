/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An add whose helper or application is killed at any of its system calls: the account is there
 * whole, or not at all. */
#include "killer.h"
#include "test-process.h"

#define HELPER "kr-secret-helper"
#define TOOL "kr-secret-tool"

static gboolean
is_there (World *world)
{
  g_autoptr (TestRun) ran = tool (world, ANY_STATUS, "show", VICTIM);

  g_assert_true (ran->status == 0 || ran->status == 3);
  return ran->status == 0;
}

/* The same again, as a user would do after a failure. FALSE: it has to wait for the broker's
 * interval, which is a second here. */
static gboolean
add_again (Victim *victim, int status)
{
  g_autoptr (TestRun) ran = tool_fed (victim->world, ANY_STATUS, victim->lines,
                                      ADD (victim->world, victim->broker, VICTIM));

  g_assert_cmpint (ran->took, <, 5000);
  if (ran->status != status && ran->status != 7)
    test_fail ("add ended with %d: %s", ran->status, ran->err);
  return ran->status == status;
}

static gboolean
try_add (Killer *killer, Victim *victim, const char *program, guint at)
{
  g_autoptr (TestRun) ran = NULL;
  guint accounts = count_accounts (victim->world);
  gboolean killed, there;

  test_simulator_reset (victim->world->simulator, victim->broker);
  ran = killer_run (killer, victim->world, program, at, victim->lines,
                    ADD (victim->world, victim->broker, VICTIM), NULL);
  killed = killer->control->killed;
  there = is_there (victim->world);
  if (ran->status == 0)
    g_assert_true (there);
  test_wait_until (add_again (victim, there ? 2 : 0));
  g_free (victim_ask_twice (victim));
  g_assert_cmpuint (count_accounts (victim->world), ==, accounts + 1);
  victim_remove (victim);
  return killed;
}

static void
test_helper (World *world, gconstpointer data)
{
  killer_sweep (world, "kiwoom", HELPER, 50, try_add);
}

static void
test_application (World *world, gconstpointer data)
{
  killer_sweep (world, "kiwoom", TOOL, 50, try_add);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  FAULT_TEST ("/killed-add/helper", NULL, test_helper);
  FAULT_TEST ("/killed-add/application", NULL, test_application);
  return g_test_run ();
}
