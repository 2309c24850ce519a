/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* doctor: its output, and the errors it finds on the way to the keyring. */

#include "checkup.h"

#include <gio/gunixsocketaddress.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "test-bus.h"
#include "test-files.h"
#include "test-keyring.h"
#include "test-process.h"

static void
test_all_is_well (World *world, gconstpointer data)
{
  g_autoptr (JsonObject) whole = NULL;
  JsonArray *checks;

  add_account (world, "kis", 0, "a", "paper");
  add_unverified (world, "ls", 0, "이름");
  whole = checkup (world, 0);
  checks = json_object_get_array_member (whole, "checks");
  for (guint i = 0; i < json_array_get_length (checks); i++)
    finding (whole, json_object_get_string_member (json_array_get_object_element (checks, i), "id"),
             "ok", "", NULL);
  finding (whole, "plugins", "ok", "kis, kiwoom, ls", NULL);
  finding (whole, "accounts", "ok", "2 accounts", NULL);
  finding (whole, "clock", "ok", "2 brokers", NULL);
  /* The dummy item is gone: what is left is the accounts and a token. */
  g_assert_cmpuint (test_keyring_count (NULL, NULL), ==, 3);
}

static void
test_text (World *world, gconstpointer data)
{
  g_autoptr (TestRun) ran = tool (world, 0, "doctor");
  g_autoptr (TestRun) quiet = tool (world, 0, "doctor", "-q");
  g_autoptr (TestRun) colored = tool (world, 0, "doctor", "--color=always");
  g_auto (GStrv) lines = g_strsplit (ran->out, "\n", -1);

  g_assert_cmpuint (g_strv_length (lines), ==, 12);
  for (guint i = 0; i < 11; i++)
    g_assert_true (g_str_has_prefix (lines[i], "ok  ") || g_str_has_prefix (lines[i], "skipped  "));
  test_assert_lacks (ran->out, "\033");
  test_assert_contains (ran->err, "all is well");
  g_assert_cmpstr (quiet->out, ==, "");
  g_assert_cmpstr (quiet->err, ==, "");
  test_assert_contains (colored->out, "\033[32mok\033[0m");

  world_unsetenv (world, "DBUS_SESSION_BUS_ADDRESS");
  world_unsetenv (world, "XDG_RUNTIME_DIR");
  {
    g_autoptr (TestRun) failed = tool (world, 6, "doctor", "-q");

    /* The failure and its fix, and nothing about what is well. */
    g_assert_true (g_str_has_prefix (failed->out, "FAILURE  bus  "));
    test_assert_contains (failed->out, "kr-secret-tool session");
    test_assert_lacks (failed->out, "ok ");
    test_assert_contains (failed->err, "[no-keyring]");
  }
}

static void
test_arguments (World *world, gconstpointer data)
{
  tool_ends (world, 2, "doctor", "everything");
  tool_ends (world, 2, "doctor", "--fix");
}

static void
test_locked (World *world, gconstpointer data)
{
  g_autoptr (TestMonitor) monitor = NULL;

  add_unverified (world, "ls", 0, "a");
  monitor = test_monitor_start ();
  test_keyring_lock ();
  {
    g_autoptr (JsonObject) whole = checkup (world, 5);

    test_keyring_unlock ();
    finding (whole, "bus", "ok", "", NULL);
    finding (whole, "keyring", "ok", "", NULL);
    finding (whole, "lock", "failure", "locked", "kr-secret-tool unlock");
    finding (whole, "round-trip", "skipped", "", NULL);
    finding (whole, "accounts", "skipped", "", NULL);
    finding (whole, "clock", "skipped", "", NULL);
    finding (whole, "files", "ok", "", NULL);
  }
  g_assert_cmpuint (test_monitor_count (monitor, "Prompt"), ==, 0);
  g_assert_cmpuint (test_monitor_count (monitor, "Dismiss"), ==, 0);
}

/* Checks beyond the bus and the service are not possible, and say so. */
static void
check_skipped (JsonObject *whole)
{
  const char *const ids[] = { "lock", "round-trip", "blank-password", "accounts", "clock" };

  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    finding (whole, ids[i], "skipped", "", NULL);
  finding (whole, "files", "ok", "", NULL);
  finding (whole, "plugins", "ok", "", NULL);
}

static void
test_no_bus (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) runtime = test_directory_new ();

  world_hide_bus (world);
  {
    g_autoptr (JsonObject) whole = checkup (world, 6);

    finding (whole, "bus", "failure", "DBUS_SESSION_BUS_ADDRESS", "");
    finding (whole, "keyring", "skipped", "", NULL);
    check_skipped (whole);
  }
  world_setenv (world, "XDG_RUNTIME_DIR", runtime);
  {
    g_autoptr (JsonObject) whole = checkup (world, 6);

    finding (whole, "bus", "failure", runtime, "");
  }
}

static void
test_dead_bus (World *world, gconstpointer data)
{
  world_setenv (world, "DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus");
  {
    g_autoptr (JsonObject) whole = checkup (world, 6);

    finding (whole, "bus", "failure", "cannot be reached", "session");
    check_skipped (whole);
  }
}

/* A socket that accepts connections and never sends anything. */
static void
test_mute_bus (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) directory = test_directory_new ();
  g_autofree char *path = g_build_filename (directory, "bus", NULL);
  g_autofree char *address = g_strconcat ("unix:path=", path, NULL);
  g_autoptr (GSocketAddress) place = g_unix_socket_address_new (path);
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocket) socket = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM,
                                             G_SOCKET_PROTOCOL_DEFAULT, &error);

  g_assert_no_error (error);
  g_socket_bind (socket, place, FALSE, &error);
  g_assert_no_error (error);
  g_socket_listen (socket, &error);
  g_assert_no_error (error);
  world_setenv (world, "DBUS_SESSION_BUS_ADDRESS", address);
  {
    g_autoptr (JsonObject) whole = checkup (world, 9);

    finding (whole, "bus", "failure", "does not answer", "");
    check_skipped (whole);
  }
}

static void
test_bus_stopped (World *world, gconstpointer data)
{
  GPid bus = test_pid_from_env ("KR_TEST_BUS_PID");

  test_pause (bus);
  {
    g_autoptr (TestRun) ran = tool (world, ANY_STATUS, "doctor", "--timeout", "1");

    test_resume (bus);
    g_assert_cmpint (ran->status, ==, 9);
    g_assert_cmpint (ran->took, <, 5000);
    test_assert_contains (ran->err, "[deadline]");
  }
}

static void
test_keyring_stopped (World *world, gconstpointer data)
{
  GPid keyring = test_keyring_get_pid ();
  g_autofree char *pid = g_strdup_printf ("%d", keyring);

  add_unverified (world, "ls", 0, "a");
  test_pause (keyring);
  {
    g_autoptr (TestRun) ran = tool (world, ANY_STATUS, "doctor", "--timeout", "1", "--json");
    g_autoptr (JsonObject) whole = document (ran);

    test_resume (keyring);
    g_assert_cmpint (ran->status, ==, 9);
    g_assert_cmpint (ran->took, <, 5000);
    finding (whole, "bus", "ok", "", NULL);
    finding (whole, "keyring", "failure", pid, "");
    check_skipped (whole);
  }
}

static void
test_no_service (World *world, gconstpointer data)
{
  test_keyring_kill ();
  {
    g_autoptr (JsonObject) whole = checkup (world, 6);

    test_keyring_start (TRUE);
    finding (whole, "keyring", "failure", "no keyring", "gnome-keyring");
    check_skipped (whole);
  }
}

/* A real daemon on a bus of its own, as a second session starts one. Its files are in data_home,
 * which may be relative to directory. */
static GPid
start_second_daemon (const char *directory, const char *data_home, GSubprocess **out_bus)
{
  g_autofree char *config = g_build_filename (g_getenv ("KR_TEST_DIR"), "bus.conf", NULL);
  g_autofree char *listen = g_strdup_printf ("--address=unix:path=%s/bus", directory);
  g_autofree char *control = g_strdup_printf ("--control-directory=%s", directory);
  g_autoptr (GSubprocessLauncher) launcher
      = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_SILENCE
                                   | G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) daemon = NULL;
  g_autofree char *socket = g_build_filename (directory, "control", NULL);
  g_autofree char *bus_socket = g_build_filename (directory, "bus", NULL);

  *out_bus
      = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE,
                          &error, "setpriv", "--pdeathsig", "KILL", "dbus-daemon", "--config-file",
                          config, listen, "--nofork", "--nopidfile", NULL);
  g_assert_no_error (error);
  test_wait_until (g_file_test (bus_socket, G_FILE_TEST_EXISTS));
  g_subprocess_launcher_setenv (launcher, "DBUS_SESSION_BUS_ADDRESS",
                                listen + strlen ("--address="), TRUE);
  g_subprocess_launcher_setenv (launcher, "XDG_DATA_HOME", data_home, TRUE);
  g_subprocess_launcher_set_cwd (launcher, directory);
  daemon = g_subprocess_launcher_spawn (launcher, &error, "setpriv", "--pdeathsig", "KILL",
                                        g_getenv ("KR_TEST_KEYRING_DAEMON"), "--foreground",
                                        "--components=secrets", control, NULL);
  g_assert_no_error (error);
  /* Then it is the daemon itself, and not its starter. */
  test_wait_until (g_file_test (socket, G_FILE_TEST_EXISTS));
  return (GPid) g_ascii_strtoll (g_subprocess_get_identifier (daemon), NULL, 10);
}

static void
test_second_daemon (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) directory = test_directory_new ();
  g_autoptr (GSubprocess) bus = NULL;
  GPid second = start_second_daemon (directory, g_getenv ("XDG_DATA_HOME"), &bus);
  g_autofree char *first_pid = g_strdup_printf ("%d", test_keyring_get_pid ());
  g_autofree char *fix = g_strdup_printf ("kill %d", second);

  {
    g_autoptr (JsonObject) whole = checkup (world, 1);

    finding (whole, "second-daemon", "failure", fix + strlen ("kill "), fix);
    finding (whole, "second-daemon", "failure", first_pid, fix);
    finding (whole, "round-trip", "skipped", "", NULL);
    /* The fix ends the other daemon, not this session's. */
    mend (world, whole, "second-daemon");
  }
  test_wait_until (kill (second, 0) != 0);
  g_assert_true (test_keyring_is_alive ());
  json_object_unref (checkup (world, 0));
  g_subprocess_force_exit (bus);
  g_subprocess_wait (bus, NULL, NULL);
}

/* GLib uses a relative path for the daemon's data as it is. */
static void
test_second_daemon_relative (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) directory = test_directory_new ();
  g_autofree char *link = g_build_filename (directory, "here", NULL);
  g_autoptr (GSubprocess) bus = NULL;
  g_autofree char *pid = NULL;
  GPid second;

  g_assert_cmpint (symlink (g_getenv ("XDG_DATA_HOME"), link), ==, 0);
  second = start_second_daemon (directory, "here", &bus);
  pid = g_strdup_printf ("%d", second);
  {
    g_autoptr (JsonObject) whole = checkup (world, 1);

    finding (whole, "second-daemon", "failure", pid, "kill");
  }
  test_kill (second);
  g_subprocess_force_exit (bus);
  g_subprocess_wait (bus, NULL, NULL);
}

/* As in other tests and containers. */
static void
test_second_daemon_elsewhere (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) directory = test_directory_new ();
  g_autoptr (GSubprocess) bus = NULL;
  GPid second = start_second_daemon (directory, directory, &bus);

  {
    g_autoptr (JsonObject) whole = checkup (world, 0);

    finding (whole, "second-daemon", "ok", "", NULL);
    g_assert_cmpint (json_object_get_int_member (whole, "warning_count"), ==, 0);
  }
  test_kill (second);
  g_subprocess_force_exit (bus);
  g_subprocess_wait (bus, NULL, NULL);
}

/* The shell has another HOME than the session. */
static void
test_other_home (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) directory = test_directory_new ();

  world_setenv (world, "XDG_DATA_HOME", directory);
  {
    g_autoptr (JsonObject) whole = checkup (world, 0);
    g_autofree char *pid = g_strdup_printf ("%d", test_keyring_get_pid ());

    finding (whole, "second-daemon", "warning", pid, "XDG_DATA_HOME");
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  WORLD_TEST ("doctor/all-is-well", NULL, test_all_is_well);
  WORLD_TEST ("doctor/text-is-a-line-for-each-check", NULL, test_text);
  WORLD_TEST ("doctor/takes-no-arguments", NULL, test_arguments);
  WORLD_TEST ("doctor/locked-is-5-without-a-prompt", NULL, test_locked);
  WORLD_TEST ("doctor/no-bus-is-6", NULL, test_no_bus);
  WORLD_TEST ("doctor/dead-bus-is-6", NULL, test_dead_bus);
  WORLD_TEST ("doctor/mute-bus-is-9", NULL, test_mute_bus);
  WORLD_TEST ("doctor/stopped-bus-is-9-at-the-deadline", NULL, test_bus_stopped);
  WORLD_TEST ("doctor/stopped-keyring-is-9-at-the-deadline", NULL, test_keyring_stopped);
  WORLD_TEST ("doctor/no-service-is-6", NULL, test_no_service);
  WORLD_TEST ("doctor/second-daemon-is-found-and-ended-by-the-fix", NULL, test_second_daemon);
  WORLD_TEST ("doctor/second-daemon-may-have-a-relative-home", NULL, test_second_daemon_relative);
  WORLD_TEST ("doctor/daemon-of-another-home-is-let-be", NULL, test_second_daemon_elsewhere);
  WORLD_TEST ("doctor/shell-of-another-home-is-warned", NULL, test_other_home);
  return g_test_run ();
}
