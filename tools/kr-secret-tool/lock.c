/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>

#include "input.h"
#include "json.h"
#include "lookup.h"
#include "options.h"
#include "output.h"
#include "progress.h"
#include "report.h"
#include "terminal.h"

/* lock and unlock: the keyring as such, for all programs. */

static struct
{
  char *fd;
} given;

static const GOptionEntry options[] = {
  { "fd", 0, 0, G_OPTION_ARG_FILENAME, &given.fd,
    N_ ("Read the keyring's password from this descriptor, and show no prompt"), "N" },
  { NULL },
};

static int
finish (Tool *tool, const char *state)
{
  if (tool->json)
    {
      json_begin ();
      json_string ("keyring", state);
      json_end ();
    }
  return output_finish (tool);
}

static int
run_lock (Tool *tool, char **args)
{
  g_autoptr (KrSecretClient) client = lookup_client (tool);
  g_autoptr (GError) error = NULL;
  int status;

  if (!options_count (tool, args, 0, 0, &status))
    return status;
  if (!kr_secret_client_lock (client, NULL, &error))
    return report_error (tool, error, NULL, _ ("the keyring was not locked"));
  report_note (tool, _ ("the keyring is locked"));
  return finish (tool, "locked");
}

/* Where no prompt can be shown, a person at a terminal can type the password there. */
static gboolean
has_desktop (void)
{
  return g_getenv ("DISPLAY") != NULL || g_getenv ("WAYLAND_DISPLAY") != NULL;
}

/* The password, if it does not come from the desktop's prompt. */
static gboolean
read_password (Tool *tool, int fd, SecretValue **out_password, GError **error)
{
  if (fd < 0 && tool->no_input)
    {
      kr_secret_error_set (error, KR_SECRET_ERROR_LOCKED, 0, NULL,
                           _ ("nobody may be asked for its password (--no-input)"));
      return FALSE;
    }
  if (fd < 0 && (has_desktop () || !terminal_is_there (tool)))
    return TRUE;
  *out_password = input_read_passphrase (tool, fd, _ ("Password of the keyring: "), FALSE, error);
  return *out_password != NULL;
}

static int
run_unlock (Tool *tool, char **args)
{
  g_autoptr (KrSecretClient) client = lookup_client (tool);
  g_autoptr (SecretValue) password = NULL;
  g_autoptr (GError) error = NULL;
  gboolean unlocked;
  int fd, status;

  if (!options_count (tool, args, 0, 0, &status)
      || !options_parse_descriptor (tool, given.fd, &fd, &status))
    return status;
  /* One that is open needs neither a prompt nor a password. To look for accounts does not tell: one
   * without any looks the same, locked or not. */
  unlocked = kr_secret_client_check_keyring (client, NULL, &error);
  if (g_error_matches (error, KR_SECRET_ERROR, KR_SECRET_ERROR_LOCKED))
    g_clear_error (&error);
  if (!unlocked && error == NULL && read_password (tool, fd, &password, &error))
    unlocked = lookup_unlock (tool, client, password, &error);
  if (!unlocked)
    return report_error (tool, error,
                         _ ("try again; where there is no desktop: kr-secret-tool unlock --fd 3"),
                         _ ("the keyring is still locked"));
  report_note (tool, _ ("the keyring is unlocked"));
  return finish (tool, "unlocked");
}

const Command command_lock = {
  "lock", "", N_ ("Lock the keyring, for all programs"), NULL, run_lock,
};

const Command command_unlock = {
  "unlock", N_ ("[--fd N]"), N_ ("Unlock the keyring, with the desktop's prompt or a password"),
  options,  run_unlock,
};
