/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "krsecret-plugin.h"

#include <string.h>

#include "base/kr-secret-error-private.h"
#include "common/kr-intl.h"

/* Builds requests and reads answers, by a plugin's own functions or by its table, which
 * kr-secret-plugin-check-table.c has checked. */

/* A credential's field, or the token, which an issue does not have yet. */
static SecretValue *
find_secret (const char *name, KrSecretCredential *credential, KrSecretToken *token)
{
  if (token != NULL && g_str_equal (name, "token"))
    return kr_secret_token_get_value (token);
  return kr_secret_credential_get (credential, name);
}

/* Fills in the request of an exchange in the table. */
static gboolean
build (const KrSecretExchange *exchange,
       KrSecretCredential *credential,
       KrSecretToken *token,
       KrSecretRequest *request,
       GError **error)
{
  const KrSecretEntry *entry = exchange->entries;

  kr_secret_request_post (request, exchange->path, exchange->body);
  for (guint i = 0; i < G_N_ELEMENTS (exchange->entries) && entry->name != NULL; i++, entry++)
    if (entry->secret == NULL)
      kr_secret_request_add_field (request, entry->name, entry->text);
    else if (!kr_secret_request_add_secret_field (
                 request, entry->name, find_secret (entry->secret, credential, token), error))
      return FALSE;
  return TRUE;
}

/* Whether a member of the answer has the value of a success. */
static gboolean
is_marked (const KrSecretReply *reply, const KrSecretMark *mark)
{
  g_autofree char *text = kr_secret_reply_dup_string (reply, mark->member);
  gint64 found, wanted;

  if (kr_secret_reply_get_int (reply, mark->member, &found)
      && g_ascii_string_to_signed (mark->value, 10, G_MININT64, G_MAXINT64, &wanted, NULL))
    return found == wanted;
  return g_strcmp0 (text, mark->value) == 0;
}

/* Errors may come with HTTP 200 too. */
static gboolean
succeeded (const KrSecretPlugin *plugin,
           const KrSecretExchange *exchange,
           const KrSecretReply *reply)
{
  const KrSecretMark *mark = exchange->success;
  g_autofree char *code = kr_secret_protocol_dup_code (plugin, reply);

  if (kr_secret_reply_get_status (reply) != 200 || !kr_secret_reply_is_json (reply) || code != NULL)
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (exchange->success) && mark->member != NULL; i++, mark++)
    if (kr_secret_reply_has (reply, mark->member))
      return is_marked (reply, mark);
  return !exchange->success_needed;
}

/* Gets the earliest expiry. Fails if one is not understood: it might be the earliest. */
static gboolean
get_expiry (const KrSecretExchange *issue,
            const KrSecretReply *reply,
            gint64 now,
            gint64 *out_expires_at)
{
  gint64 earliest = issue->lifetime > 0 ? now + issue->lifetime : G_MAXINT64;
  gint64 end;

  for (guint i = 0; i < G_N_ELEMENTS (issue->expires_in) && issue->expires_in[i] != NULL; i++)
    if (kr_secret_reply_has (reply, issue->expires_in[i]))
      {
        if (!kr_secret_reply_get_expires_in (reply, issue->expires_in[i], now, &end))
          return FALSE;
        earliest = MIN (earliest, end);
      }
  for (guint i = 0; i < G_N_ELEMENTS (issue->expires_at) && issue->expires_at[i] != NULL; i++)
    if (kr_secret_reply_has (reply, issue->expires_at[i]))
      {
        if (!kr_secret_reply_get_kst (reply, issue->expires_at[i], &end))
          return FALSE;
        earliest = MIN (earliest, end);
      }
  *out_expires_at = earliest;
  return earliest != G_MAXINT64;
}

static const KrSecretExchange *
get_issue (const KrSecretPlugin *plugin, KrSecretTokenKind kind)
{
  return kind == KR_SECRET_TOKEN_ACCESS ? &plugin->issue : &plugin->approval;
}

gboolean
kr_secret_protocol_build_issue (const KrSecretPlugin *plugin,
                                KrSecretCredential *credential,
                                KrSecretTokenKind kind,
                                KrSecretRequest *request,
                                GError **error)
{
  const KrSecretExchange *issue = get_issue (plugin, kind);

  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (plugin->build_issue != NULL)
    return plugin->build_issue (plugin, credential, kind, request, error);
  if (issue->path == NULL)
    return KR_SECRET_FAIL (error, KR_SECRET_ERROR_USAGE,
                           _ ("the broker has no websocket keys; its access token serves there"));
  return build (issue, credential, NULL, request, error);
}

KrSecretToken *
kr_secret_protocol_parse_issue (const KrSecretPlugin *plugin,
                                const KrSecretReply *reply,
                                KrSecretTokenKind kind,
                                gint64 now,
                                GError **error)
{
  const KrSecretExchange *issue = get_issue (plugin, kind);
  gboolean second;
  KrSecretToken *token = NULL;
  gint64 expires_at;

  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (plugin->parse_issue != NULL)
    return plugin->parse_issue (plugin, reply, kind, now, error);
  if (succeeded (plugin, issue, reply) && get_expiry (issue, reply, now, &expires_at))
    {
      second = issue->token[1] != NULL && !kr_secret_reply_has (reply, issue->token[0]);
      token = kr_secret_reply_dup_token (reply, issue->token[second], kind, now, expires_at);
    }
  if (token == NULL)
    kr_secret_protocol_set_error (plugin, reply, error);
  return token;
}

gboolean
kr_secret_protocol_can_revoke (const KrSecretPlugin *plugin)
{
  return plugin->build_revoke != NULL || plugin->revoke.path != NULL;
}

gboolean
kr_secret_protocol_build_revoke (const KrSecretPlugin *plugin,
                                 KrSecretCredential *credential,
                                 KrSecretToken *token,
                                 KrSecretRequest *request,
                                 GError **error)
{
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (plugin->build_revoke != NULL)
    return plugin->build_revoke (plugin, credential, token, request, error);
  if (kr_secret_token_get_kind (token) != KR_SECRET_TOKEN_ACCESS)
    return KR_SECRET_FAIL (error, KR_SECRET_ERROR_USAGE,
                           _ ("the broker has no way to revoke a websocket key"));
  return build (&plugin->revoke, credential, token, request, error);
}

gboolean
kr_secret_protocol_parse_revoke (const KrSecretPlugin *plugin,
                                 const KrSecretReply *reply,
                                 GError **error)
{
  g_autofree char *code = NULL;

  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (plugin->parse_revoke != NULL)
    return plugin->parse_revoke (plugin, reply, error);
  if (succeeded (plugin, &plugin->revoke, reply))
    return TRUE;
  code = kr_secret_protocol_dup_code (plugin, reply);
  if (kr_secret_reply_judge (reply, plugin->codes, code, KR_SECRET_VERDICT_REFUSED)
      == KR_SECRET_VERDICT_TOKEN_DEAD)
    return TRUE;
  kr_secret_protocol_set_error (plugin, reply, error);
  return FALSE;
}

gboolean
kr_secret_protocol_authorize (const KrSecretPlugin *plugin,
                              KrSecretCredential *credential,
                              KrSecretToken *token,
                              KrSecretRequest *request,
                              GError **error)
{
  const KrSecretEntry *entry = plugin->headers;

  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (plugin->authorize != NULL)
    return plugin->authorize (plugin, credential, token, request, error);
  if (kr_secret_token_get_kind (token) != KR_SECRET_TOKEN_ACCESS)
    return KR_SECRET_FAIL (error, KR_SECRET_ERROR_USAGE,
                           _ ("a websocket key is sent in a message, not in a header"));
  for (guint i = 0; i < G_N_ELEMENTS (plugin->headers) && entry->name != NULL; i++, entry++)
    if (entry->secret == NULL)
      kr_secret_request_add_header (request, entry->name, entry->text);
    else if (!kr_secret_request_add_secret_header (request, entry->name, entry->text,
                                                   find_secret (entry->secret, credential, token),
                                                   error))
      return FALSE;
  return TRUE;
}

KrSecretVerdict
kr_secret_protocol_classify (const KrSecretPlugin *plugin, const KrSecretReply *reply)
{
  g_autofree char *code = NULL;

  if (plugin->classify != NULL)
    return plugin->classify (plugin, reply);
  code = kr_secret_protocol_dup_code (plugin, reply);
  return kr_secret_reply_judge (reply, plugin->codes, code, plugin->unauthorized);
}

/* A code of only zeros means success. */
char *
kr_secret_protocol_dup_code (const KrSecretPlugin *plugin, const KrSecretReply *reply)
{
  const char *const *members = plugin->code_members;
  g_autofree char *code = NULL;

  if (plugin->dup_code != NULL)
    return plugin->dup_code (plugin, reply);
  code = kr_secret_reply_dup_first (reply, members[0], members[1], members[2], members[3], NULL);
  return code != NULL && code[strspn (code, "0")] != '\0' ? g_steal_pointer (&code) : NULL;
}

void
kr_secret_protocol_set_error (const KrSecretPlugin *plugin,
                              const KrSecretReply *reply,
                              GError **error)
{
  const char *const *members = plugin->text_members;
  g_autofree char *code = kr_secret_protocol_dup_code (plugin, reply);
  g_autofree char *text
      = kr_secret_reply_dup_first (reply, members[0], members[1], members[2], members[3], NULL);

  g_return_if_fail (error == NULL || *error == NULL);

  kr_secret_reply_set_error (reply, plugin->codes, code, text, plugin->traits.issue_interval,
                             error);
}
