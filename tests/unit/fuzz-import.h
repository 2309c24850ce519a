/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Whatever is in a file, import gets an error that blames the file, or keys that are keys: each of
 * a broker, each field once and with a value. */
#include "import-brokers.h"

static void
check_found (ImportFound *found)
{
  g_assert_cmpuint (found->keys->len, <=, 32);
  for (guint i = 0; i < found->keys->len; i++)
    {
      ImportKey *key = found->keys->pdata[i];

      g_assert_cmpuint (strlen (key->broker_id), >, 0);
      g_assert_true (g_utf8_validate (key->tag, -1, NULL));
      g_assert_cmpuint (key->names->len, >, 0);
      g_assert_cmpuint (key->names->len, ==, key->values->len);
      for (guint j = 0; j < key->names->len; j++)
        {
          gsize length;
          const char *value = secret_value_get (key->values->pdata[j], &length);

          g_assert_false (import_is_placeholder (value, length));
          for (guint k = 0; k < j; k++)
            g_assert_cmpstr (key->names->pdata[k], !=, key->names->pdata[j]);
        }
    }
}

static void
check_parse (const guint8 *data, gsize size, ImportFormat format)
{
  g_auto (ImportText) exact = { g_memdup2 (data, size), size };
  g_autoptr (GError) error = NULL;
  g_autoptr (ImportFound) found = import_parse (&exact, format, import_brokers, &error);

  if (found != NULL)
    check_found (found);
  else
    g_assert_true (g_error_matches (error, KR_SECRET_ERROR, KR_SECRET_ERROR_USAGE));
}
