/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "doctor.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* second-daemon: two keyring daemons that write the same files, each on a bus of its own, overwrite
 * what the other has stored. One that somebody else's session, a test or a container runs on other
 * files does no harm. */

/* The kernel keeps so much of a program's name. */
#define NAME "gnome-keyring-d"

/* A daemon that puts itself into the background, or that tells another one to start, is two
 * processes for a moment. */
#define MOMENT (G_USEC_PER_SEC / 4)

typedef struct
{
  guint32 pid;
  char *directory;
} Daemon;

static void
daemon_free (gpointer data)
{
  Daemon *self = data;

  g_free (self->directory);
  g_free (self);
}

static char *
read_of_process (const char *pid, const char *file, gsize *out_length, int *out_errno)
{
  g_autofree char *path = g_build_filename ("/proc", pid, file, NULL);
  char *text = NULL;

  errno = 0;
  if (!g_file_get_contents (path, &text, out_length, NULL) && out_errno != NULL)
    *out_errno = errno;
  return text;
}

/* Whether it is a keyring daemon of this user that runs. The owner of the files in /proc does not
 * tell: those of a program with capabilities are root's. */
static gboolean
is_daemon (const char *pid)
{
  g_autofree char *name = read_of_process (pid, "comm", NULL, NULL);
  g_autofree char *status = NULL;
  const char *line;
  unsigned uid;

  if (name == NULL || !g_str_equal (g_strchomp (name), NAME))
    return FALSE;
  status = read_of_process (pid, "status", NULL, NULL);
  if (status == NULL || strstr (status, "\nState:\tZ") != NULL)
    return FALSE;
  line = strstr (status, "\nUid:");
  return line != NULL && sscanf (line, "\nUid: %u", &uid) == 1 && uid == (unsigned) getuid ();
}

/* The value of a variable among those of a process, or NULL. */
static const char *
find_variable (const char *data, gsize length, const char *name)
{
  gsize n = strlen (name);

  for (const char *p = data; p < data + length; p += strlen (p) + 1)
    if (strncmp (p, name, n) == 0 && p[n] == '=')
      return p + n + 1;
  return NULL;
}

/* The keyrings of somebody with such an environment. */
static char *
directory_from (const char *data_home, const char *home)
{
  const struct passwd *user = getpwuid (getuid ());

  if (data_home != NULL && g_path_is_absolute (data_home))
    return g_build_filename (data_home, "keyrings", NULL);
  if (home == NULL || *home == '\0')
    home = user != NULL ? user->pw_dir : "/";
  return g_build_filename (home, ".local", "share", "keyrings", NULL);
}

/* Where the daemon keeps its files; NULL if it is gone. The environment of one with capabilities,
 * as most systems install it, is for root alone: that is the one of the desktop, in the user's
 * usual home. */
static char *
find_directory (const char *pid)
{
  int failure = 0;
  gsize length = 0;
  g_autofree char *data = read_of_process (pid, "environ", &length, &failure);

  if (data != NULL && length > 0)
    return directory_from (find_variable (data, length, "XDG_DATA_HOME"),
                           find_variable (data, length, "HOME"));
  return failure == EACCES || failure == EPERM ? directory_from (NULL, NULL) : NULL;
}

static gboolean
is_same_directory (const char *one, const char *other)
{
  struct stat a, b;

  return g_str_equal (one, other)
         || (stat (one, &a) == 0 && stat (other, &b) == 0 && a.st_dev == b.st_dev
             && a.st_ino == b.st_ino);
}

/* Those that write the files in directory. (element-type Daemon) */
static GPtrArray *
find_daemons (const char *directory)
{
  GPtrArray *daemons = g_ptr_array_new_with_free_func (daemon_free);
  g_autoptr (GDir) proc = g_dir_open ("/proc", 0, NULL);
  const char *pid;

  while (proc != NULL && (pid = g_dir_read_name (proc)) != NULL)
    {
      g_autofree char *found
          = g_ascii_isdigit (*pid) && is_daemon (pid) ? find_directory (pid) : NULL;
      Daemon *daemon;

      if (found == NULL || !is_same_directory (found, directory))
        continue;
      daemon = g_new0 (Daemon, 1);
      daemon->pid = (guint32) g_ascii_strtoull (pid, NULL, 10);
      daemon->directory = g_steal_pointer (&found);
      g_ptr_array_add (daemons, daemon);
    }
  return daemons;
}

static gboolean
has (GPtrArray *daemons, guint32 pid)
{
  for (guint i = 0; i < daemons->len; i++)
    if (((Daemon *) daemons->pdata[i])->pid == pid)
      return TRUE;
  return FALSE;
}

/* Those that are still there after a moment. */
static GPtrArray *
find_lasting_daemons (const char *directory)
{
  GPtrArray *daemons = find_daemons (directory);
  g_autoptr (GPtrArray) later = NULL;

  if (daemons->len < 2)
    return daemons;
  g_usleep (MOMENT);
  later = find_daemons (directory);
  for (guint i = daemons->len; i > 0; i--)
    if (!has (later, ((Daemon *) daemons->pdata[i - 1])->pid))
      g_ptr_array_remove_index (daemons, i - 1);
  return daemons;
}

/* Their ids, but for one. */
static char *
list_pids (GPtrArray *daemons, guint32 but)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < daemons->len; i++)
    {
      const Daemon *daemon = daemons->pdata[i];
      if (daemon->pid != but)
        g_string_append_printf (text, "%s%u", text->len > 0 ? " " : "", daemon->pid);
    }
  return g_string_free (text, FALSE);
}

static void
fail_with_several (Doctor *doctor, GPtrArray *daemons)
{
  g_autofree char *all = list_pids (daemons, 0);
  g_autofree char *others = list_pids (daemons, doctor->owner);

  doctor->contested = TRUE;
  if (has (daemons, doctor->owner))
    doctor_fail (doctor, KR_SECRET_ERROR_FAILED, g_strdup_printf ("kill %s", others),
                 _ ("several keyring daemons write the same files, and overwrite what the others "
                    "have stored: processes %s; the one of this session is %u"),
                 all, doctor->owner);
  else
    doctor_fail (
        doctor, KR_SECRET_ERROR_FAILED,
        g_strdup_printf (_ ("end all but the one of the desktop; of these processes: ps -fp '%s'"),
                         all),
        _ ("several keyring daemons write the same files, and overwrite what the others "
           "have stored: processes %s"),
        all);
}

/* One on the same files, but not on this bus. Where the bus has no keyring, one would be started
 * beside it. */
static void
judge_stranger (Doctor *doctor, guint32 pid)
{
  if (doctor->bus == NULL)
    doctor_ok (doctor, _ ("one keyring daemon runs (process %u); this shell is not on its bus"),
               pid);
  else if (doctor->owner != 0)
    doctor_ok (doctor, _ ("the keyring of this session is of another make (process %u)"),
               doctor->owner);
  else
    doctor_fail (doctor, KR_SECRET_ERROR_FAILED,
                 g_strdup_printf (_ ("run this in a shell of the session that process belongs to, "
                                     "or end it: kill %u"),
                                  pid),
                 _ ("a keyring daemon on another bus (process %u) writes the files of this home; "
                    "with one here they would overwrite what the other has stored"),
                 pid);
}

/* Whether the keyring of this session is gnome-keyring, on other files than ours would be; those.
 */
static char *
find_elsewhere (Doctor *doctor, const char *directory)
{
  g_autofree char *pid = g_strdup_printf ("%u", doctor->owner);
  g_autofree char *found = doctor->owner != 0 && is_daemon (pid) ? find_directory (pid) : NULL;

  return found != NULL && !is_same_directory (found, directory) ? g_steal_pointer (&found) : NULL;
}

void
doctor_check_daemons (Doctor *doctor)
{
  g_autofree char *directory = doctor_keyrings_directory ();
  g_autoptr (GPtrArray) daemons = find_lasting_daemons (directory);
  g_autofree char *elsewhere = find_elsewhere (doctor, directory);

  if (elsewhere != NULL)
    {
      g_autofree char *shown = doctor_shown (elsewhere);

      doctor_warn (doctor, g_strdup (_ ("run this with the HOME and XDG_DATA_HOME of the session")),
                   _ ("the keyring of this session (process %u) is of another home: its files are "
                      "in %s"),
                   doctor->owner, shown);
    }
  if (daemons->len > 1)
    fail_with_several (doctor, daemons);
  else if (elsewhere != NULL)
    return;
  else if (daemons->len == 1 && !has (daemons, doctor->owner))
    judge_stranger (doctor, ((Daemon *) daemons->pdata[0])->pid);
  else if (daemons->len == 1)
    doctor_ok (doctor, _ ("one keyring daemon runs for this home"));
  else
    doctor_ok (doctor, _ ("no second keyring daemon runs for this home"));
}
