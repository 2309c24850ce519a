/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The keyring's daemon is killed at any of its system calls while a token is issued and stored. */
#include "killer.h"

/* A token that could be handed out, but not stored, is a good one. */
static void
check_printed (Victim *victim, TestRun *ran)
{
  if (ran->status == 0)
    g_assert_true (victim_takes (victim, g_strchomp (ran->out)));
  else
    g_assert_cmpstr (ran->out, ==, "");
}

static gboolean
try_issue (Killer *killer, Victim *victim, const char *program, guint at)
{
  g_autoptr (TestRun) ran = NULL;
  gboolean killed;

  victim_add (victim);
  killer_aim (killer, at);
  ran = tool (victim->world, ANY_STATUS, "token", VICTIM, "--timeout", "8");
  killed = killer_settle (killer);
  check_printed (victim, ran);
  g_free (victim_ask_twice (victim));
  victim_check_issues (victim);
  victim_remove (victim);
  return killed;
}

static void
test_kis (World *world, gconstpointer data)
{
  killer_sweep (world, "kis", NULL, 60, try_issue);
}

static void
test_ls (World *world, gconstpointer data)
{
  killer_sweep (world, "ls", NULL, 60, try_issue);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  FAULT_TEST ("/killed-daemon/kis", NULL, test_kis);
  FAULT_TEST ("/killed-daemon/ls", NULL, test_ls);
  return g_test_run ();
}
