/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A restore or a backup that is killed at any of its system calls, or whose disk fails: either all
 * accounts are back or none, and a file with the backup's name is a backup that opens. */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "backups.h"
#include "killer.h"
#include "test-files.h"
#include "test-keyring.h"
#include "backup/vault.h"

#define TOOL "kr-secret-tool"

#define N 5
#define ALIASES "saved-0", "saved-1", "saved-2", "saved-3", "saved-4"

#define RESTORE_TRIES 80
#define BACKUP_TRIES 24

static const char *const aliases[N] = { ALIASES };

/* Of the test that runs. */
static const char *home;
static const char *path;
static guint halves; /* how often only some of the accounts were in the keyring */
static guint tries;

static void
add_five (World *world)
{
  for (guint i = 0; i < N; i++)
    add_unverified (world, "ls", 100 + i, aliases[i]);
}

static void
remove_five (World *world)
{
  tool_ends (world, 0, "remove", ALIASES, "--keep-token", "-y");
}

/* The same file, cheaper to open: each try opens it twice. */
static void
make_cheap (const char *file)
{
  g_autoptr (SecretValue) passphrase = secret_value_new (BACKUPS_PASSPHRASE, -1, "text/plain");
  gsize length;
  g_autofree char *data = backups_read (file, &length);
  g_autoptr (GError) error = NULL;
  g_autoptr (SecretValue) plain = vault_open ((const guint8 *) data, length, passphrase, &error);
  g_autoptr (GBytes) bytes = NULL;

  g_assert_no_error (error);
  bytes = vault_seal (plain, passphrase, &vault_cost_least, &error);
  g_assert_no_error (error);
  test_file_write (file, g_bytes_get_data (bytes, NULL), (gssize) g_bytes_get_size (bytes), 0600);
}

/* The first check after the end is how many there are. */
static gboolean
try_restore (Killer *killer, Victim *victim, const char *program, guint at)
{
  World *world = victim->world;
  guint accounts = count_accounts (world);
  g_autoptr (TestRun) ran
      = killer_run (killer, world, program, at, BACKUPS_LINE, "restore", path, NULL);
  guint listed = count_accounts (world);
  gboolean killed = killer->control->killed;

  g_assert_cmpint (ran->status, ==, killed ? 128 + 9 : 0);
  if (listed != accounts + N)
    g_assert_cmpuint (listed, ==, accounts);
  if (!killed)
    g_assert_cmpuint (listed, ==, accounts + N);
  tries++;
  halves += test_keyring_count (NULL, "krsecret-account") > listed;

  test_run_free (backups_restore (world, 0, path));
  g_assert_cmpuint (count_accounts (world), ==, accounts + N);
  g_assert_cmpuint (test_keyring_count (NULL, "krsecret-account"), ==, accounts + N);
  if (listed == accounts)
    g_assert_cmpuint (test_keyring_count (NULL, "krsecret-batch"), ==, 0);
  remove_five (world); /* which fails if one is not there */
  return killed;
}

static void
test_restore (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) folder = test_directory_new ();
  g_autofree char *file = NULL;

  add_five (world);
  path = file = backups_make (world, folder);
  make_cheap (file);
  remove_five (world);
  tries = halves = 0;
  killer_sweep (world, "ls", TOOL, RESTORE_TRIES, try_restore);
  g_test_message ("%u times of %u there was a part", halves, tries);
  /* The points that matter have to be among those tried. */
  if (tries > 0)
    g_assert_cmpuint (halves, >, 0);
}

static gboolean
try_backup (Killer *killer, Victim *victim, const char *program, guint at)
{
  g_autofree char *file = backups_path (home, "a.backup");
  g_autoptr (TestRun) ran
      = killer_run (killer, victim->world, program, at, BACKUPS_LINE, "backup", file, NULL);
  gboolean killed = killer->control->killed;
  guint n = backups_count_files (home);

  g_assert_cmpint (ran->status, ==, killed ? 128 + 9 : 0);
  g_assert_cmpuint (n, <=, 1);
  g_assert_true (killed || n == 1);
  if (n == 1)
    {
      /* It has the right name, and it is whole. */
      test_run_free (backups_restore (victim->world, 0, file));
      g_assert_cmpint (remove (file), ==, 0);
    }
  return killed;
}

static gboolean
has_nameless_files (void)
{
  int fd = open (home, O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);

  if (fd >= 0)
    close (fd);
  return fd >= 0;
}

static void
test_backup (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) folder = test_directory_new ();

  home = folder;
  if (!has_nameless_files ())
    {
      g_test_skip ("this file system has no files without a name");
      return;
    }
  add_five (world);
  killer_sweep (world, "ls", TOOL, BACKUP_TRIES, try_backup);
}

/* A disk below the folder that fails as fault says. */
static TestRun *
back_up_on (World *world, const char *folder, const char *fault, int status)
{
  g_autoptr (TestDirectory) orders = test_directory_new ();
  g_autofree char *order = backups_path (orders, "order");
  g_autofree char *file = backups_path (folder, "a.backup");
  g_autofree char *disk = g_strdup_printf ("%s:%s", order, folder);
  TestRun *ran;

  test_file_write (order, fault, -1, 0600);
  world_setenv (world, "KR_TEST_DISK", disk);
  world_setenv (world, "LD_PRELOAD", g_getenv ("KR_TEST_FAILING_DISK"));
  ran = backups_save (world, status, file);
  world_unsetenv (world, "LD_PRELOAD");
  return ran;
}

/* It then has another name until everything is done. */
static void
test_no_nameless_files (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) folder = test_directory_new ();
  g_autofree char *file = backups_path (folder, "a.backup");

  add_five (world);
  test_run_free (back_up_on (world, folder, "tmpfile 95", 0));
  g_assert_cmpuint (backups_count_files (folder), ==, 1);
  test_run_free (backups_restore (world, 0, file));
  test_run_free (back_up_on (world, folder, "tmpfile 95", 2));
  g_assert_cmpuint (backups_count_files (folder), ==, 1);
}

static void
test_disk_that_fails (World *world, gconstpointer data)
{
  static const char *const faults[] = { "write 28", "fsync 5", "read 5" };

  add_five (world);
  for (guint i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      g_autoptr (TestDirectory) folder = test_directory_new ();

      g_test_message ("%s", faults[i]);
      test_run_free (back_up_on (world, folder, faults[i], 1));
      g_assert_cmpuint (backups_count_files (folder), ==, 0);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  FAULT_TEST ("/killed-vault/restore", NULL, test_restore);
  FAULT_TEST ("/killed-vault/backup", NULL, test_backup);
  FAULT_TEST ("/killed-vault/no-nameless-files", NULL, test_no_nameless_files);
  FAULT_TEST ("/killed-vault/disk-that-fails", NULL, test_disk_that_fails);
  return g_test_run ();
}
