/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From typed text to a credential. */
#include <string.h>

#include "krsecret.h"

#define SECRET "abcdefghij0123456789" /* of the length that the plugin calls usual */

static KrSecretBroker *
find_broker (void)
{
  g_autoptr (GError) error = NULL;
  KrSecretBroker *broker = NULL;

  g_setenv ("KR_SECRET_PLUGIN_DIR", g_getenv ("KR_TEST_FIXTURES"), TRUE);
  broker = kr_secret_broker_find ("good", &error);
  g_assert_no_error (error);
  return broker;
}

/* Pairs of name and value, NULL at the end. */
static KrSecretCredential *
make (const char *const *pairs, char ***out_warnings, GError **error)
{
  g_autoptr (KrSecretBroker) broker = find_broker ();
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autoptr (GPtrArray) values = g_ptr_array_new ();
  KrSecretCredential *credential;

  for (gsize i = 0; pairs[i] != NULL; i += 2)
    {
      g_ptr_array_add (names, (gpointer) pairs[i]);
      g_ptr_array_add (values, secret_value_new (pairs[i + 1], -1, "text/plain"));
    }
  g_ptr_array_add (names, NULL);
  g_ptr_array_add (values, NULL);
  credential = kr_secret_broker_make_credential (broker, (const char *const *) names->pdata,
                                                 (SecretValue *const *) values->pdata, out_warnings,
                                                 error);
  for (guint i = 0; i + 1 < values->len; i++)
    secret_value_unref (g_ptr_array_index (values, i));
  return credential;
}

static void
check (const char *const *pairs, const char *appkey, const char *appsecret)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (KrSecretCredential) credential = make (pairs, NULL, &error);

  if (appkey == NULL)
    {
      g_assert_null (credential);
      g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_USAGE);
      for (gsize i = 0; pairs[i] != NULL; i += 2)
        if (strlen (pairs[i + 1]) > 3)
          g_assert_null (strstr (error->message, pairs[i + 1]));
      return;
    }
  g_assert_no_error (error);
  g_assert_cmpstr (secret_value_get_text (kr_secret_credential_get (credential, "appkey")), ==,
                   appkey);
  g_assert_cmpstr (secret_value_get_text (kr_secret_credential_get (credential, "appsecret")), ==,
                   appsecret);
}

#define CHECK(appkey, appsecret, ...)                                                              \
  check ((const char *const[]){ __VA_ARGS__, NULL }, appkey, appsecret)

static void
test_both_names_are_known (void)
{
  CHECK ("k", SECRET, "appkey", "k", "appsecret", SECRET);
  CHECK ("k", SECRET, "key", "k", "secret", SECRET);
  CHECK ("k", SECRET, "secret", SECRET, "appkey", "k");
}

static void
test_white_space_around_is_dropped (void)
{
  CHECK ("k", SECRET, "appkey", " \t k\r\n", "appsecret", "\n" SECRET " ");
}

static void
test_what_no_key_has_is_refused (void)
{
  const char *const bad[] = { "",
                              " ",
                              "a b",
                              "a\nb",
                              "a\r\nX: y",
                              "a\tb",
                              "a\033b",
                              "a\x7f"
                              "b",
                              "키",
                              "a\xc2\xa0"
                              "b",
                              "\xff",
                              "a\xe2\x80\x8b" };
  g_autofree char *long_text = g_strnfill (10240, 'a');

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      CHECK (NULL, NULL, "appkey", bad[i], "appsecret", SECRET);
      CHECK (NULL, NULL, "appkey", "k", "appsecret", bad[i]);
    }
  CHECK (NULL, NULL, "appkey", long_text, "appsecret", SECRET);
}

static void
test_nul_inside_is_refused (void)
{
  g_autoptr (KrSecretBroker) broker = find_broker ();
  g_autoptr (SecretValue) key = secret_value_new ("a\0b", 3, "text/plain");
  g_autoptr (SecretValue) secret = secret_value_new (SECRET, -1, "text/plain");
  const char *const names[] = { "appkey", "appsecret", NULL };
  SecretValue *const values[] = { key, secret, NULL };
  g_autoptr (GError) error = NULL;

  g_assert_null (kr_secret_broker_make_credential (broker, names, values, NULL, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_USAGE);
}

static void
test_twice_missing_and_unknown_are_refused (void)
{
  CHECK (NULL, NULL, "appkey", "k", "key", "k", "appsecret", SECRET);
  CHECK (NULL, NULL, "appkey", "k", "appkey", "k", "appsecret", SECRET);
  CHECK (NULL, NULL, "appkey", "k");
  CHECK (NULL, NULL, "appsecret", SECRET);
  check ((const char *const[]){ NULL }, NULL, NULL);
  CHECK (NULL, NULL, "appkey", "k", "appsecret", SECRET, "account", "1");
  CHECK (NULL, NULL, "APPKEY", "k", "appsecret", SECRET);
  CHECK (NULL, NULL, "appkey\n", "k", "appsecret", SECRET);
  CHECK (NULL, NULL, "appkey=", "k", "appsecret", SECRET);
  CHECK (NULL, NULL, "../appkey", "k", "appsecret", SECRET);
}

static void
test_hostile_field_name_is_shown_harmless (void)
{
  const char *const pairs[] = { "\033[2J\xe2\x80\xae", "value", NULL };
  g_autoptr (GError) error = NULL;

  g_assert_null (make (pairs, NULL, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_USAGE);
  g_assert_null (strchr (error->message, '\033'));
  g_assert_null (strstr (error->message, "\xe2\x80\xae"));
}

static void
test_unusual_length_is_a_warning (void)
{
  const char *const usual[] = { "appkey", "k", "appsecret", SECRET " ", NULL };
  const char *const shorter[] = { "appkey", "k", "appsecret", "geheim", NULL };
  g_auto (GStrv) none = NULL;
  g_auto (GStrv) warnings = NULL;
  g_autoptr (KrSecretCredential) a = make (usual, &none, NULL);
  g_autoptr (KrSecretCredential) b = make (shorter, &warnings, NULL);

  g_assert_nonnull (a);
  g_assert_nonnull (b);
  g_assert_cmpuint (g_strv_length (none), ==, 0);
  g_assert_cmpuint (g_strv_length (warnings), ==, 1);
  g_assert_nonnull (strstr (warnings[0], "appsecret"));
  g_assert_null (strstr (warnings[0], "geheim"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/input/both-names-are-known", test_both_names_are_known);
  g_test_add_func ("/input/white-space-around-is-dropped", test_white_space_around_is_dropped);
  g_test_add_func ("/input/what-no-key-has-is-refused", test_what_no_key_has_is_refused);
  g_test_add_func ("/input/nul-inside-is-refused", test_nul_inside_is_refused);
  g_test_add_func ("/input/twice-missing-and-unknown-are-refused",
                   test_twice_missing_and_unknown_are_refused);
  g_test_add_func ("/input/hostile-field-name-is-shown-harmless",
                   test_hostile_field_name_is_shown_harmless);
  g_test_add_func ("/input/unusual-length-is-a-warning", test_unusual_length_is_a_warning);
  return g_test_run ();
}
