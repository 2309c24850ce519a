/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commands.h"
#include "accounts/lookup.h"
#include "accounts/unlocking.h"
#include "terminal/options.h"
#include "terminal/progress.h"
#include "terminal/report.h"

/* lock: locks the keyring, for all programs. */

static int
run (Tool *tool, char **args)
{
  g_autoptr (KrSecretClient) client = lookup_client (tool);
  g_autoptr (GError) error = NULL;
  int status;

  if (!options_count (tool, args, 0, 0, &status))
    return status;
  progress_begin (tool, "%s", _ ("locking the keyring"));
  if (!kr_secret_client_lock (client, NULL, &error))
    return report_error (tool, error, NULL, _ ("the keyring was not locked"));
  report_note (tool, _ ("the keyring is locked"));
  return unlocking_finish (tool, "locked");
}

const Command lock_command = {
  "lock", "", N_ ("Lock the keyring, for all programs"), NULL, run,
};
