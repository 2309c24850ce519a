/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "json.h"

#include <string.h>

/* Deeper than any request to a broker, and far below the depth at which json-glib runs out of
 * stack. */
#define MAX_DEPTH 32

char *
sim_json_quote (const char *text)
{
  g_autoptr (JsonNode) node = json_node_alloc ();

  json_node_init_string (node, text);
  return json_to_string (node, FALSE);
}

static const char *
skip_space (const char *p)
{
  return p + strspn (p, " \t\r\n");
}

static const char *
skip_string (const char *p)
{
  for (p++; *p != '\0' && *p != '"'; p++)
    if (*p == '\\' && p[1] != '\0')
      p++;
  return *p == '"' ? p + 1 : NULL;
}

/* Skips one value, up to the comma or bracket that ends it. */
static const char *
skip_value (const char *p)
{
  int depth = 0;

  while (p != NULL && *p != '\0')
    {
      if (*p == '"')
        {
          p = skip_string (p);
          continue;
        }
      if (depth == 0 && (*p == ',' || *p == '}'))
        return p;
      if (*p == '{' || *p == '[')
        depth++;
      else if (*p == '}' || *p == ']')
        depth--;
      p++;
    }
  return NULL;
}

static SimMembers *
split (const char *text)
{
  g_autoptr (SimMembers) members = sim_members_new ();
  const char *p = skip_space (text);

  if (*p != '{')
    return NULL;
  p = skip_space (p + 1);
  while (*p == '"')
    {
      const char *end = skip_string (p);
      g_autofree char *name = end == NULL ? NULL : g_strndup (p + 1, end - p - 2);
      g_autofree char *value = NULL;

      if (end == NULL || *(p = skip_space (end)) != ':')
        return NULL;
      p = skip_space (p + 1);
      if ((end = skip_value (p)) == NULL)
        return NULL;
      value = g_strchomp (g_strndup (p, end - p));
      sim_members_set (members, name, value);
      p = *end == ',' ? skip_space (end + 1) : end;
    }
  return *p == '}' ? g_steal_pointer (&members) : NULL;
}

static gboolean
is_shallow (const char *text)
{
  int depth = 0;

  for (const char *p = text; p != NULL && *p != '\0';)
    {
      if (*p == '"')
        {
          p = skip_string (p);
          continue;
        }
      if ((*p == '{' || *p == '[') && ++depth > MAX_DEPTH)
        return FALSE;
      if (*p == '}' || *p == ']')
        depth--;
      p++;
    }
  return TRUE;
}

JsonObject *
sim_json_parse (GBytes *body, SimMembers **out_members, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  gsize length;
  const char *data = g_bytes_get_data (body, &length);
  g_autofree char *text = g_strndup (data != NULL ? data : "", length);
  g_autoptr (SimMembers) members = NULL;

  if (!is_shallow (text))
    {
      g_set_error_literal (error, JSON_PARSER_ERROR, JSON_PARSER_ERROR_PARSE, "nested too deeply");
      return NULL;
    }
  if (!json_parser_load_from_data (parser, text, -1, error))
    return NULL;
  members = split (text);
  if (members == NULL || json_parser_get_root (parser) == NULL
      || !JSON_NODE_HOLDS_OBJECT (json_parser_get_root (parser)))
    {
      g_set_error_literal (error, JSON_PARSER_ERROR, JSON_PARSER_ERROR_PARSE, "not a JSON object");
      return NULL;
    }
  if (out_members != NULL)
    *out_members = g_steal_pointer (&members);
  return json_object_ref (json_node_get_object (json_parser_get_root (parser)));
}

const char *
sim_json_string (JsonObject *object, const char *name)
{
  JsonNode *node = object == NULL ? NULL : json_object_get_member (object, name);

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node)
      || json_node_get_value_type (node) != G_TYPE_STRING)
    return NULL;
  return json_node_get_string (node);
}
