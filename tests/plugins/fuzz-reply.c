/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whatever a server answers, each plugin returns a token or an error, and never crashes. The first
 * byte of the input selects the HTTP status, the rest is the body. */
#include <string.h>

#include "krsecret-plugin.h"

#define NOW G_GINT64_CONSTANT (1730851200)

#define PLUGIN(id) extern const KrSecretPlugin kr_secret_plugin_##id;
PLUGINS
#undef PLUGIN

static const KrSecretPlugin *const plugins[] = {
#define PLUGIN(id) &kr_secret_plugin_##id,
  PLUGINS
#undef PLUGIN
};

static const guint statuses[] = { 200, 200, 200, 201, 302, 400, 401, 403, 404, 429, 500, 503 };

static void
check_error (const GError *error)
{
  g_assert_nonnull (error);
  g_assert_true (error->domain == KR_SECRET_ERROR);
  g_assert_true (
      error->code == KR_SECRET_ERROR_REFUSED || error->code == KR_SECRET_ERROR_RATE_LIMITED
      || error->code == KR_SECRET_ERROR_UNREACHABLE || error->code == KR_SECRET_ERROR_BAD_REPLY);
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  for (const char *p = error->message; *p != '\0'; p++)
    g_assert_false (g_ascii_iscntrl (*p));
}

static void
check_issue (const KrSecretPlugin *plugin, const KrSecretReply *reply, KrSecretTokenKind kind)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (KrSecretToken) token
      = kr_secret_protocol_parse_issue (plugin, reply, kind, NOW, &error);

  if (token == NULL)
    {
      check_error (error);
      return;
    }
  g_assert_no_error (error);
  g_assert_cmpuint (kr_secret_reply_get_status (reply), ==, 200);
  g_assert_cmpint (g_ascii_strcasecmp (kr_secret_token_get_token_type (token), "Bearer"), ==, 0);
  g_assert_cmpstr (secret_value_get_text (kr_secret_token_get_value (token)), !=, "");
}

static void
check_plugin (const KrSecretPlugin *plugin, const KrSecretReply *reply)
{
  g_autoptr (GError) error = NULL;

  check_issue (plugin, reply, KR_SECRET_TOKEN_ACCESS);
  if (plugin->traits.websocket)
    check_issue (plugin, reply, KR_SECRET_TOKEN_WEBSOCKET);
  if (kr_secret_protocol_can_revoke (plugin)
      && !kr_secret_protocol_parse_revoke (plugin, reply, &error))
    check_error (error);
  g_assert_cmpint (kr_secret_protocol_classify (plugin, reply), <=, KR_SECRET_VERDICT_UNAVAILABLE);
}

static void
check_time (const guint8 *data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  gint64 time = NOW;

  if (!kr_secret_parse_kst (text, &time))
    g_assert_cmpint (time, ==, NOW);
}

int LLVMFuzzerTestOneInput (const guint8 *data, size_t size);

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  g_autoptr (KrSecretReply) reply = NULL;

  if (size == 0)
    return 0;
  reply = kr_secret_reply_new (statuses[data[0] % G_N_ELEMENTS (statuses)], 0, data[0],
                               (const char *) data + 1, size - 1);
  for (guint i = 0; i < G_N_ELEMENTS (plugins); i++)
    check_plugin (plugins[i], reply);
  check_time (data + 1, size - 1);
  return 0;
}
