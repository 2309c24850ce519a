/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "commands.h"
#include "common/kr-text.h"
#include "import/leftovers.h"
#include "plaintext/contents.h"
#include "plaintext/parse.h"
#include "import/plan.h"
#include "terminal/confirm.h"
#include "terminal/json.h"
#include "accounts/lookup.h"
#include "terminal/options.h"
#include "terminal/output.h"
#include "terminal/progress.h"
#include "terminal/report.h"
#include "terminal/prompt.h"
#include "terminal/text.h"
#include "accounts/unlocking.h"

/* import FILE: moves keys from plain-text files into the keyring. It makes a plan first, and
 * touches the file last, only after the keyring has returned everything that was in it. */

static struct
{
  char *from;
  char *alias;
  gboolean dry_run;
  gboolean shred;
  gboolean caches;
} given;

static const GOptionEntry options[] = {
  { "from", 0, 0, G_OPTION_ARG_FILENAME, &given.from, N_ ("The kind of file"),
    "kis-yaml|pykis|env|auto" },
  { "dry-run", 'n', 0, G_OPTION_ARG_NONE, &given.dry_run,
    N_ ("Show what would be stored, and store nothing"), NULL },
  { "alias", 0, 0, G_OPTION_ARG_FILENAME, &given.alias,
    N_ ("The alias of the account, if there is only one"), N_ ("NAME") },
  { "shred", 0, 0, G_OPTION_ARG_NONE, &given.shred, N_ ("Overwrite and remove the file afterwards"),
    NULL },
  { "caches", 0, 0, G_OPTION_ARG_NONE, &given.caches,
    N_ ("Also remove the plain-text token caches that were found"), NULL },
  { NULL },
};

typedef struct
{
  Tool *tool;
  KrSecretClient *client;
  PlaintextFormat format;
  char *alias; /* NULL: generate one */
  char *shown; /* the file's name as text for users */
  KeyFile *file;
  PlaintextBytes bytes;
  ImportPlan *plan;
  ImportLeftovers leftovers;
  gboolean shredded;
} Import;

static void
import_clear (Import *self)
{
  g_clear_object (&self->client);
  g_free (self->alias);
  g_free (self->shown);
  g_clear_pointer (&self->file, key_file_free);
  plaintext_bytes_clear (&self->bytes);
  g_clear_pointer (&self->plan, import_plan_free);
  import_leftovers_clear (&self->leftovers);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Import, import_clear)

static gboolean
read_options (Import *self, char **args, int *out_status)
{
  static const char *const formats[] = {
    [PLAINTEXT_AUTO] = "auto",
    [PLAINTEXT_KIS_YAML] = "kis-yaml",
    [PLAINTEXT_PYKIS] = "pykis",
    [PLAINTEXT_ENV] = "env",
  };
  g_autoptr (GError) error = NULL;
  gsize format = 0;

  if (!options_count (self->tool, args, 1, 1, out_status))
    return FALSE;
  self->shown = kr_text_printable (args[0]);
  while (given.from != NULL && format < G_N_ELEMENTS (formats)
         && !g_str_equal (given.from, formats[format]))
    format++;
  if (format == G_N_ELEMENTS (formats))
    {
      *out_status = report_usage (self->tool, _ ("one of kis-yaml, pykis, env, auto is needed"),
                                  NULL, _ ("--from names no known kind of file"));
      return FALSE;
    }
  self->format = (PlaintextFormat) format;
  if (given.alias != NULL)
    self->alias = kr_secret_alias_normalize (given.alias, &error);
  if (error != NULL)
    *out_status = report_error (self->tool, error, NULL, _ ("--alias cannot be an alias"));
  return error == NULL;
}

/* Advice for a file that cannot be imported. */
static const char *
advise (Import *self, const char *name)
{
  if (parse_is_pickle (self->bytes.data, self->bytes.length) || contents_is_pickle_name (name))
    return contents_get_advice ();
  return _ ("nothing was stored; --from gives the kind of file, and 'kr-secret-tool add' "
            "takes keys that are typed");
}

static gboolean
read_file (Import *self, const char *path, GError **error)
{
  g_autofree char *name = g_path_get_basename (path);
  g_autoptr (GPtrArray) brokers = NULL;
  g_autofree PlaintextBroker *list = NULL;
  FoundKeys *found;

  self->file = key_file_open (path, error);
  if (self->file == NULL || !key_file_read (self->file, &self->bytes, error))
    return FALSE;
  if (contents_is_pickle_name (name))
    return KR_SECRET_FAIL (
        error, KR_SECRET_ERROR_USAGE,
        _ ("mojito's token.dat is a Python pickle, and opening one runs the code in it"));
  brokers = kr_secret_broker_list (NULL);
  list = plaintext_brokers_list (brokers);
  found = parse_bytes (&self->bytes, self->format, list, error);
  if (found != NULL)
    self->plan = import_plan_new (found, g_steal_pointer (&brokers));
  return found != NULL;
}

/* Reads the file, and warns of keys that may be hidden in it. */
static gboolean
load_file (Import *self, const char *path, int *out_status)
{
  g_autofree char *name = g_path_get_basename (path);
  g_autoptr (GError) error = NULL;
  gboolean read = read_file (self, path, &error);
  const char *next = NULL;

  if (!read && error->code == KR_SECRET_ERROR_USAGE && self->bytes.data != NULL)
    next = advise (self, name);
  else if (!read && error->code != KR_SECRET_ERROR_DAMAGED
           && (self->file == NULL || error->code == KR_SECRET_ERROR_FAILED))
    next = _ ("nothing was stored; give the name of a file that you can read");
  else if (!read)
    next = _ ("nothing was stored");
  if (!read)
    *out_status
        = report_error (self->tool, error, next, _ ("'%s' cannot be imported"), self->shown);
  else if (key_file_is_open_to_others (self->file))
    report_warning (self->tool, _ ("others may write to '%s': make sure that the keys are yours"),
                    self->shown);
  return read;
}

/* Whether the user will be asked in ask (). */
static gboolean
is_person_asked (Import *self)
{
  return !given.dry_run && !self->tool->yes && prompt_is_possible (self->tool)
         && (given.shred || import_plan_count (self->plan, IMPORT_NEW) > 0);
}

/* An error after the plan was made. JSON has both, as text does. */
static int
fail (Import *self, const GError *error, const char *next, const char *what)
{
  report_error_text (self->tool, error, next, what);
  if (self->tool->json)
    {
      json_begin ();
      import_plan_view_write (self->plan);
      report_error_json (error, what);
      json_end ();
      output_flush (NULL);
    }
  return report_status (error);
}

/* Nothing in the plan can be done; the reasons have been shown. */
static int
refuse_all (Import *self)
{
  g_autofree char *name = NULL;
  g_autofree char *next = NULL;
  g_autofree char *what = g_strdup_printf (_ ("'%s' cannot be imported"), self->shown);
  g_autoptr (GError) error = NULL;
  gboolean whole = import_plan_find_other_secret (self->plan, &name);

  kr_secret_error_set (&error, KR_SECRET_ERROR_USAGE, 0, NULL, "%s",
                       whole ? _ ("nothing in it can be stored; see above")
                             : _ ("it has no complete key of a broker"));
  if (name != NULL)
    next = g_strdup_printf (_ ("if the file is right, type its key and secret into 'kr-secret-tool "
                               "edit %s --secret'"),
                            name);
  return fail (self, error, next != NULL ? next : advise (self, ""), what);
}

static gboolean
make_plan (Import *self, int *out_status)
{
  g_autoptr (GError) error = NULL;

  if (!given.dry_run && !unlocking_check_keyring (self->tool, self->client, &error))
    {
      *out_status
          = report_error (self->tool, error, NULL, _ ("'%s' was not imported"), self->shown);
      return FALSE;
    }
  if (!lookup_load (self->tool, self->client, out_status)
      || !import_plan_make (self->plan, self->tool, self->client, self->alias, out_status))
    return FALSE;
  import_plan_view_show (self->plan, self->tool,
                         given.dry_run            ? IMPORT_SHOWN_AS_OUTPUT
                         : is_person_asked (self) ? IMPORT_SHOWN_TO_DECIDE
                                                  : IMPORT_SHOWN_TO_READ);
  if (import_plan_count (self->plan, IMPORT_SKIPPED) < self->plan->items->len)
    return TRUE;
  *out_status = refuse_all (self);
  return FALSE;
}

/* Says what --shred can and cannot do, before the user agrees to it. */
static void
announce_shred (Import *self)
{
  const char *copying = key_file_copying_system (self->file);
  guint n = self->plan->found->n_others;

  if (n > 0)
    report_warning (self->tool,
                    ngettext ("'%s' has %u other setting, which is destroyed with it",
                              "'%s' has %u other settings, which are destroyed with it", n),
                    self->shown, n);
  if (copying != NULL)
    report_warning (self->tool, _ ("it is on %s, where what is overwritten may stay on the disk"),
                    copying);
  report_note (
      self->tool,
      _ ("Shredding overwrites the file, but not copies of it: in snapshots and backups, in "
         "git or synchronised folders, in what a flash disk or a copy-on-write file "
         "system keeps. If there may be any, have the broker issue a new key."));
}

/* Finds all problems with --shred before anything is stored. */
static gboolean
check_shred (Import *self, int *out_status)
{
  g_autofree char *what = g_strdup_printf (_ ("'%s' cannot be shredded"), self->shown);
  g_autoptr (GError) error = NULL;

  if (key_file_check_shred (self->file, &error) && !import_plan_is_covered (self->plan))
    kr_secret_error_set (&error, KR_SECRET_ERROR_FAILED, 0, NULL,
                         _ ("it has keys that would not be in the keyring afterwards"));
  if (error != NULL)
    *out_status = fail (self, error,
                        _ ("nothing was stored; see above, or leave "
                           "--shred out and remove the file yourself"),
                        what);
  else
    announce_shred (self);
  return error == NULL;
}

/* Asks on a terminal. --shred needs a yes. */
static gboolean
ask (Import *self, int *out_status)
{
  guint n = import_plan_count (self->plan, IMPORT_NEW);
  g_autoptr (GError) error = NULL;
  g_autofree char *question = NULL;

  if (!given.shred && (n == 0 || !prompt_is_possible (self->tool)))
    return TRUE;
  if (!given.shred)
    question = g_strdup_printf (ngettext ("Store %u account?", "Store %u accounts?", n), n);
  else if (n == 0)
    question = g_strdup_printf (_ ("Destroy '%s'?"), self->shown);
  else
    question = g_strdup_printf (ngettext ("Store %u account, then destroy '%s'?",
                                          "Store %u accounts, then destroy '%s'?", n),
                                n, self->shown);
  if (confirm_yes (self->tool, question, &error))
    return TRUE;
  *out_status = report_error (self->tool, error,
                              given.shred ? _ ("nothing was changed; -y confirms it") : NULL,
                              _ ("'%s' was not imported"), self->shown);
  return FALSE;
}

static gboolean
store (Import *self, int *out_status)
{
  guint n = import_plan_count (self->plan, IMPORT_NEW);
  g_autoptr (GError) error = NULL;
  gboolean stored;

  if (n == 0)
    report_note (self->tool, _ ("There is nothing new in '%s'."), self->shown);
  progress_begin (self->tool, "%s", _ ("storing the accounts"));
  stored = import_plan_store (self->plan, self->client, &error)
           && import_plan_read_back (self->plan, self->client, &error);
  progress_end ();
  if (!stored)
    *out_status = report_error (self->tool, error, NULL, _ ("'%s' was not imported"), self->shown);
  else if (n > 0)
    report_note (self->tool,
                 ngettext ("Stored %u account, and read it back; the key was not verified.",
                           "Stored %u accounts, and read them back; the keys were not verified.",
                           n),
                 n);
  return stored;
}

static gboolean
shred (Import *self, GError **error)
{
  self->shredded = key_file_shred (self->file, &self->bytes, error);
  if (self->shredded)
    report_note (self->tool, _ ("'%s' was overwritten and removed."), self->shown);
  else
    g_prefix_error (error, _ ("the accounts are in the keyring, but '%s' was not destroyed: "),
                    self->shown);
  return self->shredded;
}

static void
write_document (Import *self, const GError *error, const char *what)
{
  json_begin ();
  import_plan_view_write (self->plan);
  json_bool ("shredded", self->shredded);
  import_leftovers_write (&self->leftovers);
  if (error != NULL)
    report_error_json (error, what);
  json_end ();
}

/* Runs once the accounts are safe. A failure here does not undo them. */
static int
finish (Import *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) second = NULL;
  const char *what = _ ("the import is not complete");

  if (given.shred && !given.dry_run)
    shred (self, &error);
  import_leftovers_find (&self->leftovers, self->plan->brokers);
  if (!import_leftovers_remove (&self->leftovers, self->tool, given.dry_run, given.caches,
                                error == NULL ? &error : &second)
      && error == NULL)
    error = g_steal_pointer (&second);
  if (error != NULL)
    report_error_text (self->tool, error, _ ("look at the file, and remove it yourself"), what);
  if (self->tool->json)
    write_document (self, error, what);
  if (error == NULL)
    return report_finish (self->tool);
  output_flush (NULL);
  return report_status (error);
}

static int
run (Tool *tool, char **args)
{
  g_auto (Import) import = { .tool = tool, .client = lookup_client (tool) };
  int status;

  if (!read_options (&import, args, &status) || !load_file (&import, args[0], &status)
      || !make_plan (&import, &status) || (given.shred && !check_shred (&import, &status)))
    return status;
  if (!given.dry_run && (!ask (&import, &status) || !store (&import, &status)))
    return status;
  return finish (&import);
}

const Command import_command = {
  "import",
  N_ ("FILE [--from kis-yaml|pykis|env|auto] [-n] [--alias NAME] [--shred] [--caches]"),
  N_ ("Move keys from a plain-text file into the keyring"),
  options,
  run,
};
