/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "world.h"

#include <glib/gstdio.h>

#include "test-keyring.h"

/* Tokens of LS expire at 07:00 in Korea, and one issued just before does not last for a test. Waits
 * until it is past, which takes at most two minutes once a day. */
static void
wait_past_seven (void)
{
  const gint64 day = 24 * 60 * 60;
  const gint64 seven = 22 * 60 * 60; /* in UTC: Korea is nine hours ahead, all year */
  gint64 left = seven - g_get_real_time () / G_USEC_PER_SEC % day;

  if (left >= 0 && left <= 2 * 60)
    g_usleep ((gulong) (left + 2) * G_USEC_PER_SEC);
}

void
world_set_up (World *world, gconstpointer options)
{
  const char *const unset[] = { "G_MESSAGES_DEBUG", "KR_SECRET_NO_INPUT", "LANGUAGE", "NO_COLOR" };

  /* Nothing here may ever touch the user's own keyring. */
  g_assert_nonnull (g_getenv ("KR_TEST_DIR"));
  world->env = g_get_environ ();
  for (gsize i = 0; i < G_N_ELEMENTS (unset); i++)
    world_unsetenv (world, unset[i]);
  world_setenv (world, "TERM", "xterm");
  wait_past_seven ();
  world->simulator = test_simulator_start (options);
}

void
world_tear_down (World *world, gconstpointer options)
{
  test_simulator_free (world->simulator);
  g_strfreev (world->env);
  test_keyring_clear ();
}

void
world_setenv (World *world, const char *name, const char *value)
{
  world->env = g_environ_setenv (world->env, name, value, TRUE);
}

void
world_unsetenv (World *world, const char *name)
{
  world->env = g_environ_unsetenv (world->env, name);
}

void
world_hide_bus (World *world)
{
  world_unsetenv (world, "DBUS_SESSION_BUS_ADDRESS");
  world_unsetenv (world, "XDG_RUNTIME_DIR");
}

TestDirectory *
world_expose_ledger (World *world)
{
  TestDirectory *state = test_directory_new ();
  g_autofree char *directory = g_build_filename (state, "krsecret", NULL);

  g_assert_cmpint (g_mkdir (directory, 0777), ==, 0);
  g_assert_cmpint (g_chmod (directory, 0777), ==, 0);
  world_setenv (world, "XDG_STATE_HOME", state);
  return state;
}
