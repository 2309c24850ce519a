/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <unistd.h>

#include "commands.h"
#include "backup/archive.h"
#include "backup/archive-v1.h"
#include "backup/file.h"
#include "common/kr-text.h"
#include "terminal/confirm.h"
#include "terminal/input.h"
#include "terminal/json.h"
#include "accounts/lookup.h"
#include "terminal/table.h"
#include "terminal/options.h"
#include "terminal/output.h"
#include "backup/restore-plan.h"
#include "terminal/progress.h"
#include "terminal/report.h"
#include "terminal/prompt.h"
#include "terminal/text.h"
#include "accounts/unlocking.h"
#include "backup/vault.h"
#include "client/kr-secret-client-private.h"

/* restore FILE: stores the accounts of a backup that are not there yet: all of them, or none if one
 * conflicts with another. */

static struct
{
  char *fd;
  gboolean dry_run;
} given;

static const GOptionEntry options[] = {
  { "dry-run", 'n', 0, G_OPTION_ARG_NONE, &given.dry_run, N_ ("Only show what would be restored"),
    NULL },
  { "passphrase-fd", 0, 0, G_OPTION_ARG_FILENAME, &given.fd,
    N_ ("Read the passphrase from this descriptor"), "N" },
  { NULL },
};

typedef struct
{
  char *shown; /* the path as text for users */
  KrSecretClient *client;
  gint64 made_at;
  GPtrArray *accounts; /* of the backup */
  GPtrArray *there;    /* of the keyring */
  GPtrArray *items;    /* of RestoreItem */
} Restore;

static void
restore_clear (Restore *self)
{
  g_free (self->shown);
  g_clear_object (&self->client);
  g_clear_pointer (&self->items, g_ptr_array_unref);
  g_clear_pointer (&self->accounts, g_ptr_array_unref);
  g_clear_pointer (&self->there, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Restore, restore_clear)

static char *
draw_plan (Restore *self, gboolean color, int fd)
{
  g_autoptr (GPtrArray) rows = table_new ();
  GString *out = g_string_new (NULL);

  table_add (rows, _ ("ALIAS"), _ ("BROKER"), _ ("ENVIRONMENT"), _ ("PLAN"), NULL);
  for (guint i = 0; i < self->items->len; i++)
    {
      const RestoreItem *item = self->items->pdata[i];
      g_autofree char *name = kr_text_printable (item->account->alias);
      const char *what = item->why != NULL           ? item->why
                         : item->kind == RESTORE_NEW ? _ ("new")
                                                     : _ ("already there");
      g_autofree char *painted
          = item->kind == RESTORE_CONFLICT ? text_paint (color, TEXT_RED, what) : g_strdup (what);

      table_add (rows, name, item->account->broker_id,
                 text_environment (item->account->environment), painted, NULL);
    }
  table_append (out, rows, fd);
  return g_string_free (out, FALSE);
}

/* The output of a dry run. Otherwise for a user who is asked, or was refused, and shown even with
 * -q. */
static void
show_plan (Restore *self, Tool *tool)
{
  const gboolean is_output = given.dry_run && !tool->json;
  g_autofree char *plan = draw_plan (self, is_output ? tool->color_out : tool->color_err,
                                     is_output ? STDOUT_FILENO : STDERR_FILENO);
  g_autofree char *time = text_time (self->made_at);
  gboolean is_asked = !given.dry_run && !tool->yes && prompt_is_possible (tool)
                      && restore_plan_count (self->items, RESTORE_NEW) > 0;

  report_note (tool, _ ("a backup of %s:"), time);
  if (is_output)
    output_text (plan);
  else if (!tool->quiet || is_asked || restore_plan_count (self->items, RESTORE_CONFLICT) > 0)
    fputs (plan, stderr);
}

/* error: of the whole command, or NULL. */
static void
write_document (Restore *self, gboolean done, const GError *error, const char *what)
{
  json_begin ();
  json_open ("accounts", '[');
  for (guint i = 0; i < self->items->len; i++)
    {
      const RestoreItem *item = self->items->pdata[i];
      const char *environment = kr_secret_environment_to_string (item->account->environment);

      json_open (NULL, '{');
      json_string ("id", item->account->id);
      json_string ("alias", item->account->alias);
      json_string ("broker", item->account->broker_id);
      json_string ("environment", environment);
      json_string ("result", item->kind == RESTORE_CONFLICT  ? "conflict"
                             : item->kind == RESTORE_PRESENT ? "present"
                             : done                          ? "restored"
                                                             : "planned");
      json_string ("conflict_with", item->kind == RESTORE_CONFLICT ? item->other->id : NULL);
      json_close ('}');
    }
  json_close (']');
  if (error != NULL)
    report_error_json (error, what);
  json_end ();
}

/* A failure after the plan was made: the document has both. */
static int
fail (Restore *self, Tool *tool, const GError *error, const char *next)
{
  g_autofree char *what = g_strdup_printf (_ ("nothing was restored from '%s'"), self->shown);

  output_flush (NULL);
  report_error_text (tool, error, next, what);
  if (tool->json)
    {
      write_document (self, FALSE, error, what);
      output_flush (NULL);
    }
  return report_status (error);
}

/* Reports a fault of the file or its content, not of the passphrase. */
static int
report_file (Restore *self, Tool *tool, const GError *error)
{
  gboolean damaged = g_error_matches (error, KR_SECRET_ERROR, KR_SECRET_ERROR_DAMAGED);
  const char *next = NULL;

  if (damaged)
    next = _ ("nothing was restored; take another copy of the backup");
  else if (g_error_matches (error, KR_SECRET_ERROR, KR_SECRET_ERROR_USAGE))
    next = _ ("give a file that 'kr-secret-tool backup' has written; one of a newer version needs "
              "a newer kr-secret-tool");
  return report_error_reason (tool, error, damaged ? "damaged" : NULL, next,
                              _ ("'%s' cannot be restored"), self->shown);
}

/* Checks the file itself before any question. */
static GBytes *
read_file (Restore *self, Tool *tool, const char *path, int fd, int *out_status)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = NULL;

  self->shown = text_path (path);
  if (g_str_equal (path, "-") && (given.fd == NULL || fd == STDIN_FILENO))
    {
      *out_status
          = report_usage (tool, _ ("the backup is read from standard input"),
                          _ ("send the passphrase to another descriptor, and name it with "
                             "--passphrase-fd"),
                          given.fd == NULL ? _ ("there is no way to ask for the passphrase")
                                           : _ ("the passphrase cannot come from there too"));
      return NULL;
    }
  bytes = file_read_whole (path, VAULT_MAX_SIZE, &error);
  if (bytes != NULL
      && vault_check (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), &error))
    return g_steal_pointer (&bytes);
  *out_status
      = bytes != NULL
            ? report_file (self, tool, error)
            : report_error (tool, error,
                            _ ("nothing was stored; give the name of a file that you can read"),
                            _ ("'%s' cannot be restored"), self->shown);
  return NULL;
}

static gboolean
read_keyring (Restore *self, Tool *tool, int *out_status)
{
  g_autoptr (GPtrArray) all = NULL;
  g_autoptr (GError) error = NULL;

  if (self->client == NULL)
    self->client = lookup_client (tool);
  g_clear_pointer (&self->there, g_ptr_array_unref);
  self->there = g_ptr_array_new_with_free_func ((GDestroyNotify) backup_account_free);
  if (!lookup_load (tool, self->client, out_status))
    return FALSE;
  if (!given.dry_run && !unlocking_check_keyring (tool, self->client, &error))
    {
      *out_status = report_error (tool, error, NULL, _ ("'%s' was not opened"), self->shown);
      return FALSE;
    }
  all = kr_secret_client_dup_accounts (self->client);
  for (guint i = 0; i < all->len; i++)
    {
      BackupAccount *account = backup_account_read (self->client, all->pdata[i], &error);

      if (account == NULL)
        {
          g_autofree char *name = lookup_name_for_people (all->pdata[i]);

          *out_status
              = report_error (tool, error, NULL, _ ("the account '%s' cannot be read"), name);
          return FALSE;
        }
      g_ptr_array_add (self->there, account);
    }
  return TRUE;
}

/* The file's checksum is right: it is the passphrase, unless the file was forged. */
static int
report_locked (Restore *self, Tool *tool, const GError *error)
{
  if (!g_error_matches (error, KR_SECRET_ERROR, KR_SECRET_ERROR_DAMAGED))
    return report_error (tool, error, NULL, _ ("'%s' cannot be opened"), self->shown);
  return report_error_reason (
      tool, error, "passphrase",
      _ ("nothing was restored; try again with the passphrase the backup was made with"),
      _ ("'%s' cannot be opened"), self->shown);
}

static gboolean
open_backup (Restore *self, Tool *tool, GBytes *bytes, int fd, int *out_status)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SecretValue) passphrase
      = input_read_passphrase (tool, fd, _ ("passphrase of the backup: "), FALSE, &error);
  g_autoptr (SecretValue) plain = NULL;
  const char *text;
  gsize length;

  if (passphrase != NULL)
    {
      progress_begin (tool, _ ("opening the backup"));
      plain = vault_open (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), passphrase,
                          &error);
      progress_end ();
    }
  if (plain == NULL)
    {
      *out_status = report_locked (self, tool, error);
      return FALSE;
    }
  text = secret_value_get (plain, &length);
  self->accounts = (vault_get_version (g_bytes_get_data (bytes, NULL)) == 1
                        ? archive_v1_decode
                        : archive_decode) (text, length, &self->made_at, &error);
  if (self->accounts == NULL)
    *out_status = report_file (self, tool, error);
  return self->accounts != NULL;
}

static int
report_conflicts (Restore *self, Tool *tool)
{
  g_autoptr (GError) error = NULL;
  guint n = restore_plan_count (self->items, RESTORE_CONFLICT);

  kr_secret_error_set (&error, KR_SECRET_ERROR_USAGE, 0, NULL,
                       ngettext ("%u account is in conflict with what is in the keyring",
                                 "%u accounts are in conflict with what is in the keyring", n),
                       n);
  return fail (self, tool, error,
               _ ("rename or remove the accounts that conflict, then try again"));
}

/* Asks a user; a script knows what it does. */
static gboolean
is_meant (Restore *self, Tool *tool, GError **error)
{
  guint n = restore_plan_count (self->items, RESTORE_NEW);
  g_autofree char *question = NULL;

  if (!prompt_is_possible (tool))
    return TRUE;
  question = g_strdup_printf (
      ngettext ("Store this account in the keyring?", "Store these %u accounts in the keyring?", n),
      n);
  return confirm_yes (tool, question, error);
}

static gboolean
store (Restore *self, Tool *tool, GError **error)
{
  g_autoptr (GPtrArray) records = g_ptr_array_new ();
  g_autoptr (GPtrArray) stored = NULL;

  for (guint i = 0; i < self->items->len; i++)
    {
      const RestoreItem *item = self->items->pdata[i];

      if (item->kind == RESTORE_NEW)
        g_ptr_array_add (records, item->account->record);
    }
  progress_begin (tool, _ ("storing the accounts"));
  stored = kr_secret_client_add_records (self->client, records, NULL, error);
  progress_end ();
  return stored != NULL;
}

/* Shows the plan. FALSE if it cannot be carried out. */
static gboolean
check_plan (Restore *self, Tool *tool, int *out_status)
{
  show_plan (self, tool);
  if (restore_plan_count (self->items, RESTORE_CONFLICT) == 0)
    return TRUE;
  *out_status = report_conflicts (self, tool);
  return FALSE;
}

static gboolean
make_plan (Restore *self, Tool *tool, int *out_status)
{
  self->items = restore_plan_make (self->accounts, self->there);
  return check_plan (self, tool, out_status);
}

/* Both plans are for the same backup. */
static gboolean
is_same_plan (GPtrArray *a, GPtrArray *b)
{
  for (guint i = 0; i < a->len; i++)
    {
      const RestoreItem *item_a = a->pdata[i];
      const RestoreItem *item_b = b->pdata[i];

      if (item_a->kind != item_b->kind || g_strcmp0 (item_a->why, item_b->why) != 0)
        return FALSE;
    }
  return TRUE;
}

/* After the library refused: another program may have stored something first, perhaps the very
 * same, if several restore one backup at once. If the plan is unchanged, the refusal stands. FALSE
 * if the new plan cannot be carried out. */
static gboolean
plan_again (Restore *self, Tool *tool, const GError *refusal, int *out_status)
{
  g_autoptr (GPtrArray) before = g_steal_pointer (&self->items);

  if (!read_keyring (self, tool, out_status))
    return FALSE;
  self->items = restore_plan_make (self->accounts, self->there);
  if (is_same_plan (before, self->items))
    {
      *out_status = fail (self, tool, refusal, NULL);
      return FALSE;
    }
  report_note (tool, _ ("another program has changed the accounts meanwhile"));
  return check_plan (self, tool, out_status);
}

static gboolean
carry_out (Restore *self, Tool *tool, int *out_status)
{
  g_autoptr (GError) error = NULL;
  gboolean meant;

  if (restore_plan_count (self->items, RESTORE_NEW) == 0)
    return TRUE;
  meant = is_meant (self, tool, &error);
  if (meant && store (self, tool, &error))
    return TRUE;
  if (meant && g_error_matches (error, KR_SECRET_ERROR, KR_SECRET_ERROR_USAGE))
    {
      if (!plan_again (self, tool, error, out_status))
        return FALSE;
      g_clear_error (&error);
      if (restore_plan_count (self->items, RESTORE_NEW) == 0 || store (self, tool, &error))
        return TRUE;
    }
  *out_status = fail (self, tool, error, NULL);
  return FALSE;
}

static void
say_done (Restore *self, Tool *tool)
{
  guint n = restore_plan_count (self->items, RESTORE_NEW);
  guint present = restore_plan_count (self->items, RESTORE_PRESENT);

  if (n > 0)
    report_note (tool,
                 ngettext ("restored %u account; a token is issued when one is needed",
                           "restored %u accounts; tokens are issued when they are needed", n),
                 n);
  else
    report_note (tool, _ ("nothing to restore"));
  if (present > 0)
    report_note (
        tool, ngettext ("%u account was there already", "%u accounts were there already", present),
        present);
}

static int
run (Tool *tool, char **args)
{
  g_auto (Restore) restore = { 0 };
  g_autoptr (GBytes) bytes = NULL;
  int fd;
  int status;

  if (!options_count (tool, args, 1, 1, &status)
      || !options_parse_descriptor (tool, "--passphrase-fd", given.fd, &fd, &status))
    return status;
  bytes = read_file (&restore, tool, args[0], fd, &status);
  if (bytes == NULL || !read_keyring (&restore, tool, &status)
      || !open_backup (&restore, tool, bytes, fd, &status) || !make_plan (&restore, tool, &status)
      || (!given.dry_run && !carry_out (&restore, tool, &status)))
    return status;
  if (!given.dry_run)
    say_done (&restore, tool);
  if (tool->json)
    write_document (&restore, !given.dry_run, NULL, NULL);
  return report_finish (tool);
}

const Command restore_command = {
  "restore",
  N_ ("FILE [-n] [--passphrase-fd N]"),
  N_ ("Put the accounts of a backup into the keyring, all of them or none"),
  options,
  run,
};
