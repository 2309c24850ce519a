/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plaintext/found-keys.h"

#include <glib/gi18n.h>
#include <string.h>

#include "kr-secret-fail.h"
#include "common/kr-sensitive.h"
#include "plaintext/hidden-keys.h"
#include "plaintext/placeholder.h"
#include "plaintext/setting-name.h"

/* Turns settings into keys: those with the same broker, environment and tag belong together. */

/* More than anybody has. Keeps a hostile file from exhausting locked memory. */
#define MAX_KEYS 32

static void
found_key_free (FoundKey *self)
{
  g_free (self->broker_id);
  g_free (self->tag);
  g_free (self->label);
  g_ptr_array_unref (self->names);
  g_ptr_array_unref (self->values);
  g_free (self);
}

FoundKeys *
found_keys_new (const PlaintextBroker *brokers, PlaintextFormat format)
{
  FoundKeys *self = g_new0 (FoundKeys, 1);

  self->brokers = brokers;
  self->format = format;
  self->keys = g_ptr_array_new_with_free_func ((GDestroyNotify) found_key_free);
  self->placeholders = g_ptr_array_new_with_free_func (g_free);
  self->doubtful = g_ptr_array_new_with_free_func (g_free);
  self->strays = g_ptr_array_new_with_free_func (g_free);
  self->hidden = g_ptr_array_new_with_free_func (g_free);
  self->hints = g_array_new (FALSE, TRUE, sizeof (FoundHint));
  return self;
}

void
found_keys_free (FoundKeys *self)
{
  g_ptr_array_unref (self->keys);
  g_ptr_array_unref (self->placeholders);
  g_ptr_array_unref (self->doubtful);
  g_ptr_array_unref (self->strays);
  g_ptr_array_unref (self->hidden);
  g_array_unref (self->hints);
  g_free (self);
}

static FoundKey *
find_key (FoundKeys *self, const SettingName *name, const char *label)
{
  KrSecretEnvironment environment
      = name->paper ? KR_SECRET_ENVIRONMENT_PAPER : KR_SECRET_ENVIRONMENT_REAL;
  FoundKey *key;

  for (guint i = 0; i < self->keys->len; i++)
    {
      key = self->keys->pdata[i];
      if (g_str_equal (key->broker_id, name->broker_id) && g_str_equal (key->tag, name->tag)
          && key->environment == environment)
        return key;
    }
  if (self->keys->len == MAX_KEYS)
    return NULL;
  key = g_new0 (FoundKey, 1);
  key->broker_id = g_strdup (name->broker_id);
  key->tag = g_strdup (name->tag);
  key->label = g_strdup (label);
  key->environment = environment;
  key->names = g_ptr_array_new ();
  key->values = g_ptr_array_new_with_free_func (kr_sensitive_unref);
  g_ptr_array_add (self->keys, key);
  return key;
}

static gboolean
is_same (SecretValue *stored, const char *value, gsize length)
{
  gsize stored_length;
  const char *data = stored != NULL ? secret_value_get (stored, &stored_length) : NULL;

  return data != NULL && kr_sensitive_equal_data (data, stored_length, value, length);
}

static gboolean
add_field (FoundKeys *self,
           const SettingName *name,
           const char *label,
           const char *value,
           gsize length,
           GError **error)
{
  gboolean placeholder = placeholder_is_likely (value, length);
  FoundKey *key = find_key (self, name, label);
  guint at;

  if (key == NULL)
    return KR_SECRET_FAIL (error, KR_SECRET_ERROR_USAGE,
                           _ ("it holds more keys than are plausible"));
  key->marked |= name->paper || name->real;
  if (placeholder)
    g_ptr_array_add (placeholder_is_certain (value, length) ? self->placeholders : self->doubtful,
                     g_strdup (label));
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
    return KR_SECRET_FAIL (error, KR_SECRET_ERROR_USAGE,
                           _ ("the %s of one key (%s, %s) appears twice, with two values"),
                           name->field, name->broker_id,
                           kr_secret_environment_to_string (key->environment));
  key->values->pdata[at] = secret_value_new (value, (gssize) length, "text/plain");
  return TRUE;
}

static FoundHint *
find_hint (FoundKeys *self, const char *broker_id)
{
  const FoundHint hint = { .broker_id = broker_id };

  for (guint i = 0; i < self->hints->len; i++)
    if (g_strcmp0 (g_array_index (self->hints, FoundHint, i).broker_id, broker_id) == 0)
      return &g_array_index (self->hints, FoundHint, i);
  g_array_append_val (self->hints, hint);
  return &g_array_index (self->hints, FoundHint, self->hints->len - 1);
}

/* Whether the value contains the whole host of uri. */
static gboolean
has_host (const char *value, gsize length, const char *uri)
{
  const char *colon = uri != NULL ? strstr (uri, "://") : NULL;
  const char *host = colon != NULL ? colon + 3 : uri;
  gsize host_length = host != NULL ? strcspn (host, ":/") : 0;

  for (gsize i = 0; host_length > 0 && i + host_length <= length; i++)
    if (g_ascii_strncasecmp (value + i, host, host_length) == 0
        && (i == 0 || (!g_ascii_isalnum (value[i - 1]) && value[i - 1] != '.')))
      return TRUE;
  return FALSE;
}

/* KIS_BASE_URL=https://openapivts… serves as a switch in such files; PAPER_URL only lists one of
 * the addresses. */
static void
note_addresses (FoundKeys *self, const SettingName *name, const char *value, gsize length)
{
  if (name->paper || name->real)
    return;
  for (const PlaintextBroker *broker = self->brokers; broker->id != NULL; broker++)
    {
      if (broker->paper_uri == NULL || g_strcmp0 (broker->paper_uri, broker->real_uri) == 0)
        continue;
      if (has_host (value, length, broker->real_uri))
        find_hint (self, broker->id)->addresses |= SETTING_CHOICE (KR_SECRET_ENVIRONMENT_REAL);
      if (has_host (value, length, broker->paper_uri))
        find_hint (self, broker->id)->addresses |= SETTING_CHOICE (KR_SECRET_ENVIRONMENT_PAPER);
    }
}

gboolean
found_keys_add (FoundKeys *self, const char *label, const char *value, gsize length, GError **error)
{
  g_auto (SettingName) name = { 0 };
  guint choice;

  setting_name_parse (self, label, &name);
  if (name.field != NULL && name.broker_id != NULL)
    return add_field (self, &name, label, value, length, error);
  if (setting_name_is_field (&name) && !placeholder_is_certain (value, length))
    {
      g_ptr_array_add (self->strays, g_strdup (label));
      return TRUE;
    }
  self->n_others++;
  choice = setting_name_choose (&name, value, length);
  if (choice != 0)
    find_hint (self, name.broker_id)->switches |= choice;
  note_addresses (self, &name, value, length);
  hidden_keys_look (self, label, value, length, FALSE);
  return TRUE;
}

/* No key is a number, and no sample has one as a placeholder. */
void
found_keys_add_number (FoundKeys *self, const char *label)
{
  if (setting_name_means_field (self, label))
    hidden_keys_add (self, label);
  else
    self->n_others++;
}

/* Whether the file has keys for both environments, so that a switch chooses between them. */
static gboolean
has_marked_paper (FoundKeys *self, const char *broker_id)
{
  for (guint i = 0; i < self->keys->len; i++)
    {
      FoundKey *key = self->keys->pdata[i];
      if (g_str_equal (key->broker_id, broker_id) && key->marked
          && key->environment == KR_SECRET_ENVIRONMENT_PAPER)
        return TRUE;
    }
  return FALSE;
}

static gboolean
has_one_broker (FoundKeys *self)
{
  for (guint i = 1; i < self->keys->len; i++)
    if (!g_str_equal (((FoundKey *) self->keys->pdata[i])->broker_id,
                      ((FoundKey *) self->keys->pdata[0])->broker_id))
      return FALSE;
  return TRUE;
}

static gboolean
has_paper_trading (FoundKeys *self, const char *broker_id)
{
  for (const PlaintextBroker *broker = self->brokers; broker->id != NULL; broker++)
    if (g_str_equal (broker->id, broker_id))
      return broker->paper_uri != NULL;
  return TRUE;
}

/* Decides the environment of an unmarked key. */
static void
choose_environment (FoundKeys *self, FoundKey *key)
{
  const gboolean alone = has_one_broker (self);
  guint switches = 0;
  guint addresses = 0;

  for (guint i = 0; i < self->hints->len; i++)
    {
      FoundHint *hint = &g_array_index (self->hints, FoundHint, i);
      if (hint->broker_id == NULL ? !alone : !g_str_equal (hint->broker_id, key->broker_id))
        continue;
      switches |= hint->switches;
      addresses |= hint->addresses;
    }
  if (switches != 0)
    addresses = 0; /* with a switch, a file may have both addresses */
  if ((switches & SETTING_CHOICE (KR_SECRET_ENVIRONMENT_PAPER)) != 0
      || addresses == SETTING_CHOICE (KR_SECRET_ENVIRONMENT_PAPER))
    key->environment = KR_SECRET_ENVIRONMENT_PAPER;
  else if (switches == 0 && addresses != SETTING_CHOICE (KR_SECRET_ENVIRONMENT_REAL))
    key->assumed = has_paper_trading (self, key->broker_id);
}

static gboolean
is_empty (FoundKey *key)
{
  for (guint i = 0; i < key->values->len; i++)
    if (key->values->pdata[i] != NULL)
      return FALSE;
  return TRUE;
}

static void
drop_placeholders (FoundKey *key)
{
  for (guint i = key->values->len; i > 0; i--)
    if (key->values->pdata[i - 1] == NULL)
      {
        g_ptr_array_remove_index (key->names, i - 1);
        g_ptr_array_remove_index (key->values, i - 1);
      }
}

void
found_keys_finish (FoundKeys *self)
{
  for (guint i = self->keys->len; i > 0; i--)
    if (is_empty (self->keys->pdata[i - 1]))
      g_ptr_array_remove_index (self->keys, i - 1);
  for (guint i = 0; i < self->keys->len; i++)
    {
      FoundKey *key = self->keys->pdata[i];
      if (!key->marked && !has_marked_paper (self, key->broker_id))
        choose_environment (self, key);
    }
  for (guint i = 0; i < self->keys->len; i++)
    drop_placeholders (self->keys->pdata[i]);
  self->brokers = NULL; /* owned by the caller */
}
