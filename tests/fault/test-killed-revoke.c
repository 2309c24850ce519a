/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A revoke whose helper is killed at any of its system calls: once the broker has seen the request,
 * the token is never handed out, and the next command finishes the revoke. */
#include "killer.h"
#include "test-keyring.h"

#define HELPER "kr-secret-helper"

/* The next command is a revoke as well. */
static void
finish_with_revoke (Victim *victim, const char *old)
{
  g_autofree char *id = victim_get_id (victim->world, VICTIM);

  tool_ends (victim->world, 0, "revoke", VICTIM);
  g_assert_false (victim_takes (victim, old));
  g_assert_cmpuint (test_keyring_count (id, "krsecret-token"), ==, 0);
}

/* Asks for a token. If nothing was begun it is the old one; else it is a new one, and the old one
 * is dead. It may have to wait for the broker's minute, and then for both. */
static void
finish_with_token (Victim *victim, const char *old, gboolean seen)
{
  g_autofree char *token = victim_ask (victim);

  if (seen)
    g_assert_cmpstr (token, !=, old);
  if (token != NULL && g_strcmp0 (token, old) != 0)
    g_assert_false (victim_takes (victim, old));
}

static gboolean
try_revoke (Killer *killer, Victim *victim, const char *program, guint at)
{
  g_autoptr (TestRun) ran = NULL;
  g_autofree char *old = NULL;
  g_autofree char *stored = NULL;
  gboolean killed, seen;

  victim_add (victim);
  old = victim_ask (victim);
  ran = killer_run (killer, victim->world, program, at, NULL, "revoke", VICTIM, NULL);
  killed = killer->control->killed;
  seen = test_simulator_count (victim->world->simulator, victim->broker, "revoke") > 0;
  stored = stored_token (victim->world, VICTIM);
  if (ran->status == 0)
    g_assert_true (seen);
  if (seen)
    g_assert_null (stored);
  else if (stored != NULL)
    g_assert_cmpstr (stored, ==, old);
  /* Takes turns. */
  if (at % 2 == 0)
    finish_with_revoke (victim, old);
  else
    finish_with_token (victim, old, seen);
  victim_remove (victim);
  return killed;
}

static void
test_kis (World *world, gconstpointer data)
{
  killer_sweep (world, "kis", HELPER, 40, try_revoke);
}

static void
test_kiwoom (World *world, gconstpointer data)
{
  killer_sweep (world, "kiwoom", HELPER, 60, try_revoke);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  FAULT_TEST ("/killed-revoke/kis", NULL, test_kis);
  FAULT_TEST ("/killed-revoke/kiwoom", NULL, test_kiwoom);
  return g_test_run ();
}
