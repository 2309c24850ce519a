/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commands.h"
#include "accounts/batch.h"
#include "accounts/lookup.h"

/* forget: drops a token here only. */

static struct
{
  gboolean all;
} given;

static const GOptionEntry options[] = {
  { "all", 0, 0, G_OPTION_ARG_NONE, &given.all, N_ ("Those of all accounts"), NULL },
  { NULL },
};

static gboolean
forget_token (Tool *tool,
              KrSecretClient *client,
              KrSecretAccount *account,
              const char **out_result,
              char **out_text,
              GError **error)
{
  g_autofree char *alias = lookup_name_for_people (account);
  gboolean was_there;

  if (!kr_secret_client_forget_token (client, account, &was_there, NULL, error))
    {
      *out_text = g_strdup_printf (_ ("the token of '%s' was not forgotten"), alias);
      return FALSE;
    }
  *out_result = was_there ? "forgotten" : "nothing";
  *out_text = g_strdup_printf (was_there ? _ ("forgot the token of '%s', here only")
                                         : _ ("'%s' has no token; nothing to forget"),
                               alias);
  return TRUE;
}

static int
run (Tool *tool, char **args)
{
  g_autoptr (KrSecretClient) client = lookup_client (tool);
  const Batch batch = { .act = forget_token, .all = given.all };

  return batch_run (tool, client, &batch, args);
}

const Command forget_command = {
  "forget", N_ ("ALIAS… | --all"), N_ ("Erase stored tokens here only"), options, run,
};
