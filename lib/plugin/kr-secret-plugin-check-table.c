/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plugin/kr-secret-plugin-check-table-private.h"

#include "common/kr-intl.h"
#include "plugin/kr-secret-request-private.h"

/* What kr-secret-protocol.c relies on. A table is checked once, when its plugin is loaded, so that
 * a mistake shows there and not in the middle of an issue. */

#define REFUSE(...)                                                                                \
  (kr_secret_error_set (error, KR_SECRET_ERROR_PLUGIN, 0, NULL, __VA_ARGS__), FALSE)

/* member is named as in the plugin's source. */
static gboolean
check_given (gboolean given, const char *member, GError **error)
{
  return given || REFUSE (_ ("lacks '%s', and has no function in its place"), member);
}

static gboolean
has_field (const KrSecretPlugin *plugin, const char *name)
{
  for (const KrSecretField *field = plugin->fields; field->name != NULL; field++)
    if (g_str_equal (field->name, name))
      return TRUE;
  return FALSE;
}

/* Checks a body's fields, or headers. has_token: there is a token, and it must be sent. */
static gboolean
check_entries (const KrSecretPlugin *plugin,
               const KrSecretEntry *entries,
               gsize n,
               const char *member,
               gboolean headers,
               gboolean has_token,
               GError **error)
{
  gboolean sends_token = FALSE;

  for (const KrSecretEntry *entry = entries; entry < entries + n && entry->name != NULL; entry++)
    {
      gboolean is_token = has_token && g_strcmp0 (entry->secret, "token") == 0;

      sends_token |= is_token;
      if (entry->secret != NULL && !is_token && !has_field (plugin, entry->secret))
        return REFUSE (_ ("'%s' sends '%s', which is none of its fields"), member, entry->secret);
      if (headers ? !kr_secret_request_is_header (entry->name, entry->text)
                        || (entry->text == NULL && entry->secret == NULL)
                  : (entry->text == NULL) == (entry->secret == NULL))
        return REFUSE (_ ("'%s' cannot send '%s' as it is described"), member, entry->name);
    }
  if (has_token && !sends_token)
    return REFUSE (_ ("'%s' does not send the token"), member);
  return check_given (entries[0].name != NULL, member, error);
}

static gboolean
check_request (const KrSecretPlugin *plugin,
               const KrSecretExchange *exchange,
               const char *member,
               GError **error)
{
  if (!check_given (exchange->path != NULL, member, error))
    return FALSE;
  if (exchange->path[0] != '/' || exchange->path[1] == '/')
    return REFUSE (_ ("the path of '%s' does not begin with one slash"), member);
  if (exchange->body != KR_SECRET_BODY_JSON && exchange->body != KR_SECRET_BODY_FORM)
    return REFUSE (_ ("the body of '%s' is neither JSON nor a form"), member);
  return check_entries (plugin, exchange->entries, G_N_ELEMENTS (exchange->entries), member, FALSE,
                        exchange == &plugin->revoke, error);
}

static gboolean
check_answer (const KrSecretExchange *exchange, const char *member, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (exchange->success); i++)
    if ((exchange->success[i].member == NULL) != (exchange->success[i].value == NULL))
      return REFUSE (_ ("'%s' names a success by a member without a value"), member);
  if (exchange->success_needed && exchange->success[0].member == NULL)
    return REFUSE (_ ("'%s' needs a success, and does not say how to know it"), member);
  return TRUE;
}

static gboolean
check_issue (const KrSecretPlugin *plugin,
             const KrSecretExchange *issue,
             const char *member,
             GError **error)
{
  if (plugin->build_issue == NULL && !check_request (plugin, issue, member, error))
    return FALSE;
  if (plugin->parse_issue != NULL)
    return TRUE;
  if (issue->token[0] == NULL
      || (issue->expires_in[0] == NULL && issue->expires_at[0] == NULL && issue->lifetime == 0))
    return REFUSE (_ ("'%s' does not say where the answer has the token and its end"), member);
  return check_answer (issue, member, error);
}

static gboolean
check_revoke (const KrSecretPlugin *plugin, GError **error)
{
  if (!kr_secret_protocol_can_revoke (plugin))
    return check_given (plugin->parse_revoke == NULL, "revoke", error);
  return (plugin->build_revoke != NULL || check_request (plugin, &plugin->revoke, "revoke", error))
         && (plugin->parse_revoke != NULL || check_answer (&plugin->revoke, "revoke", error));
}

/* The list is trusted to end. */
static gboolean
check_codes (const KrSecretPlugin *plugin, GError **error)
{
  if (!check_given (plugin->codes[0].code == NULL || plugin->code_members[0] != NULL
                        || plugin->dup_code != NULL,
                    "code_members", error))
    return FALSE;
  for (const KrSecretCode *row = plugin->codes; row->code != NULL; row++)
    if (row->advice == NULL || row->verdict > KR_SECRET_VERDICT_UNAVAILABLE
        || (row->error != KR_SECRET_ERROR_REFUSED && row->error != KR_SECRET_ERROR_RATE_LIMITED
            && row->error != KR_SECRET_ERROR_UNREACHABLE
            && row->error != KR_SECRET_ERROR_BAD_REPLY))
      return REFUSE (_ ("does not say properly what the code '%s' means"), row->code);
  return TRUE;
}

static gboolean
check_headers (const KrSecretPlugin *plugin, GError **error)
{
  gboolean carries_secret = FALSE;

  if (plugin->authorize != NULL)
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (plugin->headers) && plugin->headers[i].name != NULL; i++)
    carries_secret |= g_strcmp0 (plugin->headers[i].secret, "appsecret") == 0;
  if (carries_secret != plugin->traits.calls_carry_secret)
    return REFUSE (_ ("'headers' and the trait 'calls_carry_secret' contradict each other"));
  return check_entries (plugin, plugin->headers, G_N_ELEMENTS (plugin->headers), "headers", TRUE,
                        TRUE, error);
}

gboolean
kr_secret_plugin_check_table (const KrSecretPlugin *plugin, GError **error)
{
  if (has_field (plugin, "token"))
    return REFUSE (_ ("has a field 'token', which is the name of the token itself"));
  if (!plugin->traits.websocket && plugin->approval.path != NULL)
    return REFUSE (_ ("'approval' and the trait 'websocket' contradict each other"));
  return check_issue (plugin, &plugin->issue, "issue", error)
         && (!plugin->traits.websocket
             || check_issue (plugin, &plugin->approval, "approval", error))
         && check_revoke (plugin, error) && check_headers (plugin, error)
         && check_codes (plugin, error);
}
