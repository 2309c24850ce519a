/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <unistd.h>

#include "common/kr-text.h"
#include "import/plan.h"
#include "terminal/json.h"
#include "terminal/table.h"
#include "terminal/output.h"
#include "terminal/progress.h"
#include "terminal/report.h"
#include "terminal/text.h"

static const char *const result_words[] = {
  [IMPORT_NEW] = "planned",
  [IMPORT_STORED] = "stored",
  [IMPORT_PRESENT] = "present",
  [IMPORT_SKIPPED] = "skipped",
};

static const char *const result_texts[] = {
  [IMPORT_NEW] = N_ ("new"),
  [IMPORT_STORED] = N_ ("stored"),
  [IMPORT_PRESENT] = N_ ("already there"),
  [IMPORT_SKIPPED] = N_ ("skipped"),
};

static void
add_row (ImportItem *item, GPtrArray *rows)
{
  g_autofree char *alias = item->alias != NULL ? kr_text_printable (item->alias) : g_strdup ("-");
  g_autofree char *label = kr_text_printable (item->key->label);
  g_autofree char *hint = item->hint != NULL ? g_strconcat (item->hint, "…", NULL) : g_strdup ("-");

  table_add (rows, alias, item->key->broker_id, text_environment (item->key->environment), hint,
             label, _ (result_texts[item->result]), NULL);
}

#define MAX_NAMED 10

static void
note_names (Tool *tool, GPtrArray *names, const char *what)
{
  const guint more = names->len - MIN (names->len, MAX_NAMED);
  g_autoptr (GString) list = g_string_new (NULL);

  if (names->len == 0)
    return;
  for (guint i = 0; i < names->len - more; i++)
    {
      g_autofree char *name = kr_text_printable (names->pdata[i]);
      g_string_append_printf (list, "%s%s", i > 0 ? ", " : "", name);
    }
  if (more > 0)
    {
      g_string_append (list, ", ");
      g_string_append_printf (list, ngettext ("and %u more", "and %u more", more), more);
    }
  report_note (tool, "%s %s", what, list->str);
}

/* A paper trading key stored as a real one is noticed at its first use, at best. */
static void
note_assumed (ImportPlan *self, Tool *tool)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();

  for (guint i = 0; i < self->items->len; i++)
    {
      ImportItem *item = self->items->pdata[i];
      if (item->key->assumed && item->result != IMPORT_SKIPPED)
        g_ptr_array_add (names, item->key->label);
    }
  note_names (
      tool, names,
      _ ("Assumed to be for real trading, because nothing says paper, as KIS_PAPER_APPKEY would:"));
}

static void
show_table (ImportPlan *self, Tool *tool, ImportShown shown)
{
  g_autoptr (GPtrArray) rows = table_new ();
  g_autoptr (GString) out = g_string_new (NULL);
  const gboolean is_output = shown == IMPORT_SHOWN_AS_OUTPUT && !tool->json;

  if (self->items->len == 0)
    return;
  table_add (rows, _ ("ALIAS"), _ ("BROKER"), _ ("ENVIRONMENT"), _ ("APPKEY"), _ ("FROM"),
             _ ("RESULT"), NULL);
  for (guint i = 0; i < self->items->len; i++)
    add_row (self->items->pdata[i], rows);
  table_append (out, rows, is_output ? STDOUT_FILENO : STDERR_FILENO);
  if (is_output)
    {
      output_text (out->str);
      output_flush (NULL); /* before messages about it */
    }
  else if (!tool->quiet || shown == IMPORT_SHOWN_TO_DECIDE)
    {
      progress_end ();
      fputs (out->str, stderr);
    }
}

/* For users: a table, and what is not in it. */
void
import_plan_view_show (ImportPlan *self, Tool *tool, ImportShown shown)
{
  show_table (self, tool, shown);
  for (guint i = 0; i < self->items->len; i++)
    {
      ImportItem *item = self->items->pdata[i];
      g_autofree char *label = kr_text_printable (item->key->label);

      if (item->reason != NULL)
        report_warning (tool, _ ("skipped %s: %s"), label, item->reason);
    }
  note_assumed (self, tool);
  note_names (tool, self->found->placeholders,
              _ ("Left out, because they are empty or as in the sample:"));
  note_names (tool, self->found->strays,
              _ ("Left out, because they name no broker, as KIS_APPKEY does:"));
  note_names (tool, self->found->doubtful,
              _ ("Left out, because they look as in a sample, although they are as long as keys:"));
  note_names (tool, self->found->hidden,
              _ ("Left out, because they are in a comment, below the top, or in a line that is not "
                 "a setting:"));
}

/* Writes the member "accounts" of a document. */
void
import_plan_view_write (ImportPlan *self)
{
  json_open ("accounts", '[');
  for (guint i = 0; i < self->items->len; i++)
    {
      ImportItem *item = self->items->pdata[i];

      json_open (NULL, '{');
      json_string ("alias", item->alias);
      json_string ("broker", item->key->broker_id);
      json_string ("environment", kr_secret_environment_to_string (item->key->environment));
      json_bool ("environment_assumed", item->key->assumed);
      json_string ("appkey_hint", item->hint);
      json_string ("result", result_words[item->result]);
      json_string ("reason", item->reason);
      json_close ('}');
    }
  json_close (']');
}
