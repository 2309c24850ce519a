/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* doctor on a fresh machine, and with a keyring without a password. Runs with KR_TEST_EMPTY=1. */

#include "checkup.h"

#include <glib/gstdio.h>

#include "test-bus.h"
#include "test-keyring.h"

static void
test_no_collection (World *world, gconstpointer data)
{
  g_autoptr (TestMonitor) monitor = test_monitor_start ();
  g_autoptr (JsonObject) whole = checkup (world, 6);

  finding (whole, "bus", "ok", "", NULL);
  finding (whole, "keyring", "failure", "no default keyring", "log in");
  finding (whole, "lock", "skipped", "", NULL);
  finding (whole, "round-trip", "skipped", "", NULL);
  g_assert_cmpuint (test_monitor_count (monitor, "CreateCollection"), ==, 0);
  g_assert_cmpuint (test_monitor_count (monitor, "Prompt"), ==, 0);
}

static void
test_blank_password (World *world, gconstpointer data)
{
  g_autofree char *file
      = g_build_filename (g_getenv ("XDG_DATA_HOME"), "keyrings", "login.keyring", NULL);
  g_autoptr (TestMonitor) monitor = NULL;

  test_keyring_create ("");
  {
    g_autoptr (JsonObject) whole = checkup (world, 0);

    finding (whole, "blank-password", "warning", file, "password");
    finding (whole, "round-trip", "ok", "", NULL);
  }

  /* It opens on request: it does not count as locked. */
  monitor = test_monitor_start ();
  test_keyring_lock ();
  {
    g_autoptr (JsonObject) whole = checkup (world, 0);

    finding (whole, "lock", "ok", "", NULL);
    finding (whole, "round-trip", "ok", "", NULL);
  }
  g_assert_cmpuint (test_monitor_count (monitor, "Prompt"), ==, 0);

  /* For an encrypted keyring that would be a warning. */
  g_assert_cmpint (g_chmod (file, 0644), ==, 0);
  {
    g_autoptr (JsonObject) whole = checkup (world, 12);

    finding (whole, "files", "failure", "plain text", "chmod 600");
    mend (world, whole, "files");
  }
  json_object_unref (checkup (world, 0));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  WORLD_TEST ("doctor/empty/no-default-keyring-is-6", NULL, test_no_collection);
  WORLD_TEST ("doctor/empty/blank-password-is-a-warning", NULL, test_blank_password);
  return g_test_run ();
}
