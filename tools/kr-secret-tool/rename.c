/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commands.h"

#include <string.h>

#include "accounts/lookup.h"
#include "accounts/describe.h"
#include "terminal/options.h"
#include "terminal/progress.h"
#include "terminal/report.h"

/* rename: gives an account another alias. */

/* With only a new alias, the account is KR_SECRET_ACCOUNT. */
static gboolean
read_names (Tool *tool, char **args, const char **out_name, const char **out_alias, int *out_status)
{
  const char *usual = lookup_get_usual ();

  if (!options_count (tool, args, usual != NULL ? 1 : 2, 2, out_status))
    return FALSE;
  *out_name = args[1] != NULL ? args[0] : usual;
  *out_alias = args[1] != NULL ? args[1] : args[0];
  if (strchr (*out_alias, '=') == NULL)
    return TRUE;
  *out_status = report_secret_argument (tool);
  return FALSE;
}

static int
run (Tool *tool, char **args)
{
  g_autoptr (KrSecretClient) client = lookup_client (tool);
  g_autoptr (KrSecretAccount) account = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  const char *name, *alias;
  gboolean renamed;
  int status;

  if (!read_names (tool, args, &name, &alias, &status) || !lookup_load (tool, client, &status))
    return status;
  account = lookup_named (tool, client, name, &status);
  if (account == NULL)
    return status;
  before = lookup_name_for_people (account);
  progress_begin (tool, _ ("changing '%s'"), before);
  renamed = kr_secret_client_rename (client, account, alias, NULL, &error);
  progress_end ();
  if (!renamed)
    return report_error (tool, error, NULL, _ ("'%s' was not renamed"), before);
  after = lookup_name_for_people (account);
  report_note (tool, _ ("'%s' is now called '%s'"), before, after);
  return describe_finish (tool, account);
}

const Command rename_command = {
  "rename", N_ ("ALIAS NEW"), N_ ("Give an account another alias"), NULL, run,
};
