/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "terminal/secret.h"

#include <string.h>

void
secret_free (gpointer value)
{
  if (value != NULL)
    secret_value_unref (value);
}

gboolean
secret_is_text (SecretValue *value, const char *text, gsize length)
{
  gsize length_of_value;
  const char *data = secret_value_get (value, &length_of_value);

  return length_of_value == length && memcmp (data, text, length) == 0;
}

gboolean
secret_is_same (SecretValue *a, SecretValue *b)
{
  gsize length;
  const char *data = secret_value_get (b, &length);

  return secret_is_text (a, data, length);
}
