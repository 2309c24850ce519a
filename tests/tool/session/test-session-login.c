/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gstdio.h>
#include <string.h>

#include "terminal.h"
#include "test-bus.h"
#include "test-keyring.h"
#include "test-process.h"
#include "tool.h"

/* session in a login that has, or had, a bus and a keyring daemon. */

static guint
count_daemons (void)
{
  g_autofree char *needle = g_strconcat ("KR_TEST_DIR=", g_getenv ("KR_TEST_DIR"), NULL);
  g_autoptr (GDir) proc = g_dir_open ("/proc", 0, NULL);
  const char *entry;
  guint n = 0;

  while ((entry = g_dir_read_name (proc)) != NULL)
    {
      g_autofree char *file = g_build_filename ("/proc", entry, "environ", NULL);
      g_autofree char *name = g_build_filename ("/proc", entry, "comm", NULL);
      g_autofree char *data = NULL;
      g_autofree char *comm = NULL;
      gsize length;

      if (g_ascii_isdigit (*entry) && g_file_get_contents (name, &comm, NULL, NULL)
          && g_str_has_prefix (comm, "gnome-keyring-d")
          && g_file_get_contents (file, &data, &length, NULL)
          && memmem (data, length, needle, strlen (needle)) != NULL)
        n++;
    }
  return n;
}

/* The command uses the login's bus, and there is one daemon. */
static void
check_runs_here (TestRun *ran)
{
  g_assert_cmpstr (g_strchomp (ran->out), ==, g_getenv ("DBUS_SESSION_BUS_ADDRESS"));
  g_assert_cmpuint (count_daemons (), ==, 1);
}

#define ECHO "--", "sh", "-c", "echo $DBUS_SESSION_BUS_ADDRESS"

static void
an_open_one_is_used (World *world, gconstpointer data)
{
  g_autoptr (TestRun) ran = tool (world, 0, "session", ECHO);

  check_runs_here (ran);
  g_assert_true (test_keyring_is_alive ());
}

static void
a_locked_one_is_unlocked (World *world, gconstpointer data)
{
  g_autofree char *right = g_strconcat (g_getenv ("KR_TEST_KEYRING_PASSWORD"), "\n", NULL);

  test_keyring_lock ();
  {
    g_autoptr (TestRun) nothing = tool (world, 125, "session", "--", "true");
    g_autoptr (TestRun) wrong = tool_fd (world, 125, 3, "another\n", "--json", "session",
                                         "--passphrase-fd", "3", "--", "true");
    G_GNUC_UNUSED g_autoptr (JsonObject) error = failure (wrong, "locked");
    g_autoptr (TestRun) ran = tool_fd (world, 0, 3, right, "session", "--passphrase-fd", "3", ECHO);

    test_assert_contains (nothing->err, "--passphrase-fd");
    check_runs_here (ran);
  }
  g_assert_true (test_keyring_is_alive ());
}

static void
one_out_of_reach_is_not_doubled (World *world, gconstpointer data)
{
  g_autofree char *pid = g_strdup_printf ("%d", test_keyring_get_pid ());

  world_setenv (world, "DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere");
  world_setenv (world, "XDG_RUNTIME_DIR", g_getenv ("TMPDIR"));
  {
    g_autoptr (TestRun) ran
        = tool_fd (world, 125, 3, "test\n", "--json", "session", "--passphrase-fd", "3", ECHO);
    g_autoptr (JsonObject) error = failure (ran, "no-keyring");

    test_assert_contains (json_object_get_string_member (error, "message"), pid);
  }
  g_assert_cmpuint (count_daemons (), ==, 1);
  g_assert_true (test_keyring_is_alive ());
}

/* Otherwise the bus would start a second keyring unnoticed. */
static void
a_bus_without_one_gets_it (World *world, gconstpointer data)
{
  g_autofree char *right = g_strconcat (g_getenv ("KR_TEST_KEYRING_PASSWORD"), "\n", NULL);

  test_keyring_kill ();
  {
    g_autoptr (TestRun) ran
        = tool_fd (world, 0, 3, right, "session", "--passphrase-fd", "3", "--", "sh", "-c",
                   "\"$KR_TEST_TOOL\" session -- sh -c 'echo $DBUS_SESSION_BUS_ADDRESS'");

    g_assert_cmpstr (g_strchomp (ran->out), ==, g_getenv ("DBUS_SESSION_BUS_ADDRESS"));
    g_assert_cmpuint (count_daemons (), ==, 0);
  }
  test_keyring_start (TRUE);
}

/* A daemon that was activated on a machine where nobody has ever logged in. */
static void
one_without_a_keyring_gets_it (World *world, gconstpointer data)
{
  g_autofree char *right = g_strconcat (g_getenv ("KR_TEST_KEYRING_PASSWORD"), "\n", NULL);
  g_autofree char *keyrings = g_build_filename (g_getenv ("XDG_DATA_HOME"), "keyrings", NULL);
  g_autofree char *login = g_build_filename (keyrings, "login.keyring", NULL);
  g_autofree char *standard = g_build_filename (keyrings, "default", NULL);

  test_keyring_kill ();
  g_assert_cmpint (g_remove (login), ==, 0);
  g_remove (standard);
  test_keyring_start (FALSE);
  {
    g_autoptr (TestRun) nothing = tool (world, 125, "session", "--", "true");
    g_autoptr (TestRun) ran = tool_fd (world, 0, 3, right, "session", "--passphrase-fd", "3", ECHO);

    test_assert_contains (nothing->err, "no keyring yet");
    test_assert_contains (ran->err, "created a keyring");
    check_runs_here (ran);
  }
  g_assert_true (g_file_test (login, G_FILE_TEST_EXISTS));
  add_unverified (world, "ls", 900, "a");
  g_assert_cmpuint (count_accounts (world), ==, 1);
}

/* Ctrl-C is not a failure, even for a command that has its own status for failures. */
static void
ctrl_c_at_a_locked_one_is_130 (World *world, gconstpointer data)
{
  add_unverified (world, "ls", 901, "b");
  test_keyring_lock ();
  {
    g_autoptr (Terminal) session
        = terminal_start (world, TERMINAL_ALL, "session", "--", "true", NULL);
    g_autoptr (Terminal) exec
        = terminal_start (world, TERMINAL_ALL, "exec", "b", "--", "true", NULL);

    terminal_expect (session, "passphrase of the keyring");
    terminal_wait_for_no_echo (session);
    terminal_type (session, "\003");
    g_assert_cmpint (terminal_end (session), ==, 130);
    terminal_expect (exec, "Password of the keyring");
    terminal_wait_for_no_echo (exec);
    terminal_type (exec, "\003");
    g_assert_cmpint (terminal_end (exec), ==, 130);
  }
  test_keyring_unlock ();
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  WORLD_TEST ("session/an_open_one_is_used", NULL, an_open_one_is_used);
  WORLD_TEST ("session/a_locked_one_is_unlocked", NULL, a_locked_one_is_unlocked);
  WORLD_TEST ("session/ctrl_c_at_a_locked_one_is_130", NULL, ctrl_c_at_a_locked_one_is_130);
  WORLD_TEST ("session/one_out_of_reach_is_not_doubled", NULL, one_out_of_reach_is_not_doubled);
  WORLD_TEST ("session/a_bus_without_one_gets_it", NULL, a_bus_without_one_gets_it);
  WORLD_TEST ("session/one_without_a_keyring_gets_it", NULL, one_without_a_keyring_gets_it);
  return g_test_run ();
}
