/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a user may type as an alias, an environment or a test endpoint. */
#include <string.h>

#include "kr-secret-account.h"
#include "plugin/kr-secret-broker-private.h"

static void
check_alias (const char *text, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *alias = kr_secret_alias_normalize (text, &error);

  g_assert_cmpstr (alias, ==, expected);
  if (expected == NULL)
    g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_USAGE);
  else
    g_assert_no_error (error);
}

static void
test_alias_good (void)
{
  const char *const good[]
      = { "a", "kis-real", "연금저축", "my account 2", "a.b_c", "계좌 (모의)", "日本", "é" };

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    check_alias (good[i], good[i]);
}

static void
test_alias_is_stored_in_nfc (void)
{
  check_alias ("e\xcc\x81", "é");
  check_alias ("\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab\xe1\x84\x80\xe1\x85\xb3\xe1\x86\xaf", "한글");
}

static void
test_alias_bad (void)
{
  const char *const bad[] = {
    "",
    " ",
    " a",
    "a ",
    "a\xe3\x80\x80",
    "a\nb",
    "a\r",
    "a\tb",
    "a/b",
    "../a",
    "/",
    "-a",
    "--help",
    "a\033[2Jb",
    "a\x7f",
    "a\xc2\x9b"
    "b",
    "\xe2\x80\xae"
    "a",
    "a\xe2\x81\xa6",
    "a\xe2\x80\x8b",
    "a\xe2\x80\xa8"
    "b",
    "\xff",
    "a\xc3",
    "\xed\xa0\x80",
    "a\xef\xbb\xbf",
  };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    check_alias (bad[i], NULL);
}

static void
test_alias_equals_sign_and_dots_are_refused (void)
{
  check_alias ("a=b", NULL);
  check_alias ("=", NULL);
  check_alias ("..", NULL);
}

static void
test_alias_length_is_counted_in_characters (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *ten_kilobytes = g_strnfill (10240, 'a');

  for (int i = 0; i < 64; i++)
    g_string_append (text, "한");
  check_alias (text->str, text->str);
  g_string_append (text, "한");
  check_alias (text->str, NULL);
  check_alias (ten_kilobytes, NULL);
}

static void
test_alias_length_is_counted_after_composing (void)
{
  g_autoptr (GString) jamo = g_string_new (NULL);
  g_autoptr (GString) syllables = g_string_new (NULL);

  for (int i = 0; i < 64; i++)
    {
      g_string_append (jamo, "\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab");
      g_string_append (syllables, "한");
    }
  check_alias (jamo->str, syllables->str);
}

static void
test_environment_words (void)
{
  static const struct
  {
    const char *word;
    int environment; /* -1: none */
  } cases[] = {
    { "real", KR_SECRET_ENVIRONMENT_REAL },
    { "prod", KR_SECRET_ENVIRONMENT_REAL },
    { "실전", KR_SECRET_ENVIRONMENT_REAL },
    { "paper", KR_SECRET_ENVIRONMENT_PAPER },
    { "vps", KR_SECRET_ENVIRONMENT_PAPER },
    { "mock", KR_SECRET_ENVIRONMENT_PAPER },
    { "모의", KR_SECRET_ENVIRONMENT_PAPER },
    { "\xe1\x84\x86\xe1\x85\xa9\xe1\x84\x8b\xe1\x85\xb4", KR_SECRET_ENVIRONMENT_PAPER },
    { "", -1 },
    { "Real", -1 },
    { "real ", -1 },
    { "real\n", -1 },
    { "\xff", -1 },
    { "test", -1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      KrSecretEnvironment environment = 99;
      gboolean known = kr_secret_environment_from_string (cases[i].word, &environment);

      g_assert_cmpint (known, ==, cases[i].environment >= 0);
      g_assert_cmpint (environment, ==, known ? cases[i].environment : 99);
    }
  g_assert_cmpstr (kr_secret_environment_to_string (KR_SECRET_ENVIRONMENT_REAL), ==, "real");
  g_assert_cmpstr (kr_secret_environment_to_string (KR_SECRET_ENVIRONMENT_PAPER), ==, "paper");
}

static void
test_endpoint_on_this_machine (void)
{
  static const struct
  {
    const char *text, *expected;
  } cases[] = {
    { "http://127.0.0.1:41234", "http://127.0.0.1:41234" },
    { "http://127.0.0.1:41234/", "http://127.0.0.1:41234" },
    { "https://127.0.0.1:1", "https://127.0.0.1:1" },
    { "https://127.0.0.1", "https://127.0.0.1" },
    { "http://127.9.8.7:80", NULL /* any form, but accepted */ },
    { "http://localhost:8080", "http://localhost:8080" },
    { "http://[::1]:8080", "http://[::1]:8080" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *endpoint = kr_secret_endpoint_normalize (cases[i].text, &error);

      g_assert_no_error (error);
      if (cases[i].expected != NULL)
        g_assert_cmpstr (endpoint, ==, cases[i].expected);
    }
}

static void
test_endpoint_elsewhere_or_malformed_is_refused (void)
{
  g_autofree char *long_text = g_strnfill (10240, '1');
  const char *const bad[] = {
    "",
    "127.0.0.1:80",
    "http://",
    "http:///x",
    "ftp://127.0.0.1",
    "file:///etc/passwd",
    "http://example.com",
    "https://openapi.koreainvestment.com:9443",
    "http://127.0.0.1.evil.com",
    "http://localhost.evil.com",
    "http://evil.com#127.0.0.1",
    "http://127.0.0.1@evil.com",
    "http://user@127.0.0.1",
    "http://user:pw@127.0.0.1:80",
    "http://@127.0.0.1",
    "http://127.0.0.1/oauth2",
    "http://127.0.0.1//",
    "http://127.0.0.1?q",
    "http://127.0.0.1/?",
    "http://127.0.0.1#",
    "http://127.0.0.1:99999",
    "http://127.0.0.1:-1",
    "http://127.0.0.1:80x",
    "http://2130706433",
    "http://0x7f000001",
    "http://0177.0.0.1",
    "http://127.1",
    "http://0.0.0.0:80",
    "http://[::]:80",
    "http://[::ffff:127.0.0.1]:80",
    "http://[fe80::1]:80",
    "http://10.0.0.1:80",
    "http://192.168.0.1",
    "http://127.0.0.1\n",
    "http://127.0.0.1\r\nX: y",
    "http://127.0.0.1\\@evil.com",
    "http://127.0.0.1 ",
    "http://\xe2\x80\xae"
    "127.0.0.1",
    "\xff",
    long_text,
  };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *endpoint = kr_secret_endpoint_normalize (bad[i], &error);

      if (endpoint != NULL)
        g_error ("“%s” became “%s”", bad[i], endpoint);
      g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_USAGE);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/alias/good", test_alias_good);
  g_test_add_func ("/alias/bad", test_alias_bad);
  g_test_add_func ("/alias/is-stored-in-nfc", test_alias_is_stored_in_nfc);
  g_test_add_func ("/alias/length-is-counted-in-characters",
                   test_alias_length_is_counted_in_characters);
  g_test_add_func ("/alias/length-is-counted-after-composing",
                   test_alias_length_is_counted_after_composing);
  g_test_add_func ("/environment/words", test_environment_words);
  g_test_add_func ("/endpoint/on-this-machine", test_endpoint_on_this_machine);
  g_test_add_func ("/endpoint/elsewhere-or-malformed-is-refused",
                   test_endpoint_elsewhere_or_malformed_is_refused);
  g_test_add_func ("/alias/equals-sign-and-dots-are-refused",
                   test_alias_equals_sign_and_dots_are_refused);
  return g_test_run ();
}
