/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "exec/accounts.h"

#include <string.h>

#include "accounts/credentials.h"
#include "accounts/lookup.h"
#include "terminal/report.h"
#include "terminal/text.h"

static void
exec_account_free (ExecAccount *self)
{
  g_free (self->prefix);
  g_clear_object (&self->account);
  g_clear_pointer (&self->token, kr_secret_token_unref);
  g_clear_pointer (&self->credential, kr_secret_credential_unref);
  g_clear_pointer (&self->channel, token_channel_free);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ExecAccount, exec_account_free)

static gboolean
is_variable_name (const char *text)
{
  gsize length = strspn (text, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_");

  return length > 0 && text[length] == '\0' && !g_ascii_isdigit (*text);
}

/* my-kis becomes MY_KIS_. NULL if that is empty or no valid variable name. */
static char *
prefix_from_alias (const char *alias)
{
  g_autofree char *prefix = NULL;

  if (alias == NULL || !g_str_is_ascii (alias) || g_ascii_isdigit (*alias))
    return NULL;
  prefix = g_ascii_strup (alias, -1);
  g_strcanon (prefix, G_CSET_A_2_Z G_CSET_DIGITS, '_');
  if (strpbrk (prefix, G_CSET_A_2_Z) == NULL)
    return NULL;
  return g_strconcat (prefix, "_", NULL);
}

/* Whether the prefix may be a misplaced key. */
static gboolean
is_about_secrets (const char *prefix)
{
  const char *const words[] = { "appkey", "secret", "token", "password" };
  g_autofree char *lower = g_ascii_strdown (prefix, -1);

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (strstr (lower, words[i]) != NULL)
      return TRUE;
  return FALSE;
}

/* Splits KIS=ALIAS: *name then begins at the alias. */
static gboolean
split_prefix (Tool *tool, const char **name, char **out_prefix, int *out_status)
{
  const char *equals = strchr (*name, '=');
  g_autofree char *prefix = NULL;

  if (equals == NULL)
    return TRUE;
  prefix = g_strndup (*name, (gsize) (equals - *name));
  if (is_about_secrets (prefix))
    *out_status = report_secret_argument (tool);
  else if (!is_variable_name (prefix))
    *out_status = report_usage (
        tool, _ ("a prefix is made of letters A-Z, digits and _, and does not begin with a digit"),
        _ ("name the account as PREFIX=ALIAS, as in KIS=한투"),
        _ ("what is before '=' cannot be a prefix"));
  else
    {
      *out_prefix = g_strconcat (prefix, "_", NULL);
      *name = equals + 1;
      return TRUE;
    }
  return FALSE;
}

static gboolean
add_account (
    Tool *tool, KrSecretClient *client, const char *name, GPtrArray *accounts, int *out_status)
{
  g_autoptr (ExecAccount) self = g_new0 (ExecAccount, 1);

  if (!split_prefix (tool, &name, &self->prefix, out_status))
    return FALSE;
  self->account = lookup_named (tool, client, name, out_status);
  if (self->account == NULL)
    return FALSE;
  g_ptr_array_add (accounts, g_steal_pointer (&self));
  return TRUE;
}

/* A single account needs no prefix. */
static void
choose_prefix (ExecAccount *self, gboolean alone)
{
  g_autofree char *alias = kr_secret_account_dup_alias (self->account);

  if (self->prefix == NULL)
    self->prefix = alone ? g_strdup ("") : prefix_from_alias (alias);
}

static gboolean
is_prefix_taken (GPtrArray *accounts, guint index)
{
  const ExecAccount *self = accounts->pdata[index];

  for (guint i = 0; i < accounts->len; i++)
    {
      const ExecAccount *other = accounts->pdata[i];
      if (i != index && g_strcmp0 (other->prefix, self->prefix) == 0)
        return TRUE;
    }
  return FALSE;
}

static gboolean
choose_prefixes (Tool *tool, GPtrArray *accounts, int *out_status)
{
  for (guint i = 0; i < accounts->len; i++)
    choose_prefix (accounts->pdata[i], accounts->len == 1);
  for (guint i = 0; i < accounts->len; i++)
    {
      const ExecAccount *self = accounts->pdata[i];
      g_autofree char *alias = lookup_name_for_people (self->account);
      g_autofree char *next = NULL;

      if (self->prefix != NULL && !is_prefix_taken (accounts, i))
        continue;
      next = g_strdup_printf (_ ("give it one of its own, as in KIS=%s"), alias);
      *out_status = report_usage (
          tool,
          self->prefix == NULL
              ? _ ("with several accounts a prefix tells their variables apart, and this alias "
                   "gives none")
              : _ ("with several accounts a prefix tells their variables apart, and another one "
                   "has the same"),
          next, _ ("'%s' has no prefix of its own"), alias);
      return FALSE;
    }
  return TRUE;
}

GPtrArray *
exec_accounts_find (Tool *tool, KrSecretClient *client, char **args, int *out_status)
{
  g_autoptr (GPtrArray) accounts
      = g_ptr_array_new_with_free_func ((GDestroyNotify) exec_account_free);
  char *from_environment[] = { (char *) lookup_get_usual (), NULL };

  if (args[0] == NULL)
    args = from_environment;
  if (args[0] == NULL || *args[0] == '\0')
    {
      *out_status = report_usage (tool, NULL, NULL, _ ("no account was named"));
      return NULL;
    }
  if (!lookup_load (tool, client, out_status))
    return NULL;
  for (char **name = args; *name != NULL; name++)
    if (!add_account (tool, client, *name, accounts, out_status))
      return NULL;
  return choose_prefixes (tool, accounts, out_status) ? g_steal_pointer (&accounts) : NULL;
}

gboolean
exec_accounts_fill (ExecAccount *self,
                    Tool *tool,
                    KrSecretClient *client,
                    const TokenOptions *options,
                    gboolean with_credential,
                    int *out_status)
{
  self->token = obtain_token (tool, client, self->account, options, out_status);
  if (self->token == NULL)
    return FALSE;
  if (with_credential)
    self->credential = credentials_read (tool, client, self->account, out_status);
  return self->credential != NULL || !with_credential;
}
