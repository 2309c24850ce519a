/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whatever a user types as an alias or a test endpoint, it is refused, or normalised to a form that
 * is stable and harmless and leads to this machine. */
#include <string.h>

#include "kr-secret-account.h"
#include "plugin/kr-secret-broker-private.h"
#include "kr-secret-error.h"
#include "common/kr-text.h"

static void
check_error (const GError *error)
{
  g_assert_true (g_error_matches (error, KR_SECRET_ERROR, KR_SECRET_ERROR_USAGE));
  g_assert_true (kr_text_is_plain (error->message, -1));
}

static void
check_alias (const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *alias = kr_secret_alias_normalize (text, &error);
  g_autofree char *again = NULL;

  if (alias == NULL)
    {
      check_error (error);
      return;
    }
  g_assert_true (*alias != '\0' && *alias != '-' && strchr (alias, '/') == NULL);
  g_assert_true (kr_text_is_plain (alias, -1));
  g_assert_true (g_utf8_strlen (alias, -1) <= 64);
  again = kr_secret_alias_normalize (alias, NULL);
  g_assert_cmpstr (again, ==, alias);
}

static void
check_endpoint (const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *endpoint = kr_secret_endpoint_normalize (text, &error);
  g_autofree char *again = NULL;
  g_autoptr (GUri) uri = NULL;
  g_autoptr (GInetAddress) address = NULL;

  if (endpoint == NULL)
    {
      check_error (error);
      return;
    }
  uri = g_uri_parse (endpoint, G_URI_FLAGS_NONE, NULL);
  g_assert_nonnull (uri);
  g_assert_true (g_str_equal (g_uri_get_path (uri), ""));
  g_assert_null (g_uri_get_userinfo (uri));
  address = g_inet_address_new_from_string (g_uri_get_host (uri));
  g_assert_true (address != NULL ? g_inet_address_get_is_loopback (address)
                                 : g_str_equal (g_uri_get_host (uri), "localhost"));
  again = kr_secret_endpoint_normalize (endpoint, NULL);
  g_assert_cmpstr (again, ==, endpoint);
}

int LLVMFuzzerTestOneInput (const guint8 *data, size_t size);

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  KrSecretEnvironment environment;

  check_alias (text);
  check_endpoint (text);
  kr_secret_environment_from_string (text, &environment);
  return 0;
}
