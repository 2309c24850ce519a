/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whatever a body contains, it is rejected, or it is one object within the limits, and rejected if
 * anything follows it. json-glib accepts far more, but must read the same from what is accepted. */
#include "common/kr-json.h"

#include <json-glib/json-glib.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data, size_t size);

static guint
measure_depth (const KrJson *value)
{
  guint deepest = 0;

  if (value->type != KR_JSON_OBJECT && value->type != KR_JSON_ARRAY)
    return 0;
  for (const KrJson *item = value->first; item != NULL; item = item->next)
    deepest = MAX (deepest, measure_depth (item));
  return deepest + 1;
}

/* What is written of a text is read again as the text. */
static void
check_text (const char *text)
{
  g_autoptr (GString) written = g_string_new ("{\"\":");
  g_autoptr (KrJson) root = NULL;

  kr_json_append_string (written, text);
  g_string_append_c (written, '}');
  root = kr_json_parse_object (written->str, written->len);
  g_assert_true (root != NULL || written->len > KR_JSON_MAX_LENGTH);
  g_assert_true (root == NULL || g_str_equal (kr_json_get_member (root, "")->text, text));
}

static void check_same (const KrJson *ours, JsonNode *theirs);

static void
check_object (const KrJson *ours, JsonObject *theirs)
{
  guint members = 0;

  for (const KrJson *item = ours->first; item != NULL; item = item->next, members++)
    {
      check_same (item, json_object_get_member (theirs, item->name));
      check_text (item->name);
      g_assert_true (kr_json_get_member (ours, item->name) == item);
    }
  g_assert_cmpuint (members, ==, json_object_get_size (theirs));
}

static void
check_array (const KrJson *ours, JsonArray *theirs)
{
  guint elements = 0;

  for (const KrJson *item = ours->first; item != NULL; item = item->next, elements++)
    check_same (item, json_array_get_element (theirs, elements));
  g_assert_cmpuint (elements, ==, json_array_get_length (theirs));
}

static void
check_same (const KrJson *ours, JsonNode *theirs)
{
  static const GType types[] = {
    [KR_JSON_BOOLEAN] = G_TYPE_BOOLEAN,
    [KR_JSON_INTEGER] = G_TYPE_INT64,
    [KR_JSON_DECIMAL] = G_TYPE_DOUBLE,
    [KR_JSON_STRING] = G_TYPE_STRING,
  };

  g_assert_nonnull (theirs);
  if (ours->type == KR_JSON_OBJECT)
    check_object (ours, json_node_get_object (theirs));
  else if (ours->type == KR_JSON_ARRAY)
    check_array (ours, json_node_get_array (theirs));
  else if (ours->type == KR_JSON_NULL)
    g_assert_true (JSON_NODE_HOLDS_NULL (theirs));
  else
    g_assert_true (json_node_get_value_type (theirs) == types[ours->type]);
  if (ours->type == KR_JSON_INTEGER)
    g_assert_cmpint (ours->number, ==, json_node_get_int (theirs));
  if (ours->type == KR_JSON_BOOLEAN)
    g_assert_cmpint (ours->number, ==, json_node_get_boolean (theirs));
  if (ours->type != KR_JSON_STRING)
    return;
  g_assert_cmpstr (ours->text, ==, json_node_get_string (theirs));
  check_text (ours->text);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  g_autofree char *body = g_malloc (size + 1);
  g_autoptr (KrJson) root = kr_json_parse_object ((const char *) data, size);
  g_autoptr (JsonParser) parser = json_parser_new ();

  if (root == NULL)
    return 0;
  g_assert_true (root->type == KR_JSON_OBJECT);
  g_assert_cmpuint (size, <=, KR_JSON_MAX_LENGTH);
  g_assert_cmpuint (measure_depth (root), <=, KR_JSON_MAX_DEPTH);
  g_assert_true (json_parser_load_from_data (parser, (const char *) data, (gssize) size, NULL));
  check_same (root, json_parser_get_root (parser));
  for (const char *more = ",:{}[]\"0/#\v"; *more != '\0'; more++)
    {
      memcpy (body, data, size);
      body[size] = *more;
      g_assert_null (kr_json_parse_object (body, size + 1));
    }
  return 0;
}
