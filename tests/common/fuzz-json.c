/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whatever a body contains, the gate accepts nothing, or one object within the limits, and rejects
 * it if anything follows it. */
#include "common/kr-json.h"

int LLVMFuzzerTestOneInput (const guint8 *data, size_t size);

static guint
measure_depth (JsonNode *node)
{
  g_autoptr (GList) inside = NULL;
  guint deepest = 0;

  if (JSON_NODE_HOLDS_VALUE (node) || JSON_NODE_HOLDS_NULL (node))
    return 0;
  inside = JSON_NODE_HOLDS_OBJECT (node) ? json_object_get_values (json_node_get_object (node))
                                         : json_array_get_elements (json_node_get_array (node));
  for (GList *l = inside; l != NULL; l = l->next)
    deepest = MAX (deepest, measure_depth (l->data));
  return deepest + 1;
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  g_autofree char *body = g_malloc (size + 1);
  g_autoptr (KrJson) root = kr_json_parse_object ((const char *) data, size);

  if (root == NULL)
    return 0;
  g_assert_true (JSON_NODE_HOLDS_OBJECT (root));
  g_assert_cmpuint (size, <=, KR_JSON_MAX_LENGTH);
  g_assert_cmpuint (measure_depth (root), <=, KR_JSON_MAX_DEPTH);
  for (const char *more = ",:{}[]\"0/#\v"; *more != '\0'; more++)
    {
      memcpy (body, data, size);
      body[size] = *more;
      g_assert_null (kr_json_parse_object (body, size + 1));
    }
  return 0;
}
