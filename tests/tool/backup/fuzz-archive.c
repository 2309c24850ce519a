/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whatever an opened backup contains, it is refused, or gives accounts that can be written into
 * another one and say the same there. To get past the checksums, each input is also used as the
 * bodies of records, separated by zero bytes. */
#include <string.h>

#include "backup/archive.h"

static void
check_same (const BackupAccount *a, const BackupAccount *b)
{
  g_autoptr (SecretValue) value_a = kr_secret_record_encode (a->record, NULL);
  g_autoptr (SecretValue) value_b = kr_secret_record_encode (b->record, NULL);
  gsize length_a, length_b;
  const char *text_a = secret_value_get (value_a, &length_a);
  const char *text_b = secret_value_get (value_b, &length_b);

  g_assert_cmpmem (text_a, length_a, text_b, length_b);
  g_assert_cmpstr (a->id, ==, b->id);
  g_assert_cmpstr (a->alias, ==, b->alias);
}

static void
check (const char *data, gsize size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) accounts = NULL;
  g_autoptr (GPtrArray) again = NULL;
  g_autoptr (SecretValue) encoded = NULL;
  gint64 made_at, again_at;
  const char *text;
  gsize length;

  accounts = archive_decode (data, size, &made_at, &error);
  if (accounts == NULL)
    {
      g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_DAMAGED);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      return;
    }
  g_assert_cmpuint (accounts->len, >, 0);
  encoded = archive_encode (accounts, made_at, &error);
  if (encoded == NULL) /* a record nearly as large as allowed: read, but not written */
    {
      g_assert_cmpuint (size, >, KR_SECRET_RECORD_MAX - 256);
      return;
    }
  text = secret_value_get (encoded, &length);
  again = archive_decode (text, length, &again_at, &error);
  g_assert_no_error (error);
  g_assert_cmpint (again_at, ==, made_at);
  g_assert_cmpuint (again->len, ==, accounts->len);
  for (guint i = 0; i < accounts->len; i++)
    check_same (accounts->pdata[i], again->pdata[i]);
}

static void
append_record (GString *whole, const char *type, const char *body, gsize length)
{
  static const guchar zeros[128] = { 0 };
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);

  g_checksum_update (checksum, (const guchar *) body, (gssize) length);
  g_checksum_update (checksum, zeros, sizeof zeros);
  g_string_append_printf (whole, "krsecret 1 %s %zu %s\n", type, length,
                          g_checksum_get_string (checksum));
  g_string_append_len (whole, body, (gssize) length);
}

int LLVMFuzzerTestOneInput (const guint8 *data, size_t size);

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  g_autofree char *exact = g_memdup2 (data, size);
  g_autoptr (GString) whole = g_string_new (NULL);
  const char *type = KR_SECRET_RECORD_BACKUP;

  check (exact, size);
  for (gsize at = 0; at < size; type = KR_SECRET_RECORD_ACCOUNT)
    {
      const char *zero = memchr (exact + at, 0, size - at);
      gsize length = zero != NULL ? (gsize) (zero - exact) - at : size - at;

      append_record (whole, type, exact + at, length);
      at += length + 1;
    }
  check (whole->str, whole->len);
  return 0;
}
