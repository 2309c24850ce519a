/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commands.h"
#include "session/session.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "process/child.h"
#include "terminal/options.h"
#include "terminal/progress.h"
#include "terminal/report.h"

/* session: runs a command with a bus and an open keyring, on machines without a desktop login. If
 * this HOME's keyring already runs, it is used: one HOME never has two daemons. */

/* Seconds for a bus and a daemon to be ready. */
#define PATIENCE 30

static char *passphrase_fd;
static SessionPassphrase passphrase = { NULL, -1 };

static const GOptionEntry options[] = {
  { "passphrase-fd", 0, 0, G_OPTION_ARG_FILENAME, &passphrase_fd,
    N_ ("Read the keyring's passphrase from descriptor N: its first line"), "N" },
  { "credential", 0, 0, G_OPTION_ARG_FILENAME, &passphrase.credential,
    N_ ("Read it from a credential of the systemd service"), N_ ("NAME") },
  { NULL },
};

static gboolean
read_descriptor (Tool *tool, int *out_status)
{
  if (!options_parse_descriptor (tool, "--passphrase-fd", passphrase_fd, &passphrase.fd,
                                 out_status))
    return FALSE;
  /* The command does not inherit it; of standard input it gets the rest after the first line. */
  if (passphrase.fd > STDERR_FILENO)
    fcntl (passphrase.fd, F_SETFD, FD_CLOEXEC);
  return TRUE;
}

static gboolean
check_arguments (Tool *tool, char **args, int *out_status)
{
  const char *name = passphrase.credential;

  if (args[0] != NULL || tool->child == NULL || tool->child[0] == NULL)
    *out_status = report_usage (tool, NULL, NULL, "%s",
                                args[0] != NULL ? _ ("the command has to come after '--'")
                                                : _ ("no command was given"));
  else if (passphrase_fd != NULL && name != NULL)
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

/* Opens the keyring and runs the command. FALSE if it did not run to its end. */
static gboolean
run_on (Tool *tool, const char *address, int keeper, int *out_ended, int *out_status)
{
  g_autofree char *next = NULL;
  g_autoptr (GError) error = NULL;
  gboolean is_open;

  report_detail (tool, "%s",
                 keeper >= 0 ? _ ("the keyring is there until the last session of this HOME ends")
                             : _ ("using the keyring that is already running in this login"));
  g_setenv ("DBUS_SESSION_BUS_ADDRESS", address, TRUE);
  progress_begin (tool, "%s", _ ("opening the keyring"));
  is_open = session_open_keyring (tool, &passphrase, &next, &error);
  progress_end ();
  /* The writer may be waiting for us to read. */
  if (passphrase.fd > STDERR_FILENO)
    close (passphrase.fd);
  if (is_open)
    return session_run_command (tool, tool->child, keeper, out_ended, out_status);
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
  address = session_enter (tool, deadline, &keeper, &next, &error);
  if (address == NULL)
    return report_error (tool, error, next, _ ("there is no keyring to run the command with"));
  ran = run_on (tool, address, keeper, &ended, &status);
  session_join_leave (keeper);
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
