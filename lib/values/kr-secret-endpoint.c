/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gio/gio.h>
#include <string.h>

#include "base/kr-secret-error-private.h"
#include "common/kr-intl.h"
#include "common/kr-text.h"
#include "kr-secret-account.h"

/* The host must name this machine literally; nothing is resolved. */
static gboolean
is_loopback (const char *host)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (host);

  return address != NULL ? g_inet_address_get_is_loopback (address)
                         : g_str_equal (host, "localhost");
}

/**
 * kr_secret_endpoint_normalize:
 * @text: what a user typed
 * @error: (out) (optional): where to put an error
 *
 * Checks an account's own test endpoint: `http` or `https`, a loopback address or `localhost`, and
 * nothing but host and port. Error: %KR_SECRET_ERROR_USAGE.
 *
 * Returns: (transfer full): the endpoint
 * Since: 0.1
 */
char *
kr_secret_endpoint_normalize (const char *text, GError **error)
{
  g_autoptr (GUri) uri = NULL;

  g_return_val_if_fail (text != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  uri = g_uri_parse (text, G_URI_FLAGS_NONE, NULL);
  if (uri == NULL || g_uri_get_host (uri) == NULL || !kr_text_is_plain (text, -1)
      || (!g_str_equal (g_uri_get_scheme (uri), "http")
          && !g_str_equal (g_uri_get_scheme (uri), "https"))
      || g_uri_get_userinfo (uri) != NULL || strlen (g_uri_get_path (uri)) > 1
      || g_uri_get_query (uri) != NULL || g_uri_get_fragment (uri) != NULL)
    return KR_SECRET_FAIL_NULL (error, KR_SECRET_ERROR_USAGE,
                                _ ("the endpoint '%s' is not of the form http://127.0.0.1:PORT"),
                                text);
  if (!is_loopback (g_uri_get_host (uri)))
    return KR_SECRET_FAIL_NULL (
        error, KR_SECRET_ERROR_USAGE,
        _ ("the endpoint '%s' is not on this machine; only a loopback address is allowed"), text);
  return g_uri_join (G_URI_FLAGS_NONE, g_uri_get_scheme (uri), NULL, g_uri_get_host (uri),
                     g_uri_get_port (uri), "", NULL, NULL);
}
