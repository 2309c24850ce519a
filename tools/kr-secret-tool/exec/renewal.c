/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "exec/renewal.h"

#include <unistd.h>

#include "exec/environment.h"
#include "process/child.h"
#include "accounts/lookup.h"
#include "terminal/report.h"

typedef struct
{
  Tool *tool;
  KrSecretClient *client;
  GPtrArray *accounts;
  int signal_number;
  Child *child;
} Refresh;

/* A pending read of an account's token. */
typedef struct
{
  Refresh *refresh;
  ExecAccount *account;
} Reading;

static void
on_written (gpointer data)
{
  Refresh *self = data;

  child_signal (self->child, self->signal_number);
}

static gboolean
is_same (KrSecretToken *a, KrSecretToken *b)
{
  return g_str_equal (kr_secret_token_get_fingerprint (a), kr_secret_token_get_fingerprint (b));
}

/* Without a token there is nothing to signal: the hold gets one, or reports why it cannot. */
static void
on_read (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autofree Reading *reading = data;
  Refresh *self = reading->refresh;
  ExecAccount *account = reading->account;
  g_autoptr (KrSecretToken) token = kr_secret_client_get_token_finish (self->client, result, NULL);
  g_autofree char *alias = NULL;

  if (token == NULL || is_same (token, account->token))
    return;
  g_clear_pointer (&account->token, kr_secret_token_unref);
  account->token = kr_secret_token_ref (token);
  token_channel_put (account->channel, token, on_written, self);
  alias = lookup_name_for_people (account->account);
  report_detail (self->tool, _ ("'%s' has a new token"), alias);
}

static void
read_token (Refresh *self, ExecAccount *account)
{
  Reading *reading = g_new0 (Reading, 1);

  reading->refresh = self;
  reading->account = account;
  kr_secret_client_get_token_async (self->client, account->account, KR_SECRET_TOKEN_ACCESS, 0,
                                    KR_SECRET_TOKEN_NO_ISSUE, NULL, on_read, reading);
}

static void
on_token_changed (KrSecretClient *client, KrSecretAccount *account, gpointer data)
{
  Refresh *self = data;

  for (guint i = 0; i < self->accounts->len; i++)
    {
      ExecAccount *candidate = self->accounts->pdata[i];
      if (candidate->account == account)
        read_token (self, candidate);
    }
}

static gboolean
is_ours (Refresh *self, KrSecretAccount *account)
{
  for (guint i = 0; i < self->accounts->len; i++)
    {
      const ExecAccount *candidate = self->accounts->pdata[i];
      if (candidate->account == account)
        return TRUE;
    }
  return FALSE;
}

static void
on_removed (KrSecretClient *client, KrSecretAccount *account, gpointer data)
{
  Refresh *self = data;
  g_autofree char *alias = lookup_name_for_people (account);

  if (is_ours (self, account))
    report_warning (self->tool,
                    _ ("'%s' was removed; the program keeps its last token, and gets no other"),
                    alias);
}

/* The client reports each problem once. */
static void
on_attention (KrSecretClient *client, KrSecretAccount *account, const GError *error, gpointer data)
{
  Refresh *self = data;
  const char *word = kr_secret_error_get_word (error);

  if (account == NULL)
    report_warning (self->tool, _ ("tokens cannot be renewed for now: %s [%s]"), error->message,
                    word);
  else if (is_ours (self, account))
    {
      g_autofree char *alias = lookup_name_for_people (account);
      report_warning (self->tool,
                      _ ("'%s' has no new token, the program keeps the last one: %s [%s]"), alias,
                      error->message, word);
    }
}

static void
hold_all (Refresh *self)
{
  g_signal_connect (self->client, "token-changed", G_CALLBACK (on_token_changed), self);
  g_signal_connect (self->client, "account-removed", G_CALLBACK (on_removed), self);
  g_signal_connect (self->client, "attention", G_CALLBACK (on_attention), self);
  for (guint i = 0; i < self->accounts->len; i++)
    {
      ExecAccount *account = self->accounts->pdata[i];

      kr_secret_client_hold (self->client, account->account);
      /* It may have changed before we connected to the signal. */
      read_token (self, account);
    }
}

int
exec_renewal_run (Tool *tool,
                  KrSecretClient *client,
                  GPtrArray *accounts,
                  int signal_number,
                  char **argv,
                  char **environment)
{
  Refresh refresh = { tool, client, accounts, signal_number };
  g_autoptr (Child) child = NULL;
  g_autofree int *keep = g_new0 (int, accounts->len + 1);
  int code = 0;

  for (guint i = 0; i < accounts->len; i++)
    {
      ExecAccount *account = accounts->pdata[i];

      token_channel_put (account->channel, account->token, NULL, NULL);
      keep[i] = token_channel_get_fd (account->channel);
    }
  keep[accounts->len] = -1;
  child = refresh.child = child_start (argv, environment, keep, &code);
  exec_environment_free (environment);
  /* The program has its copy; we need none. */
  for (guint i = 0; i < accounts->len; i++)
    {
      ExecAccount *account = accounts->pdata[i];
      g_clear_pointer (&account->credential, kr_secret_credential_unref);
    }
  if (child == NULL)
    return child_report_not_run (tool, argv[0], code);
  hold_all (&refresh);
  /* No exit (): it would unload libraries under a thread that may be renewing a token. */
  _exit (child_wait (child));
}
