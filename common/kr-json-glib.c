/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "common/kr-json-glib.h"

#include "common/kr-lazy.h"

#define LAZY(type, name, parameters, arguments)                                                    \
  KR_LAZY ("libjson-glib-1.0.so.0", #name, type, name, parameters, arguments)

LAZY (void, json_array_foreach_element, (JsonArray * a, JsonArrayForeach f, gpointer d), (a, f, d))
LAZY (JsonBuilder *, json_builder_new, (void), ())
LAZY (JsonNode *, json_builder_get_root, (JsonBuilder * b), (b))
LAZY (JsonBuilder *, json_builder_begin_array, (JsonBuilder * b), (b))
LAZY (JsonBuilder *, json_builder_end_array, (JsonBuilder * b), (b))
LAZY (JsonBuilder *, json_builder_begin_object, (JsonBuilder * b), (b))
LAZY (JsonBuilder *, json_builder_end_object, (JsonBuilder * b), (b))
LAZY (JsonBuilder *, json_builder_set_member_name, (JsonBuilder * b, const char *name), (b, name))
LAZY (JsonBuilder *, json_builder_add_int_value, (JsonBuilder * b, gint64 value), (b, value))
LAZY (JsonBuilder *, json_builder_add_boolean_value, (JsonBuilder * b, gboolean value), (b, value))
LAZY (JsonBuilder *,
      json_builder_add_string_value,
      (JsonBuilder * b, const char *value),
      (b, value))
LAZY (JsonBuilder *, json_builder_add_null_value, (JsonBuilder * b), (b))
LAZY (JsonNode *, json_node_new, (JsonNodeType type), (type))
LAZY (void, json_node_unref, (JsonNode * n), (n))
LAZY (void, json_node_take_object, (JsonNode * n, JsonObject *o), (n, o))
LAZY (JsonNodeType, json_node_get_node_type, (JsonNode * n), (n))
LAZY (GType, json_node_get_value_type, (JsonNode * n), (n))
LAZY (JsonArray *, json_node_get_array, (JsonNode * n), (n))
LAZY (JsonObject *, json_node_get_object, (JsonNode * n), (n))
LAZY (gint64, json_node_get_int, (JsonNode * n), (n))
LAZY (gboolean, json_node_get_boolean, (JsonNode * n), (n))
LAZY (const char *, json_node_get_string, (JsonNode * n), (n))
LAZY (char *, json_node_dup_string, (JsonNode * n), (n))
LAZY (JsonObject *, json_object_new, (void), ())
LAZY (gboolean, json_object_has_member, (JsonObject * o, const char *name), (o, name))
LAZY (JsonNode *, json_object_get_member, (JsonObject * o, const char *name), (o, name))
LAZY (JsonObject *, json_object_get_object_member, (JsonObject * o, const char *name), (o, name))
LAZY (guint, json_object_get_size, (JsonObject * o), (o))
LAZY (void,
      json_object_set_object_member,
      (JsonObject * o, const char *name, JsonObject *value),
      (o, name, value))
LAZY (void,
      json_object_set_string_member,
      (JsonObject * o, const char *name, const char *value),
      (o, name, value))
LAZY (void,
      json_object_foreach_member,
      (JsonObject * o, JsonObjectForeach f, gpointer d),
      (o, f, d))
LAZY (void, json_object_iter_init_ordered, (JsonObjectIter * i, JsonObject *o), (i, o))
LAZY (gboolean,
      json_object_iter_next_ordered,
      (JsonObjectIter * i, const char **name, JsonNode **n),
      (i, name, n))
LAZY (JsonParser *, json_parser_new_immutable, (void), ())
LAZY (gboolean,
      json_parser_load_from_data,
      (JsonParser * p, const char *data, gssize length, GError **error),
      (p, data, length, error))
LAZY (JsonNode *, json_parser_steal_root, (JsonParser * p), (p))
LAZY (char *, json_to_string, (JsonNode * n, gboolean pretty), (n, pretty))
