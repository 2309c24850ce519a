/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fault-private.h"
#include "json.h"

#include <gio/gio.h>
#include <string.h>

typedef enum
{
  STATUS = 1 << 0,
  BODY = 1 << 1,
  CONTENT_TYPE = 1 << 2,
  HEADERS = 1 << 3,
  LOCATION = 1 << 4,
  TOKEN = 1 << 5,
  MERGE = 1 << 6,
  BYTES = 1 << 7,
  BODY_BYTES = 1 << 8,
  MS = 1 << 9,
  DEPTH = 1 << 10,
  IN_HEADERS = 1 << 11,
  TIMES = 1 << 12,
} Parameter;

static const struct
{
  const char *name;
  JsonNodeType node;
  GType type;
  gint64 low; /* of a number */
  gint64 high;
} parameters[] = {
  { "status", JSON_NODE_VALUE, G_TYPE_INT64, 200, 599 },
  { "body", JSON_NODE_VALUE, G_TYPE_STRING, 0, 0 },
  { "content_type", JSON_NODE_VALUE, G_TYPE_STRING, 0, 0 },
  { "headers", JSON_NODE_OBJECT, 0, 0, 0 },
  { "location", JSON_NODE_VALUE, G_TYPE_STRING, 0, 0 },
  { "token", JSON_NODE_VALUE, G_TYPE_STRING, 0, 0 },
  { "merge", JSON_NODE_OBJECT, 0, 0, 0 },
  { "bytes_base64", JSON_NODE_VALUE, G_TYPE_STRING, 0, 0 },
  { "body_base64", JSON_NODE_VALUE, G_TYPE_STRING, 0, 0 },
  { "ms", JSON_NODE_VALUE, G_TYPE_INT64, 0, 24 * 60 * 60 * 1000 },
  { "depth", JSON_NODE_VALUE, G_TYPE_INT64, 1, 1000000 },
  { "in_headers", JSON_NODE_VALUE, G_TYPE_BOOLEAN, 0, 0 },
  { "times", JSON_NODE_VALUE, G_TYPE_INT64, 0, G_MAXINT32 },
};

static const struct
{
  const char *name;
  SimFaultKind kind;
  guint needed;
  guint allowed;
  guint how;
} kinds[] = {
  { "status", SIM_FAULT_STATUS, STATUS, BODY | CONTENT_TYPE | HEADERS, 0 },
  { "html200", SIM_FAULT_HTML, 0, 0, 0 },
  { "empty200", SIM_FAULT_STATUS, 0, 0, 0 },
  { "redirect", SIM_FAULT_STATUS, LOCATION, STATUS, 0 },
  { "body", SIM_FAULT_STATUS, BODY_BYTES, STATUS, 0 },
  { "mute", SIM_FAULT_SILENCE, 0, 0, SIM_DELIVER_MUTE },
  { "drip", SIM_FAULT_SILENCE, 0, IN_HEADERS, SIM_DELIVER_DRIP },
  { "endless", SIM_FAULT_SILENCE, 0, 0, SIM_DELIVER_ENDLESS },
  { "reset", SIM_FAULT_SILENCE, 0, 0, SIM_DELIVER_RESET },
  { "gzip-bomb", SIM_FAULT_GZIP_BOMB, 0, 0, 0 },
  { "deep", SIM_FAULT_DEEP, 0, DEPTH, 0 },
  { "rate-limited", SIM_FAULT_REFUSE, 0, 0, SIM_REFUSE_RATE },
  { "refuse-key", SIM_FAULT_REFUSE, 0, 0, SIM_REFUSE_KEY },
  { "refuse-secret", SIM_FAULT_REFUSE, 0, 0, SIM_REFUSE_SECRET },
  { "server-error", SIM_FAULT_REFUSE, 0, 0, SIM_REFUSE_SERVER },
  { "huge-headers", SIM_FAULT_DELIVERY, 0, 0, SIM_DELIVER_HUGE_HEADERS },
  { "cut", SIM_FAULT_DELIVERY, 0, 0, SIM_DELIVER_CUT },
  { "cut-no-length", SIM_FAULT_DELIVERY, 0, 0, SIM_DELIVER_CUT_NO_LENGTH },
  { "token", SIM_FAULT_TOKEN, TOKEN, 0, 0 },
  { "merge", SIM_FAULT_MERGE, MERGE, 0, 0 },
  { "prepend", SIM_FAULT_PREPEND, BYTES, 0, 0 },
  { "duplicate-key", SIM_FAULT_DUPLICATE_KEY, 0, 0, 0 },
  { "delay", SIM_FAULT_DELAY, MS, 0, 0 },
};

void
sim_fault_unref (SimFault *fault)
{
  if (!g_ref_count_dec (&fault->refs))
    return;
  g_free (fault->path);
  g_free (fault->token);
  g_free (fault->content_type);
  g_hash_table_unref (fault->headers);
  g_clear_pointer (&fault->merge, g_ptr_array_unref);
  g_clear_pointer (&fault->bytes, g_bytes_unref);
  g_free (fault);
}

static gboolean
wrong (GError **error, const char *what, const char *name)
{
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "%s “%s”", what, name);
  return FALSE;
}

/* Finds the parameters that are present. FALSE if one does not belong here, has the wrong type or
 * is out of range. */
static gboolean
check_names (JsonObject *object, guint *out_given, GError **error)
{
  g_autoptr (GList) names = json_object_get_members (object);
  guint given = 0;

  for (GList *l = names; l != NULL; l = l->next)
    {
      const char *name = l->data;
      JsonNode *node = json_object_get_member (object, name);
      gsize i = 0;

      if (strcmp (name, "path") == 0 || strcmp (name, "fault") == 0)
        continue;
      while (i < G_N_ELEMENTS (parameters) && strcmp (parameters[i].name, name) != 0)
        i++;
      if (i == G_N_ELEMENTS (parameters))
        return wrong (error, "unknown parameter", name);
      if (json_node_get_node_type (node) != parameters[i].node
          || (parameters[i].type != 0 && json_node_get_value_type (node) != parameters[i].type))
        return wrong (error, "wrong type of parameter", name);
      if (parameters[i].type == G_TYPE_INT64
          && (json_node_get_int (node) < parameters[i].low
              || json_node_get_int (node) > parameters[i].high))
        return wrong (error, "out of range:", name);
      given |= 1u << i;
    }
  *out_given = given;
  return TRUE;
}

static gboolean
is_header_text (const char *text)
{
  return text != NULL && *text != '\0' && strpbrk (text, "\r\n") == NULL;
}

static gboolean
read_headers (SimFault *fault, JsonObject *headers, GError **error)
{
  g_autoptr (GList) names = json_object_get_members (headers);

  for (GList *l = names; l != NULL; l = l->next)
    {
      const char *value = sim_json_string (headers, l->data);

      if (!is_header_text (l->data) || !is_header_text (value))
        return wrong (error, "not a header:", l->data);
      g_hash_table_replace (fault->headers, g_strdup (l->data), g_strdup (value));
    }
  return TRUE;
}

static gboolean
read_merge (SimFault *fault, const char *text, GError **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  g_autoptr (JsonObject) merge = sim_json_parse (bytes, &fault->merge, error);

  return merge != NULL;
}

static gboolean
read_location (SimFault *fault, const char *location, GError **error)
{
  if (fault->status < 300 || fault->status > 399)
    return wrong (error, "out of range:", "status");
  if (!is_header_text (location))
    return wrong (error, "not a header:", "location");
  g_hash_table_replace (fault->headers, g_strdup ("Location"), g_strdup (location));
  return TRUE;
}

static GBytes *
read_bytes (JsonObject *object)
{
  const char *name
      = json_object_has_member (object, "body_base64") ? "body_base64" : "bytes_base64";
  const char *base64 = sim_json_string (object, name);
  const char *text = json_object_get_string_member_with_default (object, "body", "");
  gsize length;
  guchar *data = base64 != NULL ? g_base64_decode (base64, &length) : NULL;

  return data != NULL ? g_bytes_new_take (data, length) : g_bytes_new (text, strlen (text));
}

static gboolean
read_parameters (SimFault *fault, JsonObject *object, SimMembers *members, GError **error)
{
  const char *location = sim_json_string (object, "location");
  const char *merge = sim_members_get (members, "merge");
  gint64 status = location != NULL ? 302 : 200;
  gint64 times = json_object_get_int_member_with_default (object, "times", 1);

  fault->left = times == 0 ? G_MAXUINT : (guint) times;
  fault->status = (guint) json_object_get_int_member_with_default (object, "status", status);
  fault->ms = json_object_get_int_member_with_default (object, "ms", 0);
  fault->depth = json_object_get_int_member_with_default (object, "depth", 100000);
  if (json_object_has_member (object, "headers")
      && !read_headers (fault, json_object_get_object_member (object, "headers"), error))
    return FALSE;
  if ((location != NULL && !read_location (fault, location, error))
      || (merge != NULL && !read_merge (fault, merge, error)))
    return FALSE;
  fault->bytes = read_bytes (object);
  fault->content_type = g_strdup (json_object_get_string_member_with_default (
      object, "content_type", location != NULL ? "text/html" : NULL));
  if (json_object_get_boolean_member_with_default (object, "in_headers", FALSE))
    fault->how = SIM_DELIVER_DRIP_HEADERS;
  /* The token as it was written: the parsed string would end at \u0000. */
  fault->token = g_strdup (sim_members_get (members, "token"));
  return TRUE;
}

SimFault *
sim_fault_parse (GBytes *body, GError **error)
{
  g_autoptr (SimMembers) members = NULL;
  g_autoptr (JsonObject) object = sim_json_parse (body, &members, error);
  g_autoptr (SimFault) fault = NULL;
  const char *name = sim_json_string (object, "fault");
  const char *path = sim_json_string (object, "path");
  guint given = 0;
  gsize i = 0;

  if (object == NULL || !check_names (object, &given, error))
    return NULL;
  while (i < G_N_ELEMENTS (kinds) && g_strcmp0 (kinds[i].name, name) != 0)
    i++;
  if (i == G_N_ELEMENTS (kinds))
    wrong (error, "unknown fault", name != NULL ? name : "");
  else if (path == NULL || (*path != '/' && strcmp (path, "*") != 0))
    wrong (error, "“path” has to be a path or “*”, not", path != NULL ? path : "");
  else if ((given & kinds[i].needed) != kinds[i].needed)
    wrong (error, "a parameter is missing for fault", name);
  else if ((given & ~(kinds[i].needed | kinds[i].allowed | TIMES)) != 0)
    wrong (error, "a parameter does not belong to fault", name);
  else
    {
      fault = g_new0 (SimFault, 1);
      g_ref_count_init (&fault->refs);
      fault->kind = kinds[i].kind;
      fault->how = kinds[i].how;
      fault->path = g_strdup (path);
      fault->headers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
      if (read_parameters (fault, object, members, error))
        return g_steal_pointer (&fault);
    }
  return NULL;
}

SimFault *
sim_fault_take (GQueue *faults, const char *path)
{
  for (GList *l = faults->head; l != NULL; l = l->next)
    {
      SimFault *fault = l->data;

      if (strcmp (fault->path, "*") != 0 && strcmp (fault->path, path) != 0)
        continue;
      g_ref_count_inc (&fault->refs);
      if (fault->left != G_MAXUINT && --fault->left == 0)
        {
          g_queue_delete_link (faults, l);
          sim_fault_unref (fault);
        }
      return fault;
    }
  return NULL;
}
