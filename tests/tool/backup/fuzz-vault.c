/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whatever file is given as a backup, it is refused, or opened at the cost in its header, which is
 * bounded. To get past the checksum, each input is also used as the part before a correct one. */
#include <string.h>

#include "kr-secret-error.h"
#include "backup/vault.h"

#define CHECKSUM 32
#define PASSPHRASE "passphrase of the corpus"

/* The offsets of the costs of opening in the header, big-endian. */
#define AT_MEMORY 20
#define AT_PASSES 24

/* The most that is worth the time: a fuzzer tries a lot. */
#define MOST_MEMORY 64 /* KiB */
#define MOST_PASSES 2

static gboolean
is_refused (const GError *error)
{
  return g_error_matches (error, KR_SECRET_ERROR, KR_SECRET_ERROR_USAGE)
         || g_error_matches (error, KR_SECRET_ERROR, KR_SECRET_ERROR_DAMAGED);
}

static guint32
get_number (const guint8 *at)
{
  return (guint32) at[0] << 24 | (guint32) at[1] << 16 | (guint32) at[2] << 8 | at[3];
}

static void
check (const guint8 *data, gsize length)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SecretValue) passphrase = NULL;
  g_autoptr (SecretValue) plain = NULL;
  gsize plain_length;

  if (!vault_check (data, length, &error))
    {
      g_assert_true (is_refused (error));
      return;
    }
  /* Never more than a quarter of a gibibyte, or a few seconds. */
  g_assert_cmpuint (get_number (data + AT_MEMORY), <=, 256 * 1024);
  g_assert_cmpuint ((guint64) get_number (data + AT_MEMORY) * get_number (data + AT_PASSES), <=,
                    1024 * 1024);
  if (get_number (data + AT_MEMORY) > MOST_MEMORY || get_number (data + AT_PASSES) > MOST_PASSES)
    return;
  passphrase = secret_value_new (PASSPHRASE, -1, "text/plain");
  plain = vault_open (data, length, passphrase, &error);
  if (plain == NULL)
    {
      g_assert_true (g_error_matches (error, KR_SECRET_ERROR, KR_SECRET_ERROR_DAMAGED));
      return;
    }
  secret_value_get (plain, &plain_length);
  g_assert_cmpuint (plain_length, <, length);
}

int LLVMFuzzerTestOneInput (const guint8 *data, size_t size);

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  g_autofree guint8 *exact = g_memdup2 (data, size);
  g_autofree guint8 *whole = g_malloc (size + CHECKSUM);
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  gsize length = CHECKSUM;

  check (exact, size);
  if (size > 0)
    memcpy (whole, data, size);
  g_checksum_update (checksum, whole, (gssize) size);
  g_checksum_get_digest (checksum, whole + size, &length);
  check (whole, size + CHECKSUM);
  return 0;
}
