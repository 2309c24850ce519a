/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plaintext/readers.h"

#include <glib/gi18n.h>
#include <string.h>

#include "plaintext/found-keys.h"
#include "plaintext/hidden-keys.h"
#include "common/kr-json.h"

/* secret.json of python-kis: one object of texts, and of "virtual", which is true or false. */

/* In a file nobody said anything about, appkey and secretkey may be Kiwoom's as well. These are
 * python-kis's own. */
static gboolean
is_pykis (const KrJson *object)
{
  static const char *const names[] = { "virtual", "virtual_id", "virtual_appkey", "account", "id" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (kr_json_get_member (object, names[i]) != NULL)
      return TRUE;
  return FALSE;
}

typedef struct
{
  FoundKeys *found;
  const char *path;
  const char *name;
} Place;

/* What is below the top; kr_json_parse_object has bounded how deep that can be. */
static void
read_nested (const Place *place, const KrJson *value)
{
  for (const KrJson *item = value->first; item != NULL; item = item->next)
    {
      g_autofree char *path
          = item->name != NULL ? hidden_keys_join_path (place->path, item->name) : NULL;

      read_nested (path != NULL ? &(const Place){ place->found, path, item->name } : place, item);
    }
  if (value->type == KR_JSON_STRING)
    hidden_keys_add_nested (place->found, place->path, place->name, value->text,
                            strlen (value->text));
  else if (value->type == KR_JSON_INTEGER || value->type == KR_JSON_DECIMAL)
    hidden_keys_add_nested (place->found, place->path, place->name, NULL, 0);
}

static gboolean
read_member (FoundKeys *found, const KrJson *member, GError **error)
{
  const char *text = member->text;

  switch (member->type)
    {
    case KR_JSON_ARRAY:
    case KR_JSON_OBJECT:
      {
        g_autofree char *path = hidden_keys_join_path ("", member->name);

        found->n_others++;
        read_nested (&(const Place){ found, path, member->name }, member);
        return TRUE;
      }
    case KR_JSON_INTEGER:
    case KR_JSON_DECIMAL:
      found_keys_add_number (found, member->name);
      return TRUE;
    case KR_JSON_BOOLEAN:
      text = member->number ? "true" : "false";
      break;
    case KR_JSON_NULL:
      text = "";
      break;
    case KR_JSON_STRING:
    default:
      break;
    }
  return found_keys_add (found, member->name, text, strlen (text), error);
}

gboolean
plaintext_json_read (FoundKeys *found, const char *data, gsize length, GError **error)
{
  g_autoptr (KrJson) root = kr_json_parse_object (data, length);

  if (root == NULL)
    {
      kr_secret_error_set (
          error, KR_SECRET_ERROR_USAGE, 0, NULL,
          _ ("it is no JSON object, or one with a member twice, nested deeply or over 64 KiB"));
      return FALSE;
    }
  if (found->format == PLAINTEXT_AUTO && is_pykis (root))
    found->format = PLAINTEXT_PYKIS;
  for (const KrJson *member = root->first; member != NULL; member = member->next)
    if (!read_member (found, member, error))
      return FALSE;
  return TRUE;
}
