/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commands.h"
#include "backup/archive.h"

#include <unistd.h>

#include "common/kr-sensitive.h"
#include "terminal/input.h"
#include "terminal/json.h"
#include "accounts/lookup.h"
#include "backup/new-file.h"
#include "terminal/options.h"
#include "terminal/output.h"
#include "terminal/progress.h"
#include "terminal/report.h"
#include "terminal/text.h"
#include "backup/vault.h"

/* backup FILE: every account with its key, in one file that a passphrase opens. Tokens are left
 * out: they expire within a day, and may have been replaced by then. */

#define SHORT_PASSPHRASE 8 /* characters */

static struct
{
  char *fd;
} given;

static const GOptionEntry options[] = {
  { "passphrase-fd", 0, 0, G_OPTION_ARG_FILENAME, &given.fd,
    N_ ("Read the passphrase from this descriptor"), "N" },
  { NULL },
};

typedef struct
{
  const char *path;
  char *shown;   /* the path as text for users */
  NewFile *file; /* NULL: standard output */
  GPtrArray *accounts;
  SecretValue *plain;
  SecretValue *passphrase;
} Backup;

static void
backup_clear (Backup *self)
{
  g_free (self->shown);
  g_clear_pointer (&self->file, new_file_free);
  g_clear_pointer (&self->accounts, g_ptr_array_unref);
  g_clear_pointer (&self->plain, secret_value_unref);
  g_clear_pointer (&self->passphrase, secret_value_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Backup, backup_clear)

/* Checks the place before anything is asked. */
static gboolean
find_place (Backup *self, Tool *tool, int *out_status)
{
  g_autoptr (GError) error = NULL;

  self->shown = text_path (self->path);
  if (g_str_equal (self->path, "-"))
    {
      if (!isatty (STDOUT_FILENO) && !tool->json)
        return TRUE;
      *out_status = report_usage (
          tool,
          tool->json ? _ ("the backup itself would go to standard output, where --json writes too")
                     : _ ("standard output is a terminal, and a backup is not text"),
          _ ("give the name of a file, or send standard output to another program"),
          _ ("no backup was made"));
      return FALSE;
    }
  self->file = new_file_begin (self->path, &error);
  if (self->file == NULL)
    *out_status = report_error (tool, error, _ ("take another name; nothing is ever overwritten"),
                                _ ("'%s' cannot be written"), self->shown);
  return self->file != NULL;
}

/* An unreadable account would be missing when the backup is needed. */
static int
report_unreadable (Tool *tool, KrSecretAccount *account, const GError *error)
{
  g_autofree char *name = lookup_name_for_people (account);
  g_autoptr (GError) damaged = NULL;

  if (error == NULL)
    kr_secret_error_set (&damaged, KR_SECRET_ERROR_DAMAGED, 0, NULL, "%s",
                         kr_secret_account_get_problem (account) != NULL
                             ? kr_secret_account_get_problem (account)
                             : _ ("its stored record is damaged"));
  return report_error (tool, error != NULL ? error : damaged,
                       error == NULL ? _ ("no backup was made; remove that account, then try again")
                                     : NULL,
                       _ ("the account '%s' cannot be read"), name);
}

static gboolean
read_accounts (Backup *self, Tool *tool, int *out_status)
{
  g_autoptr (KrSecretClient) client = lookup_client (tool);
  g_autoptr (GPtrArray) all = NULL;
  g_autoptr (GError) error = NULL;

  if (!lookup_load (tool, client, out_status))
    return FALSE;
  all = kr_secret_client_dup_accounts (client);
  self->accounts = g_ptr_array_new_with_free_func ((GDestroyNotify) backup_account_free);
  for (guint i = 0; i < all->len; i++)
    {
      BackupAccount *account = backup_account_read (client, all->pdata[i], &error);

      if (account != NULL)
        g_ptr_array_add (self->accounts, account);
      if (account == NULL || account->alias == NULL)
        {
          *out_status = report_unreadable (tool, all->pdata[i], error);
          return FALSE;
        }
    }
  if (all->len > 0)
    return TRUE;
  kr_secret_error_set (&error, KR_SECRET_ERROR_NOT_FOUND, 0, NULL, _ ("there is no account yet"));
  *out_status = report_error (tool, error,
                              _ ("'kr-secret-tool add BROKER ALIAS --env real|paper' adds one"),
                              _ ("no backup was made"));
  return FALSE;
}

static gboolean
read_passphrase (Backup *self, Tool *tool, int fd, GError **error)
{
  gsize length;
  const char *text;

  self->passphrase
      = input_read_passphrase (tool, fd, _ ("new passphrase for the backup: "), TRUE, error);
  if (self->passphrase == NULL)
    return FALSE;
  text = secret_value_get (self->passphrase, &length);
  if (g_utf8_strlen (text, (gssize) length) < SHORT_PASSPHRASE)
    report_warning (tool, _ ("the passphrase is short; anyone who gets the file can try them all"));
  return TRUE;
}

/* Proves that the data on the disk opens with the passphrase and is complete. */
static gboolean
prove (Backup *self, GError **error)
{
  g_autoptr (GBytes) bytes = new_file_read (self->file, error);
  g_autoptr (SecretValue) plain = NULL;

  if (bytes != NULL)
    plain = vault_open (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), self->passphrase,
                        error);
  if (plain == NULL)
    return FALSE;
  if (kr_sensitive_equal (self->plain, plain))
    return TRUE;
  return KR_SECRET_FAIL (error, KR_SECRET_ERROR_FAILED,
                         _ ("what was read back is not what was written"));
}

static gboolean
write_out (Backup *self, GBytes *bytes, GError **error)
{
  if (self->file == NULL)
    {
      output_bytes (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
      return TRUE;
    }
  /* A file with this name is always a backup that opens, even after a crash. */
  return new_file_write (self->file, bytes, error) && prove (self, error)
         && new_file_keep (self->file, error);
}

static gboolean
make (Backup *self, Tool *tool, int fd, GError **error)
{
  g_autoptr (GBytes) bytes = NULL;

  self->plain = archive_encode (self->accounts, g_get_real_time () / G_USEC_PER_SEC, error);
  if (self->plain == NULL || !read_passphrase (self, tool, fd, error))
    return FALSE;
  progress_begin (tool, _ ("encrypting the backup"));
  bytes = vault_seal (self->plain, self->passphrase, NULL, error);
  if (bytes == NULL || !write_out (self, bytes, error))
    return FALSE;
  progress_end ();
  return TRUE;
}

static void
say_done (Backup *self, Tool *tool)
{
  guint n = self->accounts->len;

  if (self->file != NULL && new_file_is_open_to_others (self->file))
    report_warning (tool,
                    _ ("others can read '%s', because its file system has no permissions; only the "
                       "passphrase protects it"),
                    self->shown);
  report_note (tool,
               ngettext ("backed up %u account with its key; tokens are not part of a backup",
                         "backed up %u accounts with their keys; tokens are not part of a backup",
                         n),
               n);
  report_note (tool, _ ("nobody can open it without the passphrase; keep that somewhere else"));
  if (!tool->json)
    return;
  json_begin ();
  json_string ("file", self->shown);
  json_int ("accounts", n);
  json_end ();
}

static int
run (Tool *tool, char **args)
{
  g_auto (Backup) backup = { 0 };
  g_autoptr (GError) error = NULL;
  int fd;
  int status;

  if (!options_count (tool, args, 1, 1, &status)
      || !options_parse_descriptor (tool, "--passphrase-fd", given.fd, &fd, &status))
    return status;
  backup.path = args[0];
  if (!find_place (&backup, tool, &status) || !read_accounts (&backup, tool, &status))
    return status;
  if (!make (&backup, tool, fd, &error))
    return report_error (tool, error, NULL, _ ("no backup was made"));
  if (!output_flush (NULL)) /* the backup may be part of it */
    return report_finish (tool);
  say_done (&backup, tool);
  return report_finish (tool);
}

const Command backup_command = {
  "backup",
  N_ ("FILE [--passphrase-fd N]"),
  N_ ("Write all accounts with their keys into a file that a passphrase opens"),
  options,
  run,
};
