/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Secrets: comparing them, moving them into memory that is wiped, and telling them apart without
 * showing them. */
#include "common/kr-sensitive.h"

#include <string.h>

static void
test_equal_is_the_same_bytes (void)
{
  g_autoptr (SecretValue) value = secret_value_new ("a-secret", -1, "text/plain");
  g_autoptr (SecretValue) same = secret_value_new ("a-secret", -1, "text/plain");
  g_autoptr (SecretValue) longer = secret_value_new ("a-secret2", -1, "text/plain");
  g_autoptr (SecretValue) empty = secret_value_new ("", 0, "text/plain");

  g_assert_true (kr_sensitive_equal (value, value));
  g_assert_true (kr_sensitive_equal (value, same));
  g_assert_true (kr_sensitive_equal (empty, empty));
  g_assert_false (kr_sensitive_equal (value, longer));
  g_assert_false (kr_sensitive_equal (longer, value));
  g_assert_false (kr_sensitive_equal (value, empty));
  g_assert_false (kr_sensitive_equal (value, NULL));
  g_assert_false (kr_sensitive_equal (NULL, value));
  g_assert_false (kr_sensitive_equal (NULL, NULL));
}

static void
test_each_bit_makes_a_difference (void)
{
  const char text[] = "a\0b\xff";

  for (gsize i = 0; i < sizeof text * 8; i++)
    {
      char other[sizeof text];

      memcpy (other, text, sizeof text);
      other[i / 8] = (char) (other[i / 8] ^ 1 << i % 8);
      g_assert_false (kr_sensitive_equal_data (text, sizeof text, other, sizeof text));
    }
  g_assert_true (kr_sensitive_equal_data (text, sizeof text, "a\0b\xff", sizeof text));
}

static void
test_taken_data_is_the_value (void)
{
  g_autoptr (SecretValue) value = kr_sensitive_take (g_memdup2 ("a\0b", 3), 3);
  gsize length;
  const char *data = secret_value_get (value, &length);

  g_assert_cmpmem (data, length, "a\0b", 3);
}

static void
test_lists_may_end_with_nothing (void)
{
  g_autoptr (GPtrArray) values = g_ptr_array_new_with_free_func (kr_sensitive_unref);
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (kr_sensitive_free);

  g_ptr_array_add (values, secret_value_new ("x", -1, "text/plain"));
  g_ptr_array_add (values, NULL);
  g_ptr_array_add (texts, g_strdup ("x"));
  g_ptr_array_add (texts, NULL);
}

/* It is stored in keyrings and ledgers, so it must not change. */
static void
test_fingerprint_is_that_of_before (void)
{
  static const char padded[4 + 128] = "abcd";
  g_autofree char *expected
      = g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *) padded, sizeof padded);
  g_autofree char *fingerprint = kr_sensitive_fingerprint ("abcd", 4);

  g_assert_cmpstr (fingerprint, ==, expected);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sensitive/equal-is-the-same-bytes", test_equal_is_the_same_bytes);
  g_test_add_func ("/sensitive/each-bit-makes-a-difference", test_each_bit_makes_a_difference);
  g_test_add_func ("/sensitive/taken-data-is-the-value", test_taken_data_is_the_value);
  g_test_add_func ("/sensitive/lists-may-end-with-nothing", test_lists_may_end_with_nothing);
  g_test_add_func ("/sensitive/fingerprint-is-that-of-before", test_fingerprint_is_that_of_before);
  return g_test_run ();
}
