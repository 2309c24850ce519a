/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tokens and credentials: their contents, when a token is fresh, and which ones are refused. */
#include <string.h>

#include "kr-secret-credential.h"
#include "kr-secret-error.h"
#include "values/kr-secret-token-private.h"

#define NOW G_GINT64_CONSTANT (1730851200)
#define DAY G_GINT64_CONSTANT (86400)

static KrSecretToken *
token_with (const char *text, gssize length, gint64 issued_at, gint64 expires_at)
{
  g_autoptr (SecretValue) value = secret_value_new (text, length, "text/plain");

  return kr_secret_token_new (value, NULL, KR_SECRET_TOKEN_ACCESS, issued_at, expires_at);
}

static KrSecretToken *
token_living (gint64 issued_at, gint64 expires_at)
{
  return token_with ("0123456789abcdef", -1, issued_at, expires_at);
}

static void
test_token_keeps_what_it_was_made_of (void)
{
  g_autoptr (SecretValue) value = secret_value_new ("0123456789abcdef", -1, "text/plain");
  g_autoptr (KrSecretToken) token
      = kr_secret_token_new (value, "bearer", KR_SECRET_TOKEN_WEBSOCKET, NOW, NOW + DAY);
  g_autoptr (KrSecretToken) plain = token_living (NOW, NOW + DAY);

  g_assert_true (kr_secret_token_get_value (token) == value);
  g_assert_cmpstr (kr_secret_token_get_token_type (token), ==, "bearer");
  g_assert_cmpint (kr_secret_token_get_kind (token), ==, KR_SECRET_TOKEN_WEBSOCKET);
  g_assert_cmpint (kr_secret_token_get_issued_at (token), ==, NOW);
  g_assert_cmpint (kr_secret_token_get_expires_at (token), ==, NOW + DAY);
  g_assert_null (kr_secret_token_get_warning (token));
  g_assert_cmpstr (kr_secret_token_get_token_type (plain), ==, "Bearer");
}

static void
test_token_is_boxed_and_counted (void)
{
  KrSecretToken *token = token_living (NOW, NOW + DAY);
  KrSecretToken *copy = g_boxed_copy (KR_SECRET_TYPE_TOKEN, token);

  g_assert_true (copy == token);
  kr_secret_token_unref (token);
  g_assert_cmpstr (secret_value_get_text (kr_secret_token_get_value (copy)), ==,
                   "0123456789abcdef");
  g_boxed_free (KR_SECRET_TYPE_TOKEN, copy);
}

static void
test_fingerprint_tells_tokens_apart (void)
{
  g_autoptr (KrSecretToken) a = token_with ("aaaaaaaaaaaaaaaa", -1, NOW, NOW + DAY);
  g_autoptr (KrSecretToken) same = token_with ("aaaaaaaaaaaaaaaa", -1, 0, NOW);
  g_autoptr (KrSecretToken) b = token_with ("aaaaaaaaaaaaaaab", -1, NOW, NOW + DAY);
  const char *fingerprint = kr_secret_token_get_fingerprint (a);

  g_assert_cmpuint (strlen (fingerprint), ==, 64);
  g_assert_cmpuint (strspn (fingerprint, "0123456789abcdef"), ==, 64);
  g_assert_cmpstr (fingerprint, ==, kr_secret_token_get_fingerprint (same));
  g_assert_cmpstr (fingerprint, !=, kr_secret_token_get_fingerprint (b));
  g_assert_null (strstr (fingerprint, "aaaaaaaaaaaaaaaa"));
}

static void
test_copies_differ_only_where_asked (void)
{
  g_autoptr (KrSecretToken) token = token_living (NOW, NOW + DAY);
  g_autoptr (KrSecretToken) later = kr_secret_token_with_times (token, NOW + 1, NOW + 2);
  g_autoptr (KrSecretToken) warned = kr_secret_token_with_warning (token, "read-only", FALSE);

  g_assert_cmpint (kr_secret_token_get_issued_at (later), ==, NOW + 1);
  g_assert_cmpint (kr_secret_token_get_expires_at (later), ==, NOW + 2);
  g_assert_cmpstr (kr_secret_token_get_warning (warned), ==, "read-only");
  g_assert_cmpint (kr_secret_token_get_expires_at (warned), ==, NOW + DAY);
  g_assert_cmpstr (kr_secret_token_get_fingerprint (warned), ==,
                   kr_secret_token_get_fingerprint (token));
  g_assert_null (kr_secret_token_get_warning (token));
  g_assert_false (kr_secret_token_is_stored (warned));
  g_assert_true (kr_secret_token_is_stored (token));
}

static void
test_freshness (void)
{
  static const struct
  {
    gint64 issued_at, expires_at;
    guint min_validity;
    gboolean fresh;
  } cases[] = {
    { NOW, NOW + DAY, 60, TRUE },
    { NOW - DAY + 60, NOW + 60, 60, TRUE },
    { NOW - DAY + 59, NOW + 59, 60, FALSE },
    { NOW - DAY + 1, NOW + 1, 0, TRUE },
    { NOW - DAY, NOW, 0, FALSE },
    { NOW - DAY - 1, NOW - 1, 0, FALSE },
    /* At most half of a token's life is demanded. */
    { NOW, NOW + 100, 60, TRUE },
    { NOW - 50, NOW + 50, 60, TRUE },
    { NOW - 51, NOW + 49, 60, FALSE },
    { NOW, NOW + DAY, G_MAXUINT, TRUE },
    { NOW - DAY / 2, NOW + DAY / 2, G_MAXUINT, TRUE },
    { NOW - DAY / 2 - 1, NOW + DAY / 2 - 1, G_MAXUINT, FALSE },
    /* A life of one second, or of zero. */
    { NOW, NOW + 1, 60, TRUE },
    { NOW + 10, NOW + 5, 60, TRUE },
    { NOW, NOW, 0, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (KrSecretToken) token = token_living (cases[i].issued_at, cases[i].expires_at);

      g_test_message ("case %u", i);
      g_assert_cmpint (kr_secret_token_is_fresh (token, cases[i].min_validity, NOW), ==,
                       cases[i].fresh);
    }
}

static gboolean
is_accepted (const char *text, gssize length)
{
  g_autoptr (KrSecretToken) token = token_with (text, length, NOW, NOW + DAY);
  g_autoptr (GError) error = NULL;
  gboolean accepted = kr_secret_token_check (token, NOW, &error);

  if (accepted)
    g_assert_no_error (error);
  else
    g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_BAD_REPLY);
  return accepted;
}

static void
test_good_characters_are_accepted (void)
{
  const char *const good[] = {
    "0123456789abcdef",
    "ABCXYZabcxyz0189-._~+/",
    "0123456789abcde=",
    "0123456789abc===",
    "eyJ0eXAiOiJKV1Qi.eyJzdWIiOiJ0b2tlbiJ9.c2ln_bmF0-dXJl",
  };

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    g_assert_true (is_accepted (good[i], -1));
}

static void
test_every_other_byte_is_refused (void)
{
  for (int c = 0; c < 256; c++)
    for (int at = 0; at < 18; at += 8)
      {
        char text[] = "0123456789abcdefgh";

        text[at] = (char) c;
        if (c == '=')
          g_assert_false (is_accepted (text, 18));
        else
          g_assert_cmpint (is_accepted (text, 18), ==,
                           g_ascii_isalnum (c) || (c != 0 && strchr ("-._~+/", c) != NULL));
      }
}

static void
test_breaks_in_any_place_are_refused (void)
{
  g_assert_false (is_accepted ("0123456789abcdef\r\nX: y", -1));
  g_assert_false (is_accepted ("0123456789abcdef\n", -1));
  g_assert_false (is_accepted ("0123456789abcdef\0", 17));
  g_assert_false (is_accepted ("01234567\00089abcdef", 17));
  g_assert_false (is_accepted (" 0123456789abcdef", -1));
  g_assert_false (is_accepted ("0123456789abcdef ", -1));
  g_assert_false (is_accepted ("0123456789abcdef토큰", -1));
  g_assert_false (is_accepted ("0123456789abcde=f", -1));
}

static void
test_padding_alone_is_refused (void)
{
  g_assert_false (is_accepted ("================", -1));
}

static void
test_lengths (void)
{
  static const struct
  {
    gsize length;
    gboolean accepted;
  } cases[] = { { 0, FALSE },   { 1, FALSE },    { 15, FALSE },  { 16, TRUE },
                { 4096, TRUE }, { 4097, FALSE }, { 5000, FALSE } };
  g_autofree char *text = g_strnfill (5000, 'a');

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpint (is_accepted (text, (gssize) cases[i].length), ==, cases[i].accepted);
}

static void
test_impossible_times_are_refused (void)
{
  static const struct
  {
    gint64 expires_at;
    gboolean accepted;
  } cases[] = {
    { NOW - 1, FALSE },
    { NOW, FALSE },
    { NOW + 1, TRUE },
    { NOW + 400 * DAY, TRUE },
    { NOW + 400 * DAY + 1, FALSE },
    { G_MAXINT64, FALSE },
    { 0, FALSE },
    { -1, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (KrSecretToken) token = token_living (NOW, cases[i].expires_at);
      g_autoptr (GError) error = NULL;

      g_assert_cmpint (kr_secret_token_check (token, NOW, &error), ==, cases[i].accepted);
      if (!cases[i].accepted)
        g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_BAD_REPLY);
    }
}

static void
test_refusal_does_not_show_the_token (void)
{
  g_autoptr (KrSecretToken) token = token_with ("geheimgeheimgeheim\n", -1, NOW, NOW + DAY);
  g_autoptr (GError) error = NULL;

  g_assert_false (kr_secret_token_check (token, NOW, &error));
  g_assert_null (strstr (error->message, "geheim"));
}

static void
test_kinds_have_words (void)
{
  KrSecretTokenKind kind = KR_SECRET_TOKEN_ACCESS;

  g_assert_cmpstr (kr_secret_token_kind_to_string (KR_SECRET_TOKEN_ACCESS), ==, "access");
  g_assert_cmpstr (kr_secret_token_kind_to_string (KR_SECRET_TOKEN_WEBSOCKET), ==, "websocket");
  g_assert_true (kr_secret_token_kind_from_string ("websocket", &kind));
  g_assert_cmpint (kind, ==, KR_SECRET_TOKEN_WEBSOCKET);
  g_assert_false (kr_secret_token_kind_from_string ("Access", &kind));
  g_assert_false (kr_secret_token_kind_from_string ("", &kind));
  g_assert_cmpint (kind, ==, KR_SECRET_TOKEN_WEBSOCKET);
}

static void
test_credential_gives_values_by_name (void)
{
  g_autoptr (SecretValue) key = secret_value_new ("key", -1, "text/plain");
  g_autoptr (SecretValue) secret = secret_value_new ("secret", -1, "text/plain");
  const char *const names[] = { "appkey", "appsecret", NULL };
  SecretValue *const values[] = { key, secret, NULL };
  KrSecretCredential *made = kr_secret_credential_new (names, values);
  g_autoptr (KrSecretCredential) credential = g_boxed_copy (KR_SECRET_TYPE_CREDENTIAL, made);

  g_assert_true (made == credential);
  kr_secret_credential_unref (made);
  g_assert_true (kr_secret_credential_get (credential, "appkey") == key);
  g_assert_true (kr_secret_credential_get (credential, "appsecret") == secret);
  g_assert_null (kr_secret_credential_get (credential, "secretkey"));
  g_assert_cmpstrv ((char **) kr_secret_credential_get_names (credential), (char **) names);
}

static gpointer
ref_and_unref (gpointer data)
{
  for (int i = 0; i < 20000; i++)
    kr_secret_token_unref (kr_secret_token_ref (data));
  return NULL;
}

static void
test_references_are_counted_in_any_thread (void)
{
  g_autoptr (KrSecretToken) token = token_living (NOW, NOW + DAY);
  GThread *threads[4];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("refs", ref_and_unref, token);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  g_assert_cmpint (kr_secret_token_get_issued_at (token), ==, NOW);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/token/keeps-what-it-was-made-of", test_token_keeps_what_it_was_made_of);
  g_test_add_func ("/token/is-boxed-and-counted", test_token_is_boxed_and_counted);
  g_test_add_func ("/token/references-are-counted-in-any-thread",
                   test_references_are_counted_in_any_thread);
  g_test_add_func ("/token/fingerprint-tells-tokens-apart", test_fingerprint_tells_tokens_apart);
  g_test_add_func ("/token/copies-differ-only-where-asked", test_copies_differ_only_where_asked);
  g_test_add_func ("/token/freshness", test_freshness);
  g_test_add_func ("/token/kinds-have-words", test_kinds_have_words);
  g_test_add_func ("/token/check/good-characters-are-accepted", test_good_characters_are_accepted);
  g_test_add_func ("/token/check/every-other-byte-is-refused", test_every_other_byte_is_refused);
  g_test_add_func ("/token/check/breaks-in-any-place-are-refused",
                   test_breaks_in_any_place_are_refused);
  g_test_add_func ("/token/check/padding-alone-is-refused", test_padding_alone_is_refused);
  g_test_add_func ("/token/check/lengths", test_lengths);
  g_test_add_func ("/token/check/impossible-times-are-refused", test_impossible_times_are_refused);
  g_test_add_func ("/token/check/refusal-does-not-show-the-token",
                   test_refusal_does_not_show_the_token);
  g_test_add_func ("/credential/gives-values-by-name", test_credential_gives_values_by_name);
  return g_test_run ();
}
