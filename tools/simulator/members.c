/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "members.h"

#include <string.h>

typedef struct
{
  char *name;
  char *value;
} Member;

struct _SimMembers
{
  GPtrArray *list;
};

static void
member_free (Member *member)
{
  g_free (member->name);
  g_free (member->value);
  g_free (member);
}

static Member *
member_new (const char *name, const char *value)
{
  Member *member = g_new0 (Member, 1);

  member->name = g_strdup (name);
  member->value = g_strdup (value);
  return member;
}

SimMembers *
sim_members_new (void)
{
  SimMembers *members = g_new0 (SimMembers, 1);

  members->list = g_ptr_array_new_with_free_func ((GDestroyNotify) member_free);
  return members;
}

void
sim_members_free (SimMembers *members)
{
  g_ptr_array_unref (members->list);
  g_free (members);
}

static gboolean
find (SimMembers *members, const char *name, guint *out_index)
{
  for (guint i = 0; i < members->list->len; i++)
    if (strcmp (((Member *) members->list->pdata[i])->name, name) == 0)
      {
        *out_index = i;
        return TRUE;
      }
  return FALSE;
}

void
sim_members_set (SimMembers *members, const char *name, const char *value)
{
  guint index;
  gboolean found = find (members, name, &index);

  if (value == NULL)
    {
      if (found)
        g_ptr_array_remove_index (members->list, index);
    }
  else if (found)
    {
      Member *member = members->list->pdata[index];

      g_free (member->value);
      member->value = g_strdup (value);
    }
  else
    g_ptr_array_add (members->list, member_new (name, value));
}

void
sim_members_prepend (SimMembers *members, const char *name, const char *value)
{
  g_ptr_array_insert (members->list, 0, member_new (name, value));
}

const char *
sim_members_get (SimMembers *members, const char *name)
{
  guint index;

  if (!find (members, name, &index))
    return NULL;
  return ((Member *) members->list->pdata[index])->value;
}

void
sim_members_merge (SimMembers *members, SimMembers *other)
{
  for (guint i = 0; i < other->list->len; i++)
    {
      Member *member = other->list->pdata[i];

      sim_members_set (members, member->name,
                       strcmp (member->value, "null") == 0 ? NULL : member->value);
    }
}

char *
sim_members_to_text (SimMembers *members)
{
  GString *text = g_string_new ("{");

  for (guint i = 0; i < members->list->len; i++)
    {
      Member *member = members->list->pdata[i];

      g_string_append_printf (text, "%s\"%s\":%s", i == 0 ? "" : ",", member->name, member->value);
    }
  g_string_append_c (text, '}');
  return g_string_free (text, FALSE);
}
