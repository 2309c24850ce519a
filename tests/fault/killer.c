/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "killer.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "daemon.h"
#include "test-files.h"
#include "test-keyring.h"
#include "test-process.h"

static void killer_free (Killer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Killer, killer_free)

static void
reset (Killer *self, gboolean on, guint at)
{
  *self->control = (KillAt){ .on = on, .at = (gint) at };
}

static TestRun *
run (Killer *self, char **env, const char *input, GPtrArray *command)
{
  TestRun *ran = test_run (env, (const char *const *) command->pdata, input, -1);

  if (self->control->error != 0 && self->control->error != EPERM)
    test_fail ("kill-at: %s", g_strerror (self->control->error));
  return ran;
}

static GPtrArray *
command_new (Killer *self, const char *program)
{
  GPtrArray *command = g_ptr_array_new ();

  g_ptr_array_add (command, (gpointer) g_getenv ("KR_TEST_KILL_AT"));
  g_ptr_array_add (command, self->path);
  g_ptr_array_add (command, (gpointer) program);
  return command;
}

/* A container may forbid tracing; the test must not count as passed then. */
static gboolean
can_trace (Killer *self)
{
  g_autoptr (GPtrArray) command = command_new (self, "kr-secret-tool");
  g_autoptr (TestRun) ran = NULL;

  g_ptr_array_add (command, (gpointer) g_getenv ("KR_TEST_TOOL"));
  g_ptr_array_add (command, (gpointer) "version");
  g_ptr_array_add (command, NULL);
  reset (self, TRUE, 0);
  ran = run (self, NULL, NULL, command);
  if (self->control->error != 0)
    {
      g_test_skip ("processes may not be traced here (ptrace)");
      return FALSE;
    }
  g_assert_cmpint (ran->status, ==, 0);
  g_assert_cmpint (self->control->counted, >, 10);
  return TRUE;
}

/* NULL, and the test is skipped, if tracing is not allowed here. */
static Killer *
killer_new (void)
{
  g_autoptr (Killer) self = g_new0 (Killer, 1);
  const KillAt nothing = { 0 };
  int fd;

  self->path = g_build_filename (g_get_tmp_dir (), "kill-at", NULL);
  test_file_write (self->path, (const char *) &nothing, sizeof nothing, 0600);
  fd = open (self->path, O_RDWR | O_CLOEXEC);
  self->control = mmap (NULL, sizeof nothing, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  g_assert_true (self->control != MAP_FAILED);
  close (fd);
  return can_trace (self) ? g_steal_pointer (&self) : NULL;
}

static void
killer_free (Killer *self)
{
  munmap (self->control, sizeof *self->control);
  unlink (self->path);
  g_free (self->path);
  g_free (self);
}

TestRun *
killer_run (Killer *self,
            World *world,
            const char *program,
            guint at,
            const char *input,
            const char *argument,
            ...)
{
  g_autoptr (GPtrArray) command = command_new (self, program);
  va_list arguments;

  g_ptr_array_add (command, (gpointer) g_getenv ("KR_TEST_TOOL"));
  va_start (arguments, argument);
  for (const char *word = argument; word != NULL; word = va_arg (arguments, const char *))
    g_ptr_array_add (command, (gpointer) word);
  va_end (arguments);
  g_ptr_array_add (command, NULL);
  reset (self, TRUE, at);
  return run (self, world->env, input, command);
}

TestRun *
killer_run_other (
    Killer *self, World *world, guint at, const char *executable, const char *argument, ...)
{
  g_autofree char *program = g_path_get_basename (executable);
  g_autoptr (GPtrArray) command = command_new (self, program);
  va_list arguments;

  g_ptr_array_add (command, (gpointer) executable);
  va_start (arguments, argument);
  for (const char *word = argument; word != NULL; word = va_arg (arguments, const char *))
    g_ptr_array_add (command, (gpointer) word);
  va_end (arguments);
  g_ptr_array_add (command, NULL);
  reset (self, TRUE, at);
  return run (self, world->env, NULL, command);
}

#define DAEMON "KR_TEST_KEYRING_DAEMON"

static char *own_daemon;

/* test_keyring_start runs what this variable names. */
static void
start_daemon (const char *program)
{
  g_setenv (DAEMON, program, TRUE);
  test_keyring_kill ();
  daemon_start ();
}

/* From now on it is started by kill-at. */
static void
take_daemon (Killer *self)
{
  const char *daemon = g_getenv (DAEMON);
  g_autofree char *base = g_path_get_basename (daemon);
  g_autofree char *script = g_build_filename (g_get_tmp_dir (), "daemon-below-kill-at", NULL);
  g_autofree char *text
      = g_strdup_printf ("#!/bin/sh\nexec '%s' --in-place '%s' '%s' '%s' \"$@\"\n",
                         g_getenv ("KR_TEST_KILL_AT"), self->path, base, daemon);

  test_file_write (script, text, -1, 0700);
  own_daemon = g_strdup (daemon);
  reset (self, FALSE, 0);
  start_daemon (script);
  g_assert_cmpint (self->control->pid, ==, test_keyring_get_pid ());
}

static void
give_daemon_back (void)
{
  start_daemon (own_daemon);
  g_clear_pointer (&own_daemon, g_free);
}

void
killer_aim (Killer *self, guint at)
{
  g_atomic_int_set (&self->control->counted, 0);
  g_atomic_int_set (&self->control->killed, 0);
  g_atomic_int_set (&self->control->at, (gint) at);
  g_atomic_int_set (&self->control->on, 1);
}

gboolean
killer_settle (Killer *self)
{
  if (g_atomic_int_compare_and_exchange (&self->control->on, 1, 0))
    return FALSE;
  test_wait_until (g_atomic_int_get (&self->control->killed) && !test_keyring_is_alive ());
  reset (self, FALSE, 0);
  daemon_start ();
  return TRUE;
}

static guint
sweep (Killer *self, Victim *victim, const char *program, guint total, guint n, KillTry try)
{
  g_autoptr (Bystanders) bystanders = bystanders_new (victim->world);
  guint killed = 0;

  for (guint i = 0; i < n; i++)
    {
      guint at = 1 + (guint) ((guint64) i * (total - 1) / (n - 1));

      g_test_message ("system call %u", at);
      if (try (self, victim, program, at))
        killed++;
      bystanders_check (bystanders);
    }
  return killed;
}

void
killer_sweep (World *world, const char *broker, const char *program, guint n, KillTry try)
{
  g_autoptr (Killer) self = killer_new ();
  g_autoptr (Victim) victim = NULL;
  guint total, killed;

  if (self == NULL)
    return;
  if (program == NULL)
    take_daemon (self);
  victim = victim_new (world, broker);
  try (self, victim, program, 0);
  total = (guint) self->control->counted;
  g_assert_cmpuint (total, >, 200);
  if (g_getenv ("KR_TEST_LONG") != NULL)
    n = total;
  killed = sweep (self, victim, program, total, n, try);
  g_test_message ("%s, %s: %u system calls, killed at %u", broker,
                  program != NULL ? program : "daemon", total, killed);
  /* The number varies from run to run; the last ones may not be reached. */
  g_assert_cmpuint (killed, >=, n * 3 / 4);
  if (program == NULL)
    give_daemon_back ();
}
