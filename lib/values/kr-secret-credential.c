/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "values/kr-secret-credential-private.h"

#include "common/kr-sensitive.h"

/* Named secret values. Immutable, so threads can share it without a lock. */

struct _KrSecretCredential
{
  gatomicrefcount refs;
  char **names; /* NULL-terminated, as long as values */
  SecretValue **values;
};

G_DEFINE_BOXED_TYPE (KrSecretCredential,
                     kr_secret_credential,
                     kr_secret_credential_ref,
                     kr_secret_credential_unref)

/**
 * kr_secret_credential_new:
 * @names: (array zero-terminated=1): the fields' names, such as `appkey`
 * @values: (array zero-terminated=1): a value for each name
 *
 * Makes a credential. To make one of what a user typed, use [method@Broker.make_credential].
 *
 * Returns: (transfer full): a new credential
 * Since: 0.1
 */
KrSecretCredential *
kr_secret_credential_new (const char *const *names, SecretValue *const *values)
{
  KrSecretCredential *self;
  guint n;

  g_return_val_if_fail (names != NULL && values != NULL, NULL);

  n = g_strv_length ((char **) names);
  self = g_new0 (KrSecretCredential, 1);
  g_atomic_ref_count_init (&self->refs);
  self->names = g_strdupv ((char **) names);
  self->values = g_new0 (SecretValue *, n + 1);
  for (guint i = 0; i < n; i++)
    self->values[i] = secret_value_ref (values[i]);
  return self;
}

/**
 * kr_secret_credential_ref:
 * @self: a credential
 *
 * Takes a reference. Any thread may.
 *
 * Returns: (transfer full): @self
 * Since: 0.1
 */
KrSecretCredential *
kr_secret_credential_ref (KrSecretCredential *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

/**
 * kr_secret_credential_unref:
 * @self: (transfer full): a credential
 *
 * Drops a reference. With the last one the values are wiped.
 *
 * Since: 0.1
 */
void
kr_secret_credential_unref (KrSecretCredential *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  for (guint i = 0; self->values[i] != NULL; i++)
    secret_value_unref (self->values[i]);
  g_free (self->values);
  g_strfreev (self->names);
  g_free (self);
}

/**
 * kr_secret_credential_get:
 * @self: a credential
 * @name: a field's name: `appkey` or `appsecret`
 *
 * Gets the value of a field.
 *
 * Returns: (nullable) (transfer none): the value, or %NULL if there is no such field
 * Since: 0.1
 */
SecretValue *
kr_secret_credential_get (KrSecretCredential *self, const char *name)
{
  g_return_val_if_fail (self != NULL && name != NULL, NULL);

  for (guint i = 0; self->names[i] != NULL; i++)
    if (g_str_equal (self->names[i], name))
      return self->values[i];
  return NULL;
}

/**
 * kr_secret_credential_get_names:
 * @self: a credential
 *
 * Gets the names of the fields.
 *
 * Returns: (array zero-terminated=1) (transfer none): the names
 * Since: 0.1
 */
const char *const *
kr_secret_credential_get_names (KrSecretCredential *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return (const char *const *) self->names;
}

/* Identifies the key without revealing anything else about it. */
char *
kr_secret_credential_dup_fingerprint (KrSecretCredential *self)
{
  g_autoptr (GString) all = g_string_new (NULL);

  /* Hashes the parts' fingerprints, so that no secret is copied to ordinary memory. */
  for (guint i = 0; self->names[i] != NULL; i++)
    {
      gsize length;
      const char *value = secret_value_get (self->values[i], &length);
      g_autofree char *part = kr_sensitive_fingerprint (value, length);

      g_string_append_printf (all, "%s %s\n", self->names[i], part);
    }
  return kr_sensitive_fingerprint (all->str, all->len);
}
