/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plugin/kr-secret-request-private.h"

#include <string.h>

#include "base/kr-secret-error-private.h"
#include "common/kr-intl.h"
#include "common/kr-json.h"
#include "common/kr-sensitive.h"

/* What a plugin wants sent. json-glib and GString leave copies of secrets in memory: one reason why
 * only kr-secret-helper, whose memory ends with it, renders bodies. */

typedef struct
{
  char *name;
  SecretValue *value;
} Field;

struct _KrSecretRequest
{
  char *path;
  gboolean fetches; /* a GET; otherwise a POST */
  KrSecretBody body;
  GPtrArray *fields;  /* Field */
  GPtrArray *headers; /* KrSecretHeader */
};

static void
field_free (Field *field)
{
  g_free (field->name);
  secret_value_unref (field->value);
  g_free (field);
}

/* Joins two parts in memory that is wiped when freed. */
static SecretValue *
secret_text (const char *prefix, const char *text, gsize length)
{
  gsize start = strlen (prefix);
  gsize size = start + length;
  char *joined = g_malloc (size + 1);

  memcpy (joined, prefix, start);
  memcpy (joined + start, text, length);
  joined[size] = '\0';
  return kr_sensitive_take (joined, size);
}

/* An RFC 9110 token, as a header's name must be. */
static gboolean
is_header_name (const char *name)
{
  if (*name == '\0')
    return FALSE;
  for (const char *p = name; *p != '\0'; p++)
    if (!g_ascii_isalnum (*p) && strchr ("!#$%&'*+-.^_`|~", *p) == NULL)
      return FALSE;
  return TRUE;
}

/* Printable ASCII. A header with anything else would be dropped or cut on its way. */
static gboolean
is_header_value (const char *value, gsize length)
{
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isprint (value[i]))
      return FALSE;
  return TRUE;
}

gboolean
kr_secret_request_is_header (const char *name, const char *text)
{
  return is_header_name (name) && (text == NULL || is_header_value (text, strlen (text)));
}

/**
 * kr_secret_request_new: (skip)
 *
 * Makes an empty request. (transfer full)
 */
KrSecretRequest *
kr_secret_request_new (void)
{
  KrSecretRequest *self = g_new0 (KrSecretRequest, 1);

  self->fields = g_ptr_array_new_with_free_func ((GDestroyNotify) field_free);
  self->headers = g_ptr_array_new_with_free_func ((GDestroyNotify) kr_secret_header_free);
  return self;
}

/**
 * kr_secret_request_free: (skip)
 *
 * Frees a request. Its secrets are wiped unless someone else holds them.
 */
void
kr_secret_request_free (KrSecretRequest *self)
{
  g_free (self->path);
  g_ptr_array_unref (self->fields);
  g_ptr_array_unref (self->headers);
  g_free (self);
}

/**
 * kr_secret_request_post: (skip)
 *
 * Makes it a POST with its fields in @body. @path begins with a slash: a request cannot choose the
 * host.
 */
void
kr_secret_request_post (KrSecretRequest *self, const char *path, KrSecretBody body)
{
  g_return_if_fail (self != NULL);
  g_return_if_fail (path != NULL && path[0] == '/' && path[1] != '/');

  g_free (self->path);
  self->path = g_strdup (path);
  self->fetches = FALSE;
  self->body = body;
}

/* Makes it an empty GET. For the core. */
void
kr_secret_request_fetch (KrSecretRequest *self, const char *path)
{
  kr_secret_request_post (self, path, KR_SECRET_BODY_NONE);
  self->fetches = TRUE;
}

/**
 * kr_secret_request_get_method: (skip)
 *
 * Gets the method: `GET` or `POST`. (transfer none)
 */
const char *
kr_secret_request_get_method (KrSecretRequest *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->fetches ? "GET" : "POST";
}

/**
 * kr_secret_request_add_field: (skip)
 *
 * Adds a field that is not a secret to the body, in UTF-8. In JSON the name may be a path of names
 * with dots between: `dataBody.appKey`.
 */
void
kr_secret_request_add_field (KrSecretRequest *self, const char *name, const char *value)
{
  g_autoptr (SecretValue) text = NULL;

  g_return_if_fail (value != NULL);

  text = secret_text ("", value, strlen (value));
  kr_secret_request_add_secret_field (self, name, text, NULL);
}

/**
 * kr_secret_request_add_secret_field: (skip)
 *
 * Adds a secret from the credential or the token to the body. If @value is missing or not text,
 * that is %KR_SECRET_ERROR_DAMAGED: it was in the keyring once. Returns whether it could be added.
 */
gboolean
kr_secret_request_add_secret_field (KrSecretRequest *self,
                                    const char *name,
                                    SecretValue *value,
                                    GError **error)
{
  Field *field;
  const char *text;
  gsize length;

  g_return_val_if_fail (self != NULL && name != NULL && g_utf8_validate (name, -1, NULL), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  text = value != NULL ? secret_value_get (value, &length) : NULL;
  if (text == NULL || !g_utf8_validate_len (text, length, NULL))
    return KR_SECRET_FAIL (error, KR_SECRET_ERROR_DAMAGED,
                           _ ("the stored account has no usable value for “%s”"), name);
  field = g_new0 (Field, 1);
  field->name = g_strdup (name);
  field->value = secret_value_ref (value);
  g_ptr_array_add (self->fields, field);
  return TRUE;
}

/**
 * kr_secret_request_add_header: (skip)
 *
 * Adds a header that is not a secret, in printable ASCII.
 */
void
kr_secret_request_add_header (KrSecretRequest *self, const char *name, const char *value)
{
  KrSecretHeader *header;

  g_return_if_fail (self != NULL);
  g_return_if_fail (name != NULL && is_header_name (name));
  g_return_if_fail (value != NULL && is_header_value (value, strlen (value)));

  header = g_new0 (KrSecretHeader, 1);
  header->name = g_strdup (name);
  header->value = secret_text ("", value, strlen (value));
  g_ptr_array_add (self->headers, header);
}

/**
 * kr_secret_request_add_secret_header: (skip)
 * @prefix: (nullable): what stands before the secret: `Bearer `
 * @value: (nullable): the secret, as it came from the credential or the token
 *
 * Adds a header that carries a secret. If @value is missing or no header can carry it, that is
 * %KR_SECRET_ERROR_DAMAGED: it was in the keyring once. Returns whether it could be added.
 */
gboolean
kr_secret_request_add_secret_header (
    KrSecretRequest *self, const char *name, const char *prefix, SecretValue *value, GError **error)
{
  KrSecretHeader *header;
  const char *text;
  gsize length;

  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (name != NULL && is_header_name (name), FALSE);
  g_return_val_if_fail (prefix == NULL || is_header_value (prefix, strlen (prefix)), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  text = value != NULL ? secret_value_get (value, &length) : NULL;
  if (text == NULL || length == 0 || !is_header_value (text, length))
    return KR_SECRET_FAIL (error, KR_SECRET_ERROR_DAMAGED,
                           _ ("the stored account has no usable value for the header “%s”"), name);
  header = g_new0 (KrSecretHeader, 1);
  header->name = g_strdup (name);
  header->value = secret_text (prefix != NULL ? prefix : "", text, length);
  header->secret = TRUE;
  g_ptr_array_add (self->headers, header);
  return TRUE;
}

/**
 * kr_secret_request_get_path: (skip)
 *
 * Gets the path; %NULL if [method@Request.post] was not called. (nullable) (transfer none)
 */
const char *
kr_secret_request_get_path (KrSecretRequest *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->path;
}

/**
 * kr_secret_request_get_content_type: (skip)
 *
 * Gets the content type exactly as it must be sent: LS refuses a form whose type has a charset.
 * %NULL if there is no body. (nullable) (transfer none)
 */
const char *
kr_secret_request_get_content_type (KrSecretRequest *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  switch (self->body)
    {
    case KR_SECRET_BODY_JSON:
      return "application/json";
    case KR_SECRET_BODY_FORM:
      return "application/x-www-form-urlencoded";
    case KR_SECRET_BODY_NONE:
    default:
      return NULL;
    }
}

/**
 * kr_secret_request_get_headers: (skip)
 *
 * Gets the added headers in their order, without the content type. (element-type KrSecretHeader)
 * (transfer none)
 */
GPtrArray *
kr_secret_request_get_headers (KrSecretRequest *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->headers;
}

/* Sets the member at a path such as "dataBody.appKey", creating the objects on the way. */
static void
set_member (JsonObject *object, const char *path, const char *value)
{
  const char *dot;

  while ((dot = strchr (path, '.')) != NULL)
    {
      g_autofree char *name = g_strndup (path, (gsize) (dot - path));
      JsonNode *node = json_object_get_member (object, name);

      if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
        json_object_set_object_member (object, name, json_object_new ());
      object = json_object_get_object_member (object, name);
      path = dot + 1;
    }
  json_object_set_string_member (object, path, value);
}

static char *
render_json (KrSecretRequest *self)
{
  g_autoptr (KrJson) root = json_node_new (JSON_NODE_OBJECT);

  json_node_take_object (root, json_object_new ());
  for (guint i = 0; i < self->fields->len; i++)
    {
      const Field *field = g_ptr_array_index (self->fields, i);

      set_member (json_node_get_object (root), field->name, secret_value_get (field->value, NULL));
    }
  return json_to_string (root, FALSE);
}

static char *
render_form (KrSecretRequest *self)
{
  GString *form = g_string_new (NULL);

  for (guint i = 0; i < self->fields->len; i++)
    {
      const Field *field = g_ptr_array_index (self->fields, i);
      g_autofree char *name = g_uri_escape_string (field->name, NULL, FALSE);
      g_autoptr (KrSensitiveText) value
          = g_uri_escape_string (secret_value_get (field->value, NULL), NULL, FALSE);

      g_string_append_printf (form, "%s%s=%s", i > 0 ? "&" : "", name, value);
    }
  return g_string_free (form, FALSE);
}

/**
 * kr_secret_request_render_body: (skip)
 *
 * Writes the fields, in their order, as the request's body; %NULL if there is none. (nullable)
 * (transfer full)
 */
SecretValue *
kr_secret_request_render_body (KrSecretRequest *self)
{
  g_autoptr (KrSensitiveText) text = NULL;

  g_return_val_if_fail (self != NULL, NULL);

  if (self->body == KR_SECRET_BODY_NONE)
    return NULL;
  text = self->body == KR_SECRET_BODY_JSON ? render_json (self) : render_form (self);
  return secret_value_new (text, -1, kr_secret_request_get_content_type (self));
}
