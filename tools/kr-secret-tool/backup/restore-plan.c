/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "backup/restore-plan.h"

#include <glib/gi18n.h>
#include <string.h>

#include "accounts/credentials.h"
#include "common/kr-text.h"
#include "terminal/text.h"

static void
item_free (gpointer data)
{
  RestoreItem *item = data;

  g_free (item->why);
  g_free (item);
}

static gboolean
is_same_key (const BackupAccount *a, const BackupAccount *b)
{
  return a->credential != NULL && b->credential != NULL
         && g_strcmp0 (a->broker_id, b->broker_id) == 0 && a->environment == b->environment
         && credentials_have_same (a->credential, b->credential, "appkey");
}

static char *
name_for_people (const BackupAccount *account)
{
  return kr_text_printable (account->alias != NULL ? account->alias : account->id);
}

static char *
explain_id (const BackupAccount *other)
{
  g_autofree char *name = name_for_people (other);

  /* This is what backups are for, but the damaged account may be worth a look. */
  if (other->alias == NULL)
    return g_strdup_printf (_ ("it is there, but damaged; 'kr-secret-tool remove --force %s' makes "
                               "room for it"),
                            name);
  return g_strdup_printf (_ ("its id is that of '%s', which has another key"), name);
}

/* Whether other is the same account, or conflicts with it; if so, fills the item in. */
static gboolean
item_compare (RestoreItem *self, const BackupAccount *other)
{
  const BackupAccount *account = self->account;
  gboolean key = is_same_key (account, other);
  gboolean alias = g_strcmp0 (account->alias, other->alias) == 0;
  gboolean id = g_str_equal (account->id, other->id);
  g_autofree char *name = name_for_people (other);

  if (!key && !alias && !id)
    return FALSE;
  self->other = other;
  self->kind = RESTORE_CONFLICT;
  g_clear_pointer (&self->why, g_free);
  if (key && !alias && !id)
    self->why = g_strdup_printf (_ ("its key is there already, as '%s'"), name);
  else if (alias && !key)
    self->why = g_strdup (_ ("an account with another key has its alias"));
  else if (!key)
    self->why = explain_id (other);
  else if (!credentials_are_same (account->credential, other->credential))
    self->why = g_strdup (_ ("it is there already, with another secret for its key"));
  else
    self->kind = RESTORE_PRESENT;
  if (self->kind == RESTORE_PRESENT && !alias)
    self->why = g_strdup_printf (_ ("already there, and now called '%s'"), name);
  else if (self->kind == RESTORE_PRESENT && g_strcmp0 (account->endpoint, other->endpoint) != 0)
    self->why = g_strdup (_ ("already there, with another endpoint"));
  return TRUE;
}

/* An account can both exist and conflict with another; then the conflict counts. One that exists
 * itself, under whatever alias, takes nothing from another. */
static void
item_compare_all (RestoreItem *self, GPtrArray *others, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      const BackupAccount *other = others->pdata[i];

      if (g_str_equal (self->account->id, other->id) && is_same_key (self->account, other))
        {
          item_compare (self, other);
          return;
        }
    }
  for (guint i = 0; i < n && self->kind != RESTORE_CONFLICT; i++)
    item_compare (self, others->pdata[i]);
}

GPtrArray *
restore_plan_make (GPtrArray *accounts, GPtrArray *there)
{
  GPtrArray *items = g_ptr_array_new_with_free_func (item_free);

  for (guint i = 0; i < accounts->len; i++)
    {
      RestoreItem *item = g_new0 (RestoreItem, 1);

      item->account = accounts->pdata[i];
      g_ptr_array_add (items, item);
      item_compare_all (item, there, there->len);
      item_compare_all (item, accounts, i);
    }
  return items;
}

guint
restore_plan_count (GPtrArray *items, RestoreKind kind)
{
  guint n = 0;

  for (guint i = 0; i < items->len; i++)
    n += ((const RestoreItem *) items->pdata[i])->kind == kind;
  return n;
}
