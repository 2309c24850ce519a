/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "accounts/batch.h"

#include "terminal/confirm.h"
#include "terminal/json.h"
#include "accounts/lookup.h"
#include "terminal/progress.h"
#include "terminal/report.h"
#include "terminal/prompt.h"

/* One action for several accounts. All names are looked up first, then the accounts are handled in
 * turn; a failure does not stop the others. The exit status is that of the first failure. */

typedef struct
{
  KrSecretAccount *account;
  char *alias; /* before the action */
  char *name;  /* its name as text for users */
  const char *result;
  char *text;
  GError *error;
} Turn;

static void
turn_free (Turn *self)
{
  g_object_unref (self->account);
  g_free (self->alias);
  g_free (self->name);
  g_free (self->text);
  g_clear_error (&self->error);
  g_free (self);
}

static void
add_turn (GPtrArray *turns, KrSecretAccount *account)
{
  Turn *turn;

  for (guint i = 0; i < turns->len; i++)
    if (((Turn *) turns->pdata[i])->account == account)
      return;
  turn = g_new0 (Turn, 1);
  turn->account = g_object_ref (account);
  turn->alias = kr_secret_account_dup_alias (account);
  turn->name = lookup_name_for_people (account);
  g_ptr_array_add (turns, turn);
}

static gboolean
collect (Tool *tool,
         KrSecretClient *client,
         const Batch *batch,
         char **args,
         GPtrArray *turns,
         int *out_status)
{
  g_autoptr (GPtrArray) accounts = NULL;

  for (char **name = args; *name != NULL; name++)
    {
      g_autoptr (KrSecretAccount) account = lookup_named (tool, client, *name, out_status);
      if (account == NULL)
        return FALSE;
      add_turn (turns, account);
    }
  if (!batch->all)
    return TRUE;
  accounts = kr_secret_client_dup_accounts (client);
  for (guint i = 0; i < accounts->len; i++)
    if (batch->environment == NULL
        || kr_secret_account_get_environment (accounts->pdata[i]) == *batch->environment)
      add_turn (turns, accounts->pdata[i]);
  return TRUE;
}

static gboolean
needs_question (Tool *tool, const Batch *batch, KrSecretAccount *account)
{
  return batch->question != NULL && !tool->yes
         && kr_secret_account_get_environment (account) == KR_SECRET_ENVIRONMENT_REAL;
}

/* A question that nobody can answer stops the batch before it begins: half of a list done would be
 * a surprise. */
static gboolean
can_begin (Tool *tool, const Batch *batch, GPtrArray *turns, int *out_status)
{
  if (prompt_is_possible (tool))
    return TRUE;
  for (guint i = 0; i < turns->len; i++)
    {
      Turn *turn = turns->pdata[i];
      g_autoptr (GError) error = NULL;

      if (!needs_question (tool, batch, turn->account))
        continue;
      kr_secret_error_set (&error, KR_SECRET_ERROR_DECLINED, 0, NULL,
                           _ ("it is a real account, and nobody can be asked to confirm it"));
      *out_status = report_error (tool, error, _ ("nothing was changed; -y confirms it"),
                                  _ ("'%s' was not touched"), turn->name);
      return FALSE;
    }
  return TRUE;
}

static void
take_turn (Tool *tool, KrSecretClient *client, const Batch *batch, Turn *turn)
{
  if (needs_question (tool, batch, turn->account))
    {
      g_autofree char *question = g_strdup_printf ("'%s': %s ", turn->name, _ (batch->question));

      if (!confirm_alias (tool, question, turn->name, &turn->error))
        turn->text = g_strdup_printf (_ ("'%s' was not touched"), turn->name);
    }
  if (turn->error == NULL)
    {
      progress_begin (tool, "%s: %s", tool->command->name, turn->name);
      batch->act (tool, client, turn->account, &turn->result, &turn->text, &turn->error);
      progress_end ();
    }
  if (turn->error == NULL)
    report_note (tool, "%s", turn->text);
  else
    report_error_text (tool, turn->error,
                       batch->advise != NULL ? batch->advise (turn->error) : NULL, turn->text);
}

static void
write_document (GPtrArray *turns, const Turn *failed)
{
  json_begin ();
  json_open ("results", '[');
  for (guint i = 0; i < turns->len; i++)
    {
      Turn *turn = turns->pdata[i];
      json_open (NULL, '{');
      json_string ("id", kr_secret_account_get_id (turn->account));
      json_string ("alias", turn->alias);
      json_string ("result", turn->result);
      if (turn->error != NULL)
        report_error_json (turn->error, turn->text);
      json_close ('}');
    }
  json_close (']');
  if (failed != NULL)
    report_error_json (failed->error, failed->text);
  json_end ();
}

int
batch_run (Tool *tool, KrSecretClient *client, const Batch *batch, char **args)
{
  g_autoptr (GPtrArray) turns = g_ptr_array_new_with_free_func ((GDestroyNotify) turn_free);
  const char *const from_environment[] = { lookup_get_usual (), NULL };
  const Turn *failed = NULL;
  int status = 0;

  if (args[0] != NULL && batch->all)
    return report_usage (tool, NULL, NULL, _ ("--all and names cannot be combined"));
  if (args[0] == NULL && !batch->all)
    args = (char **) from_environment;
  if (!batch->all && (args[0] == NULL || *args[0] == '\0'))
    return report_usage (tool, NULL, NULL, _ ("no account was named"));
  if (!lookup_load (tool, client, &status) || !collect (tool, client, batch, args, turns, &status)
      || !can_begin (tool, batch, turns, &status))
    return status;

  if (turns->len == 0)
    report_note (tool, _ ("there is no such account"));
  for (guint i = 0; i < turns->len; i++)
    {
      Turn *turn = turns->pdata[i];
      take_turn (tool, client, batch, turn);
      if (turn->error != NULL && failed == NULL)
        failed = turn;
      if (g_error_matches (turn->error, KR_SECRET_ERROR, KR_SECRET_ERROR_CANCELLED))
        break; /* Ctrl-C ends the whole batch */
    }
  if (tool->json)
    write_document (turns, failed);
  status = report_finish (tool);
  return failed != NULL ? report_status (failed->error) : status;
}
