/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "members.h"

#include <string.h>

typedef struct
{
  char *name;
  char *value;
} Member;

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
  return g_ptr_array_new_with_free_func ((GDestroyNotify) member_free);
}

static gboolean
find (SimMembers *members, const char *name, guint *out_index)
{
  for (guint i = 0; i < members->len; i++)
    if (strcmp (((Member *) members->pdata[i])->name, name) == 0)
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

  if (!find (members, name, &index))
    {
      if (value != NULL)
        g_ptr_array_add (members, member_new (name, value));
    }
  else if (value == NULL)
    g_ptr_array_remove_index (members, index);
  else
    {
      member_free (members->pdata[index]);
      members->pdata[index] = member_new (name, value);
    }
}

void
sim_members_prepend (SimMembers *members, const char *name, const char *value)
{
  g_ptr_array_insert (members, 0, member_new (name, value));
}

const char *
sim_members_get (SimMembers *members, const char *name)
{
  guint index;

  if (!find (members, name, &index))
    return NULL;
  return ((Member *) members->pdata[index])->value;
}

void
sim_members_merge (SimMembers *members, SimMembers *other)
{
  for (guint i = 0; i < other->len; i++)
    {
      Member *member = other->pdata[i];

      sim_members_set (members, member->name,
                       strcmp (member->value, "null") == 0 ? NULL : member->value);
    }
}

char *
sim_members_to_text (SimMembers *members)
{
  GString *text = g_string_new ("{");

  for (guint i = 0; i < members->len; i++)
    {
      Member *member = members->pdata[i];

      g_string_append_printf (text, "%s\"%s\":%s", i == 0 ? "" : ",", member->name, member->value);
    }
  g_string_append_c (text, '}');
  return g_string_free (text, FALSE);
}
