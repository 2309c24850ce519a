/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "import-found.h"

#include <glib/gi18n.h>
#include <string.h>

/* Settings become keys: those of one broker, environment and tag belong together. */

/* More than anybody has; it keeps a hostile file from filling the memory that is locked. */
#define MAX_KEYS 32

static void
free_value (gpointer value)
{
  if (value != NULL)
    secret_value_unref (value);
}

static void
import_key_free (ImportKey *self)
{
  g_free (self->broker_id);
  g_free (self->tag);
  g_free (self->label);
  g_ptr_array_unref (self->names);
  g_ptr_array_unref (self->values);
  g_free (self);
}

ImportFound *
import_found_new (const ImportBroker *brokers, ImportFormat format)
{
  ImportFound *self = g_new0 (ImportFound, 1);

  self->brokers = brokers;
  self->format = format;
  self->keys = g_ptr_array_new_with_free_func ((GDestroyNotify) import_key_free);
  self->placeholders = g_ptr_array_new_with_free_func (g_free);
  self->strays = g_ptr_array_new_with_free_func (g_free);
  self->paper = g_ptr_array_new_with_free_func (g_free);
  return self;
}

void
import_found_free (ImportFound *self)
{
  g_ptr_array_unref (self->keys);
  g_ptr_array_unref (self->placeholders);
  g_ptr_array_unref (self->strays);
  g_ptr_array_unref (self->paper);
  g_free (self);
}

static ImportKey *
find_key (ImportFound *self, const ImportName *name, const char *label)
{
  KrSecretEnvironment environment
      = name->paper ? KR_SECRET_ENVIRONMENT_PAPER : KR_SECRET_ENVIRONMENT_REAL;
  ImportKey *key;

  for (guint i = 0; i < self->keys->len; i++)
    {
      key = self->keys->pdata[i];
      if (g_str_equal (key->broker_id, name->broker_id) && g_str_equal (key->tag, name->tag)
          && key->environment == environment)
        return key;
    }
  if (self->keys->len == MAX_KEYS)
    return NULL;
  key = g_new0 (ImportKey, 1);
  key->broker_id = g_strdup (name->broker_id);
  key->tag = g_strdup (name->tag);
  key->label = g_strdup (label);
  key->environment = environment;
  key->names = g_ptr_array_new ();
  key->values = g_ptr_array_new_with_free_func (free_value);
  g_ptr_array_add (self->keys, key);
  return key;
}

static gboolean
is_same (SecretValue *stored, const char *value, gsize length)
{
  gsize stored_length;
  const char *data;

  if (stored == NULL)
    return FALSE;
  data = secret_value_get (stored, &stored_length);
  return stored_length == length && memcmp (data, value, length) == 0;
}

static gboolean
add_field (ImportFound *self,
           const ImportName *name,
           const char *label,
           const char *value,
           gsize length,
           GError **error)
{
  gboolean placeholder = import_is_placeholder (value, length);
  ImportKey *key = find_key (self, name, label);
  guint at;

  if (key == NULL)
    {
      kr_secret_error_set (error, KR_SECRET_ERROR_USAGE, 0, NULL,
                           _ ("it holds more keys than anybody has"));
      return FALSE;
    }
  key->marked |= name->paper || name->real;
  if (placeholder)
    g_ptr_array_add (self->placeholders, g_strdup (label));
  if (!g_ptr_array_find_with_equal_func (key->names, name->field, g_str_equal, &at))
    {
      g_ptr_array_add (key->names, (char *) name->field);
      g_ptr_array_add (key->values, placeholder
                                        ? NULL
                                        : secret_value_new (value, (gssize) length, "text/plain"));
      return TRUE;
    }
  if (placeholder || is_same (key->values->pdata[at], value, length))
    return TRUE;
  if (key->values->pdata[at] != NULL)
    {
      kr_secret_error_set (error, KR_SECRET_ERROR_USAGE, 0, NULL,
                           _ ("the %s of one key (%s, %s) is there twice, with two values"),
                           name->field, name->broker_id,
                           kr_secret_environment_to_string (key->environment));
      return FALSE;
    }
  key->values->pdata[at] = secret_value_new (value, (gssize) length, "text/plain");
  return TRUE;
}

/* Whether it is a field without doubt, although no broker is named: SECRET_KEY may be anything. */
static gboolean
is_stray (const ImportName *name, const char *value, gsize length)
{
  return name->field != NULL && name->certain && !import_is_placeholder (value, length);
}

/* Puts a setting of the file where it belongs. */
gboolean
import_found_add (
    ImportFound *self, const char *label, const char *value, gsize length, GError **error)
{
  g_auto (ImportName) name = { 0 };

  import_name_parse (label, self->brokers, &name);
  if (name.broker_id == NULL && self->format == IMPORT_PYKIS)
    name.broker_id = name.field == NULL || name.plain ? "kis" : NULL;
  if (name.field != NULL && name.broker_id != NULL)
    return add_field (self, &name, label, value, length, error);
  if (is_stray (&name, value, length))
    g_ptr_array_add (self->strays, g_strdup (label));
  else
    self->n_others++;
  if (name.tag != NULL && name.broker_id != NULL && import_chooses_paper (&name, value, length)
      && !g_ptr_array_find_with_equal_func (self->paper, name.broker_id, g_str_equal, NULL))
    g_ptr_array_add (self->paper, g_strdup (name.broker_id));
  return TRUE;
}

/* Whether the file has both, so that what chooses the environment chooses between two keys. */
static gboolean
has_marked_paper (ImportFound *self, const char *broker_id)
{
  for (guint i = 0; i < self->keys->len; i++)
    {
      ImportKey *key = self->keys->pdata[i];
      if (g_str_equal (key->broker_id, broker_id) && key->marked
          && key->environment == KR_SECRET_ENVIRONMENT_PAPER)
        return TRUE;
    }
  return FALSE;
}

static gboolean
is_empty (ImportKey *key)
{
  for (guint i = 0; i < key->values->len; i++)
    if (key->values->pdata[i] != NULL)
      return FALSE;
  return TRUE;
}

/* Drops what a sample left in the place of values. */
static void
drop_placeholders (ImportKey *key)
{
  for (guint i = key->values->len; i > 0; i--)
    if (key->values->pdata[i - 1] == NULL)
      {
        g_ptr_array_remove_index (key->names, i - 1);
        g_ptr_array_remove_index (key->values, i - 1);
      }
}

/* After the last setting. */
void
import_found_finish (ImportFound *self)
{
  for (guint i = self->keys->len; i > 0; i--)
    if (is_empty (self->keys->pdata[i - 1]))
      g_ptr_array_remove_index (self->keys, i - 1);
  for (guint i = 0; i < self->paper->len; i++)
    for (guint j = 0; j < self->keys->len && !has_marked_paper (self, self->paper->pdata[i]); j++)
      {
        ImportKey *key = self->keys->pdata[j];
        if (!key->marked && g_str_equal (key->broker_id, self->paper->pdata[i]))
          key->environment = KR_SECRET_ENVIRONMENT_PAPER;
      }
  for (guint i = 0; i < self->keys->len; i++)
    drop_placeholders (self->keys->pdata[i]);
  self->brokers = NULL; /* they are the caller's */
}
