/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The container of a backup: a sealed text opens with its passphrase only, and only whole. */
#include <string.h>

#include "kr-secret-error.h"
#include "test-corpus.h"
#include "backup/vault.h"

#define PLAIN "what nobody else may read"
#define PASSPHRASE "correct horse"
#define CHECKSUM 32

/* The passphrase of the complete files in corpus/vault. */
#define CORPUS_PASSPHRASE "passphrase of the corpus"

/* Offsets in the header. */
#define AT_VERSION 16
#define AT_MEMORY 20
#define AT_PASSES 24

static SecretValue *
secret (const char *text)
{
  return secret_value_new (text, -1, "text/plain");
}

static GBytes *
seal (const char *text, const VaultCost *cost)
{
  g_autoptr (SecretValue) plain = secret (text);
  g_autoptr (SecretValue) passphrase = secret (PASSPHRASE);
  g_autoptr (GError) error = NULL;
  GBytes *bytes = vault_seal (plain, passphrase, cost, &error);

  g_assert_no_error (error);
  return bytes;
}

static SecretValue *
open_with (const guint8 *data, gsize length, const char *text, GError **error)
{
  g_autofree guint8 *exact = g_memdup2 (data, length);
  g_autoptr (SecretValue) passphrase = secret (text);

  return vault_open (exact, length, passphrase, error);
}

static void
check_opens (GBytes *bytes)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SecretValue) plain
      = open_with (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), PASSPHRASE, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (secret_value_get_text (plain), ==, PLAIN);
}

/* Errors are found without the passphrase. */
static void
check_refused (const guint8 *data, gsize length, int code)
{
  g_autofree guint8 *exact = g_memdup2 (data, length);
  g_autoptr (GError) error = NULL;

  g_assert_false (vault_check (exact, length, &error));
  if (code != 0)
    g_assert_error (error, KR_SECRET_ERROR, code);
  g_assert_null (open_with (data, length, PASSPHRASE, NULL));
}

/* A copy that can be changed. */
static guint8 *
copy (GBytes *bytes, gsize *out_length)
{
  *out_length = g_bytes_get_size (bytes);
  return g_memdup2 (g_bytes_get_data (bytes, NULL), *out_length);
}

/* As in a file that was altered on purpose. */
static void
mend_checksum (guint8 *data, gsize length)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  gsize size = CHECKSUM;

  g_checksum_update (checksum, data, (gssize) (length - CHECKSUM));
  g_checksum_get_digest (checksum, data + length - CHECKSUM, &size);
}

static void
set_number (guint8 *at, guint32 number)
{
  number = GUINT32_TO_BE (number);
  memcpy (at, &number, sizeof number);
}

static void
test_opens_what_was_sealed (void)
{
  g_autoptr (GBytes) least = seal (PLAIN, &vault_cost_least);
  g_autoptr (GBytes) usual = seal (PLAIN, NULL);

  check_opens (least);
  check_opens (usual);
}

/* However the code changes, old files can be read. */
static GBytes *
open_written (const char *written)
{
  gsize length = strlen (written) / 2;
  guint8 *data = g_malloc (length);
  GBytes *bytes = g_bytes_new_take (data, length);

  for (gsize i = 0; i < length; i++)
    data[i] = (guint8) (g_ascii_xdigit_value (written[2 * i]) << 4
                        | g_ascii_xdigit_value (written[2 * i + 1]));
  check_opens (bytes);
  return bytes;
}

/* Another program made these bytes from the specifications of Argon2 and of ChaCha20-Poly1305. */
static void
test_opens_version_1 (void)
{
  static const char written[]
      = "6b722d7365637265742d6261636b7570000000010000004000000002000102030405060708090a0b"
        "0c0d0e0f6465666768696a6b6c6d6e6f5bd4f55f3db6395684d8ba46e812fa1b32472e91f5a2a7ce"
        "6395b14ca305d6425aa6ecc7df3508ee1be96ff9a40a1ab86317cfd7d815bdd55074ac4b6897ec13"
        "0efdc0404003ce30d4";
  g_autoptr (GBytes) bytes = open_written (written);

  g_assert_cmpuint (vault_get_version (g_bytes_get_data (bytes, NULL)), ==, 1);
}

/* The version number is the only difference. */
static void
test_opens_version_2 (void)
{
  static const char written[]
      = "6b722d7365637265742d6261636b75700000000200000008000000011785d3a471fc342f65e1aa3b"
        "e084e93e84933ce7d04728ac07ad8532858fc56db7b57415c561ce23018d9af5907c8244770df470"
        "8749211d73eafa3e69011bb91f7806dafbe6f29b10d70f04e5aef7c38a02e195367f613407100be5"
        "49e720a2b05a46a947";
  g_autoptr (GBytes) bytes = open_written (written);
  g_autoptr (GBytes) new = seal (PLAIN, &vault_cost_least);

  g_assert_cmpuint (vault_get_version (g_bytes_get_data (bytes, NULL)), ==, 2);
  g_assert_cmpuint (vault_get_version (g_bytes_get_data (new, NULL)), ==, 2);
}

static void
test_usual_cost_is_in_the_header (void)
{
  g_autoptr (GBytes) bytes = seal (PLAIN, NULL);
  const guint8 *data = g_bytes_get_data (bytes, NULL);
  guint32 memory, passes;

  memcpy (&memory, data + AT_MEMORY, sizeof memory);
  memcpy (&passes, data + AT_PASSES, sizeof passes);
  g_assert_cmpuint (GUINT32_FROM_BE (memory), ==, 64 * 1024);
  g_assert_cmpuint (GUINT32_FROM_BE (passes), ==, 3);
}

/* Neither salt nor nonce is ever reused. */
static void
test_no_two_are_alike (void)
{
  g_autoptr (GBytes) a = seal (PLAIN, &vault_cost_least);
  g_autoptr (GBytes) b = seal (PLAIN, &vault_cost_least);
  const guint8 *data_a = g_bytes_get_data (a, NULL);
  const guint8 *data_b = g_bytes_get_data (b, NULL);

  g_assert_cmpint (memcmp (data_a + 28, data_b + 28, 16), !=, 0);
  g_assert_cmpint (memcmp (data_a + 44, data_b + 44, 12), !=, 0);
  g_assert_cmpint (memcmp (data_a + 56, data_b + 56, strlen (PLAIN)), !=, 0);
}

static void
test_wrong_passphrase (void)
{
  static const char *const wrong[] = { "correct hors", "correct horse ", "Correct horse", "x" };
  g_autoptr (GBytes) bytes = seal (PLAIN, &vault_cost_least);

  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (
          open_with (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), wrong[i], &error));
      g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_DAMAGED);
      g_assert_nonnull (strstr (error->message, "passphrase"));
    }
}

/* Each bit, and the error does not mention the passphrase: integrity is a separate question. */
static void
test_each_flipped_bit_is_refused (void)
{
  g_autoptr (GBytes) bytes = seal (PLAIN, &vault_cost_least);
  gsize length;
  g_autofree guint8 *data = copy (bytes, &length);

  for (gsize i = 0; i < length * 8; i++)
    {
      data[i / 8] ^= (guint8) (1 << i % 8);
      check_refused (data, length,
                     i / 8 < AT_MEMORY ? KR_SECRET_ERROR_USAGE : KR_SECRET_ERROR_DAMAGED);
      data[i / 8] ^= (guint8) (1 << i % 8);
    }
}

/* The same with a corrected checksum: the cryptography has to detect it. */
static void
test_each_forged_byte_is_refused (void)
{
  g_autoptr (GBytes) bytes = seal (PLAIN, &vault_cost_least);
  gsize length;
  g_autofree guint8 *data = copy (bytes, &length);

  for (gsize i = AT_VERSION; i < length - CHECKSUM; i++)
    {
      g_autoptr (GError) error = NULL;

      data[i] ^= 1;
      mend_checksum (data, length);
      g_assert_null (open_with (data, length, PASSPHRASE, &error));
      data[i] ^= 1;
    }
  mend_checksum (data, length);
  check_opens (bytes);
  g_assert_cmpmem (data, length, g_bytes_get_data (bytes, NULL), length);
}

static void
test_each_length_is_refused (void)
{
  g_autoptr (GBytes) bytes = seal (PLAIN, &vault_cost_least);
  gsize length;
  g_autofree guint8 *data = copy (bytes, &length);
  g_autofree guint8 *longer = g_malloc0 (length + 64);

  for (gsize cut = 0; cut < length; cut++)
    {
      g_autofree guint8 *forged = g_memdup2 (data, MAX (cut, 1));

      check_refused (data, cut, cut < AT_MEMORY ? KR_SECRET_ERROR_USAGE : KR_SECRET_ERROR_DAMAGED);
      if (cut <= AT_MEMORY + CHECKSUM)
        continue;
      mend_checksum (forged, cut);
      g_assert_null (open_with (forged, cut, PASSPHRASE, NULL));
    }
  memcpy (longer, data, length);
  for (gsize more = 1; more <= 64; more++)
    {
      check_refused (longer, length + more, KR_SECRET_ERROR_DAMAGED);
      mend_checksum (longer, length + more);
      g_assert_null (open_with (longer, length + more, PASSPHRASE, NULL));
      memset (longer + length, 0, 64);
    }
}

static void
test_another_version (void)
{
  g_autoptr (GBytes) bytes = seal (PLAIN, &vault_cost_least);
  gsize length;
  g_autofree guint8 *data = copy (bytes, &length);
  g_autoptr (GError) error = NULL;

  set_number (data + AT_VERSION, 3);
  mend_checksum (data, length);
  g_assert_false (vault_check (data, length, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_USAGE);
  g_assert_nonnull (strstr (error->message, "newer"));
}

/* There never was a version 0, so no newer program has written it. */
static void
test_version_0 (void)
{
  g_autoptr (GBytes) bytes = seal (PLAIN, &vault_cost_least);
  gsize length;
  g_autofree guint8 *data = copy (bytes, &length);
  g_autoptr (GError) error = NULL;

  set_number (data + AT_VERSION, 0);
  mend_checksum (data, length);
  g_assert_false (vault_check (data, length, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_USAGE);
  g_assert_nonnull (strstr (error->message, "not a backup"));
}

static gboolean
read_corpus (const char *data, gsize length, gconstpointer user_data, GError **error)
{
  g_autoptr (SecretValue) plain
      = open_with ((const guint8 *) data, length, CORPUS_PASSPHRASE, error);

  return plain != NULL;
}

static void
test_corpus (void)
{
  test_corpus_check ("vault", read_corpus, NULL, 2, 8);
}

/* The costs in the header are checked before anything is done: each of these would take all memory,
 * or years. */
static void
test_hostile_costs_are_refused (void)
{
  static const guint32 costs[][2] = {
    { 0, 1 },           { 7, 1 },          { 256 * 1024 + 1, 1 },
    { G_MAXUINT32, 1 }, { 8, 0 },          { 8, 131073 },
    { 8, G_MAXUINT32 }, { 256 * 1024, 5 }, { 0x80000000u, 2 },
    { 65536, 17 },      { 0, 0 },          { G_MAXUINT32, G_MAXUINT32 },
  };
  g_autoptr (GBytes) bytes = seal (PLAIN, &vault_cost_least);
  gsize length;
  g_autofree guint8 *data = copy (bytes, &length);

  for (gsize i = 0; i < G_N_ELEMENTS (costs); i++)
    {
      set_number (data + AT_MEMORY, costs[i][0]);
      set_number (data + AT_PASSES, costs[i][1]);
      mend_checksum (data, length);
      check_refused (data, length, KR_SECRET_ERROR_DAMAGED);
    }
}

static void
test_too_large (void)
{
  gsize length = VAULT_MAX_SIZE + 1;
  g_autofree guint8 *data = g_malloc0 (length);
  g_autofree char *text = g_strnfill (VAULT_MAX_SIZE, 'x');
  g_autoptr (SecretValue) plain = secret (text);
  g_autoptr (SecretValue) passphrase = secret (PASSPHRASE);
  g_autoptr (GError) error = NULL;

  memcpy (data, "kr-secret-backup\0\0\0\1", 20);
  mend_checksum (data, length);
  check_refused (data, length, KR_SECRET_ERROR_USAGE);
  g_assert_null (vault_seal (plain, passphrase, &vault_cost_least, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_USAGE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/vault/opens-what-was-sealed", test_opens_what_was_sealed);
  g_test_add_func ("/vault/opens-version-1", test_opens_version_1);
  g_test_add_func ("/vault/opens-version-2", test_opens_version_2);
  g_test_add_func ("/vault/usual-cost-is-in-the-header", test_usual_cost_is_in_the_header);
  g_test_add_func ("/vault/no-two-are-alike", test_no_two_are_alike);
  g_test_add_func ("/vault/wrong-passphrase", test_wrong_passphrase);
  g_test_add_func ("/vault/each-flipped-bit-is-refused", test_each_flipped_bit_is_refused);
  g_test_add_func ("/vault/each-forged-byte-is-refused", test_each_forged_byte_is_refused);
  g_test_add_func ("/vault/each-length-is-refused", test_each_length_is_refused);
  g_test_add_func ("/vault/another-version", test_another_version);
  g_test_add_func ("/vault/version-0", test_version_0);
  g_test_add_func ("/vault/corpus", test_corpus);
  g_test_add_func ("/vault/hostile-costs-are-refused", test_hostile_costs_are_refused);
  g_test_add_func ("/vault/too-large", test_too_large);
  return g_test_run ();
}
