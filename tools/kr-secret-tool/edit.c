/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commands.h"
#include "terminal/input.h"
#include "accounts/lookup.h"
#include "terminal/options.h"
#include "terminal/progress.h"
#include "terminal/report.h"
#include "accounts/describe.h"
#include "terminal/prompt.h"
#include "terminal/text.h"

/* edit: gives an account another key or server. */

static struct
{
  gboolean secret;
  char *endpoint;
  char *fd;
} given;

static const GOptionEntry options[] = {
  { "secret", 0, 0, G_OPTION_ARG_NONE, &given.secret, N_ ("Ask for the key again"), NULL },
  { "endpoint", 0, 0, G_OPTION_ARG_FILENAME, &given.endpoint,
    N_ ("For tests: another server, on this machine only; '' means the broker's own"), "URL" },
  { "fd", 0, 0, G_OPTION_ARG_FILENAME, &given.fd,
    N_ ("With --secret: read field=value lines from this descriptor"), "N" },
  { NULL },
};

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
  if (fd < 0 && prompt_is_possible (tool))
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
                 _ ("changed '%s'; its old token was forgotten. The new key is verified with the "
                    "next token: 'kr-secret-tool token %s'"),
                 alias, alias);
  else
    report_note (tool, _ ("changed '%s'; its old token was forgotten"), alias);
}

/* Checks --endpoint before asking for a key. */
static gboolean
check_endpoint (Tool *tool, int *out_status)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *endpoint = NULL;

  if (given.endpoint == NULL || *given.endpoint == '\0')
    return TRUE;
  endpoint = kr_secret_endpoint_normalize (given.endpoint, &error);
  if (endpoint == NULL)
    *out_status = report_error (tool, error, NULL, _ ("--endpoint cannot be used"));
  return endpoint != NULL;
}

static gboolean
change (Tool *tool,
        KrSecretClient *client,
        KrSecretAccount *account,
        KrSecretCredential *credential,
        GError **error)
{
  g_autofree char *alias = lookup_name_for_people (account);
  gboolean changed;

  progress_begin (tool, _ ("changing '%s'"), alias);
  changed = kr_secret_client_edit (client, account, credential, given.endpoint, NULL, error);
  progress_end ();
  return changed;
}

static int
run (Tool *tool, char **args)
{
  g_autoptr (KrSecretClient) client = lookup_client (tool);
  g_autoptr (KrSecretAccount) account = NULL;
  g_autoptr (KrSecretCredential) credential = NULL;
  g_autoptr (GError) error = NULL;
  int fd, status;

  if (!options_parse_descriptor (tool, "--fd", given.fd, &fd, &status))
    return status;
  if (!given.secret && given.endpoint == NULL)
    return report_usage (tool, _ ("--secret, --endpoint or both are needed"),
                         _ ("'kr-secret-tool rename' changes the alias"),
                         _ ("nothing to change was given"));
  if (given.fd != NULL && !given.secret)
    return report_usage (tool, _ ("only keys are read from a descriptor"), NULL,
                         _ ("--fd needs --secret"));
  if (!check_endpoint (tool, &status))
    return status;
  account = lookup_one (tool, client, args, &status);
  if (account == NULL)
    return status;
  if (!read_credential (tool, account, fd, &credential, &error)
      || !change (tool, client, account, credential, &error))
    {
      g_autofree char *alias = lookup_name_for_people (account);
      return report_error (tool, error, NULL, _ ("'%s' was not changed"), alias);
    }
  say_done (tool, account);
  return describe_finish (tool, account);
}

const Command edit_command = {
  "edit",
  N_ ("ALIAS [--secret] [--endpoint URL] [--fd N]"),
  N_ ("Give an account another key or test server; its old token is forgotten"),
  options,
  run,
};
