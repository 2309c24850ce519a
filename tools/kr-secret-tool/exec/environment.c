/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "exec/environment.h"

#include <string.h>

#include "common/kr-sensitive.h"

#define NAME_TOKEN "KR_SECRET_TOKEN"

static const char *const names[] = {
  NAME_TOKEN,         "KR_SECRET_EXPIRATION", "KR_SECRET_ENVIRONMENT", "KR_SECRET_BROKER",
  "KR_SECRET_APPKEY", "KR_SECRET_APPSECRET",  "KR_SECRET_TOKEN_FD",
};

/* Whether variable is name with any prefix. */
static gboolean
is_named (const char *variable, const char *name)
{
  gsize length = strcspn (variable, "=");
  gsize tail = strlen (name);

  return length >= tail && strncmp (variable + length - tail, name, tail) == 0
         && (length == tail || variable[length - tail - 1] == '_');
}

char *
exec_environment_find_outer (void)
{
  g_auto (GStrv) environment = g_get_environ ();

  for (char **variable = environment; *variable != NULL; variable++)
    {
      gsize length = strcspn (*variable, "=");
      if (is_named (*variable, NAME_TOKEN) && (*variable)[length] == '='
          && (*variable)[length + 1] != '\0')
        return g_strndup (*variable, length);
    }
  return NULL;
}

/* Removes variables of an outer exec, which would look like ours. */
static char **
get_clean_environment (void)
{
  g_auto (GStrv) all = g_get_environ ();
  char **clean = g_strdupv (all);

  for (char **variable = all; *variable != NULL; variable++)
    for (guint i = 0; i < G_N_ELEMENTS (names); i++)
      if (is_named (*variable, names[i]))
        {
          g_autofree char *name = g_strndup (*variable, strcspn (*variable, "="));
          clean = g_environ_unsetenv (clean, name);
        }
  return clean;
}

static void
set (char ***environment, const ExecAccount *account, const char *name, const char *value)
{
  g_autofree char *full = g_strconcat (account->prefix, name, NULL);

  *environment = g_environ_setenv (*environment, full, value, TRUE);
}

/* Allocated at full length: a growing buffer would leave copies of the token behind. None of these
 * variables exists yet. */
static void
set_secret (char ***environment, const ExecAccount *account, const char *name, SecretValue *value)
{
  const char *text = value != NULL ? secret_value_get_text (value) : NULL;
  g_autofree char *start = g_strconcat (account->prefix, name, "=", NULL);
  gsize length = strlen (start);
  guint n = g_strv_length (*environment);
  char *variable;

  if (text == NULL)
    return;
  variable = g_malloc (length + strlen (text) + 1);
  memcpy (variable, start, length);
  memcpy (variable + length, text, strlen (text) + 1);
  *environment = g_renew (char *, *environment, n + 2);
  (*environment)[n] = variable;
  (*environment)[n + 1] = NULL;
}

static void
set_all (char ***environment, const ExecAccount *account)
{
  KrSecretEnvironment which = kr_secret_account_get_environment (account->account);
  g_autoptr (GDateTime) end
      = g_date_time_new_from_unix_utc (kr_secret_token_get_expires_at (account->token));
  g_autofree char *expiration = g_date_time_format (end, "%Y-%m-%dT%H:%M:%SZ");

  set_secret (environment, account, NAME_TOKEN, kr_secret_token_get_value (account->token));
  set (environment, account, "KR_SECRET_EXPIRATION", expiration);
  set (environment, account, "KR_SECRET_ENVIRONMENT", kr_secret_environment_to_string (which));
  set (environment, account, "KR_SECRET_BROKER",
       kr_secret_account_get_broker_id (account->account));
  if (account->channel != NULL)
    {
      g_autofree char *fd = g_strdup_printf ("%d", token_channel_get_fd (account->channel));
      set (environment, account, "KR_SECRET_TOKEN_FD", fd);
    }
  if (account->credential == NULL)
    return;
  set_secret (environment, account, "KR_SECRET_APPKEY",
              kr_secret_credential_get (account->credential, "appkey"));
  set_secret (environment, account, "KR_SECRET_APPSECRET",
              kr_secret_credential_get (account->credential, "appsecret"));
}

char **
exec_environment_make (GPtrArray *accounts)
{
  char **environment = get_clean_environment ();

  for (guint i = 0; i < accounts->len; i++)
    set_all (&environment, accounts->pdata[i]);
  return environment;
}

void
exec_environment_free (char **environment)
{
  for (char **variable = environment; variable != NULL && *variable != NULL; variable++)
    kr_sensitive_free (*variable);
  g_free (environment);
}
