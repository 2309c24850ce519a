/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plugin/kr-secret-broker-private.h"

#include <gio/gio.h>
#include <string.h>

#include "base/kr-secret-error-private.h"
#include "common/kr-intl.h"
#include "common/kr-language.h"
#include "plugin/kr-secret-registry-private.h"

/* A read-only view of a plugin, and the checks of what a user types for it. */

/* In bytes. Far longer than any broker's key. */
#define FIELD_MAX 4096

struct _KrSecretBroker
{
  gatomicrefcount refs;
  const KrSecretPlugin *plugin; /* resident */
  char *path;
};

G_DEFINE_BOXED_TYPE (KrSecretBroker, kr_secret_broker, kr_secret_broker_ref, kr_secret_broker_unref)

/**
 * kr_secret_broker_failure_free:
 * @self: (transfer full): a failure
 *
 * Frees what [func@Broker.list] reported.
 *
 * Since: 0.1
 */
void
kr_secret_broker_failure_free (KrSecretBrokerFailure *self)
{
  g_free (self->path);
  g_free (self->reason);
  g_free (self);
}

/**
 * kr_secret_broker_find:
 * @id: a broker's id, such as `kis`
 * @error: (out) (optional): where to put an error
 *
 * Finds a broker, loading its plugin if needed. Errors: %KR_SECRET_ERROR_NOT_FOUND if there is no
 * such plugin, %KR_SECRET_ERROR_PLUGIN if it may not be loaded. Any thread may call it.
 *
 * Returns: (transfer full): the broker
 * Since: 0.1
 */
KrSecretBroker *
kr_secret_broker_find (const char *id, GError **error)
{
  KrSecretBroker *self;
  const KrSecretPlugin *plugin;
  g_autofree char *path = NULL;

  g_return_val_if_fail (id != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  plugin = kr_secret_registry_find (id, &path, error);
  if (plugin == NULL)
    return NULL;
  self = g_new0 (KrSecretBroker, 1);
  g_atomic_ref_count_init (&self->refs);
  self->plugin = plugin;
  self->path = g_steal_pointer (&path);
  return self;
}

/* The broker of an account. A missing plugin is a fault of the installation, not of the name. id is
 * NULL if the account is damaged. */
KrSecretBroker *
kr_secret_broker_find_installed (const char *id, GError **error)
{
  g_autoptr (GError) local = NULL;
  KrSecretBroker *broker = id != NULL ? kr_secret_broker_find (id, &local) : NULL;

  if (id == NULL)
    kr_secret_error_set (error, KR_SECRET_ERROR_DAMAGED, 0, NULL,
                         _ ("the account's record is damaged"));
  else if (broker == NULL && g_error_matches (local, KR_SECRET_ERROR, KR_SECRET_ERROR_NOT_FOUND))
    kr_secret_error_set (error, KR_SECRET_ERROR_PLUGIN, 0, NULL, "%s", local->message);
  else if (broker == NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  return broker;
}

/* Loads an account's plugin, if possible, before our threads need it: the application may exit
 * while they run, and no object may be loaded during exit. */
void
kr_secret_broker_preload (const char *id)
{
  G_GNUC_UNUSED g_autoptr (KrSecretBroker) broker = kr_secret_broker_find_installed (id, NULL);
}

/* The reason in a message that begins with the file's name. */
static const char *
after_path (const char *message, const char *path)
{
  g_autofree char *shown = g_filename_display_name (path);

  if (g_str_has_prefix (message, shown) && g_str_has_prefix (message + strlen (shown), ": "))
    return message + strlen (shown) + 2;
  return message;
}

/**
 * kr_secret_broker_list:
 * @out_failed: (out) (optional) (transfer full) (element-type KrSecretBrokerFailure): plugins that
 * were not loaded
 *
 * Finds all brokers that have a plugin. One that may not be loaded does not affect the others.
 *
 * Returns: (transfer full) (element-type KrSecretBroker): the brokers, sorted by id
 * Since: 0.1
 */
GPtrArray *
kr_secret_broker_list (GPtrArray **out_failed)
{
  g_autoptr (GPtrArray) ids = kr_secret_registry_list_ids ();
  GPtrArray *brokers = g_ptr_array_new_with_free_func ((GDestroyNotify) kr_secret_broker_unref);
  g_autoptr (GPtrArray) failed
      = g_ptr_array_new_with_free_func ((GDestroyNotify) kr_secret_broker_failure_free);

  for (guint i = 0; i < ids->len; i++)
    {
      const char *id = g_ptr_array_index (ids, i);
      g_autoptr (GError) error = NULL;
      KrSecretBroker *broker = kr_secret_broker_find (id, &error);

      if (broker != NULL)
        g_ptr_array_add (brokers, broker);
      else
        {
          KrSecretBrokerFailure *failure = g_new0 (KrSecretBrokerFailure, 1);

          failure->path = kr_secret_registry_get_path (id);
          failure->reason = g_strdup (after_path (error->message, failure->path));
          g_ptr_array_add (failed, failure);
        }
    }
  if (out_failed != NULL)
    *out_failed = g_steal_pointer (&failed);
  return brokers;
}

/**
 * kr_secret_broker_ref:
 * @self: a broker
 *
 * Takes a reference. Any thread may.
 *
 * Returns: (transfer full): @self
 * Since: 0.1
 */
KrSecretBroker *
kr_secret_broker_ref (KrSecretBroker *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

/**
 * kr_secret_broker_unref:
 * @self: (transfer full): a broker
 *
 * Drops a reference. The plugin stays loaded.
 *
 * Since: 0.1
 */
void
kr_secret_broker_unref (KrSecretBroker *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  g_free (self->path);
  g_free (self);
}

const KrSecretPlugin *
kr_secret_broker_get_plugin (KrSecretBroker *self)
{
  return self->plugin;
}

const char *
kr_secret_broker_get_name_for_people (KrSecretBroker *self)
{
  return kr_language_is_korean () ? self->plugin->name_ko : self->plugin->name;
}

/* Sets an error for a plugin that failed without setting one. */
void
kr_secret_broker_explain_failure (KrSecretBroker *self, GError **error)
{
  if (error != NULL && *error == NULL)
    kr_secret_error_set (error, KR_SECRET_ERROR_PLUGIN, 0, NULL,
                         _ ("the plugin for %s failed without a reason"),
                         kr_secret_broker_get_name_for_people (self));
}

/**
 * kr_secret_broker_get_id:
 * @self: a broker
 *
 * Gets the broker's id.
 *
 * Returns: (transfer none): the id, such as `kis`
 * Since: 0.1
 */
const char *
kr_secret_broker_get_id (KrSecretBroker *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->plugin->id;
}

/**
 * kr_secret_broker_get_name:
 * @self: a broker
 *
 * Gets the broker's name in English.
 *
 * Returns: (transfer none): the name
 * Since: 0.1
 */
const char *
kr_secret_broker_get_name (KrSecretBroker *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->plugin->name;
}

/**
 * kr_secret_broker_get_name_ko:
 * @self: a broker
 *
 * Gets the broker's name in Korean.
 *
 * Returns: (transfer none): the name
 * Since: 0.1
 */
const char *
kr_secret_broker_get_name_ko (KrSecretBroker *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->plugin->name_ko;
}

/**
 * kr_secret_broker_get_path:
 * @self: a broker
 *
 * Gets the file the plugin was loaded from.
 *
 * Returns: (transfer none): the path
 * Since: 0.1
 */
const char *
kr_secret_broker_get_path (KrSecretBroker *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->path;
}

/**
 * kr_secret_broker_get_fields: (skip)
 *
 * Gets the values to ask a user for when adding an account. The list ends with a %NULL name.
 * (transfer none)
 */
const KrSecretField *
kr_secret_broker_get_fields (KrSecretBroker *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->plugin->fields;
}

/**
 * kr_secret_broker_get_traits: (skip)
 *
 * Gets the broker's rules for issuing tokens. (transfer none)
 */
const KrSecretTraits *
kr_secret_broker_get_traits (KrSecretBroker *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return &self->plugin->traits;
}

/**
 * kr_secret_broker_get_uri:
 * @self: a broker
 * @environment: which of its systems
 *
 * Gets the address of the broker's system.
 *
 * Returns: (nullable) (transfer none): `https://HOST:PORT`, or %NULL if there is no such system
 * Since: 0.1
 */
const char *
kr_secret_broker_get_uri (KrSecretBroker *self, KrSecretEnvironment environment)
{
  g_return_val_if_fail (self != NULL, NULL);

  return environment == KR_SECRET_ENVIRONMENT_PAPER ? self->plugin->paper_uri
                                                    : self->plugin->real_uri;
}

/**
 * kr_secret_broker_can_revoke:
 * @self: a broker
 *
 * Tells whether the broker can be asked to revoke a token.
 *
 * Returns: whether it can
 * Since: 0.1
 */
gboolean
kr_secret_broker_can_revoke (KrSecretBroker *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return kr_secret_protocol_can_revoke (self->plugin);
}

/**
 * kr_secret_broker_find_field: (skip)
 *
 * Finds a field by the library's name, such as `appsecret`, or by the broker's own, such as
 * `secretkey`. (nullable) (transfer none)
 */
const KrSecretField *
kr_secret_broker_find_field (KrSecretBroker *self, const char *name)
{
  g_return_val_if_fail (self != NULL && name != NULL, NULL);

  for (const KrSecretField *field = self->plugin->fields; field->name != NULL; field++)
    if (g_str_equal (name, field->name) || g_str_equal (name, field->broker_name))
      return field;
  return NULL;
}

/* The value without surrounding white space, which a paste may bring along. */
static SecretValue *
trim (SecretValue *value)
{
  gsize length;
  const char *text = secret_value_get (value, &length);

  while (length > 0 && g_ascii_isspace (text[length - 1]))
    length--;
  for (; length > 0 && g_ascii_isspace (*text); text++)
    length--;
  return secret_value_new (text, (gssize) length, "text/plain");
}

static gboolean
check_value (const KrSecretField *field, SecretValue *value, GPtrArray *warnings, GError **error)
{
  gsize length;
  const char *text = secret_value_get (value, &length);

  if (length == 0 || length > FIELD_MAX)
    return KR_SECRET_FAIL (error, KR_SECRET_ERROR_USAGE,
                           length == 0 ? _ ("the field '%s' is empty")
                                       : _ ("the field '%s' is too long"),
                           field->name);
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isgraph (text[i]))
      return KR_SECRET_FAIL (
          error, KR_SECRET_ERROR_USAGE,
          _ ("the field '%s' has a space, a line break or another character no key has; was it "
             "pasted whole?"),
          field->name);
  if (field->usual_length != 0 && length != field->usual_length)
    g_ptr_array_add (warnings,
                     g_strdup_printf (_ ("the field '%s' has %zu characters, where %u are usual"),
                                      field->name, length, field->usual_length));
  return TRUE;
}

/* The one value given for a field under either name; an error if there is none, or two. */
static SecretValue *
pick_value (KrSecretBroker *self,
            const KrSecretField *field,
            const char *const *names,
            SecretValue *const *values,
            GError **error)
{
  SecretValue *picked = NULL;

  for (guint i = 0; names[i] != NULL; i++)
    {
      if (kr_secret_broker_find_field (self, names[i]) != field)
        continue;
      if (picked != NULL)
        return KR_SECRET_FAIL_NULL (error, KR_SECRET_ERROR_USAGE,
                                    _ ("the field '%s' is given twice"), field->name);
      picked = values[i];
    }
  if (picked == NULL)
    kr_secret_error_set (error, KR_SECRET_ERROR_USAGE, 0, NULL, _ ("the field '%s' is missing"),
                         field->name);
  return picked;
}

/**
 * kr_secret_broker_make_credential:
 * @self: a broker
 * @names: (array zero-terminated=1): the names of the fields, the library's or the broker's own
 * @values: (array zero-terminated=1): a value for each name
 * @out_warnings: (out) (optional) (array zero-terminated=1): what looks unusual but is no error
 * @error: (out) (optional): where to put an error
 *
 * Makes a credential from what a user gave. White space around a value is dropped. A value with a
 * control character, a space or a line break inside is refused, as is a field that is missing,
 * unknown or given twice (%KR_SECRET_ERROR_USAGE).
 *
 * Returns: (transfer full): the credential
 * Since: 0.1
 */
KrSecretCredential *
kr_secret_broker_make_credential (KrSecretBroker *self,
                                  const char *const *names,
                                  SecretValue *const *values,
                                  char ***out_warnings,
                                  GError **error)
{
  g_autoptr (GPtrArray) own_names = g_ptr_array_new ();
  g_autoptr (GPtrArray) own_values = g_ptr_array_new_with_free_func (secret_value_unref);
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);

  g_return_val_if_fail (self != NULL && names != NULL && values != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  for (guint i = 0; names[i] != NULL; i++)
    if (kr_secret_broker_find_field (self, names[i]) == NULL)
      return KR_SECRET_FAIL_NULL (error, KR_SECRET_ERROR_USAGE, _ ("%s has no field '%s'"),
                                  kr_secret_broker_get_name_for_people (self), names[i]);
  for (const KrSecretField *field = self->plugin->fields; field->name != NULL; field++)
    {
      SecretValue *given = pick_value (self, field, names, values, error);

      if (given == NULL)
        return NULL;
      g_ptr_array_add (own_names, (gpointer) field->name);
      g_ptr_array_add (own_values, trim (given));
      if (!check_value (field, g_ptr_array_index (own_values, own_values->len - 1), warnings,
                        error))
        return NULL;
    }
  g_ptr_array_add (own_names, NULL);
  if (out_warnings != NULL)
    {
      g_ptr_array_add (warnings, NULL);
      *out_warnings = (char **) g_ptr_array_steal (warnings, NULL);
    }
  return kr_secret_credential_new ((const char *const *) own_names->pdata,
                                   (SecretValue *const *) own_values->pdata);
}
