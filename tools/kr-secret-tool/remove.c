/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commands.h"
#include "accounts/batch.h"
#include "accounts/lookup.h"
#include "terminal/text.h"

/* remove: removes an account with its key. Says so if a token stays valid at the broker. */

static struct
{
  gboolean keep_token;
  gboolean force;
} given;

static const GOptionEntry options[] = {
  { "keep-token", 0, 0, G_OPTION_ARG_NONE, &given.keep_token, N_ ("Do not revoke the token"),
    NULL },
  { "force", 0, 0, G_OPTION_ARG_NONE, &given.force,
    N_ ("Remove even if the broker cannot be reached"), NULL },
  { NULL },
};

/* What stays valid at the broker, for anyone who holds the token; NULL: nothing. */
static char *
describe_rest (KrSecretAccount *account)
{
  KrSecretTokenState state = kr_secret_account_get_token_state (account);
  const char *id = kr_secret_account_get_broker_id (account);
  g_autoptr (KrSecretBroker) broker = NULL;
  g_autofree char *time = text_time (kr_secret_account_get_token_expires_at (account));

  if (id == NULL || state == KR_SECRET_TOKEN_STATE_NONE || state == KR_SECRET_TOKEN_STATE_EXPIRED)
    return NULL;
  if (given.keep_token)
    return g_strdup_printf (_ ("its token was not revoked and stays valid until %s"), time);
  broker = kr_secret_broker_find (id, NULL);
  if (broker != NULL && !kr_secret_broker_can_revoke (broker))
    return g_strdup_printf (_ ("%s cannot revoke: its token stays valid there until %s"), id, time);
  if (given.force)
    return g_strdup_printf (_ ("if %s could not be reached, its token stays valid until %s"), id,
                            time);
  return NULL;
}

static gboolean
remove_account (Tool *tool,
                KrSecretClient *client,
                KrSecretAccount *account,
                const char **out_result,
                char **out_text,
                GError **error)
{
  g_autofree char *alias = lookup_name_for_people (account);
  g_autofree char *rest = describe_rest (account);
  g_autoptr (GPtrArray) left = NULL;
  KrSecretRemoveFlags flags = KR_SECRET_REMOVE_DEFAULT;
  GString *text;

  if (given.keep_token)
    flags |= KR_SECRET_REMOVE_KEEP_TOKEN;
  if (given.force)
    flags |= KR_SECRET_REMOVE_FORCE;
  if (!kr_secret_client_remove (client, account, flags, NULL, error))
    {
      *out_text = g_strdup_printf (_ ("'%s' was not removed"), alias);
      return FALSE;
    }

  text = g_string_new (NULL);
  if (rest != NULL)
    g_string_append_printf (text, _ ("removed '%s' with its key and token; %s"), alias, rest);
  else
    g_string_append_printf (text, _ ("removed '%s' with its key and token"), alias);
  left = kr_secret_client_dup_accounts (client);
  g_string_append_c (text, '\n');
  if (left->len == 0)
    g_string_append (text, _ ("no account is left"));
  else
    g_string_append_printf (
        text, ngettext ("%u account is left", "%u accounts are left", left->len), left->len);
  *out_result = "removed";
  *out_text = g_string_free (text, FALSE);
  return TRUE;
}

/* If the token cannot be revoked, the account can still be removed. */
static const char *
advise (const GError *error)
{
  switch (error->domain == KR_SECRET_ERROR ? error->code : 0)
    {
    case KR_SECRET_ERROR_REFUSED:
    case KR_SECRET_ERROR_RATE_LIMITED:
    case KR_SECRET_ERROR_UNREACHABLE:
    case KR_SECRET_ERROR_PLUGIN:
    case KR_SECRET_ERROR_DAMAGED:
    case KR_SECRET_ERROR_BAD_REPLY:
      return given.force
                 ? NULL
                 : _ ("nothing was erased; try again later, or remove it anyway with --force");
    default:
      return NULL;
    }
}

static int
run (Tool *tool, char **args)
{
  g_autoptr (KrSecretClient) client = lookup_client (tool);
  const Batch batch = {
    .act = remove_account,
    .advise = advise,
    .question = N_ ("this is a real account. Type its alias to remove it:"),
  };

  return batch_run (tool, client, &batch, args);
}

const Command remove_command = {
  "remove",
  N_ ("ALIAS… [--keep-token] [--force]"),
  N_ ("Revoke the token, then erase the account with its key"),
  options,
  run,
};
