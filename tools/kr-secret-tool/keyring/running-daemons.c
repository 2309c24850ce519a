/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "keyring/running-daemons.h"

#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Two keyring daemons on the same files lose data, so what counts is the directory of the keyrings,
 * not the bus. A daemon of another session, a test or a container on other files does no harm. */

/* As much of the name as the kernel keeps. */
#define DAEMON_NAME "gnome-keyring-d"

typedef struct
{
  char name[16];
  char state;
  uid_t uid;
} Status;

static gboolean
read_status (GPid pid, Status *out_status)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/status", pid);
  g_autofree char *text = NULL;
  const char *state, *uid;

  if (!g_file_get_contents (path, &text, NULL, NULL)
      || sscanf (text, "Name:\t%15[^\n]", out_status->name) != 1)
    return FALSE;
  state = strstr (text, "\nState:\t");
  uid = strstr (text, "\nUid:\t");
  return state != NULL && sscanf (state, "\nState: %c", &out_status->state) == 1 && uid != NULL
         && sscanf (uid, "\nUid: %*u %u", &out_status->uid) == 1;
}

/* The owner in /proc misleads: files of a process with capabilities belong to root. */
static gboolean
is_daemon (GPid pid)
{
  Status status;

  return read_status (pid, &status) && g_str_equal (status.name, DAEMON_NAME)
         && status.uid == geteuid () && strchr ("ZXx", status.state) == NULL;
}

static const char *
find_variable (const char *block, gsize length, const char *name)
{
  gsize n = strlen (name);

  for (const char *p = block; p < block + length; p += strlen (p) + 1)
    if (strncmp (p, name, n) == 0 && p[n] == '=')
      return p + n + 1;
  return NULL;
}

/* The default directory. */
static char *
get_usual_directory (void)
{
  const struct passwd *user = getpwuid (geteuid ());

  return g_build_filename (user != NULL ? user->pw_dir : "/", ".local", "share", "keyrings", NULL);
}

/* The daemon's directory as GLib decides it. A relative path is in its working directory. */
static char *
get_directory_from (GPid pid, const char *block, gsize length)
{
  const char *data = find_variable (block, length, "XDG_DATA_HOME");
  const char *home = find_variable (block, length, "HOME");
  g_autofree char *link = g_strdup_printf ("/proc/%d/cwd", pid);
  g_autofree char *here = NULL;
  g_autofree char *path = NULL;

  if (data != NULL && *data != '\0')
    path = g_build_filename (data, "keyrings", NULL);
  else if (home != NULL)
    path = g_build_filename (home, ".local", "share", "keyrings", NULL);
  else
    return get_usual_directory ();
  if (g_path_is_absolute (path))
    return g_steal_pointer (&path);
  here = g_file_read_link (link, NULL);
  return here != NULL ? g_build_filename (here, path, NULL) : NULL;
}

/* The directory of a process's keyrings, or NULL if the process is gone. The environment of a
 * process with file capabilities, as the daemon often has, is unreadable: it was started by the
 * login, with the user's own HOME. */
static char *
get_directory (GPid pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/environ", pid);
  g_autofree char *block = NULL;
  g_autoptr (GError) error = NULL;
  gsize length = 0;

  if (g_file_get_contents (path, &block, &length, &error))
    return length > 0 ? get_directory_from (pid, block, length) : NULL; /* empty while it ends */
  return g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_ACCES)
                 || g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_PERM)
             ? get_usual_directory ()
             : NULL;
}

/* Looks at a path as the process sees it, perhaps in another mount namespace. */
static gboolean
look (GPid pid, const char *path, struct stat *out_stat)
{
  g_autofree char *root = g_strdup_printf ("/proc/%d/root", pid);
  g_autofree char *seen = g_build_filename (root, path, NULL);

  return stat (seen, out_stat) == 0 || stat (path, out_stat) == 0;
}

/* Whether a process uses our keyrings. If there are none yet, compares the directory they will be
 * made in. */
static gboolean
is_ours (GPid pid, const char *theirs)
{
  g_autofree char *relative = g_build_filename (g_get_user_data_dir (), "keyrings", NULL);
  g_autofree char *ours = g_canonicalize_filename (relative, NULL);
  g_autofree char *our_parent = g_path_get_dirname (ours);
  g_autofree char *their_parent = g_path_get_dirname (theirs);
  struct stat here, there;

  if ((stat (ours, &here) == 0 && look (pid, theirs, &there))
      || (stat (our_parent, &here) == 0 && look (pid, their_parent, &there)))
    return here.st_dev == there.st_dev && here.st_ino == there.st_ino;
  return g_str_equal (ours, theirs);
}

/* In a container with a bus from outside, we cannot see the keyring's process. It too counts as the
 * login's. */
gboolean
running_daemons_is_of_home (GPid pid)
{
  g_autofree char *found = get_directory (pid);
  g_autofree char *directory = found != NULL ? g_steal_pointer (&found) : get_usual_directory ();

  return is_ours (pid, directory);
}

char *
running_daemons_find_elsewhere (GPid pid)
{
  g_autofree char *directory = pid > 0 && is_daemon (pid) ? get_directory (pid) : NULL;

  return directory != NULL && !is_ours (pid, directory) ? g_steal_pointer (&directory) : NULL;
}

GArray *
running_daemons_find (void)
{
  GArray *daemons = g_array_new (FALSE, FALSE, sizeof (GPid));
  g_autoptr (GDir) proc = g_dir_open ("/proc", 0, NULL);
  const char *entry;

  while (proc != NULL && (entry = g_dir_read_name (proc)) != NULL)
    {
      GPid pid = (GPid) g_ascii_strtoll (entry, NULL, 10);
      g_autofree char *directory = pid > 0 && is_daemon (pid) ? get_directory (pid) : NULL;

      if (directory != NULL && is_ours (pid, directory))
        g_array_append_val (daemons, pid);
    }
  return daemons;
}
