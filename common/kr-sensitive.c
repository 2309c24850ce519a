/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "common/kr-sensitive.h"

#include <string.h>

/* Compares and wipes secrets, and tells them apart without showing them. */

gboolean
kr_sensitive_equal_data (const char *a, gsize a_length, const char *b, gsize b_length)
{
  guchar difference = 0;

  if (a_length != b_length)
    return FALSE;
  for (gsize i = 0; i < a_length; i++)
    difference |= (guchar) (a[i] ^ b[i]);
  return difference == 0;
}

gboolean
kr_sensitive_equal (SecretValue *a, SecretValue *b)
{
  gsize a_length, b_length;
  const char *a_data, *b_data;

  if (a == NULL || b == NULL)
    return FALSE;
  a_data = secret_value_get (a, &a_length);
  b_data = secret_value_get (b, &b_length);
  return kr_sensitive_equal_data (a_data, a_length, b_data, b_length);
}

SecretValue *
kr_sensitive_take (char *data, gsize length)
{
  SecretValue *value = secret_value_new (data, (gssize) length, "text/plain");

  explicit_bzero (data, length);
  g_free (data);
  return value;
}

void
kr_sensitive_unref (gpointer value)
{
  if (value != NULL)
    secret_value_unref (value);
}

void
kr_sensitive_free (gpointer text)
{
  if (text != NULL)
    explicit_bzero (text, strlen (text));
  g_free (text);
}

/* SHA-256 in hex. GChecksum does not wipe the last block it was given, so 128 zeros follow the data
 * and push the secret out. They are part of the fingerprint's definition. */
char *
kr_sensitive_fingerprint (const char *data, gsize length)
{
  static const guchar zeros[128] = { 0 };
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);

  g_checksum_update (checksum, (const guchar *) data, (gssize) length);
  g_checksum_update (checksum, zeros, sizeof zeros);
  return g_strdup (g_checksum_get_string (checksum));
}
