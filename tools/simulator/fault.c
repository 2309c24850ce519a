/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fault.h"
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
} Parameter;

static const struct
{
  const char *name;
  JsonNodeType node;
  GType type;
} parameters[] = {
  { "status", JSON_NODE_VALUE, G_TYPE_INT64 },
  { "body", JSON_NODE_VALUE, G_TYPE_STRING },
  { "content_type", JSON_NODE_VALUE, G_TYPE_STRING },
  { "headers", JSON_NODE_OBJECT, 0 },
  { "location", JSON_NODE_VALUE, G_TYPE_STRING },
  { "token", JSON_NODE_VALUE, G_TYPE_STRING },
  { "merge", JSON_NODE_OBJECT, 0 },
  { "bytes_base64", JSON_NODE_VALUE, G_TYPE_STRING },
  { "body_base64", JSON_NODE_VALUE, G_TYPE_STRING },
  { "ms", JSON_NODE_VALUE, G_TYPE_INT64 },
  { "depth", JSON_NODE_VALUE, G_TYPE_INT64 },
  { "in_headers", JSON_NODE_VALUE, G_TYPE_BOOLEAN },
};

static const struct
{
  const char *name;
  SimFaultKind kind;
  guint needed;
  guint allowed;
} kinds[] = {
  { "status", SIM_FAULT_STATUS, STATUS, BODY | CONTENT_TYPE | HEADERS },
  { "html200", SIM_FAULT_HTML, 0, 0 },
  { "empty200", SIM_FAULT_EMPTY, 0, 0 },
  { "redirect", SIM_FAULT_REDIRECT, LOCATION, STATUS },
  { "mute", SIM_FAULT_MUTE, 0, 0 },
  { "drip", SIM_FAULT_DRIP, 0, IN_HEADERS },
  { "endless", SIM_FAULT_ENDLESS, 0, 0 },
  { "gzip-bomb", SIM_FAULT_GZIP_BOMB, 0, 0 },
  { "huge-headers", SIM_FAULT_HUGE_HEADERS, 0, 0 },
  { "deep", SIM_FAULT_DEEP, 0, DEPTH },
  { "cut", SIM_FAULT_CUT, 0, 0 },
  { "cut-no-length", SIM_FAULT_CUT_NO_LENGTH, 0, 0 },
  { "reset", SIM_FAULT_RESET, 0, 0 },
  { "token", SIM_FAULT_TOKEN, TOKEN, 0 },
  { "merge", SIM_FAULT_MERGE, MERGE, 0 },
  { "prepend", SIM_FAULT_PREPEND, BYTES, 0 },
  { "body", SIM_FAULT_BODY, BODY_BYTES, STATUS },
  { "duplicate-key", SIM_FAULT_DUPLICATE_KEY, 0, 0 },
  { "rate-limited", SIM_FAULT_RATE, 0, 0 },
  { "refuse-key", SIM_FAULT_KEY, 0, 0 },
  { "refuse-secret", SIM_FAULT_SECRET, 0, 0 },
  { "server-error", SIM_FAULT_SERVER, 0, 0 },
  { "delay", SIM_FAULT_DELAY, MS, 0 },
};

void
sim_fault_unref (SimFault *fault)
{
  if (!g_ref_count_dec (&fault->refs))
    return;
  g_free (fault->path);
  g_free (fault->text);
  g_free (fault->content_type);
  g_hash_table_unref (fault->headers);
  g_clear_pointer (&fault->merge, sim_members_free);
  g_clear_pointer (&fault->bytes, g_bytes_unref);
  g_free (fault);
}

static gboolean
wrong (GError **error, const char *what, const char *name)
{
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "%s “%s”", what, name);
  return FALSE;
}

/* Finds the parameters that are present. FALSE if one does not belong here or has the wrong
 * type. */
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

      if (strcmp (name, "path") == 0 || strcmp (name, "times") == 0 || strcmp (name, "fault") == 0)
        continue;
      while (i < G_N_ELEMENTS (parameters) && strcmp (parameters[i].name, name) != 0)
        i++;
      if (i == G_N_ELEMENTS (parameters))
        return wrong (error, "unknown parameter", name);
      if (json_node_get_node_type (node) != parameters[i].node
          || (parameters[i].type != 0 && json_node_get_value_type (node) != parameters[i].type))
        return wrong (error, "wrong type of parameter", name);
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
read_number (JsonObject *object,
             const char *name,
             gint64 low,
             gint64 high,
             gint64 *out_value,
             GError **error)
{
  gint64 value;

  if (!json_object_has_member (object, name))
    return TRUE;
  if (json_node_get_value_type (json_object_get_member (object, name)) != G_TYPE_INT64)
    return wrong (error, "wrong type of parameter", name);
  value = json_object_get_int_member (object, name);
  if (value < low || value > high)
    return wrong (error, "out of range:", name);
  *out_value = value;
  return TRUE;
}

static gboolean
read_bytes (SimFault *fault, const char *base64)
{
  gsize length;
  guchar *data = g_base64_decode (base64, &length);

  fault->bytes = g_bytes_new_take (data, length);
  return TRUE;
}

static gboolean
read_parameters (SimFault *fault, JsonObject *object, SimMembers *members, GError **error)
{
  gint64 status = fault->kind == SIM_FAULT_REDIRECT ? 302 : 200;
  gint64 times = 1;
  gboolean redirect = fault->kind == SIM_FAULT_REDIRECT;

  if (!read_number (object, "times", 0, G_MAXINT32, &times, error)
      || !read_number (object, "status", redirect ? 300 : 200, redirect ? 399 : 599, &status, error)
      || !read_number (object, "ms", 0, 24 * 60 * 60 * 1000, &fault->ms, error)
      || !read_number (object, "depth", 1, 1000000, &fault->depth, error))
    return FALSE;
  fault->status = (guint) status;
  fault->left = times == 0 ? G_MAXUINT : (guint) times;

  if (json_object_has_member (object, "headers")
      && !read_headers (fault, json_object_get_object_member (object, "headers"), error))
    return FALSE;
  if (json_object_has_member (object, "location"))
    {
      const char *location = json_object_get_string_member (object, "location");

      if (!is_header_text (location))
        return wrong (error, "not a header:", "location");
      g_hash_table_replace (fault->headers, g_strdup ("Location"), g_strdup (location));
    }
  if (json_object_has_member (object, "merge"))
    {
      const char *text = sim_members_get (members, "merge");
      g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
      g_autoptr (JsonObject) merge = sim_json_parse (bytes, &fault->merge, error);

      if (merge == NULL)
        return FALSE;
    }
  if (json_object_has_member (object, "bytes_base64"))
    read_bytes (fault, json_object_get_string_member (object, "bytes_base64"));
  if (json_object_has_member (object, "body_base64"))
    read_bytes (fault, json_object_get_string_member (object, "body_base64"));
  fault->content_type = g_strdup (sim_json_string (object, "content_type"));
  fault->in_headers = json_object_get_boolean_member_with_default (object, "in_headers", FALSE);
  /* The token as it was written: the parsed string would end at \u0000. */
  if (fault->kind == SIM_FAULT_TOKEN)
    fault->text = g_strdup (sim_members_get (members, "token"));
  else
    fault->text = g_strdup (sim_json_string (object, "body"));
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
  else if ((given & ~(kinds[i].needed | kinds[i].allowed)) != 0)
    wrong (error, "a parameter does not belong to fault", name);
  else
    {
      fault = g_new0 (SimFault, 1);
      g_ref_count_init (&fault->refs);
      fault->kind = kinds[i].kind;
      fault->path = g_strdup (path);
      fault->depth = 100000;
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
