/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "settings.h"

#include <gio/gio.h>
#include <string.h>

typedef enum
{
  NUMBER,   /* 0 or more */
  OFFSET,   /* any whole number */
  OPTIONAL, /* 0 or more, or null: the broker's own */
  BOOLEAN,
} Type;

/* Ten years: keeps every sum of times within the range of GDateTime. */
#define MAX_NUMBER (G_GINT64_CONSTANT (10) * 366 * 24 * 60 * 60)

static const struct
{
  const char *name;
  Type type;
  gsize offset;
} known[] = {
  { "latency_ms", NUMBER, G_STRUCT_OFFSET (SimSettings, latency_ms) },
  { "lifetime", OPTIONAL, G_STRUCT_OFFSET (SimSettings, lifetime) },
  { "issue_interval", OPTIONAL, G_STRUCT_OFFSET (SimSettings, issue_interval) },
  { "same_token_window", OPTIONAL, G_STRUCT_OFFSET (SimSettings, same_token_window) },
  { "clock_offset", OFFSET, G_STRUCT_OFFSET (SimSettings, clock_offset) },
  { "kis_revoke_code_string", BOOLEAN, G_STRUCT_OFFSET (SimSettings, kis_revoke_code_string) },
  { "kis_hand_back_dead", BOOLEAN, G_STRUCT_OFFSET (SimSettings, kis_hand_back_dead) },
  { "numbers_as_strings", BOOLEAN, G_STRUCT_OFFSET (SimSettings, numbers_as_strings) },
};

static gboolean
set_one (SimSettings *settings, gsize which, JsonNode *node)
{
  gpointer field = G_STRUCT_MEMBER_P (settings, known[which].offset);
  GType type = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_value_type (node) : G_TYPE_INVALID;
  gint64 number;

  if (known[which].type == BOOLEAN)
    {
      if (type != G_TYPE_BOOLEAN)
        return FALSE;
      *(gboolean *) field = json_node_get_boolean (node);
      return TRUE;
    }
  if (known[which].type == OPTIONAL && JSON_NODE_HOLDS_NULL (node))
    {
      *(gint64 *) field = SIM_DEFAULT;
      return TRUE;
    }
  if (type != G_TYPE_INT64)
    return FALSE;
  number = json_node_get_int (node);
  if (number > MAX_NUMBER || number < (known[which].type == OFFSET ? -MAX_NUMBER : 0))
    return FALSE;
  *(gint64 *) field = number;
  return TRUE;
}

gboolean
sim_settings_update (SimSettings *settings, JsonObject *object, GError **error)
{
  SimSettings changed = *settings;
  g_autoptr (GList) names = json_object_get_members (object);

  for (GList *l = names; l != NULL; l = l->next)
    {
      const char *name = l->data;
      gsize i = 0;

      while (i < G_N_ELEMENTS (known) && strcmp (known[i].name, name) != 0)
        i++;
      if (i == G_N_ELEMENTS (known))
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "unknown setting “%s”",
                       name);
          return FALSE;
        }
      if (!set_one (&changed, i, json_object_get_member (object, name)))
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                       "wrong type or range of setting “%s”", name);
          return FALSE;
        }
    }
  *settings = changed;
  return TRUE;
}
