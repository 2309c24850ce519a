/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The keyring is locked, and another program's password prompt is open. Nothing that we do
 * meanwhile, and no way in which we end, may bring the daemon down: gnome-keyring aborts when such
 * a prompt is dismissed, or when a call that waits for it is cancelled. */
#include <signal.h>

#include "killer.h"
#include "krsecret.h"
#include "test-bus.h"
#include "test-keyring.h"
#include "test-process.h"
#include "test-prompter.h"
#include "victim.h"

#define ROUNDS 5
#define KILLS 60

/* A prompter into which nothing is ever typed, and the program that waits for it. */
typedef struct
{
  TestPrompter *prompter;
  GDBusConnection *asker;
} Pending;

static Pending *
pending_start (void)
{
  Pending *self = g_new0 (Pending, 1);

  self->prompter = test_prompter_start (TEST_PROMPTER_SILENT);
  self->asker = test_prompter_ask (self->prompter);
  g_assert_cmpuint (test_prompter_count_begun (self->prompter), ==, 1);
  return self;
}

static gboolean
is_pending (Pending *self)
{
  return test_prompter_count_performed (self->prompter) == 1
         && test_prompter_count_stopped (self->prompter) == 0;
}

/* Both disappear without a word, the asker first, as if it had been killed. The daemon has to
 * notice by itself: it answers a call in between. */
static void
pending_end (Pending *self)
{
  g_dbus_connection_close_sync (self->asker, NULL, NULL);
  g_object_unref (self->asker);
  test_keyring_count (NULL, NULL);
  g_assert_true (test_keyring_is_alive ());
  test_prompter_stop (self->prompter);
  g_free (self);
}

/* The commands that run while the prompt is open. */
typedef void (*Deed) (World *world, TestMonitor *monitor);

static void
run_commands (World *world, TestMonitor *monitor)
{
  static const char *const commands[][4] = {
    { "token", "a" },        { "list" },
    { "show", "a" },         { "header", "a" },
    { "refresh", "a" },      { "wait", "a", "--valid-until", "06:00" },
    { "revoke", "-y", "a" }, { "forget", "a" },
    { "remove", "-y", "a" }, { "token", "a", "--timeout", "1" },
  };
  g_autofree char *key = test_simulator_get_key_lines ("ls", 1);

  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      const char *const *words = commands[i];
      g_autoptr (TestRun) ran = tool (world, 5, words[0], words[1], words[2], words[3]);

      g_assert_cmpint (ran->took, <, 5000);
    }
  test_run_free (tool_fed (world, 5, "some.token.of.some.other\n", "reject", "a"));
  test_run_free (tool_fed (world, 5, key, ADD (world, "ls", "b")));
  /* They did ask, and each was given a prompt of its own. */
  g_assert_cmpuint (test_monitor_count (monitor, "Unlock"), >=, G_N_ELEMENTS (commands));
}

/* Starts a command while the daemon is stopped, so that the command waits for it in a call that the
 * bus has seen. */
static Running *
start_waiting (World *world, TestMonitor *monitor, const char *timeout)
{
  guint before = test_monitor_count (monitor, "GetAll");
  Running *running;

  test_pause (test_keyring_get_pid ());
  running = tool_start (world, "token", "a", "--timeout", timeout);
  test_wait_until (test_monitor_count (monitor, "GetAll") > before);
  return running;
}

static void
end_with (World *world, TestMonitor *monitor, const char *timeout, int signal, int status)
{
  g_autoptr (Running) running = start_waiting (world, monitor, timeout);
  int ended;

  if (signal != 0)
    running_signal (running, signal);
  ended = running_end (running);
  test_resume (test_keyring_get_pid ());
  g_assert_cmpint (ended, ==, status);
}

static void
interrupt (World *world, TestMonitor *monitor)
{
  end_with (world, monitor, "20", SIGINT, 130);
}

static void
kill_one (World *world, TestMonitor *monitor)
{
  end_with (world, monitor, "20", SIGKILL, 128 + SIGKILL);
}

static void
time_out (World *world, TestMonitor *monitor)
{
  end_with (world, monitor, "1", 0, 9);
}

/* None of it has touched the prompt, or one of our own, and the keyring opens. */
static void
round_end (Pending *pending, TestMonitor *monitor)
{
  g_assert_true (test_keyring_is_alive ());
  g_assert_true (is_pending (pending));
  g_assert_cmpuint (test_monitor_count (monitor, "Prompt"), ==, 0);
  g_assert_cmpuint (test_monitor_count (monitor, "Dismiss"), ==, 0);
  pending_end (pending);
  g_assert_true (test_keyring_is_alive ());
  test_keyring_unlock ();
  g_assert_true (test_keyring_is_alive ());
}

/* Everything is as before, and the broker was asked for the first token only. */
static void
assert_unchanged (World *world, const char *token)
{
  g_autoptr (TestRun) ran = tool (world, 0, "token", "a");

  g_assert_cmpstr (g_strchomp (ran->out), ==, token);
  tool_ends (world, 0, "list");
  tool_ends (world, 0, "header", "a");
  g_assert_cmpuint (test_simulator_count (world->simulator, "ls", "connections"), ==, 1);
}

/* After all this the keyring can be written to. */
static void
assert_works (World *world)
{
  tool_ends (world, 0, "refresh", "a");
  tool_ends (world, 0, "revoke", "-y", "a");
  tool_ends (world, 0, "remove", "-y", "a");
  g_assert_cmpuint (count_accounts (world), ==, 0);
  g_assert_true (test_keyring_is_alive ());
}

static void
check_deed (World *world, Deed deed)
{
  g_autofree char *token = NULL;

  add_account (world, "ls", 0, "a", "paper");
  token = stored_token (world, "a");
  for (guint i = 0; i < ROUNDS; i++)
    {
      g_autoptr (TestMonitor) monitor = NULL;
      Pending *pending;

      test_keyring_lock ();
      pending = pending_start ();
      monitor = test_monitor_start ();
      deed (world, monitor);
      round_end (pending, monitor);
      assert_unchanged (world, token);
    }
  assert_works (world);
}

static void
test_commands (World *world, gconstpointer data)
{
  check_deed (world, run_commands);
}

static void
test_interrupted (World *world, gconstpointer data)
{
  check_deed (world, interrupt);
}

static void
test_killed (World *world, gconstpointer data)
{
  check_deed (world, kill_one);
}

static void
test_timed_out (World *world, gconstpointer data)
{
  check_deed (world, time_out);
}

static void
on_attention (KrSecretClient *client, KrSecretAccount *account, const GError *error, gpointer data)
{
  gboolean *locked = data;

  *locked |= g_error_matches (error, KR_SECRET_ERROR, KR_SECRET_ERROR_LOCKED);
}

static void
got_token (GObject *source, GAsyncResult *result, gpointer data)
{
  GError **error = data;
  G_GNUC_UNUSED g_autoptr (KrSecretToken) token
      = kr_secret_client_get_token_finish (KR_SECRET_CLIENT (source), result, error);

  g_assert_nonnull (*error);
}

/* Gives up on a token while the daemon has not yet said that it is locked. */
static void
cancel_a_call (KrSecretClient *client, KrSecretAccount *account, TestMonitor *monitor)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  const char *id = kr_secret_account_get_id (account);
  guint before;

  test_pause (test_keyring_get_pid ());
  before = test_monitor_count_text (monitor, id);
  kr_secret_client_get_token_async (client, account, KR_SECRET_TOKEN_ACCESS, KR_SECRET_MIN_VALIDITY,
                                    KR_SECRET_TOKEN_DEFAULT, cancellable, got_token, &error);
  test_wait_until (test_monitor_count_text (monitor, id) > before);
  g_cancellable_cancel (cancellable);
  while (error == NULL)
    g_main_context_iteration (NULL, TRUE);
  test_resume (test_keyring_get_pid ());
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_CANCELLED);
}

/* A client that follows the keyring and keeps a token fresh notices that it is locked, gives up on
 * a call, and is dropped. */
static void
check_client (World *world, const char *token)
{
  g_autoptr (KrSecretClient) client = kr_secret_client_new ();
  g_autoptr (KrSecretAccount) account = NULL;
  g_autoptr (TestMonitor) monitor = NULL;
  g_autoptr (GError) error = NULL;
  gboolean locked = FALSE;
  Pending *pending;

  kr_secret_client_load (client, NULL, &error);
  g_assert_no_error (error);
  account = kr_secret_client_find_account (client, "a", &error);
  g_assert_no_error (error);
  g_signal_connect (client, "attention", G_CALLBACK (on_attention), &locked);
  test_keyring_lock ();
  pending = pending_start ();
  monitor = test_monitor_start ();
  kr_secret_client_follow (client);
  kr_secret_client_hold (client, account);
  while (!locked)
    g_main_context_iteration (NULL, TRUE);
  cancel_a_call (client, account, monitor);
  g_signal_handlers_disconnect_by_data (client, &locked);
  g_clear_object (&client);
  g_assert_cmpuint (test_monitor_count (monitor, "Unlock"), >, 0);
  round_end (pending, monitor);
  assert_unchanged (world, token);
}

static void
test_client (World *world, gconstpointer data)
{
  g_autofree char *token = NULL;

  add_account (world, "ls", 0, "a", "paper");
  token = stored_token (world, "a");
  for (guint i = 0; i < ROUNDS; i++)
    check_client (world, token);
  assert_works (world);
}

/* A long-running tool has looked at the locked keyring while the prompt was open, and ends. */
static void
check_monitor (World *world, int signal)
{
  g_autoptr (Running) running = tool_start (world, "monitor");
  g_autoptr (TestMonitor) monitor = NULL;
  Pending *pending;

  running_expect (running, "watching");
  test_keyring_lock ();
  pending = pending_start ();
  monitor = test_monitor_start ();
  test_wait_until (test_monitor_count (monitor, "Unlock") > 0);
  running_signal (running, signal);
  g_assert_cmpint (running_end (running), ==, 128 + signal);
  round_end (pending, monitor);
}

static void
test_monitor (World *world, gconstpointer data)
{
  g_autofree char *token = NULL;

  add_account (world, "ls", 0, "a", "paper");
  token = stored_token (world, "a");
  for (guint i = 0; i < ROUNDS; i++)
    {
      check_monitor (world, i % 2 == 0 ? SIGKILL : SIGINT);
      assert_unchanged (world, token);
    }
  assert_works (world);
}

static gboolean
try_kill (Killer *self, Victim *victim, const char *program, guint at)
{
  g_autoptr (TestMonitor) monitor = NULL;
  g_autoptr (TestRun) ran = NULL;
  Pending *pending;

  victim_add (victim);
  test_keyring_lock ();
  pending = pending_start ();
  monitor = test_monitor_start ();
  ran = killer_run (self, victim->world, program, at, NULL, "token", VICTIM, NULL);
  round_end (pending, monitor);
  g_assert_cmpint (ran->status, ==, self->control->killed ? 128 + SIGKILL : 5);
  victim_remove (victim);
  return self->control->killed;
}

static void
test_killed_anywhere (World *world, gconstpointer data)
{
  killer_sweep (world, "ls", "kr-secret-tool", KILLS, try_kill);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  FAULT_TEST ("/prompt/commands-say-that-it-is-locked", NULL, test_commands);
  FAULT_TEST ("/prompt/interrupted", NULL, test_interrupted);
  FAULT_TEST ("/prompt/killed", NULL, test_killed);
  FAULT_TEST ("/prompt/killed-anywhere", NULL, test_killed_anywhere);
  FAULT_TEST ("/prompt/monitor-that-ends", NULL, test_monitor);
  FAULT_TEST ("/prompt/timed-out", NULL, test_timed_out);
  FAULT_TEST ("/prompt/client-that-holds", NULL, test_client);
  return g_test_run ();
}
