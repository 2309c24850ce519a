/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "session.h"

/* Two keyring daemons on the same files lose what is stored, so what counts is the directory the
 * keyrings are in, not the bus. Whoever starts a daemon holds a lock beside it; daemons that others
 * have started are found in /proc. */

/* As much of a program's name as the kernel keeps. */
#define DAEMON_NAME "gnome-keyring-d"

typedef struct
{
  char name[16];
  char state;
  uid_t uid;
} Status;

static char *
get_directory (void)
{
  return g_build_filename (g_get_user_data_dir (), "krsecret", NULL);
}

static int
refuse (const char *path, const char *why, GError **error)
{
  g_autofree char *shown = g_filename_display_name (path);

  kr_secret_error_set (error, KR_SECRET_ERROR_DAMAGED, 0, NULL, "%s: %s", shown, why);
  return -1;
}

static gboolean
is_private (int fd, mode_t format)
{
  struct stat st;

  return fstat (fd, &st) == 0 && (st.st_mode & S_IFMT) == format && st.st_uid == geteuid ()
         && (st.st_mode & 077) == 0;
}

/* A file of ours beside the keyrings. -1 with no error: there is none. */
int
session_home_open (const char *name, gboolean make, GError **error)
{
  g_autofree char *directory = get_directory ();
  g_autofree char *path = g_build_filename (directory, name, NULL);
  int fd, file;

  if (make && g_mkdir_with_parents (directory, 0700) != 0)
    return refuse (directory, g_strerror (errno), error);
  fd = open (directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0)
    return !make && errno == ENOENT ? -1 : refuse (directory, g_strerror (errno), error);
  if (!is_private (fd, S_IFDIR))
    {
      close (fd);
      return refuse (directory, _ ("must be a directory of this user with mode 0700"), error);
    }
  file = openat (fd, name,
                 O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | (make ? O_CREAT : 0),
                 0600);
  close (fd);
  if (file < 0)
    return !make && errno == ENOENT ? -1 : refuse (path, g_strerror (errno), error);
  if (is_private (file, S_IFREG))
    return file;
  close (file);
  return refuse (path, _ ("must be a plain file of this user with mode 0600"), error);
}

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

static const char *
find_variable (const char *block, gsize length, const char *name)
{
  for (const char *p = block; p < block + length; p += strlen (p) + 1)
    if (g_str_has_prefix (p, name) && p[strlen (name)] == '=' && p[strlen (name) + 1] != '\0')
      return p + strlen (name) + 1;
  return NULL;
}

/* Where a process has its keyrings. The environment of one with file capabilities, which the daemon
 * often has, is closed to us: such a one has been started by the login, with the user's own HOME.
 */
static char *
get_data_directory (GPid pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/environ", pid);
  g_autofree char *text = NULL;
  gsize length = 0;
  const char *data = NULL, *home = NULL;
  const struct passwd *user;

  if (g_file_get_contents (path, &text, &length, NULL))
    {
      data = find_variable (text, length, "XDG_DATA_HOME");
      home = find_variable (text, length, "HOME");
    }
  if (data != NULL)
    return g_strdup (data);
  if (home == NULL && (user = getpwuid (geteuid ())) != NULL)
    home = user->pw_dir;
  return home != NULL ? g_build_filename (home, ".local", "share", NULL) : NULL;
}

/* Whether the keyrings of a process are ours. It may see the file system in another way. */
gboolean
session_home_is_of (GPid pid)
{
  const char *ours = g_get_user_data_dir ();
  g_autofree char *theirs = get_data_directory (pid);
  g_autofree char *root = g_strdup_printf ("/proc/%d/root", pid);
  g_autofree char *seen = theirs != NULL ? g_build_filename (root, theirs, NULL) : NULL;
  struct stat here, there;

  if (theirs == NULL)
    return FALSE;
  if (stat (ours, &here) == 0 && (stat (seen, &there) == 0 || stat (theirs, &there) == 0))
    return here.st_dev == there.st_dev && here.st_ino == there.st_ino;
  return g_str_equal (ours, theirs);
}

/* A keyring daemon of this user at work on this HOME, on whatever bus; 0 if there is none. */
GPid
session_home_find_daemon (void)
{
  g_autoptr (GDir) directory = g_dir_open ("/proc", 0, NULL);
  const char *entry;

  while (directory != NULL && (entry = g_dir_read_name (directory)) != NULL)
    {
      GPid pid = (GPid) g_ascii_strtoll (entry, NULL, 10);
      Status status;

      if (pid > 0 && read_status (pid, &status) && g_str_equal (status.name, DAEMON_NAME)
          && status.uid == geteuid () && strchr ("ZXx", status.state) == NULL
          && session_home_is_of (pid))
        return pid;
    }
  return 0;
}
