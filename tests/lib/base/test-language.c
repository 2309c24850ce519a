/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The library's messages in an application that knows nothing of catalogs. */
#include <locale.h>

#include "krsecret.h"
#include "test-language.h"

/* A message of the library. */
static char *
complain (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (kr_secret_alias_normalize ("", &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_USAGE);
  return g_strdup (error->message);
}

static void
test_application_binds_nothing (void)
{
  g_autofree char *message = NULL;
  const char *locale;

  test_language_need_locale (locale);
  g_setenv ("LANGUAGE", "ko", TRUE);
  g_assert_nonnull (setlocale (LC_ALL, locale));
  message = complain ();
  g_assert_cmpstr (message, ==, "사용할 수 없는 별칭입니다: 비어 있습니다. 1~64자여야 합니다");
  setlocale (LC_ALL, "C");
}

/* If the application has chosen no language, messages are not translated, whatever the user's
 * variables say. */
static void
test_locale_is_the_applications (void)
{
  g_autofree char *message = NULL;
  g_autofree char *before = g_strdup (setlocale (LC_ALL, NULL));

  g_setenv ("LANGUAGE", "ko", TRUE);
  message = complain ();
  g_assert_cmpstr (message, ==,
                   "this alias cannot be used: it is empty; 1 to 64 characters are expected");
  g_assert_cmpstr (setlocale (LC_ALL, NULL), ==, before);
}

/* A plugin's name for its broker, in a message of the library. */
static void
test_broker_has_its_korean_name (void)
{
  const char *const names[] = { "nonsense", NULL };
  g_autoptr (SecretValue) value = secret_value_new ("x", -1, "text/plain");
  SecretValue *const values[] = { value, NULL };
  g_autoptr (KrSecretBroker) broker = kr_secret_broker_find ("kis", NULL);
  g_autoptr (GError) english = NULL;
  g_autoptr (GError) korean = NULL;
  const char *locale;

  test_language_need_locale (locale);
  g_assert_nonnull (broker);
  g_setenv ("LANGUAGE", "ko", TRUE);
  g_assert_null (kr_secret_broker_make_credential (broker, names, values, NULL, &english));
  g_assert_true (g_str_has_prefix (english->message, kr_secret_broker_get_name (broker)));
  g_assert_nonnull (setlocale (LC_ALL, locale));
  g_assert_null (kr_secret_broker_make_credential (broker, names, values, NULL, &korean));
  g_assert_cmpstr (korean->message, ==, "한국투자증권에는 'nonsense' 항목이 없습니다");
  setlocale (LC_ALL, "C");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  setlocale (LC_ALL, "C");
  g_setenv ("KR_SECRET_LOCALE_DIR", g_getenv ("KR_TEST_LOCALE_DIR"), TRUE);
  g_test_add_func ("/language/korean-where-the-application-binds-nothing",
                   test_application_binds_nothing);
  g_test_add_func ("/language/locale-is-the-applications", test_locale_is_the_applications);
  g_test_add_func ("/language/broker-has-its-korean-name", test_broker_has_its_korean_name);
  return g_test_run ();
}
