/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Several accounts are added at once while the program, or the keyring's daemon, is killed at any
 * of its system calls: either all of them are there or none. Leftovers of a part are in no one's
 * way, and disappear with the next account. */
#include "killer.h"
#include "test-keyring.h"

#define PROGRAM "add-all"
#define N 5
#define N_TEXT "5"

#define TRIES 70
#define DAEMON_TRIES 30

/* How often there were leftovers to clear away. */
static guint halves;
static guint tries;

/* Ledgers of accounts that exist or were meant to. */
static guint
count_ledgers (World *world)
{
  g_autofree char *path
      = g_build_filename (g_environ_getenv (world->env, "XDG_STATE_HOME"), "krsecret", NULL);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;
  guint n = 0;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    n += g_uuid_string_is_valid (name);
  return n;
}

/* How many accounts of the batch a list shows. */
static guint
count_batch (World *world)
{
  guint n = 0;

  for (guint i = 0; i < N; i++)
    {
      g_autofree char *alias = g_strdup_printf ("batch-%u", i);
      g_autoptr (TestRun) ran = tool (world, ANY_STATUS, "show", alias);

      g_assert_true (ran->status == 0 || ran->status == 3);
      n += ran->status == 0;
    }
  return n;
}

static void
remove_batch (World *world)
{
  tool_ends (world, 0, "remove", "batch-0", "batch-1", "batch-2", "batch-3", "batch-4",
             "--keep-token", "-y");
}

/* @status: the program's exit status; 0: it was not killed, and reported success. */
static void
check (Victim *victim, int status, guint accounts, guint ledgers)
{
  World *world = victim->world;
  guint listed = count_accounts (world);

  g_assert_true (listed == accounts || listed == accounts + N);
  g_assert_cmpuint (count_batch (world), ==, listed - accounts);
  if (status == 0)
    g_assert_cmpuint (listed, ==, accounts + N);
  tries++;
  halves += test_keyring_count (NULL, "krsecret-account") > listed;
  /* The next account, which has no use for the leftovers. */
  victim_add (victim);
  g_assert_cmpuint (test_keyring_count (NULL, "krsecret-batch"), ==, 0);
  g_assert_cmpuint (test_keyring_count (NULL, "krsecret-account"), ==, listed + 1);
  g_assert_cmpuint (count_accounts (world), ==, listed + 1);
  g_assert_cmpuint (count_ledgers (world), ==, ledgers + 1 + listed - accounts);
  victim_remove (victim);
  if (listed > accounts)
    remove_batch (world);
  g_assert_cmpuint (count_ledgers (world), ==, ledgers);
}

static gboolean
try_program (Killer *killer, Victim *victim, const char *program, guint at)
{
  guint accounts = count_accounts (victim->world), ledgers = count_ledgers (victim->world);
  g_autoptr (TestRun) ran
      = killer_run_other (killer, victim->world, at, g_getenv ("KR_TEST_ADD_ALL"), N_TEXT, NULL);
  gboolean killed = killer->control->killed;

  g_assert_cmpint (ran->status, ==, killed ? 128 + 9 : 0);
  check (victim, ran->status, accounts, ledgers);
  return killed;
}

static gboolean
try_daemon (Killer *killer, Victim *victim, const char *program, guint at)
{
  guint accounts = count_accounts (victim->world), ledgers = count_ledgers (victim->world);
  const char *const argv[] = { g_getenv ("KR_TEST_ADD_ALL"), N_TEXT, NULL };
  g_autoptr (TestRun) ran = NULL;
  gboolean killed;

  killer_aim (killer, at);
  ran = test_run (victim->world->env, argv, NULL, -1);
  killed = killer_settle (killer);
  check (victim, ran->status, accounts, ledgers);
  return killed;
}

/* The points that matter have to be among those tried. */
static void
sweep (World *world, const char *program, guint n, KillTry try)
{
  tries = halves = 0;
  killer_sweep (world, "ls", program, n, try);
  g_test_message ("%u times of %u there was a part", halves, tries);
  if (tries > 0)
    g_assert_cmpuint (halves, >, 0);
}

static void
test_program (World *world, gconstpointer data)
{
  sweep (world, PROGRAM, TRIES, try_program);
}

static void
test_daemon (World *world, gconstpointer data)
{
  sweep (world, NULL, DAEMON_TRIES, try_daemon);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  FAULT_TEST ("/killed-batch/program", NULL, test_program);
  FAULT_TEST ("/killed-batch/daemon", NULL, test_daemon);
  return g_test_run ();
}
