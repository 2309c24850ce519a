/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commands.h"
#include "session/session.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keyring/bus.h"
#include "process/child.h"
#include "terminal/input.h"
#include "terminal/options.h"
#include "terminal/progress.h"
#include "terminal/report.h"
#include "terminal/prompt.h"
#include "terminal/text.h"

/* session: a bus and an open keyring around a command, for machines where nobody logs in to a
 * desktop. Where this HOME's keyring is at work already, that one is used: there is never a second
 * daemon for one HOME. */

/* How long it may take to have a bus and a daemon, in seconds. */
#define PATIENCE 30

/* So often a person may type it. */
#define TRIES 3

static struct
{
  char *passphrase_fd;
  char *credential;
} given;

static int passphrase_fd = -1;

static const GOptionEntry options[] = {
  { "passphrase-fd", 0, 0, G_OPTION_ARG_FILENAME, &given.passphrase_fd,
    N_ ("Read the keyring's passphrase from descriptor N: its first line"), "N" },
  { "credential", 0, 0, G_OPTION_ARG_FILENAME, &given.credential,
    N_ ("Read it from a credential of the systemd service"), N_ ("NAME") },
  { NULL },
};

static SecretValue *
fail (KrSecretError code, const char *message, const char *next, char **out_next, GError **error)
{
  kr_secret_error_set (error, code, 0, NULL, "%s", message);
  g_free (*out_next);
  *out_next = g_strdup (next);
  return NULL;
}

static int
open_plain (int directory, const char *name, char **out_next, GError **error)
{
  int fd = openat (directory, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  gboolean is_other = fd < 0 && (errno == ELOOP || errno == ENXIO);
  struct stat st;

  if (fd >= 0 && fstat (fd, &st) == 0 && S_ISREG (st.st_mode))
    return fd;
  fail (KR_SECRET_ERROR_USAGE,
        fd >= 0 || is_other ? _ ("the credential must be a plain file") : g_strerror (errno),
        _ ("name it in the unit: LoadCredentialEncrypted=NAME"), out_next, error);
  if (fd >= 0)
    close (fd);
  return -1;
}

static SecretValue *
read_credential (const char *name, char **out_next, GError **error)
{
  const char *path = g_getenv ("CREDENTIALS_DIRECTORY");
  SecretValue *value;
  int directory, fd;

  if (path == NULL || *path == '\0')
    return fail (KR_SECRET_ERROR_USAGE, _ ("CREDENTIALS_DIRECTORY is not set"),
                 _ ("a systemd service has it, with LoadCredentialEncrypted= or LoadCredential="),
                 out_next, error);
  directory = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0)
    return fail (KR_SECRET_ERROR_USAGE, g_strerror (errno), NULL, out_next, error);
  fd = open_plain (directory, name, out_next, error);
  close (directory);
  if (fd < 0)
    return NULL;
  value = input_read_passphrase_file (fd, error);
  close (fd);
  return value;
}

/* With a line's end in it, it would be another one than a person can type, or the desktop. */
static gboolean
check_passphrase (SecretValue *value, char **out_next, GError **error)
{
  gsize length;
  const char *text = secret_value_get (value, &length);

  if (memchr (text, '\0', length) != NULL)
    fail (KR_SECRET_ERROR_USAGE, _ ("a passphrase cannot contain a zero byte"), NULL, out_next,
          error);
  else if (memchr (text, '\n', length) != NULL || memchr (text, '\r', length) != NULL)
    fail (KR_SECRET_ERROR_USAGE, _ ("a passphrase is one line, and there is a line break in it"),
          _ ("leave in the file nothing but the passphrase, on one line"), out_next, error);
  else
    return TRUE;
  return FALSE;
}

/* The passphrase, from wherever it is to come. Standard input is the command's. */
static SecretValue *
get_passphrase (Tool *tool, gboolean is_new, char **out_next, GError **error)
{
  g_autoptr (SecretValue) value = NULL;

  if (given.credential != NULL)
    value = read_credential (given.credential, out_next, error);
  else if (passphrase_fd >= 0)
    value = input_read_passphrase (tool, passphrase_fd, NULL, FALSE, error);
  else if (prompt_is_possible (tool))
    value = input_read_passphrase (tool, -1,
                                   is_new ? _ ("new passphrase for the keyring of this HOME: ")
                                          : _ ("passphrase of the keyring: "),
                                   is_new, error);
  else
    fail (KR_SECRET_ERROR_USAGE,
          is_new ? _ ("there is no keyring yet, and no passphrase to make one with")
                 : _ ("the keyring is locked, and there is no passphrase"),
          _ ("give it with --passphrase-fd 3 3<FILE, or --credential NAME in a service, or run "
             "this on a terminal"),
          out_next, error);
  if (value == NULL || !check_passphrase (value, out_next, error))
    return NULL;
  return g_steal_pointer (&value);
}

/* Has a bus with a daemon: one that runs, or one that the keeper starts. */
static char *
get_bus (gint64 deadline, int keeper, int *out_keeper, char **out_next, GError **error)
{
  g_autoptr (GError) local = NULL;
  char *address = NULL;

  for (;;)
    {
      gboolean has_keyring = FALSE;
      g_autofree char *found = bus_find (deadline, &has_keyring);

      if (has_keyring)
        return g_steal_pointer (&found);
      if (session_join_order (keeper, found, deadline, &address, out_next, &local))
        *out_keeper = keeper;
      else if (local == NULL) /* somebody else is starting one, or is just ending it */
        *out_keeper = session_join (deadline, &address, out_next, &local);
      if (local == NULL && *out_keeper < 0 && g_get_monotonic_time () > deadline)
        kr_secret_error_set (&local, KR_SECRET_ERROR_DEADLINE, 0, NULL,
                             _ ("other sessions of this HOME are in the way"));
      if (local != NULL)
        g_propagate_error (error, g_steal_pointer (&local));
      else if (*out_keeper < 0)
        continue;
      return address;
    }
}

/* Finds the bus on which the keyring of this HOME is, or has it started. *out_keeper is -1 where it
 * is not ours to keep. */
static char *
find_bus (Tool *tool, gint64 deadline, int *out_keeper, char **out_next, GError **error)
{
  g_autoptr (GError) local = NULL;
  char *address = NULL;
  int keeper;

  *out_keeper = session_join (deadline, &address, out_next, &local);
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  if (*out_keeper >= 0)
    return address;
  keeper = session_keeper_fork (error);
  if (keeper < 0)
    return NULL;
  /* Not before there is a keeper: it is forked without threads. */
  progress_begin (tool, "%s", _ ("starting the keyring"));
  address = get_bus (deadline, keeper, out_keeper, out_next, error);
  if (*out_keeper != keeper)
    session_leave (keeper);
  return address;
}

static gboolean
check_home (GError **error)
{
  const char *home = g_getenv ("HOME");

  if (home != NULL && g_path_is_absolute (home))
    return TRUE;
  kr_secret_error_set (error, KR_SECRET_ERROR_NO_KEYRING, 0, NULL,
                       home == NULL ? _ ("HOME is not set, so there is no place for a keyring")
                                    : _ ("HOME is not an absolute path"));
  return FALSE;
}

static gboolean
read_descriptor (Tool *tool, int *out_status)
{
  if (!options_parse_descriptor (tool, "--passphrase-fd", given.passphrase_fd, &passphrase_fd,
                                 out_status))
    return FALSE;
  /* The command does not get it; but of standard input it gets what follows the line. */
  if (passphrase_fd > STDERR_FILENO)
    fcntl (passphrase_fd, F_SETFD, FD_CLOEXEC);
  return TRUE;
}

static gboolean
check_arguments (Tool *tool, char **args, int *out_status)
{
  const char *name = given.credential;

  if (args[0] != NULL || tool->child == NULL || tool->child[0] == NULL)
    *out_status = report_usage (tool, NULL, NULL, "%s",
                                args[0] != NULL ? _ ("the command has to come after '--'")
                                                : _ ("no command was given"));
  else if (given.passphrase_fd != NULL && name != NULL)
    *out_status = report_usage (tool, _ ("the passphrase can come from one place"), NULL,
                                _ ("--passphrase-fd and --credential exclude each other"));
  else if (name != NULL
           && (*name == '\0' || strchr (name, '/') != NULL || g_str_equal (name, ".")
               || g_str_equal (name, "..")))
    *out_status = report_usage (tool, _ ("the name is that of a file in CREDENTIALS_DIRECTORY"),
                                NULL, _ ("--credential is not a name"));
  else
    return read_descriptor (tool, out_status);
  return FALSE;
}

/* Has the keyring open, and runs the command. FALSE: it did not run to its end. */
static gboolean
run_on (Tool *tool, const char *address, int keeper, int *out_ended, int *out_status)
{
  gboolean typed = given.credential == NULL && given.passphrase_fd == NULL;
  g_autofree char *next = NULL;
  g_autoptr (GError) error = NULL;
  gboolean is_open;

  report_detail (tool, "%s",
                 keeper >= 0 ? _ ("the keyring is there until the last session of this HOME ends")
                             : _ ("using the keyring that runs in this login already"));
  g_setenv ("DBUS_SESSION_BUS_ADDRESS", address, TRUE);
  progress_begin (tool, "%s", _ ("opening the keyring"));
  is_open = session_keyring_open (tool, get_passphrase, typed ? TRIES : 1, &next, &error);
  progress_end ();
  /* Who gives the passphrase may wait till it is read. */
  if (passphrase_fd > STDERR_FILENO)
    close (passphrase_fd);
  if (is_open)
    return session_run (tool, tool->child, keeper, out_ended, out_status);
  *out_status = report_error (tool, error, next, _ ("the keyring cannot be opened"));
  return FALSE;
}

static int
run (Tool *tool, char **args)
{
  gint64 deadline = g_get_monotonic_time ()
                    + (gint64) (tool->timeout > 0 ? tool->timeout : PATIENCE) * G_USEC_PER_SEC;
  g_autofree char *address = NULL;
  g_autofree char *next = NULL;
  g_autoptr (GError) error = NULL;
  gboolean ran;
  int keeper = -1;
  int status, ended, code;

  if (!check_arguments (tool, args, &status))
    return status;
  code = child_look_for (tool->child[0]);
  if (code != 0)
    return child_report_not_run (tool, tool->child[0], code);
  if (check_home (&error))
    address = find_bus (tool, deadline, &keeper, &next, &error);
  if (address == NULL)
    return report_error (tool, error, next, _ ("there is no keyring to run the command with"));
  ran = run_on (tool, address, keeper, &ended, &status);
  session_leave (keeper);
  return ran ? child_end_as (ended) : status;
}

const Command session_command = {
  "session",
  N_ ("[--passphrase-fd N | --credential NAME] -- COMMAND…"),
  N_ ("Run a command with an open keyring, where there is no desktop"),
  options,
  run,
  TRUE,
  N_ ("The keyring is that of HOME, and is made the first time. Sessions of one HOME\n"
      "share it; when the last of them ends, the keyring and its bus are gone, also for\n"
      "what the command has left running."),
};
