/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "place.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "test-files.h"
#include "test-process.h"

char *
in_place (Place *place, const char *name)
{
  return g_build_filename (place->directory, name, NULL);
}

void
place_make_directory (Place *place, const char *variable, const char *name)
{
  g_autofree char *path = in_place (place, name);

  g_assert_cmpint (g_mkdir (path, 0700), ==, 0);
  world_setenv (&place->world, variable, path);
}

void
place_set_up (Place *place, gconstpointer data)
{
  const char *const unset[] = { "XDG_DATA_HOME",
                                "XDG_STATE_HOME",
                                "XDG_CONFIG_HOME",
                                "XDG_CACHE_HOME",
                                "DBUS_SESSION_BUS_ADDRESS",
                                "GNOME_KEYRING_CONTROL",
                                "KR_SECRET_NO_INPUT",
                                "KR_SECRET_ACCOUNT",
                                "G_MESSAGES_DEBUG",
                                "LANGUAGE",
                                "DISPLAY",
                                "WAYLAND_DISPLAY" };
  g_autofree char *path = NULL;

  /* The orphans of a killed session become our children, not those of a process that does not wait
   * for them. */
  prctl (PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  place->directory = test_directory_new ();
  place->world.env = g_get_environ ();
  for (gsize i = 0; i < G_N_ELEMENTS (unset); i++)
    world_unsetenv (&place->world, unset[i]);
  place_make_directory (place, "HOME", "home");
  /* Otherwise it would find the bus of the user who runs the tests. */
  place_make_directory (place, "XDG_RUNTIME_DIR", "run");
  place_make_directory (place, "TMPDIR", "tmp");
  place_make_directory (place, "CREDENTIALS_DIRECTORY", "credentials");
  path = in_place (place, "credentials/keyring-passphrase");
  test_file_write (path, PASSPHRASE "\n", -1, 0400);
}

guint
count_processes (Place *place, const char *word)
{
  g_autoptr (GDir) proc = g_dir_open ("/proc", 0, NULL);
  guint n = 0;
  const char *entry;

  while ((entry = g_dir_read_name (proc)) != NULL)
    {
      g_autofree char *path = g_build_filename ("/proc", entry, "cmdline", NULL);
      g_autofree char *line = NULL;
      gsize length;

      if (g_ascii_isdigit (*entry) && g_file_get_contents (path, &line, &length, NULL)
          && memmem (line, length, place->directory, strlen (place->directory)) != NULL
          && memmem (line, length, word, strlen (word)) != NULL)
        n++;
    }
  return n;
}

guint
count_daemons (Place *place)
{
  return count_processes (place, "gnome-keyring-daemon");
}

void
check_all_gone (Place *place)
{
  g_autofree char *run = in_place (place, "run");
  g_autofree char *tmp = in_place (place, "tmp");

  test_wait_until (count_processes (place, "") == 0);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GDir) directory = g_dir_open (i == 0 ? run : tmp, 0, NULL);

      g_assert_cmpstr (g_dir_read_name (directory), ==, NULL);
    }
}

void
place_tear_down (Place *place, gconstpointer data)
{
  test_wait_until (count_processes (place, "") == 0);
  while (waitpid (-1, NULL, WNOHANG) > 0)
    ;
  test_directory_remove (place->directory);
  g_strfreev (place->world.env);
}

TestRun *
run_in_session (const char *where, Place *place, int status, const char *script)
{
  return run_tool (where, &place->world, status, -1, NULL, BY_CREDENTIAL, "sh", "-c", script,
                   place->directory, NULL);
}

Running *
start_session (Place *place, const char *script)
{
  return tool_start (&place->world, BY_CREDENTIAL, "sh", "-c", script, place->directory);
}

char *
adding (const char *prefix, guint n)
{
  return g_strdup_printf (
      "i=0; while [ $i -lt %u ]; do i=$((i+1));"
      " printf 'appkey=%s%%034d\\nappsecret=%s%%0178d\\n' $i $i |"
      " \"$KR_TEST_TOOL\" -q add kis %s-$i --env paper --no-verify || exit 99; done",
      n, prefix, prefix, prefix);
}
