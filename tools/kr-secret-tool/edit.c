/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "input.h"
#include "lookup.h"
#include "options.h"
#include "output.h"
#include "report.h"
#include "show.h"
#include "terminal.h"
#include "text.h"

/* edit and rename: an account that stays the same one, with another key, server or name. */

static struct
{
  gboolean secret;
  char *endpoint;
  char *fd;
} given;

static const GOptionEntry options[] = {
  { "secret", 0, 0, G_OPTION_ARG_NONE, &given.secret, N_ ("Ask for the key again"), NULL },
  { "endpoint", 0, 0, G_OPTION_ARG_FILENAME, &given.endpoint,
    N_ ("For tests: another server, on this machine only; '' is the broker's own"), "URL" },
  { "fd", 0, 0, G_OPTION_ARG_FILENAME, &given.fd,
    N_ ("With --secret: read field=value lines from this descriptor"), "N" },
  { NULL },
};

/* The key, asked for again. */
static gboolean
read_credential (Tool *tool,
                 KrSecretAccount *account,
                 int fd,
                 KrSecretCredential **out_credential,
                 GError **error)
{
  g_autoptr (KrSecretBroker) broker = NULL;
  g_autofree char *alias = lookup_name_for_people (account);

  if (!given.secret)
    return TRUE;
  broker = lookup_broker_of (account, error);
  if (broker == NULL)
    return FALSE;
  if (fd < 0 && terminal_is_there (tool))
    report_note (tool, _ ("A new key for '%s': %s, %s. What you type is not shown."), alias,
                 text_broker_name (broker),
                 text_environment (kr_secret_account_get_environment (account)));
  *out_credential = input_read_credential (tool, broker, fd, error);
  return *out_credential != NULL;
}

static void
say_done (Tool *tool, KrSecretAccount *account)
{
  g_autofree char *alias = lookup_name_for_people (account);

  if (given.secret)
    report_note (tool,
                 _ ("changed '%s'; its old token was forgotten. The new key is tried with the next "
                    "token: 'kr-secret-tool token %s'"),
                 alias, alias);
  else
    report_note (tool, _ ("changed '%s'; its old token was forgotten"), alias);
}

static int
finish (Tool *tool, KrSecretAccount *account)
{
  if (tool->json)
    show_write_account (account);
  return output_finish (tool);
}

static int
run_edit (Tool *tool, char **args)
{
  g_autoptr (KrSecretClient) client = lookup_client (tool);
  g_autoptr (KrSecretAccount) account = NULL;
  g_autoptr (KrSecretCredential) credential = NULL;
  g_autoptr (GError) error = NULL;
  int fd, status;

  if (!options_parse_descriptor (tool, given.fd, &fd, &status))
    return status;
  if (!given.secret && given.endpoint == NULL)
    return report_usage (tool, _ ("--secret, --endpoint or both are needed"),
                         _ ("'kr-secret-tool rename' changes the alias"),
                         _ ("nothing to change was named"));
  if (given.fd != NULL && !given.secret)
    return report_usage (tool, _ ("only keys are read from a descriptor"), NULL,
                         _ ("--fd goes with --secret"));
  account = lookup_one (tool, client, args, &status);
  if (account == NULL)
    return status;
  if (!read_credential (tool, account, fd, &credential, &error)
      || !kr_secret_client_edit (client, account, credential, given.endpoint, NULL, &error))
    {
      g_autofree char *alias = lookup_name_for_people (account);
      return report_error (tool, error, NULL, _ ("'%s' was not changed"), alias);
    }
  say_done (tool, account);
  return finish (tool, account);
}

static int
run_rename (Tool *tool, char **args)
{
  g_autoptr (KrSecretClient) client = lookup_client (tool);
  g_autoptr (KrSecretAccount) account = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  int status;

  if (!options_count (tool, args, 2, 2, &status))
    return status;
  if (strchr (args[1], '=') != NULL)
    return report_secret_argument (tool);
  if (!lookup_load (tool, client, &status))
    return status;
  account = lookup_named (tool, client, args[0], &status);
  if (account == NULL)
    return status;
  before = lookup_name_for_people (account);
  if (!kr_secret_client_rename (client, account, args[1], NULL, &error))
    return report_error (tool, error, NULL, _ ("'%s' was not renamed"), before);
  after = lookup_name_for_people (account);
  report_note (tool, _ ("'%s' is called '%s' now"), before, after);
  return finish (tool, account);
}

const Command command_edit = {
  "edit",
  N_ ("ALIAS [--secret] [--endpoint URL] [--fd N]"),
  N_ ("Give an account another key or test server; its old token is forgotten"),
  options,
  run_edit,
};

const Command command_rename = {
  "rename", N_ ("ALIAS NEW"), N_ ("Give an account another alias"), NULL, run_rename,
};
