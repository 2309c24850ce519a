/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whatever a keyring item or a file contains, decoding gives an error, or a record that says the
 * same when it is written again. To get past the checksum, each input is also used as the body of a
 * record with a correct head. */
#include <string.h>

#include "kr-secret-error.h"
#include "common/kr-sensitive.h"
#include "values/kr-secret-record-private.h"

#define TYPE KR_SECRET_RECORD_TOKEN

static gboolean
decode (const char *data, gsize length)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (KrSecretRecord) record = kr_secret_record_decode (data, length, TYPE, &error);
  g_autoptr (KrSecretToken) token = NULL;
  g_autoptr (KrSecretCredential) credential = NULL;
  g_autoptr (SecretValue) encoded = NULL;
  const char *again;
  gsize again_length;

  if (record == NULL)
    {
      g_assert_true (g_error_matches (error, KR_SECRET_ERROR, KR_SECRET_ERROR_DAMAGED));
      return FALSE;
    }
  token = kr_secret_record_get_token (record, NULL);
  credential = kr_secret_record_get_credential (record, NULL);
  kr_secret_record_get_int (record, "expires_at", 0);
  encoded = kr_secret_record_encode (record, &error);
  if (encoded == NULL) /* nearly as large as allowed: read, but not written */
    {
      g_assert_cmpuint (length, >, KR_SECRET_RECORD_MAX - 256);
      return TRUE;
    }
  again = secret_value_get (encoded, &again_length);
  g_assert_true (length == again_length && memcmp (data, again, length) == 0);
  return TRUE;
}

int LLVMFuzzerTestOneInput (const guint8 *data, size_t size);

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  g_autofree char *exact = g_memdup2 (data, size);
  g_autofree char *checksum = kr_sensitive_fingerprint (exact != NULL ? exact : "", size);
  g_autofree char *head = g_strdup_printf ("krsecret 1 " TYPE " %zu %s\n", size, checksum);
  gsize head_length = strlen (head);
  g_autofree char *whole = g_malloc (head_length + size);

  decode (exact, size);
  memcpy (whole, head, head_length);
  if (size > 0)
    memcpy (whole + head_length, data, size);
  decode (whole, head_length + size);
  return 0;
}
