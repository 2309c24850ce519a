/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <unistd.h>

#include "commands.h"
#include "terminal/json.h"
#include "accounts/credentials.h"
#include "accounts/lookup.h"
#include "terminal/report.h"

/* credential: prints the key, for programs that must send it themselves. */

static struct
{
  gboolean reveal;
} given;

static const GOptionEntry credential_options[] = {
  { "reveal", 0, 0, G_OPTION_ARG_NONE, &given.reveal, N_ ("Show secrets on a terminal too"), NULL },
  { NULL },
};

/* Uses the library's names of the fields, not the broker's. */
static void
write_document (KrSecretCredential *credential)
{
  const char *const first[] = { "appkey", "appsecret", NULL };
  const char *const *names = kr_secret_credential_get_names (credential);

  json_begin ();
  for (guint i = 0; first[i] != NULL; i++)
    if (g_strv_contains (names, first[i]))
      json_secret (first[i], kr_secret_credential_get (credential, first[i]));
  for (guint i = 0; names[i] != NULL; i++)
    if (!g_strv_contains (first, names[i]))
      json_secret (names[i], kr_secret_credential_get (credential, names[i]));
  json_end ();
}

static int
run (Tool *tool, char **args)
{
  g_autoptr (KrSecretClient) client = NULL;
  g_autoptr (KrSecretAccount) account = NULL;
  g_autoptr (KrSecretCredential) credential = NULL;
  int status;

  if (isatty (STDOUT_FILENO) && !given.reveal)
    return report_usage (tool, _ ("standard output is a terminal, where others may read along"),
                         _ ("send it to a program, or show it with --reveal"),
                         _ ("the key is not shown"));
  client = lookup_client (tool);
  account = lookup_one (tool, client, args, &status);
  if (account == NULL)
    return status;
  credential = credentials_read (tool, client, account, &status);
  if (credential == NULL)
    return status;
  write_document (credential);
  return report_finish (tool);
}

const Command credential_command = {
  "credential",
  N_ ("ALIAS [--reveal]"),
  N_ ("Print key and secret as JSON, for a program"),
  credential_options,
  run,
};
