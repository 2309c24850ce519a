/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "import/leftovers.h"

#include "common/kr-text.h"
#include "plaintext/token-caches.h"
#include "terminal/confirm.h"
#include "terminal/json.h"
#include "terminal/report.h"
#include "terminal/prompt.h"
#include "terminal/text.h"

/* Once the keys are safe, plain-text tokens are all that is left of the old way. A file that may
 * hold a key is not removed: the keyring may not have it. */

#define MAX_NAMED 10

void
import_leftovers_find (ImportLeftovers *self, GPtrArray *brokers)
{
  g_autofree PlaintextBroker *list = plaintext_brokers_list (brokers);

  self->caches = token_caches_find (g_get_home_dir (), list);
  self->removed = g_ptr_array_new ();
}

void
import_leftovers_clear (ImportLeftovers *self)
{
  g_clear_pointer (&self->removed, g_ptr_array_unref);
  g_clear_pointer (&self->caches, g_ptr_array_unref);
}

static GPtrArray *
choose (ImportLeftovers *self, gboolean removable)
{
  GPtrArray *chosen = g_ptr_array_new ();

  for (guint i = 0; i < self->caches->len; i++)
    {
      TokenCache *cache = self->caches->pdata[i];
      if ((cache->look.holds == CONTENTS_HOLD_NO_KEY) == removable)
        g_ptr_array_add (chosen, cache);
    }
  return chosen;
}

static void
name_files (Tool *tool, GPtrArray *caches)
{
  for (guint i = 0; i < MIN (caches->len, MAX_NAMED); i++)
    {
      TokenCache *cache = caches->pdata[i];
      g_autofree char *shown = kr_text_printable (cache->path);
      report_note (tool, "  %s", shown);
    }
  if (caches->len > MAX_NAMED)
    {
      guint n = caches->len - MAX_NAMED;
      g_autofree char *more = g_strdup_printf (ngettext ("and %u more", "and %u more", n), n);
      report_note (tool, "  %s", more);
    }
}

/* Whether to remove the caches; -y does not cover them. */
static gboolean
is_meant (Tool *tool, gboolean wanted, GError **error)
{
  g_autoptr (GError) no = NULL;

  if (wanted)
    return TRUE;
  if (tool->yes || !prompt_is_possible (tool))
    {
      report_note (tool, _ ("They were left alone; --caches removes them."));
      return FALSE;
    }
  if (confirm_yes (tool, _ ("Remove them? Programs that use them will ask for new tokens."), &no))
    return TRUE;
  if (!g_error_matches (no, KR_SECRET_ERROR, KR_SECRET_ERROR_DECLINED))
    g_propagate_error (error, g_steal_pointer (&no));
  return FALSE;
}

static gboolean
remove_all (ImportLeftovers *self, Tool *tool, GPtrArray *caches, GError **error)
{
  g_autoptr (GError) first = NULL;

  for (guint i = 0; i < caches->len; i++)
    {
      TokenCache *cache = caches->pdata[i];
      g_autofree char *shown = kr_text_printable (cache->path);
      g_autoptr (GError) local = NULL;

      if (token_caches_shred (cache, g_get_home_dir (), &local))
        g_ptr_array_add (self->removed, cache->path);
      else if (first == NULL)
        g_propagate_prefixed_error (&first, g_steal_pointer (&local), "%s: ", shown);
      else
        report_warning (tool, "%s: %s", shown, local->message);
    }
  if (self->removed->len > 0)
    report_note (tool,
                 ngettext ("%u of them was removed; its token is valid until it expires.",
                           "%u of them were removed; their tokens are valid until they expire.",
                           self->removed->len),
                 self->removed->len);
  if (first == NULL)
    return TRUE;
  return KR_SECRET_PASS (error, first);
}

static void
tell_of_kept (ImportLeftovers *self, Tool *tool)
{
  g_autoptr (GPtrArray) kept = choose (self, FALSE);

  if (kept->len == 0)
    return;
  report_note (
      tool,
      ngettext ("%u file of another program may hold a key, and is not removed:",
                "%u files of other programs may hold keys, and are not removed:", kept->len),
      kept->len);
  name_files (tool, kept);
  report_note (tool, "%s", contents_get_advice ());
}

gboolean
import_leftovers_remove (
    ImportLeftovers *self, Tool *tool, gboolean dry_run, gboolean wanted, GError **error)
{
  g_autoptr (GPtrArray) caches = choose (self, TRUE);
  g_autoptr (GError) local = NULL;

  tell_of_kept (self, tool);
  if (caches->len == 0)
    return TRUE;
  report_note (tool,
               ngettext ("%u file of another program keeps a token in plain text:",
                         "%u files of other programs keep tokens in plain text:", caches->len),
               caches->len);
  name_files (tool, caches);
  if (dry_run)
    return TRUE;
  if (is_meant (tool, wanted, &local))
    return remove_all (self, tool, caches, error);
  if (local == NULL)
    return TRUE;
  return KR_SECRET_PASS (error, local);
}

/* Writes the members of a document. */
void
import_leftovers_write (ImportLeftovers *self)
{
  json_open ("caches", '[');
  for (guint i = 0; i < self->caches->len; i++)
    {
      TokenCache *cache = self->caches->pdata[i];
      g_autofree char *path = g_utf8_make_valid (cache->path, -1);
      json_string (NULL, path);
    }
  json_close (']');
  json_int ("caches_removed", self->removed->len);
}
