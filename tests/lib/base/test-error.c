/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Errors: their texts, the two facts that they carry, and foreign text made harmless. */
#include <string.h>

#include "kr-secret-error.h"
#include "common/kr-text.h"

static void
test_each_code_has_its_word (void)
{
  static const struct
  {
    int code;
    const char *word;
  } cases[] = {
    { 1, "failed" },     { 2, "usage" },         { 3, "not-found" },    { 4, "refused" },
    { 5, "locked" },     { 6, "no-keyring" },    { 7, "rate-limited" }, { 8, "unreachable" },
    { 9, "deadline" },   { 10, "declined" },     { 11, "plugin" },      { 12, "damaged" },
    { 13, "bad-reply" }, { 130, "interrupted" }, { 99, "failed" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      kr_secret_error_set (&error, cases[i].code, 0, NULL, "x");
      g_assert_cmpint (error->code, ==, cases[i].code);
      g_assert_cmpstr (kr_secret_error_get_word (error), ==, cases[i].word);
    }
}

static void
test_foreign_errors_are_only_failed (void)
{
  g_autoptr (GError) error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_EXISTS, "x");

  g_assert_cmpstr (kr_secret_error_get_word (error), ==, "failed");
  g_assert_cmpint (kr_secret_error_get_retry_after (error), ==, 0);
  g_assert_null (kr_secret_error_get_broker_code (error));
  g_assert_cmpstr (kr_secret_error_get_word (NULL), ==, "failed");
  g_assert_cmpint (kr_secret_error_get_retry_after (NULL), ==, 0);
  g_assert_null (kr_secret_error_get_broker_code (NULL));
}

static void
test_carries_wait_and_code (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) copy = NULL;
  g_autoptr (GError) negative = NULL;

  kr_secret_error_set (&error, KR_SECRET_ERROR_RATE_LIMITED, 60, "EGW00133", "wait %d", 60);
  copy = g_error_copy (error);
  g_assert_cmpstr (copy->message, ==, "wait 60");
  g_assert_cmpint (kr_secret_error_get_retry_after (copy), ==, 60);
  g_assert_cmpstr (kr_secret_error_get_broker_code (copy), ==, "EGW00133");

  kr_secret_error_set (&negative, KR_SECRET_ERROR_RATE_LIMITED, -5, "", "x");
  g_assert_cmpint (kr_secret_error_get_retry_after (negative), ==, 0);
  g_assert_null (kr_secret_error_get_broker_code (negative));
}

static void
test_nowhere_to_put_it_is_fine (void)
{
  kr_secret_error_set (NULL, KR_SECRET_ERROR_FAILED, 0, "x", "%s", "x");
}

static const char *const hostile[] = {
  "\033[2J\033]0;title\007",
  "\033]8;;http://x\033\\link",
  "\xc2\x9b"
  "31m",
  "\xe2\x80\xae"
  "gnp.exe",
  "\xe2\x81\xa6x\xe2\x81\xa9",
  "\xe2\x80\x8b\xef\xbb\xbf",
  "a\x7f"
  "b",
  "a\x08\x08",
  "\xe2\x80\xa8\xe2\x80\xa9",
  "\xff\xfe\x80",
  "\xf3\xa0\x80\x81x",
  "\xee\x80\x80",
  "\xc3",
};

static void
assert_harmless (const char *text)
{
  g_assert_true (g_utf8_validate (text, -1, NULL));
  g_assert_true (kr_text_is_plain (text, -1));
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    g_assert_false (g_unichar_iscntrl (g_utf8_get_char (p)));
}

static void
test_foreign_text_arrives_harmless (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (hostile); i++)
    {
      g_autoptr (GError) error = NULL;

      kr_secret_error_set (&error, KR_SECRET_ERROR_REFUSED, 0, hostile[i], "said: %s", hostile[i]);
      g_assert_true (g_str_has_prefix (error->message, "said:"));
      assert_harmless (error->message);
      assert_harmless (kr_secret_error_get_broker_code (error));
    }
}

static void
test_long_text_is_cut (void)
{
  g_autofree char *long_text = g_strnfill (100000, 'x');
  g_autoptr (GError) error = NULL;

  kr_secret_error_set (&error, KR_SECRET_ERROR_REFUSED, 0, long_text, "%s", long_text);
  g_assert_cmpint (g_utf8_strlen (error->message, -1), ==, KR_TEXT_MAX_MESSAGE + 1);
  g_assert_true (g_str_has_suffix (error->message, "x…"));
  g_assert_cmpint (g_utf8_strlen (kr_secret_error_get_broker_code (error), -1), ==,
                   KR_TEXT_MAX_CODE + 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/error/each-code-has-its-word", test_each_code_has_its_word);
  g_test_add_func ("/error/foreign-errors-are-only-failed", test_foreign_errors_are_only_failed);
  g_test_add_func ("/error/carries-wait-and-code", test_carries_wait_and_code);
  g_test_add_func ("/error/nowhere-to-put-it-is-fine", test_nowhere_to_put_it_is_fine);
  g_test_add_func ("/error/foreign-text-arrives-harmless", test_foreign_text_arrives_harmless);
  g_test_add_func ("/error/long-text-is-cut", test_long_text_is_cut);
  return g_test_run ();
}
