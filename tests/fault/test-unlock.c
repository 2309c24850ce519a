/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The keyring's own prompt, shown for us: however it ends, and however we do, the daemon survives,
 * the helper that showed the prompt is gone, and the next prompt works. */
#include <signal.h>
#include <string.h>

#include "daemon.h"
#include "krsecret.h"
#include "test-bus.h"
#include "test-keyring.h"
#include "test-process.h"
#include "test-prompter.h"
#include "victim.h"

#define ROUNDS 3

/* A test's additions to the world: a locked keyring with one account in it. */
typedef struct
{
  World *world;
  TestPrompter *prompter;
  TestMonitor *monitor;
} Scene;

static void
scene_begin (Scene *self, World *world, TestPrompterMood mood)
{
  self->world = world;
  add_account (world, "ls", 0, "a", "paper");
  test_keyring_lock ();
  self->prompter = test_prompter_start (mood);
  self->monitor = test_monitor_start ();
}

/* Finally the keyring is open and has its contents, and the daemon is the same one. */
static void
scene_end (Scene *self)
{
  g_assert_true (test_keyring_is_alive ());
  g_assert_cmpuint (test_monitor_count (self->monitor, "Dismiss"), ==, 0);
  g_clear_pointer (&self->monitor, test_monitor_stop);
  tool_ends (self->world, 0, "token", "a", "--no-issue");
  g_clear_pointer (&self->prompter, test_prompter_stop);
  g_assert_true (test_keyring_is_alive ());
}

static GVariant *
ask_bus (GDBusConnection *bus, const char *method, GVariant *parameters)
{
  return g_dbus_connection_call_sync (bus, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                                      "org.freedesktop.DBus", method, parameters, NULL,
                                      G_DBUS_CALL_FLAGS_NONE, 10000, NULL, NULL);
}

static GPid
get_helper (GDBusConnection *bus, const char *name)
{
  g_autoptr (GVariant) reply
      = ask_bus (bus, "GetConnectionUnixProcessID", g_variant_new ("(s)", name));
  g_autofree char *path = NULL;
  g_autofree char *program = NULL;
  guint32 pid;

  if (reply == NULL)
    return 0;
  g_variant_get (reply, "(u)", &pid);
  path = g_strdup_printf ("/proc/%u/comm", pid);
  if (!g_file_get_contents (path, &program, NULL, NULL)
      || !g_str_has_prefix (program, "kr-secret-helpe"))
    return 0;
  return (GPid) pid;
}

/* The helper on this test's bus, or 0. */
static GPid
find_helper (void)
{
  g_autoptr (GDBusConnection) bus = test_bus_connect ();
  g_autoptr (GVariant) reply = ask_bus (bus, "ListNames", NULL);
  g_autofree const char **names = NULL;
  GPid pid = 0;

  g_variant_get (reply, "(^a&s)", &names);
  for (guint i = 0; names[i] != NULL && pid == 0; i++)
    if (*names[i] == ':')
      pid = get_helper (bus, names[i]);
  return pid;
}

/* Or only a zombie that has not been reaped yet. */
static gboolean
is_gone (GPid pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/stat", pid);
  g_autofree char *text = NULL;

  return !g_file_get_contents (path, &text, NULL, NULL) || strstr (text, ") Z ") != NULL;
}

/* The next one is answered. The daemon shows its prompts one after the other: a leftover window is
 * closed first. */
static void
check_next (Scene *self)
{
  guint before = test_monitor_count (self->monitor, "Prompt");
  g_autoptr (Running) running = NULL;

  test_prompter_set (self->prompter, TEST_PROMPTER_ANSWERS);
  running = tool_start (self->world, "unlock", "--timeout", "60");
  test_wait_until (test_monitor_count (self->monitor, "Prompt") > before);
  test_prompter_wake (self->prompter, TEST_PROMPTER_DISMISSES);
  g_assert_cmpint (running_end (running), ==, 0);
}

static void
test_answered (World *world, gconstpointer data)
{
  Scene scene;

  scene_begin (&scene, world, TEST_PROMPTER_ANSWERS);
  tool_ends (world, 0, "unlock");
  g_assert_cmpuint (test_monitor_count (scene.monitor, "Prompt"), ==, 1);
  tool_ends (world, 0, "list");
  scene_end (&scene);
}

static void
test_mistyped (World *world, gconstpointer data)
{
  Scene scene;

  scene_begin (&scene, world, TEST_PROMPTER_ERRS);
  tool_ends (world, 0, "unlock");
  g_assert_cmpuint (test_prompter_count_performed (scene.prompter), ==, 2);
  g_assert_cmpuint (test_monitor_count (scene.monitor, "Prompt"), ==, 1);
  scene_end (&scene);
}

static void
test_dismissed (World *world, gconstpointer data)
{
  Scene scene;

  scene_begin (&scene, world, TEST_PROMPTER_DISMISSES);
  for (guint i = 0; i < ROUNDS; i++)
    {
      g_autoptr (TestRun) ran = tool (world, 5, "unlock", "--json");
      G_GNUC_UNUSED g_autoptr (JsonObject) error = failure (ran, "locked");

      g_assert_true (test_keyring_is_alive ());
      tool_ends (world, 5, "token", "a");
    }
  check_next (&scene);
  scene_end (&scene);
}

/* A desktop without such a prompt. */
static void
test_no_prompter (World *world, gconstpointer data)
{
  add_account (world, "ls", 0, "a", "paper");
  test_keyring_lock ();
  for (guint i = 0; i < ROUNDS; i++)
    tool_ends (world, 5, "unlock", "--timeout", "20");
  g_assert_true (test_keyring_is_alive ());
  test_keyring_unlock ();
}

static void
test_open_already (World *world, gconstpointer data)
{
  Scene scene;

  scene_begin (&scene, world, TEST_PROMPTER_DISMISSES);
  test_keyring_unlock ();
  tool_ends (world, 0, "unlock");
  g_assert_cmpuint (test_prompter_count_begun (scene.prompter), ==, 0);
  scene_end (&scene);
}

/* A keyring without anything of ours is locked too. */
static void
test_empty_keyring (World *world, gconstpointer data)
{
  g_autoptr (TestPrompter) prompter = test_prompter_start (TEST_PROMPTER_ANSWERS);

  test_keyring_lock ();
  tool_ends (world, 0, "unlock");
  g_assert_cmpuint (test_prompter_count_performed (prompter), ==, 1);
  add_account (world, "ls", 0, "a", "paper");
}

/* Starts an unlock that is not answered. When this returns, its window is open, or it waits for the
 * one that is. */
static Running *
start_unlock (Scene *self, const char *timeout, GPid *out_helper)
{
  guint asked = test_monitor_count (self->monitor, "Prompt");
  guint shown = test_prompter_count_performed (self->prompter);
  gboolean free
      = test_prompter_count_stopped (self->prompter) == test_prompter_count_begun (self->prompter);
  Running *running = tool_start (self->world, "unlock", "--timeout", timeout);

  test_wait_until (test_monitor_count (self->monitor, "Prompt") > asked);
  test_wait_until (!free || test_prompter_count_performed (self->prompter) > shown);
  *out_helper = find_helper ();
  g_assert_cmpint (*out_helper, >, 0);
  return running;
}

/* Gives up on a prompt. The window stays: it cannot be closed without a risk to the daemon. */
static void
abandon (Scene *self, const char *timeout, int number, int status)
{
  g_autoptr (Running) running = NULL;
  GPid helper;

  running = start_unlock (self, timeout, &helper);
  if (number != 0)
    running_signal (running, number);
  g_assert_cmpint (running_end (running), ==, status);
  test_wait_until (is_gone (helper));
  g_assert_true (test_keyring_is_alive ());
}

/* The ways to give up on an unlock. */
typedef struct
{
  const char *timeout;
  int number;
  int status;
} End;

static const End ends[] = {
  { "1", 0, 9 },
  { "60", SIGINT, 130 },
  { "60", SIGTERM, 128 + SIGTERM },
  { "60", SIGHUP, 128 + SIGHUP },
  { "60", SIGKILL, 128 + SIGKILL },
};

static void
test_abandoned (World *world, gconstpointer data)
{
  Scene scene;

  scene_begin (&scene, world, TEST_PROMPTER_SILENT);
  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    for (guint round = 0; round < ROUNDS; round++)
      {
        test_prompter_set (scene.prompter, TEST_PROMPTER_SILENT);
        abandon (&scene, ends[i].timeout, ends[i].number, ends[i].status);
        check_next (&scene);
        test_keyring_lock ();
      }
  check_next (&scene);
  scene_end (&scene);
}

/* Another program's prompt is open all the time; ours would follow it. */
static void
test_beside_another (World *world, gconstpointer data)
{
  Scene scene;
  g_autoptr (GDBusConnection) asker = NULL;

  scene_begin (&scene, world, TEST_PROMPTER_SILENT);
  asker = test_prompter_ask (scene.prompter);
  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    abandon (&scene, ends[i].timeout, ends[i].number, ends[i].status);
  g_assert_cmpuint (test_prompter_count_performed (scene.prompter), ==, 1);
  g_assert_cmpuint (test_prompter_count_stopped (scene.prompter), ==, 0);
  check_next (&scene);
  g_dbus_connection_close_sync (asker, NULL, NULL);
  scene_end (&scene);
}

/* A leftover prompt does not stop a user who has the password. */
static void
test_password_beside_prompt (World *world, gconstpointer data)
{
  Scene scene;

  scene_begin (&scene, world, TEST_PROMPTER_SILENT);
  abandon (&scene, "60", SIGINT, 130);
  test_run_free (
      tool_fd (world, 0, 3, g_getenv ("KR_TEST_KEYRING_PASSWORD"), "unlock", "--fd", "3"));
  scene_end (&scene);
}

/* The user comes back and answers a prompt that no program waits for any more. */
static void
test_late_answer (World *world, gconstpointer data)
{
  static const TestPrompterMood moods[]
      = { TEST_PROMPTER_DISMISSES, TEST_PROMPTER_ERRS, TEST_PROMPTER_ANSWERS };
  Scene scene;

  scene_begin (&scene, world, TEST_PROMPTER_SILENT);
  for (guint i = 0; i < G_N_ELEMENTS (moods); i++)
    {
      guint stopped = test_prompter_count_stopped (scene.prompter);

      test_prompter_set (scene.prompter, TEST_PROMPTER_SILENT);
      abandon (&scene, "60", SIGINT, 130);
      test_prompter_set (scene.prompter, TEST_PROMPTER_DISMISSES);
      g_assert_true (test_prompter_wake (scene.prompter, moods[i]));
      test_wait_until (test_prompter_count_stopped (scene.prompter) > stopped);
      g_assert_true (test_keyring_is_alive ());
    }
  /* The last one has opened it. */
  scene_end (&scene);
}

/* One answer is enough for both. */
static void
test_two_at_once (World *world, gconstpointer data)
{
  Scene scene;
  g_autoptr (Running) first = NULL;
  g_autoptr (Running) second = NULL;
  GPid helper;

  scene_begin (&scene, world, TEST_PROMPTER_SILENT);
  first = start_unlock (&scene, "60", &helper);
  second = start_unlock (&scene, "60", &helper);
  g_assert_true (test_prompter_wake (scene.prompter, TEST_PROMPTER_ANSWERS));
  g_assert_cmpint (running_end (first), ==, 0);
  g_assert_cmpint (running_end (second), ==, 0);
  g_assert_cmpuint (test_prompter_count_performed (scene.prompter), ==, 1);
  scene_end (&scene);
}

static void
test_helper_killed (World *world, gconstpointer data)
{
  Scene scene;

  scene_begin (&scene, world, TEST_PROMPTER_SILENT);
  for (guint i = 0; i < ROUNDS; i++)
    {
      GPid helper;
      g_autoptr (Running) running = start_unlock (&scene, "60", &helper);

      g_assert_cmpint (kill (helper, SIGKILL), ==, 0);
      g_assert_cmpint (running_end (running), ==, 11);
      g_assert_true (test_keyring_is_alive ());
    }
  check_next (&scene);
  scene_end (&scene);
}

/* The prompt is gone with the daemon, and the waiting caller is told. */
static void
test_daemon_killed (World *world, gconstpointer data)
{
  Scene scene;
  g_autoptr (Running) running = NULL;
  GPid helper;

  scene_begin (&scene, world, TEST_PROMPTER_SILENT);
  running = start_unlock (&scene, "60", &helper);
  test_keyring_kill ();
  g_assert_cmpint (running_end (running), ==, 6);
  test_wait_until (is_gone (helper));
  daemon_start ();
  scene_end (&scene);
}

/* Without a terminal the command fails at once, and no prompt is shown. */
static void
test_scripts (World *world, gconstpointer data)
{
  static const char *const commands[][4] = {
    { "token", "a" },
    { "list" },
    { "show", "a" },
    { "rename", "a", "b" },
    { "edit", "a", "--endpoint=" },
    { "edit", "a", "--secret" },
    { "forget", "a" },
    { "refresh", "a" },
    { "token", "a", "--no-input" },
    { "unlock", "--no-input" },
  };
  Scene scene;

  scene_begin (&scene, world, TEST_PROMPTER_ANSWERS);
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      const char *const *words = commands[i];
      g_autoptr (TestRun) ran = tool (world, 5, words[0], words[1], words[2], words[3]);

      g_assert_cmpint (ran->took, <, 10000);
    }
  g_assert_cmpuint (test_monitor_count (scene.monitor, "Prompt"), ==, 0);
  g_assert_cmpuint (test_monitor_count (scene.monitor, "Dismiss"), ==, 0);
  g_assert_cmpuint (test_prompter_count_begun (scene.prompter), ==, 0);
  test_keyring_unlock ();
  scene_end (&scene);
}

static void
on_done (GObject *source, GAsyncResult *result, gpointer data)
{
  *(GAsyncResult **) data = g_object_ref (result);
}

static void
await (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
}

/* A program with a window: it runs on while the prompt is open, and can close it. */
static void
test_cancelled (World *world, gconstpointer data)
{
  g_autoptr (KrSecretClient) client = kr_secret_client_new ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) given_up = NULL;
  g_autoptr (GAsyncResult) answered = NULL;
  g_autoptr (GAsyncResult) locked = NULL;
  g_autoptr (GError) error = NULL;
  Scene scene;
  GPid helper;

  scene_begin (&scene, world, TEST_PROMPTER_SILENT);
  kr_secret_client_unlock_async (client, NULL, cancellable, on_done, &given_up);
  test_wait_until (test_prompter_count_performed (scene.prompter) == 1);
  helper = find_helper ();
  g_cancellable_cancel (cancellable);
  await (&given_up);
  g_assert_false (kr_secret_client_unlock_finish (client, given_up, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_CANCELLED);
  g_clear_error (&error);
  test_wait_until (is_gone (helper));

  test_prompter_set (scene.prompter, TEST_PROMPTER_ANSWERS);
  test_prompter_wake (scene.prompter, TEST_PROMPTER_DISMISSES);
  kr_secret_client_unlock_async (client, NULL, NULL, on_done, &answered);
  await (&answered);
  g_assert_true (kr_secret_client_unlock_finish (client, answered, &error));
  g_assert_no_error (error);

  kr_secret_client_lock_async (client, NULL, on_done, &locked);
  await (&locked);
  g_assert_true (kr_secret_client_lock_finish (client, locked, &error));
  tool_ends (world, 5, "token", "a");
  check_next (&scene);
  scene_end (&scene);
}

/* The end of the connection is reported in a thread other than the one that waits for the
 * answer. */
static void
test_bus_killed (World *world, gconstpointer data)
{
  Scene scene;
  g_autoptr (Running) running = NULL;
  GPid helper;

  scene_begin (&scene, world, TEST_PROMPTER_SILENT);
  running = start_unlock (&scene, "60", &helper);
  test_kill (test_pid_from_env ("KR_TEST_BUS_PID"));
  g_assert_cmpint (running_end (running), ==, 6);
  test_wait_until (is_gone (helper));
}

/* Without a bus there is nothing left to clear. */
static void
tear_down_without_bus (World *world, gconstpointer data)
{
  test_simulator_free (world->simulator);
  g_strfreev (world->env);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  FAULT_TEST ("/unlock/answered-prompt-opens-the-keyring", NULL, test_answered);
  FAULT_TEST ("/unlock/mistyped-password-is-asked-for-again", NULL, test_mistyped);
  FAULT_TEST ("/unlock/dismissed-prompt-is-5", NULL, test_dismissed);
  FAULT_TEST ("/unlock/no-prompter-is-5", NULL, test_no_prompter);
  FAULT_TEST ("/unlock/open-keyring-shows-none", NULL, test_open_already);
  FAULT_TEST ("/unlock/empty-keyring-is-locked-too", NULL, test_empty_keyring);
  FAULT_TEST ("/unlock/abandoned", NULL, test_abandoned);
  FAULT_TEST ("/unlock/abandoned-beside-another-prompt", NULL, test_beside_another);
  FAULT_TEST ("/unlock/password-beside-a-prompt", NULL, test_password_beside_prompt);
  FAULT_TEST ("/unlock/late-answer-does-no-harm", NULL, test_late_answer);
  FAULT_TEST ("/unlock/two-at-once", NULL, test_two_at_once);
  FAULT_TEST ("/unlock/helper-killed", NULL, test_helper_killed);
  FAULT_TEST ("/unlock/daemon-killed", NULL, test_daemon_killed);
  FAULT_TEST ("/unlock/scripts-are-told-at-once", NULL, test_scripts);
  FAULT_TEST ("/unlock/cancelled-by-a-program", NULL, test_cancelled);
  g_test_add ("/fault/unlock/bus-killed", World, NULL, world_set_up, test_bus_killed,
              tear_down_without_bus);
  return g_test_run ();
}
