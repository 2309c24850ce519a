/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "backup/vault.h"

#include <gcrypt.h>
#include <glib/gi18n.h>
#include <string.h>

#include "kr-secret-fail.h"
#include "kr-secret-error.h"

/* A header of fixed size, the plaintext encrypted with ChaCha20-Poly1305, its tag, and a SHA-256 of
 * everything before it. Argon2id derives the key from the passphrase. The header is authenticated
 * too. The checksum protects nothing: it keeps a truncated file or one with a bad block from being
 * taken for a wrong passphrase. Numbers are big-endian. */

#define MAGIC "kr-secret-backup" /* without its NUL */
#define FORMAT_VERSION 2         /* written; all up to it are read */

#define AT_VERSION 16
#define AT_MEMORY 20
#define AT_PASSES 24
#define AT_SALT 28
#define AT_NONCE 44
#define HEADER_SIZE 56

G_STATIC_ASSERT (sizeof MAGIC - 1 == AT_VERSION);

#define SALT_SIZE (AT_NONCE - AT_SALT)
#define NONCE_SIZE (HEADER_SIZE - AT_NONCE)
#define KEY_SIZE 32
#define TAG_SIZE 16
#define CHECKSUM_SIZE 32
#define OVERHEAD (HEADER_SIZE + TAG_SIZE + CHECKSUM_SIZE)

/* A header with higher costs is an attempt to keep the machine busy. */
#define MAX_MEMORY (256 * 1024)
#define MAX_WORK (1024 * 1024) /* memory times passes */

const VaultCost vault_cost_usual = { .memory = 64 * 1024, .passes = 3 };
const VaultCost vault_cost_least = { .memory = 8, .passes = 1 };

G_DEFINE_AUTO_CLEANUP_FREE_FUNC (gcry_kdf_hd_t, gcry_kdf_close, NULL)
G_DEFINE_AUTO_CLEANUP_FREE_FUNC (gcry_cipher_hd_t, gcry_cipher_close, NULL)

static void
set_number (guint8 *at, guint32 number)
{
  number = GUINT32_TO_BE (number);
  memcpy (at, &number, sizeof number);
}

static guint32
get_number (const guint8 *at)
{
  guint32 number;

  memcpy (&number, at, sizeof number);
  return GUINT32_FROM_BE (number);
}

static gboolean
check_gcrypt (gcry_error_t result, GError **error)
{
  if (result == 0)
    return TRUE;
  return KR_SECRET_FAIL (error, KR_SECRET_ERROR_FAILED, _ ("libgcrypt: %s"),
                         gcry_strerror (result));
}

/* libsecret initializes libgcrypt on first use. If it comes later than this, it finds libgcrypt
 * initialized, with secure memory for its session keys. */
static gboolean
prepare (GError **error)
{
  if (gcry_control (GCRYCTL_INITIALIZATION_FINISHED_P))
    return TRUE;
  if (gcry_check_version ("1.10.0") == NULL)
    return KR_SECRET_FAIL (error, KR_SECRET_ERROR_FAILED, _ ("libgcrypt 1.10 or newer is needed"));
  gcry_control (GCRYCTL_SUSPEND_SECMEM_WARN);
  gcry_control (GCRYCTL_INIT_SECMEM, 32768, 0);
  gcry_control (GCRYCTL_RESUME_SECMEM_WARN);
  gcry_control (GCRYCTL_INITIALIZATION_FINISHED, 0);
  return TRUE;
}

static gboolean
is_affordable (const VaultCost *cost)
{
  return cost->memory >= vault_cost_least.memory && cost->memory <= MAX_MEMORY
         && cost->passes >= vault_cost_least.passes && cost->passes <= MAX_WORK / cost->memory;
}

static void
get_checksum (const guint8 *data, gsize length, guint8 *out)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  gsize size = CHECKSUM_SIZE;

  g_checksum_update (checksum, data, (gssize) length);
  g_checksum_get_digest (checksum, out, &size);
}

static gboolean
derive_key (const guint8 *header, SecretValue *passphrase, guint8 *out_key, GError **error)
{
  const unsigned long parameters[] = {
    KEY_SIZE, get_number (header + AT_PASSES), get_number (header + AT_MEMORY), 1, /* lane */
  };
  g_auto (gcry_kdf_hd_t) kdf = NULL;
  gsize length;
  const char *text = secret_value_get (passphrase, &length);

  return check_gcrypt (gcry_kdf_open (&kdf, GCRY_KDF_ARGON2, GCRY_KDF_ARGON2ID, parameters,
                                      G_N_ELEMENTS (parameters), text, length, header + AT_SALT,
                                      SALT_SIZE, NULL, 0, NULL, 0),
                       error)
         && check_gcrypt (gcry_kdf_compute (kdf, NULL), error)
         && check_gcrypt (gcry_kdf_final (kdf, KEY_SIZE, out_key), error);
}

static gboolean
open_cipher (const guint8 *header,
             SecretValue *passphrase,
             gcry_cipher_hd_t *out_cipher,
             GError **error)
{
  g_auto (gcry_cipher_hd_t) cipher = NULL;
  guint8 key[KEY_SIZE];
  gboolean ready;

  ready = derive_key (header, passphrase, key, error)
          && check_gcrypt (
              gcry_cipher_open (&cipher, GCRY_CIPHER_CHACHA20, GCRY_CIPHER_MODE_POLY1305, 0), error)
          && check_gcrypt (gcry_cipher_setkey (cipher, key, sizeof key), error)
          && check_gcrypt (gcry_cipher_setiv (cipher, header + AT_NONCE, NONCE_SIZE), error)
          && check_gcrypt (gcry_cipher_authenticate (cipher, header, HEADER_SIZE), error);
  explicit_bzero (key, sizeof key);
  if (ready)
    *out_cipher = g_steal_pointer (&cipher);
  return ready;
}

static void
write_header (guint8 *header, const VaultCost *cost)
{
  memcpy (header, MAGIC, AT_VERSION);
  set_number (header + AT_VERSION, FORMAT_VERSION);
  set_number (header + AT_MEMORY, cost->memory);
  set_number (header + AT_PASSES, cost->passes);
  gcry_randomize (header + AT_SALT, SALT_SIZE + NONCE_SIZE, GCRY_STRONG_RANDOM);
}

GBytes *
vault_seal (SecretValue *plain, SecretValue *passphrase, const VaultCost *cost, GError **error)
{
  g_auto (gcry_cipher_hd_t) cipher = NULL;
  g_autofree guint8 *whole = NULL;
  gsize length;
  const char *text = secret_value_get (plain, &length);
  guint8 *body;

  if (cost == NULL)
    cost = &vault_cost_usual;
  g_return_val_if_fail (length > 0 && is_affordable (cost), NULL);

  if (length > VAULT_MAX_SIZE - OVERHEAD)
    return KR_SECRET_FAIL_NULL (error, KR_SECRET_ERROR_USAGE,
                                _ ("there is more than fits into a backup"));
  if (!prepare (error))
    return NULL;
  whole = g_malloc (OVERHEAD + length);
  body = whole + HEADER_SIZE;
  write_header (whole, cost);
  if (!open_cipher (whole, passphrase, &cipher, error)
      || !check_gcrypt (gcry_cipher_encrypt (cipher, body, length, text, length), error)
      || !check_gcrypt (gcry_cipher_gettag (cipher, body + length, TAG_SIZE), error))
    return NULL;
  get_checksum (whole, HEADER_SIZE + length + TAG_SIZE, body + length + TAG_SIZE);
  return g_bytes_new_take (g_steal_pointer (&whole), OVERHEAD + length);
}

gboolean
vault_check (const guint8 *data, gsize length, GError **error)
{
  guint8 checksum[CHECKSUM_SIZE];
  VaultCost cost;

  if (length > VAULT_MAX_SIZE || length < AT_MEMORY || memcmp (data, MAGIC, AT_VERSION) != 0
      || get_number (data + AT_VERSION) == 0)
    return KR_SECRET_FAIL (error, KR_SECRET_ERROR_USAGE,
                           _ ("it is not a backup of kr-secret-tool"));
  if (get_number (data + AT_VERSION) > FORMAT_VERSION)
    return KR_SECRET_FAIL (
        error, KR_SECRET_ERROR_USAGE,
        _ ("it was written by a newer kr-secret-tool, in a form that this one does not "
           "know"));
  if (length <= OVERHEAD)
    return KR_SECRET_FAIL (error, KR_SECRET_ERROR_DAMAGED, _ ("it is damaged: the end is missing"));
  get_checksum (data, length - CHECKSUM_SIZE, checksum);
  if (memcmp (checksum, data + length - CHECKSUM_SIZE, CHECKSUM_SIZE) != 0)
    return KR_SECRET_FAIL (error, KR_SECRET_ERROR_DAMAGED,
                           _ ("it is damaged: it was cut, or changed after it was written"));
  cost = (VaultCost){ get_number (data + AT_MEMORY), get_number (data + AT_PASSES) };
  if (!is_affordable (&cost))
    return KR_SECRET_FAIL (
        error, KR_SECRET_ERROR_DAMAGED,
        _ ("it is damaged: opening it would take more memory or time than a backup of "
           "ours ever asks for"));
  return TRUE;
}

guint
vault_get_version (const guint8 *data)
{
  return get_number (data + AT_VERSION);
}

SecretValue *
vault_open (const guint8 *data, gsize length, SecretValue *passphrase, GError **error)
{
  g_auto (gcry_cipher_hd_t) cipher = NULL;
  g_autofree guint8 *plain = NULL;
  const guint8 *body;
  gsize body_length;
  SecretValue *value = NULL;

  if (!vault_check (data, length, error) || !prepare (error)
      || !open_cipher (data, passphrase, &cipher, error))
    return NULL;
  body = data + HEADER_SIZE;
  body_length = length - OVERHEAD;
  plain = g_malloc (body_length);
  if (check_gcrypt (gcry_cipher_decrypt (cipher, plain, body_length, body, body_length), error))
    {
      if (gcry_cipher_checktag (cipher, body + body_length, TAG_SIZE) == 0)
        value = secret_value_new ((char *) plain, (gssize) body_length, "text/plain");
      else
        kr_secret_error_set (
            error, KR_SECRET_ERROR_DAMAGED, 0, NULL,
            _ ("the passphrase is wrong, or somebody has altered the file on purpose"));
    }
  explicit_bzero (plain, body_length);
  return value;
}
