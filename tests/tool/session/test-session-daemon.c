/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "place.h"
#include "test-files.h"

/* session with a daemon as distributions install it, whose file has the capability to lock memory,
 * on a system that does not grant it: in most containers and in the service of our example. */

#define CONFINED "--confined"
/* Its exit status where the machine does not allow it. */
#define UNABLE 77

static gboolean
has_capability (int number)
{
  g_autofree char *text = NULL;
  const char *line;

  if (!g_file_get_contents ("/proc/self/status", &text, NULL, NULL)
      || (line = strstr (text, "\nCapEff:\t")) == NULL)
    return FALSE;
  return (g_ascii_strtoull (line + strlen ("\nCapEff:\t"), NULL, 16) >> number & 1) != 0;
}

static int
give_up (const char *what)
{
  /* EINVAL: in a chroot, whose root is not a mount point. */
  int status = errno == EPERM || errno == EACCES || errno == ENOSYS || errno == ENOSPC
                       || errno == ENOTSUP || errno == EINVAL
                   ? UNABLE
                   : 99;

  fprintf (stderr, "%s: %s\n", what, g_strerror (errno));
  return status;
}

static gboolean
write_text (const char *path, const char *text)
{
  int fd = open (path, O_WRONLY | O_CLOEXEC);
  gboolean done = fd >= 0 && write (fd, text, strlen (text)) == (ssize_t) strlen (text);

  if (fd >= 0)
    close (fd);
  return done;
}

/* Inside, a user other than root counts as root for these files. */
static gboolean
enter_user_namespace (void)
{
  g_autofree char *uids = g_strdup_printf ("0 %u 1", (guint) geteuid ());
  g_autofree char *gids = g_strdup_printf ("0 %u 1", (guint) getegid ());

  return unshare (CLONE_NEWUSER) == 0 && write_text ("/proc/self/setgroups", "deny")
         && write_text ("/proc/self/uid_map", uids) && write_text ("/proc/self/gid_map", gids);
}

/* This program sets such a machine up: it gives the file @argv[0] the capability, makes the
 * directory @argv[1], if there is one, non-executable, and becomes the rest. */
static int
confine (char **argv)
{
  const guint32 ipc_lock[] = { GUINT32_TO_LE (VFS_CAP_REVISION_2 | VFS_CAP_FLAGS_EFFECTIVE),
                               GUINT32_TO_LE (1 << CAP_IPC_LOCK), 0, 0, 0 };
  gboolean mounts = *argv[1] != '\0';

  if ((!has_capability (CAP_SETFCAP) || (mounts && !has_capability (CAP_SYS_ADMIN)))
      && !enter_user_namespace ())
    return give_up ("user namespace");
  if (mounts && unshare (CLONE_NEWNS) != 0)
    return give_up ("mount namespace");
  if (setxattr (argv[0], "security.capability", ipc_lock, sizeof ipc_lock, 0) != 0)
    return give_up ("capability of a file");
  if (mounts
      && (mount ("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0
          || mount ("none", argv[1], "tmpfs", MS_NOEXEC | MS_NOSUID | MS_NODEV, "mode=0700") != 0))
    return give_up ("mount");
  execvp (argv[2], argv + 2);
  return 98;
}

/* Whether such a machine can be set up. If the daemon starts nevertheless, the test shows
 * nothing. */
static gboolean
can_confine (Place *place, const char *self, const char *marked, const char *noexec)
{
  g_autoptr (Running) running = running_start (&place->world, self, CONFINED, marked, noexec,
                                               "setpriv", "--bounding-set=-all", "--no-new-privs",
                                               marked, "--version", place->directory, NULL);
  int status = running_end (running);
  g_autofree char *why = NULL;

  if (status != 0 && status != UNABLE)
    {
      test_assert_contains (running_get_err (running), "not permitted");
      return TRUE;
    }
  why = g_strdup_printf ("this machine does not let it: %s",
                         status == 0 ? "capabilities of files are ignored"
                                     : running_get_err (running));
  g_test_skip (g_strdelimit (why, "\n", ' '));
  return FALSE;
}

/* The daemons of the place, by the kernel's name for them. */
static guint
count_named (Place *place)
{
  g_autoptr (GDir) proc = g_dir_open ("/proc", 0, NULL);
  const char *entry;
  guint n = 0;

  while ((entry = g_dir_read_name (proc)) != NULL)
    {
      g_autofree char *line = g_build_filename ("/proc", entry, "cmdline", NULL);
      g_autofree char *name = g_build_filename ("/proc", entry, "comm", NULL);
      g_autofree char *arguments = NULL;
      g_autofree char *comm = NULL;
      gsize length;

      if (g_ascii_isdigit (*entry) && g_file_get_contents (line, &arguments, &length, NULL)
          && memmem (arguments, length, place->directory, strlen (place->directory)) != NULL
          && g_file_get_contents (name, &comm, NULL, NULL)
          && g_str_equal (comm, "gnome-keyring-d\n"))
        n++;
    }
  return n;
}

static void
check_runs_confined (Place *place, const char *noexec, const char *check)
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *program = g_find_program_in_path ("gnome-keyring-daemon");
  g_autofree char *marked = in_place (place, "bin/gnome-keyring-daemon");
  g_autofree char *end = in_place (place, "end");
  g_autofree char *path = NULL;
  g_autofree char *script = NULL;

  place_make_directory (place, "BIN", "bin");
  test_file_copy (program, marked);
  if (!can_confine (place, self, marked, noexec))
    return;
  path = g_strconcat (g_environ_getenv (place->world.env, "BIN"), ":", g_getenv ("PATH"), NULL);
  world_setenv (&place->world, "PATH", path);
  script = g_strdup_printf ("%s; echo ready; until [ -e $0/end ]; do sleep 0.01; done", check);
  {
    g_autoptr (Running) running
        = running_start (&place->world, self, CONFINED, marked, noexec, "setpriv",
                         "--bounding-set=-all", "--no-new-privs", g_getenv ("KR_TEST_TOOL"),
                         BY_CREDENTIAL, "sh", "-c", script, place->directory, NULL);
    g_autofree char *ready = running_next_line (running);

    g_assert_cmpstr (ready, ==, "ready");
    g_assert_cmpuint (count_daemons (place), ==, 1);
    /* Its name lets others find it when they look for a second one. */
    g_assert_cmpuint (count_named (place), ==, 1);
    test_file_write (end, "", 0, 0);
    g_assert_cmpint (running_end (running), ==, 0);
  }
  check_all_gone (place);
}

static void
the_daemons_capabilities_are_done_without (Place *place, gconstpointer data)
{
  check_runs_confined (place, "", "true");
}

static void
nothing_has_to_run_from_the_runtime_directory (Place *place, gconstpointer data)
{
  g_autofree char *run = in_place (place, "run");

  /* The check is only worth something if nothing can. */
  check_runs_confined (place, run,
                       "printf '#!/bin/sh\\n' > $XDG_RUNTIME_DIR/t; chmod 700 $XDG_RUNTIME_DIR/t;"
                       "if $XDG_RUNTIME_DIR/t; then echo it runs; exit 1; fi;"
                       "rm $XDG_RUNTIME_DIR/t");
}

int
main (int argc, char **argv)
{
  if (argc > 4 && g_str_equal (argv[1], CONFINED))
    return confine (argv + 2);
  g_test_init (&argc, &argv, NULL);
  PLACE_TEST (the_daemons_capabilities_are_done_without);
  PLACE_TEST (nothing_has_to_run_from_the_runtime_directory);
  return g_test_run ();
}
