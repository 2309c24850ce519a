/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An issue whose helper or application is killed at any of its system calls. */
#include "killer.h"

#define HELPER "kr-secret-helper"
#define TOOL "kr-secret-tool"

/* If the application printed a token before it was killed, it is the current one. */
static void
check_printed (TestRun *ran, const char *token)
{
  if (ran->status == 0 || *ran->out != '\0')
    g_assert_cmpstr (g_strchomp (ran->out), ==, token);
}

/* The helper goes on without the application, and stores what it gets. */
static void
check_helper_went_on (Victim *victim)
{
  guint issues = test_simulator_count (victim->world->simulator, victim->broker, "issue");
  g_autofree char *stored = stored_token (victim->world, VICTIM);

  if (issues == 0)
    g_assert_null (stored);
  else
    g_assert_nonnull (stored);
}

static gboolean
try_issue (Killer *killer, Victim *victim, const char *program, guint at)
{
  g_autoptr (TestRun) ran = NULL;
  g_autofree char *token = NULL;
  gboolean killed;

  victim_add (victim);
  ran = killer_run (killer, victim->world, program, at, NULL, "token", VICTIM, NULL);
  killed = killer->control->killed;
  if (killed && g_str_equal (program, TOOL))
    check_helper_went_on (victim);
  token = victim_ask_twice (victim);
  check_printed (ran, token);
  victim_check_issues (victim);
  victim_remove (victim);
  return killed;
}

static void
test_helper_kis (World *world, gconstpointer data)
{
  killer_sweep (world, "kis", HELPER, 100, try_issue);
}

static void
test_helper_ls (World *world, gconstpointer data)
{
  killer_sweep (world, "ls", HELPER, 40, try_issue);
}

static void
test_application (World *world, gconstpointer data)
{
  killer_sweep (world, "kis", TOOL, 60, try_issue);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  FAULT_TEST ("/killed-issue/helper-kis", NULL, test_helper_kis);
  FAULT_TEST ("/killed-issue/helper-ls", NULL, test_helper_ls);
  FAULT_TEST ("/killed-issue/application", NULL, test_application);
  return g_test_run ();
}
