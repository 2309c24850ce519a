/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The codec of stored records: it returns what was written, or an error. */
#include <string.h>

#include "common/kr-sensitive.h"
#include "values/kr-secret-record-private.h"

#include "base/kr-secret-clock-private.h"
#include "kr-secret-error.h"

#define TYPE KR_SECRET_RECORD_TOKEN

static KrSecretRecord *
make_record (void)
{
  KrSecretRecord *record = kr_secret_record_new (TYPE);
  g_autoptr (SecretValue) secret = secret_value_new ("s=e=c=", -1, "text/plain");

  kr_secret_record_set (record, "alias", "연금 = a=b");
  kr_secret_record_set (record, "empty", "");
  kr_secret_record_set (record, "key_of_a_later_version", "kept");
  kr_secret_record_set_int (record, "number", G_MININT64);
  kr_secret_record_set_secret (record, "secret.token", secret);
  return record;
}

static char *
encode (KrSecretRecord *record, gsize *out_length)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SecretValue) encoded = kr_secret_record_encode (record, &error);
  const char *data;

  g_assert_no_error (error);
  data = secret_value_get (encoded, out_length);
  return g_memdup2 (data, *out_length + 1);
}

static void
assert_damaged (const char *data, gsize length)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (KrSecretRecord) record = kr_secret_record_decode (data, length, TYPE, &error);

  g_assert_null (record);
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_DAMAGED);
}

/* A record with a correct head around any body. */
static char *
wrap (const char *body, gsize length, int version, gsize *out_length)
{
  g_autofree char *checksum = kr_sensitive_fingerprint (body, length);
  g_autofree char *head
      = g_strdup_printf ("krsecret %d " TYPE " %zu %s\n", version, length, checksum);
  gsize head_length = strlen (head);
  char *whole = g_malloc (head_length + length);

  memcpy (whole, head, head_length);
  memcpy (whole + head_length, body, length);
  *out_length = head_length + length;
  return whole;
}

static void
test_comes_back_whole (void)
{
  g_autoptr (KrSecretRecord) record = make_record ();
  g_autoptr (KrSecretRecord) back = NULL;
  g_autoptr (GError) error = NULL;
  gsize length, again_length;
  g_autofree char *data = encode (record, &length);
  g_autofree char *again = NULL;

  back = kr_secret_record_decode (data, length, TYPE, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (kr_secret_record_get (back, "alias"), ==, "연금 = a=b");
  g_assert_cmpstr (kr_secret_record_get (back, "empty"), ==, "");
  g_assert_cmpint (kr_secret_record_get_int (back, "number", 0), ==, G_MININT64);
  g_assert_cmpstr (secret_value_get_text (kr_secret_record_get_secret (back, "secret.token")), ==,
                   "s=e=c=");
  g_assert_null (kr_secret_record_get (back, "secret.token"));
  g_assert_null (kr_secret_record_get (back, "not there"));
  /* Keys that this version does not know are still there when it is written again. */
  again = encode (back, &again_length);
  g_assert_cmpmem (data, length, again, again_length);
}

static void
test_empty_record_comes_back (void)
{
  g_autoptr (KrSecretRecord) record = kr_secret_record_new (TYPE);
  g_autoptr (KrSecretRecord) back = NULL;
  gsize length;
  g_autofree char *data = encode (record, &length);

  back = kr_secret_record_decode (data, length, TYPE, NULL);
  g_assert_nonnull (back);
}

static void
test_value_can_be_set_to_itself (void)
{
  g_autoptr (KrSecretRecord) record = make_record ();

  kr_secret_record_set (record, "key_of_a_later_version",
                        kr_secret_record_get (record, "key_of_a_later_version"));
  g_assert_cmpstr (kr_secret_record_get (record, "key_of_a_later_version"), ==, "kept");
}

static void
test_values_can_be_replaced_and_taken_away (void)
{
  g_autoptr (KrSecretRecord) record = make_record ();
  g_autoptr (SecretValue) other = secret_value_new ("other", -1, "text/plain");

  kr_secret_record_set (record, "alias", "b");
  g_assert_cmpstr (kr_secret_record_get (record, "alias"), ==, "b");
  kr_secret_record_set (record, "alias", NULL);
  g_assert_null (kr_secret_record_get (record, "alias"));
  kr_secret_record_set (record, "alias", NULL);
  kr_secret_record_set_secret (record, "secret.token", other);
  g_assert_true (kr_secret_record_get_secret (record, "secret.token") == other);
}

static void
test_number_that_is_none_gives_the_fallback (void)
{
  g_autoptr (KrSecretRecord) record = kr_secret_record_new (TYPE);
  const char *const bad[] = { "", "x", "1x", " 1", "1.5", "9223372036854775808" };

  g_assert_cmpint (kr_secret_record_get_int (record, "n", -7), ==, -7);
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      kr_secret_record_set (record, "n", bad[i]);
      g_assert_cmpint (kr_secret_record_get_int (record, "n", -7), ==, -7);
    }
}

static void
test_every_truncation_is_refused (void)
{
  g_autoptr (KrSecretRecord) record = make_record ();
  gsize length;
  g_autofree char *data = encode (record, &length);

  for (gsize n = 0; n < length; n++)
    {
      g_autofree char *cut = g_memdup2 (data, n); /* so that a byte too far is seen */

      assert_damaged (cut, n);
    }
}

static void
test_every_flipped_bit_is_refused (void)
{
  g_autoptr (KrSecretRecord) record = make_record ();
  gsize length;
  g_autofree char *data = encode (record, &length);

  for (gsize bit = 0; bit < length * 8; bit++)
    {
      data[bit / 8] ^= (char) (1 << bit % 8);
      assert_damaged (data, length);
      data[bit / 8] ^= (char) (1 << bit % 8);
    }
}

static void
test_trailing_bytes_are_refused (void)
{
  g_autoptr (KrSecretRecord) record = make_record ();
  gsize length;
  g_autofree char *data = encode (record, &length);
  g_autofree char *longer = g_malloc0 (length + 8);

  memcpy (longer, data, length);
  assert_damaged (longer, length + 1);
  longer[length] = '\n';
  assert_damaged (longer, length + 1);
  memcpy (longer + length, "a=b\n", 4);
  assert_damaged (longer, length + 4);
}

static void
test_foreign_bytes_are_refused (void)
{
  const char *const foreign[] = { "\n",
                                  "krsecret",
                                  "krsecret\n",
                                  "krsecret 1 token 0\n",
                                  "\n\n\n",
                                  "krsecret 1 token 0 \n",
                                  "krsecret 1 token -1 x\n",
                                  "password" };
  g_autofree char *zeros = g_malloc0 (70000);

  assert_damaged (NULL, 0);
  assert_damaged ("", 0);
  for (guint i = 0; i < G_N_ELEMENTS (foreign); i++)
    assert_damaged (foreign[i], strlen (foreign[i]));
  assert_damaged (zeros, 1);
  assert_damaged (zeros, 70000);
}

static void
test_other_type_is_refused (void)
{
  g_autoptr (KrSecretRecord) record = make_record ();
  g_autoptr (KrSecretRecord) back = NULL;
  g_autoptr (GError) error = NULL;
  gsize length;
  g_autofree char *data = encode (record, &length);

  back = kr_secret_record_decode (data, length, KR_SECRET_RECORD_ACCOUNT, &error);
  g_assert_null (back);
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_DAMAGED);
}

static void
test_newer_version_is_refused_and_named (void)
{
  g_autoptr (KrSecretRecord) back = NULL;
  g_autoptr (GError) error = NULL;
  gsize length;
  g_autofree char *data = wrap ("a=b\n", 4, 2, &length);

  back = kr_secret_record_decode (data, length, TYPE, &error);
  g_assert_null (back);
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_DAMAGED);
  g_assert_nonnull (strstr (error->message, "newer"));
}

static void
test_broken_bodies_with_a_right_checksum_are_refused (void)
{
  static const struct
  {
    const char *body;
    gsize length;
  } cases[] = {
    { "a=b", 3 },
    { "a=b\na=c\n", 8 },
    { "=b\n", 3 },
    { "ab\n", 3 },
    { "\n", 1 },
    { "a=b\n\n", 5 },
    { "a=\033[2J\n", 7 },
    { "a=\0\n", 4 },
    { "a\0=b\n", 5 },
    { "a=\xff\n", 4 },
    { "a=\xe2\x80\xae\n", 6 },
    { "secret.a=1\nsecret.a=2\n", 22 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      gsize length;
      g_autofree char *data = wrap (cases[i].body, cases[i].length, 1, &length);

      assert_damaged (data, length);
    }
}

static void
test_size_is_bounded_on_both_ways (void)
{
  g_autofree char *big = g_strnfill (KR_SECRET_RECORD_MAX, 'x');
  g_autoptr (KrSecretRecord) record = kr_secret_record_new (TYPE);
  g_autoptr (KrSecretRecord) back = NULL;
  g_autoptr (GError) error = NULL;
  gsize length;
  g_autofree char *data = NULL;
  g_autofree char *too_long = NULL;

  kr_secret_record_set (record, "a", big);
  g_assert_null (kr_secret_record_encode (record, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_USAGE);
  g_clear_error (&error);

  /* The largest that is written can be read. */
  big[KR_SECRET_RECORD_MAX - 128 - strlen ("a=\n")] = '\0';
  kr_secret_record_set (record, "a", big);
  data = encode (record, &length);
  g_assert_cmpuint (length, <=, KR_SECRET_RECORD_MAX);
  back = kr_secret_record_decode (data, length, TYPE, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (kr_secret_record_get (back, "a"), ==, big);

  {
    g_autofree char *body = g_strnfill (KR_SECRET_RECORD_MAX, 'x');

    memcpy (body, "a=", 2);
    body[KR_SECRET_RECORD_MAX - 1] = '\n';
    too_long = wrap (body, KR_SECRET_RECORD_MAX, 1, &length);
    assert_damaged (too_long, length);
  }
}

static void
test_values_that_break_the_format_are_not_written (void)
{
  const char *const bad[] = { "a\nb", "\r", "\033", "a\tb", "\xff", "\xe2\x80\xae", "\xc2\x85" };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (KrSecretRecord) record = kr_secret_record_new (TYPE);
      g_autoptr (KrSecretRecord) secret = kr_secret_record_new (TYPE);
      g_autoptr (SecretValue) value = secret_value_new (bad[i], -1, "text/plain");
      g_autoptr (GError) error = NULL;
      g_autoptr (GError) secret_error = NULL;

      kr_secret_record_set (record, "alias", bad[i]);
      g_assert_null (kr_secret_record_encode (record, &error));
      g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_USAGE);
      kr_secret_record_set_secret (secret, "secret.x", value);
      g_assert_null (kr_secret_record_encode (secret, &secret_error));
      g_assert_error (secret_error, KR_SECRET_ERROR, KR_SECRET_ERROR_USAGE);
    }
}

static void
test_token_and_credential_come_back (void)
{
  g_autoptr (KrSecretRecord) record = kr_secret_record_new (TYPE);
  g_autoptr (KrSecretRecord) back = NULL;
  g_autoptr (SecretValue) value = secret_value_new ("0123456789abcdef==", -1, "text/plain");
  g_autoptr (KrSecretToken) token
      = kr_secret_token_new (value, "bearer", KR_SECRET_TOKEN_WEBSOCKET, 100, 200);
  const char *const names[] = { "appkey", "appsecret", NULL };
  SecretValue *const values[] = { value, value, NULL };
  g_autoptr (KrSecretCredential) credential = kr_secret_credential_new (names, values);
  g_autoptr (KrSecretToken) token_back = NULL;
  g_autoptr (KrSecretCredential) credential_back = NULL;
  gsize length;
  g_autofree char *data = NULL;

  kr_secret_record_set_token (record, token);
  kr_secret_record_set_credential (record, credential);
  data = encode (record, &length);
  back = kr_secret_record_decode (data, length, TYPE, NULL);
  token_back = kr_secret_record_get_token (back, NULL);
  credential_back = kr_secret_record_get_credential (back, NULL);
  g_assert_cmpstr (kr_secret_token_get_fingerprint (token_back), ==,
                   kr_secret_token_get_fingerprint (token));
  g_assert_cmpstr (kr_secret_token_get_token_type (token_back), ==, "bearer");
  g_assert_cmpint (kr_secret_token_get_kind (token_back), ==, KR_SECRET_TOKEN_WEBSOCKET);
  g_assert_cmpint (kr_secret_token_get_issued_at (token_back), ==, 100);
  g_assert_cmpint (kr_secret_token_get_expires_at (token_back), ==, 200);
  g_assert_cmpstrv ((char **) kr_secret_credential_get_names (credential_back), (char **) names);
}

static void
test_record_without_a_part_is_damaged (void)
{
  const char *const needed[] = { "token_type", "kind", "issued_at", "expires_at" };
  g_autoptr (SecretValue) value = secret_value_new ("0123456789abcdef", -1, "text/plain");
  g_autoptr (KrSecretToken) token
      = kr_secret_token_new (value, NULL, KR_SECRET_TOKEN_ACCESS, 100, 200);
  g_autoptr (KrSecretRecord) none = kr_secret_record_new (TYPE);
  g_autoptr (GError) error = NULL;

  g_assert_null (kr_secret_record_get_credential (none, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_DAMAGED);
  g_clear_error (&error);
  g_assert_null (kr_secret_record_get_token (none, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_DAMAGED);
  for (guint i = 0; i < G_N_ELEMENTS (needed); i++)
    {
      g_autoptr (KrSecretRecord) record = kr_secret_record_new (TYPE);
      g_autoptr (GError) local = NULL;

      kr_secret_record_set_token (record, token);
      kr_secret_record_set (record, needed[i], NULL);
      g_assert_null (kr_secret_record_get_token (record, &local));
      g_assert_error (local, KR_SECRET_ERROR, KR_SECRET_ERROR_DAMAGED);
      kr_secret_record_set (record, needed[i], "other");
      if (!g_str_equal (needed[i], "token_type"))
        g_assert_null (kr_secret_record_get_token (record, NULL));
    }
}

#define OTHER_BOOT "00000000-0000-4000-8000-000000000000"

/* A token's record, read @wall seconds before it expires by the wall clock, and @boot by the
 * boot-time clock of the machine's start @boot_id. */
static KrSecretRecord *
make_ending (gint64 wall, gint64 boot, const char *boot_id)
{
  gint64 now = kr_secret_clock_now ();
  g_autoptr (SecretValue) value = secret_value_new ("0123456789abcdef", -1, "text/plain");
  KrSecretRecord *record = kr_secret_record_new (TYPE);

  kr_secret_record_set_secret (record, "secret.token", value);
  kr_secret_record_set (record, "token_type", "Bearer");
  kr_secret_record_set (record, "kind", "access");
  kr_secret_record_set_int (record, "issued_at", now + wall - 86400);
  kr_secret_record_set_int (record, "expires_at", now + wall);
  kr_secret_record_set (record, "boot_id", boot_id);
  kr_secret_record_set_int (record, "boottime_expires_ms",
                            kr_secret_clock_boottime_ms () + boot * 1000);
  return record;
}

/* How many seconds the token of a record has left when it is read. Takes the record. */
static gint64
read_left (KrSecretRecord *record)
{
  g_autoptr (KrSecretRecord) own = record;
  g_autoptr (GError) error = NULL;
  g_autoptr (KrSecretToken) token = kr_secret_record_get_token (own, &error);

  g_assert_no_error (error);
  /* Moved as a whole: its lifetime from the issue stays the same. */
  g_assert_cmpint (kr_secret_token_get_expires_at (token) - kr_secret_token_get_issued_at (token),
                   ==, 86400);
  return kr_secret_token_get_expires_at (token) - kr_secret_clock_now ();
}

static void
assert_about (gint64 found, gint64 expected)
{
  g_assert_cmpint (found, >=, expected - 5);
  g_assert_cmpint (found, <=, expected + 1);
}

static void
test_clock_set_back_does_not_lengthen_a_life (void)
{
  const char *here = kr_secret_clock_boot_id ();

  assert_about (read_left (make_ending (7200, 3600, here)), 3600);
  assert_about (read_left (make_ending (3600, -10, here)), -10);
}

static void
test_clock_set_forward_counts (void)
{
  assert_about (read_left (make_ending (3600, 7200, kr_secret_clock_boot_id ())), 3600);
}

/* The wall clock alone is left. */
static void
test_boottime_of_another_start_says_nothing (void)
{
  g_autoptr (KrSecretRecord) without = make_ending (7200, 3600, NULL);

  assert_about (read_left (make_ending (7200, 3600, OTHER_BOOT)), 7200);
  kr_secret_record_set (without, "boottime_expires_ms", NULL);
  assert_about (read_left (g_steal_pointer (&without)), 7200);
}

/* Whether the clock was right when the token came, or is right now, is unknown. */
static void
test_brokers_clock_counts_after_a_restart (void)
{
  const struct
  {
    const char *boot_id;
    gint64 brokers;
    gint64 left;
  } cases[] = {
    { OTHER_BOOT, 3600, 3600 },
    { OTHER_BOOT, -10, -10 },
    { OTHER_BOOT, 9000, 7200 },
    { kr_secret_clock_boot_id (), 3600, 7200 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      KrSecretRecord *record = make_ending (7200, 7200, cases[i].boot_id);

      kr_secret_record_set_int (record, "broker_expires_at",
                                kr_secret_clock_now () + cases[i].brokers);
      assert_about (read_left (record), cases[i].left);
    }
}

static void
test_clocks_a_few_seconds_apart_are_no_news (void)
{
  const char *here = kr_secret_clock_boot_id ();
  g_autoptr (KrSecretRecord) record = make_ending (3603, 3600, here);
  g_autoptr (KrSecretToken) token = kr_secret_record_get_token (record, NULL);

  g_assert_cmpint (kr_secret_token_get_expires_at (token), ==,
                   kr_secret_record_get_int (record, "expires_at", 0));
  assert_about (read_left (make_ending (3610, 3600, here)), 3600);
}

static void
test_written_token_comes_back_with_its_times (void)
{
  gint64 now = kr_secret_clock_now ();
  g_autoptr (SecretValue) value = secret_value_new ("0123456789abcdef", -1, "text/plain");
  g_autoptr (KrSecretToken) token
      = kr_secret_token_new (value, NULL, KR_SECRET_TOKEN_ACCESS, now - 1, now + 3600);
  g_autoptr (KrSecretRecord) record = kr_secret_record_new (TYPE);
  g_autoptr (KrSecretToken) back = NULL;
  gint64 end;

  kr_secret_record_set_token (record, token);
  end = kr_secret_record_get_int (record, "boottime_expires_ms", 0);
  assert_about ((end - kr_secret_clock_boottime_ms ()) / 1000, 3600);
  g_assert_cmpstr (kr_secret_record_get (record, "boot_id"), ==, kr_secret_clock_boot_id ());
  back = kr_secret_record_get_token (record, NULL);
  g_assert_cmpint (kr_secret_token_get_issued_at (back), ==, now - 1);
  g_assert_cmpint (kr_secret_token_get_expires_at (back), ==, now + 3600);
}

/* An expired token need not be revoked, so both clocks have to agree. */
static void
test_over_is_by_both_clocks (void)
{
  const char *here = kr_secret_clock_boot_id ();
  const struct
  {
    gint64 wall, boot;
    const char *boot_id;
    gboolean over;
  } cases[] = {
    { 3600, 3600, here, FALSE },     { -10, -10, here, TRUE },
    { -10, 3600, here, FALSE },      { 3600, -10, here, FALSE },
    { -10, 3600, OTHER_BOOT, TRUE }, { 3600, -10, OTHER_BOOT, FALSE },
    { -10, -10, OTHER_BOOT, TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (KrSecretRecord) record
          = make_ending (cases[i].wall, cases[i].boot, cases[i].boot_id);

      g_test_message ("case %u", i);
      g_assert_cmpint (kr_secret_record_is_over (record), ==, cases[i].over);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/record/comes-back-whole", test_comes_back_whole);
  g_test_add_func ("/record/empty-record-comes-back", test_empty_record_comes_back);
  g_test_add_func ("/record/values-can-be-replaced-and-taken-away",
                   test_values_can_be_replaced_and_taken_away);
  g_test_add_func ("/record/number-that-is-none-gives-the-fallback",
                   test_number_that_is_none_gives_the_fallback);
  g_test_add_func ("/record/every-truncation-is-refused", test_every_truncation_is_refused);
  g_test_add_func ("/record/every-flipped-bit-is-refused", test_every_flipped_bit_is_refused);
  g_test_add_func ("/record/trailing-bytes-are-refused", test_trailing_bytes_are_refused);
  g_test_add_func ("/record/foreign-bytes-are-refused", test_foreign_bytes_are_refused);
  g_test_add_func ("/record/other-type-is-refused", test_other_type_is_refused);
  g_test_add_func ("/record/newer-version-is-refused-and-named",
                   test_newer_version_is_refused_and_named);
  g_test_add_func ("/record/broken-bodies-with-a-right-checksum-are-refused",
                   test_broken_bodies_with_a_right_checksum_are_refused);
  g_test_add_func ("/record/size-is-bounded-on-both-ways", test_size_is_bounded_on_both_ways);
  g_test_add_func ("/record/values-that-break-the-format-are-not-written",
                   test_values_that_break_the_format_are_not_written);
  g_test_add_func ("/record/token-and-credential-come-back", test_token_and_credential_come_back);
  g_test_add_func ("/record/without-a-part-is-damaged", test_record_without_a_part_is_damaged);
  g_test_add_func ("/record/clock-set-back-does-not-lengthen-a-life",
                   test_clock_set_back_does_not_lengthen_a_life);
  g_test_add_func ("/record/clock-set-forward-counts", test_clock_set_forward_counts);
  g_test_add_func ("/record/boottime-of-another-start-says-nothing",
                   test_boottime_of_another_start_says_nothing);
  g_test_add_func ("/record/brokers-clock-counts-after-a-restart",
                   test_brokers_clock_counts_after_a_restart);
  g_test_add_func ("/record/clocks-a-few-seconds-apart-are-no-news",
                   test_clocks_a_few_seconds_apart_are_no_news);
  g_test_add_func ("/record/written-token-comes-back-with-its-times",
                   test_written_token_comes_back_with_its_times);
  g_test_add_func ("/record/value-can-be-set-to-itself", test_value_can_be_set_to_itself);
  g_test_add_func ("/record/over-is-by-both-clocks", test_over_is_by_both_clocks);
  return g_test_run ();
}
