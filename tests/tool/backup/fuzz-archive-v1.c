/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whatever an opened backup of 0.1.0 contains, it is refused, or gives accounts that say the same
 * in a backup of today. */
#include <string.h>

#include "backup/archive-v1.h"
#include "backup/archive.h"

static void
check_same (const BackupAccount *a, const BackupAccount *b)
{
  const char *const *names = kr_secret_credential_get_names (a->credential);

  g_assert_cmpstr (a->id, ==, b->id);
  g_assert_cmpstr (a->alias, ==, b->alias);
  g_assert_cmpstr (a->broker_id, ==, b->broker_id);
  g_assert_cmpint (a->environment, ==, b->environment);
  g_assert_cmpstr (a->endpoint, ==, b->endpoint);
  g_assert_true (g_strv_equal (names, kr_secret_credential_get_names (b->credential)));
  for (guint i = 0; names[i] != NULL; i++)
    g_assert_cmpstr (secret_value_get_text (kr_secret_credential_get (a->credential, names[i])), ==,
                     secret_value_get_text (kr_secret_credential_get (b->credential, names[i])));
}

int LLVMFuzzerTestOneInput (const guint8 *data, size_t size);

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  g_autofree char *exact = g_memdup2 (data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) accounts = NULL;
  g_autoptr (GPtrArray) again = NULL;
  g_autoptr (SecretValue) encoded = NULL;
  gint64 made_at, again_at;
  const char *text;
  gsize length;

  accounts = archive_v1_decode (exact, size, &made_at, &error);
  if (accounts == NULL)
    {
      g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_DAMAGED);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      return 0;
    }
  g_assert_cmpuint (accounts->len, >, 0);
  encoded = archive_encode (accounts, made_at, &error);
  if (encoded == NULL) /* a character or a length that the keyring would refuse too */
    {
      g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_USAGE);
      return 0;
    }
  text = secret_value_get (encoded, &length);
  again = archive_decode (text, length, &again_at, &error);
  g_assert_no_error (error);
  g_assert_cmpint (again_at, ==, made_at);
  g_assert_cmpuint (again->len, ==, accounts->len);
  for (guint i = 0; i < accounts->len; i++)
    check_same (accounts->pdata[i], again->pdata[i]);
  return 0;
}
