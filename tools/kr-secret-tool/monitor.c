/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commands.h"
#include "terminal/json.h"
#include "accounts/lookup.h"
#include "terminal/options.h"
#include "terminal/output.h"
#include "terminal/report.h"
#include "terminal/text.h"

/* monitor: prints a line for each event until interrupted. It never contacts a broker. */

typedef struct
{
  Tool *tool;
  char *id; /* of the only account to watch; NULL: all */
  GMainLoop *loop;
} Monitor;

/* account and error may be NULL. */
typedef struct
{
  const char *name;
  KrSecretAccount *account;
  gboolean token; /* there is a token to tell about */
  const GError *error;
} Event;

static void
write_document (const Event *event, gint64 at)
{
  g_autofree char *alias
      = event->account != NULL ? kr_secret_account_dup_alias (event->account) : NULL;

  json_begin ();
  json_string ("event", event->name);
  json_string ("account",
               event->account != NULL ? kr_secret_account_get_id (event->account) : NULL);
  json_string ("alias", alias);
  json_time ("at", at);
  if (event->token)
    json_time ("expires_at", kr_secret_account_get_token_expires_at (event->account));
  if (event->error != NULL)
    {
      json_string ("code", kr_secret_error_get_word (event->error));
      json_string ("message", event->error->message);
    }
  json_end ();
}

/* The text after the account's name. */
static char *
describe (const Event *event)
{
  g_autofree char *time = NULL;

  if (event->error != NULL)
    return g_strdup_printf ("[%s] %s", kr_secret_error_get_word (event->error),
                            event->error->message);
  if (!event->token)
    return g_strdup ("");
  time = text_time (kr_secret_account_get_token_expires_at (event->account));
  return g_strdup_printf (_ ("until %s"), time);
}

static void
write_line (const Event *event, gint64 at)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_local (at);
  g_autofree char *when = g_date_time_format (time, "%Y-%m-%d %H:%M:%S %Z");
  g_autofree char *alias
      = event->account != NULL ? lookup_name_for_people (event->account) : g_strdup ("-");
  g_autofree char *details = describe (event);
  g_autofree char *line = g_strdup_printf ("%s  %-15s  %s  %s", when, event->name, alias, details);

  output_text (g_strchomp (line));
  output_text ("\n");
}

static void
tell (Monitor *self, const Event *event)
{
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;

  /* An event without an account concerns every account. */
  if (self->id != NULL && event->account != NULL
      && !g_str_equal (self->id, kr_secret_account_get_id (event->account)))
    return;
  if (self->tool->json)
    write_document (event, now);
  else
    write_line (event, now);
  if (!output_flush (NULL))
    g_main_loop_quit (self->loop);
}

static void
on_added (KrSecretClient *client, KrSecretAccount *account, gpointer monitor)
{
  tell (monitor, &(Event){ "account-added", account });
}

static void
on_changed (KrSecretClient *client, KrSecretAccount *account, gpointer monitor)
{
  tell (monitor, &(Event){ "account-changed", account });
}

static void
on_removed (KrSecretClient *client, KrSecretAccount *account, gpointer monitor)
{
  tell (monitor, &(Event){ "account-removed", account });
}

static void
on_token_changed (KrSecretClient *client, KrSecretAccount *account, gpointer monitor)
{
  gboolean there = kr_secret_account_get_token_state (account) != KR_SECRET_TOKEN_STATE_NONE;

  tell (monitor, &(Event){ there ? "token-issued" : "token-forgotten", account, there });
}

static void
on_token_expiring (KrSecretClient *client, KrSecretAccount *account, gpointer monitor)
{
  tell (monitor, &(Event){ "token-expiring", account, TRUE });
}

static void
on_attention (KrSecretClient *client,
              KrSecretAccount *account,
              const GError *error,
              gpointer monitor)
{
  tell (monitor, &(Event){ "attention", account, FALSE, error });
}

static void
connect_signals (KrSecretClient *client, Monitor *monitor)
{
  g_signal_connect (client, "account-added", G_CALLBACK (on_added), monitor);
  g_signal_connect (client, "account-changed", G_CALLBACK (on_changed), monitor);
  g_signal_connect (client, "account-removed", G_CALLBACK (on_removed), monitor);
  g_signal_connect (client, "token-changed", G_CALLBACK (on_token_changed), monitor);
  g_signal_connect (client, "token-expiring", G_CALLBACK (on_token_expiring), monitor);
  g_signal_connect (client, "attention", G_CALLBACK (on_attention), monitor);
}

static int
run (Tool *tool, char **args)
{
  g_autoptr (KrSecretClient) client = lookup_client (tool);
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autofree char *id = NULL;
  const char *name = args[0] != NULL ? args[0] : lookup_get_usual ();
  Monitor monitor = { tool, NULL, loop };
  int status;

  if (!options_count (tool, args, 0, 1, &status) || !lookup_load (tool, client, &status))
    return status;
  if (name != NULL)
    {
      g_autoptr (KrSecretAccount) account = lookup_named (tool, client, name, &status);

      if (account == NULL)
        return status;
      monitor.id = id = g_strdup (kr_secret_account_get_id (account));
    }
  connect_signals (client, &monitor);
  kr_secret_client_follow (client);
  report_note (tool, _ ("watching; Ctrl-C stops it"));
  g_main_loop_run (loop);
  return report_finish (tool);
}

const Command monitor_command = {
  "monitor",
  N_ ("[ALIAS]"),
  N_ ("Print what happens to accounts and tokens, one line for each event"),
  NULL,
  run,
};
