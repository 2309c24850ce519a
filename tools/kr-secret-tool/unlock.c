/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commands.h"
#include "accounts/lookup.h"
#include "accounts/unlocking.h"
#include "terminal/options.h"
#include "terminal/report.h"

/* unlock: unlocks the keyring, for all programs. */

static struct
{
  char *fd;
} given;

static const GOptionEntry options[] = {
  { "fd", 0, 0, G_OPTION_ARG_FILENAME, &given.fd,
    N_ ("Read the keyring's password from this descriptor, and show no prompt"), "N" },
  { NULL },
};

static char *
advise (const GError *error)
{
  if (!g_error_matches (error, KR_SECRET_ERROR, KR_SECRET_ERROR_LOCKED))
    return NULL;
  return g_strdup (given.fd != NULL
                       ? _ ("it is the password that you log in to the desktop with")
                       : _ ("try again; without a desktop: kr-secret-tool unlock --fd 3 3<FILE"));
}

static int
run (Tool *tool, char **args)
{
  g_autoptr (KrSecretClient) client = lookup_client (tool);
  g_autoptr (GError) error = NULL;
  gboolean unlocked;
  int fd, status;

  if (!options_count (tool, args, 0, 0, &status)
      || !options_parse_descriptor (tool, "--fd", given.fd, &fd, &status))
    return status;
  /* An open keyring needs neither a prompt nor a password. Looking for accounts would not tell: an
   * empty keyring looks the same, locked or not. */
  unlocked = kr_secret_client_check_keyring (client, NULL, &error);
  if (g_error_matches (error, KR_SECRET_ERROR, KR_SECRET_ERROR_LOCKED))
    g_clear_error (&error);
  if (!unlocked && error == NULL)
    unlocked = unlocking_run (tool, client, fd, &error);
  if (!unlocked)
    {
      g_autofree char *next = advise (error);
      return report_error (tool, error, next, _ ("cannot unlock the keyring"));
    }
  report_note (tool, _ ("the keyring is unlocked"));
  return unlocking_finish (tool, "unlocked");
}

const Command unlock_command = {
  "unlock",
  N_ ("[--fd N]"),
  N_ ("Unlock the keyring, with the desktop's prompt or a password"),
  options,
  run,
};
