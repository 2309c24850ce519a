/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plaintext/readers.h"

#include <glib/gi18n.h>
#include <string.h>

#include "common/kr-json.h"
#include "kr-secret-fail.h"
#include "plaintext/found-keys.h"
#include "plaintext/hidden-keys.h"

/* secret.json of python-kis: an object of strings, and "virtual", which is true or false. */

/* Elsewhere appkey and secretkey may be Kiwoom's. These are only python-kis's. */
static gboolean
is_pykis (JsonObject *object)
{
  static const char *const names[] = { "virtual", "virtual_id", "virtual_appkey", "account", "id" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (json_object_has_member (object, names[i]))
      return TRUE;
  return FALSE;
}

typedef struct
{
  FoundKeys *found;
  const char *path;
  const char *name;
} Place;

static void read_nested (const Place *place, JsonNode *node);

static void
read_nested_member (JsonObject *object, const char *name, JsonNode *node, gpointer data)
{
  const Place *place = data;
  g_autofree char *path = hidden_keys_join_path (place->path, name);

  read_nested (&(const Place){ place->found, path, name }, node);
}

static void
read_element (JsonArray *array, guint index, JsonNode *node, gpointer data)
{
  read_nested (data, node);
}

/* kr_json_parse_object has limited the depth. */
static void
read_nested (const Place *place, JsonNode *node)
{
  if (JSON_NODE_HOLDS_OBJECT (node))
    json_object_foreach_member (json_node_get_object (node), read_nested_member, (gpointer) place);
  else if (JSON_NODE_HOLDS_ARRAY (node))
    json_array_foreach_element (json_node_get_array (node), read_element, (gpointer) place);
  else if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
    {
      const char *text = json_node_get_string (node);
      hidden_keys_add_nested (place->found, place->path, place->name, text, strlen (text));
    }
  else if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) != G_TYPE_BOOLEAN)
    hidden_keys_add_nested (place->found, place->path, place->name, NULL, 0);
}

static gboolean
read_member (FoundKeys *found, const char *name, JsonNode *node, GError **error)
{
  const char *text;

  if (JSON_NODE_HOLDS_NULL (node))
    return found_keys_add (found, name, "", 0, error);
  if (!JSON_NODE_HOLDS_VALUE (node))
    {
      g_autofree char *path = hidden_keys_join_path ("", name);

      found->n_others++;
      read_nested (&(const Place){ found, path, name }, node);
      return TRUE;
    }
  if (json_node_get_value_type (node) == G_TYPE_BOOLEAN)
    text = json_node_get_boolean (node) ? "true" : "false";
  else if (json_node_get_value_type (node) == G_TYPE_STRING)
    text = json_node_get_string (node);
  else
    {
      found_keys_add_number (found, name);
      return TRUE;
    }
  return found_keys_add (found, name, text, strlen (text), error);
}

gboolean
plaintext_json_read (FoundKeys *found, const char *data, gsize length, GError **error)
{
  g_autoptr (KrJson) root = kr_json_parse_object (data, length);
  JsonObject *object;
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;
  gboolean good = TRUE;

  if (root == NULL)
    return KR_SECRET_FAIL (error, KR_SECRET_ERROR_USAGE,
                           _ ("it is not a JSON object, or it has a member twice, is nested too "
                              "deeply or is over 64 KiB"));
  object = json_node_get_object (root);
  if (found->format == PLAINTEXT_AUTO && is_pykis (object))
    found->format = PLAINTEXT_PYKIS;
  json_object_iter_init_ordered (&iter, object);
  while (good && json_object_iter_next_ordered (&iter, &name, &node))
    good = read_member (found, name, node, error);
  return good;
}
