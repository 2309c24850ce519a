/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kr-secret-reply.h"

#include <string.h>

#include "common/kr-intl.h"
#include "common/kr-json.h"

G_STATIC_ASSERT (KR_SECRET_REPLY_MAX_BODY == KR_JSON_MAX_LENGTH
                 && KR_SECRET_REPLY_MAX_DEPTH == KR_JSON_MAX_DEPTH);

/* A broker's answer, read once; a body that is not one plain JSON object is ignored. What json-glib
 * leaves behind while reading cannot be wiped: issues are read in kr-secret-helper, which ends
 * right after, and the answers that applications classify hold no token. */

/* A larger expires_in is nonsense; up to this, adding it to a time cannot overflow. */
#define MAX_EXPIRES_IN G_MAXINT32

struct _KrSecretReply
{
  guint status;
  gint64 date;
  gint64 retry_after;
  KrJson *root; /* an object, or NULL */
};

/**
 * kr_secret_reply_new: (skip)
 * @status: the HTTP status
 * @date: the `Date` header, in seconds since 1970, or 0
 * @retry_after: the `Retry-After` header, in seconds from now, or 0
 * @body: (array length=length) (nullable): the body; it need not end with a NUL
 * @length: its length in bytes
 *
 * Reads a broker's answer. A body is understood if it is one JSON object as in RFC 8259, in UTF-8
 * without a byte order mark, of at most %KR_SECRET_REPLY_MAX_BODY bytes, nested at most
 * %KR_SECRET_REPLY_MAX_DEPTH deep, with no member twice, no `\u0000`, and no integer beyond 64
 * bits. (transfer full)
 */
KrSecretReply *
kr_secret_reply_new (guint status, gint64 date, gint64 retry_after, const char *body, gsize length)
{
  KrSecretReply *self;

  g_return_val_if_fail (body != NULL || length == 0, NULL);

  self = g_new0 (KrSecretReply, 1);
  self->status = status;
  self->date = MAX (date, 0);
  self->retry_after = CLAMP (retry_after, 0, KR_SECRET_REPLY_MAX_RETRY_AFTER);
  self->root = kr_json_parse_object (body, length);
  return self;
}

/**
 * kr_secret_reply_free: (skip)
 *
 * Frees a reply.
 */
void
kr_secret_reply_free (KrSecretReply *self)
{
  g_clear_pointer (&self->root, kr_json_free);
  g_free (self);
}

/**
 * kr_secret_reply_get_status: (skip)
 *
 * Gets the HTTP status.
 */
guint
kr_secret_reply_get_status (const KrSecretReply *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->status;
}

/**
 * kr_secret_reply_get_date: (skip)
 *
 * Gets the broker's clock, in seconds since 1970; 0 if the answer did not say.
 */
gint64
kr_secret_reply_get_date (const KrSecretReply *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->date;
}

/**
 * kr_secret_reply_get_retry_after: (skip)
 *
 * Gets how many seconds the broker wants us to wait; 0 if the answer did not say.
 */
gint64
kr_secret_reply_get_retry_after (const KrSecretReply *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->retry_after;
}

/**
 * kr_secret_reply_is_json: (skip)
 *
 * Says whether the body was understood; see [func@Reply.new]. If not, it has no members.
 */
gboolean
kr_secret_reply_is_json (const KrSecretReply *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return self->root != NULL;
}

/* The member at a path such as "error.code"; NULL if missing or null. */
static JsonNode *
find_member (const KrSecretReply *self, const char *path)
{
  g_auto (GStrv) names = g_strsplit (path, ".", -1);
  JsonNode *node = *path != '\0' ? self->root : NULL;

  for (guint i = 0; node != NULL && names[i] != NULL; i++)
    node = JSON_NODE_HOLDS_OBJECT (node)
               ? json_object_get_member (json_node_get_object (node), names[i])
               : NULL;
  return node != NULL && !JSON_NODE_HOLDS_NULL (node) ? node : NULL;
}

/* The member, if it is a value of that type. */
static JsonNode *
find_value (const KrSecretReply *self, const char *path, GType type)
{
  JsonNode *node = find_member (self, path);

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != type)
    return NULL;
  return node;
}

/**
 * kr_secret_reply_has: (skip)
 * @member: a member's name, or a path of names with dots between: `dataBody.access_token`
 *
 * Says whether the body has a member of any type other than `null`.
 */
gboolean
kr_secret_reply_has (const KrSecretReply *self, const char *member)
{
  g_return_val_if_fail (self != NULL && member != NULL, FALSE);

  return find_member (self, member) != NULL;
}

/**
 * kr_secret_reply_dup_string: (skip)
 *
 * Gets a string, or an integer as decimal digits: brokers send codes as either. Not for secrets.
 * The text is UTF-8 of the broker's choice; %NULL if the member is missing or of another type.
 * (nullable) (transfer full)
 */
char *
kr_secret_reply_dup_string (const KrSecretReply *self, const char *member)
{
  JsonNode *node;

  g_return_val_if_fail (self != NULL && member != NULL, NULL);

  node = find_value (self, member, G_TYPE_STRING);
  if (node != NULL)
    return json_node_dup_string (node);
  node = find_value (self, member, G_TYPE_INT64);
  if (node != NULL)
    return g_strdup_printf ("%" G_GINT64_FORMAT, json_node_get_int (node));
  return NULL;
}

/**
 * kr_secret_reply_dup_first: (skip)
 *
 * Gets the first of several members that is not empty, as [method@Reply.dup_string] does: a
 * broker's text and code go by several names. The list of members ends with %NULL. (nullable)
 * (transfer full)
 */
char *
kr_secret_reply_dup_first (const KrSecretReply *self, const char *member, ...)
{
  char *found = NULL;
  va_list args;

  g_return_val_if_fail (self != NULL, NULL);

  va_start (args, member);
  for (; member != NULL && found == NULL; member = va_arg (args, const char *))
    {
      found = kr_secret_reply_dup_string (self, member);
      if (found != NULL && *found == '\0')
        g_clear_pointer (&found, g_free);
    }
  va_end (args);
  return found;
}

/**
 * kr_secret_reply_get_int: (skip)
 *
 * Gets an integer, or a string of decimal digits with an optional minus sign. Returns whether there
 * is such a member; if not, @out_value is untouched.
 */
gboolean
kr_secret_reply_get_int (const KrSecretReply *self, const char *member, gint64 *out_value)
{
  JsonNode *node;
  const char *text;

  g_return_val_if_fail (self != NULL && member != NULL && out_value != NULL, FALSE);

  node = find_value (self, member, G_TYPE_INT64);
  if (node != NULL)
    {
      *out_value = json_node_get_int (node);
      return TRUE;
    }
  node = find_value (self, member, G_TYPE_STRING);
  text = node != NULL ? json_node_get_string (node) : "+";
  return *text != '+'
         && g_ascii_string_to_signed (text, 10, G_MININT64, G_MAXINT64, out_value, NULL);
}

/**
 * kr_secret_reply_dup_secret: (skip)
 *
 * Gets a string that is a secret; %NULL if it is missing, empty or not a string. (nullable)
 * (transfer full)
 */
SecretValue *
kr_secret_reply_dup_secret (const KrSecretReply *self, const char *member)
{
  JsonNode *node;
  const char *text;

  g_return_val_if_fail (self != NULL && member != NULL, NULL);

  node = find_value (self, member, G_TYPE_STRING);
  text = node != NULL ? json_node_get_string (node) : NULL;
  if (text == NULL || *text == '\0')
    return NULL;
  return secret_value_new (text, -1, "text/plain");
}

/**
 * kr_secret_reply_get_expires_in: (skip)
 * @now: the broker's time, in seconds since 1970
 * @out_expires_at: (out): when that is, in seconds since 1970
 *
 * Gets an expiry that is given in seconds from now. Returns whether it is a positive number.
 */
gboolean
kr_secret_reply_get_expires_in (const KrSecretReply *self,
                                const char *member,
                                gint64 now,
                                gint64 *out_expires_at)
{
  gint64 seconds;

  if (!kr_secret_reply_get_int (self, member, &seconds) || seconds <= 0 || seconds > MAX_EXPIRES_IN)
    return FALSE;
  *out_expires_at = now + seconds;
  return TRUE;
}

/**
 * kr_secret_reply_get_kst: (skip)
 *
 * Gets a time in Korean time, in seconds since 1970; see [func@parse_kst]. Returns whether the
 * member is one.
 */
gboolean
kr_secret_reply_get_kst (const KrSecretReply *self, const char *member, gint64 *out_time)
{
  g_autofree char *text = kr_secret_reply_dup_string (self, member);

  return text != NULL && kr_secret_parse_kst (text, out_time);
}

/**
 * kr_secret_reply_dup_token: (skip)
 * @member: the name or path of the member that holds the token
 * @kind: what the token is for
 * @issued_at: the broker's time, in seconds since 1970
 * @expires_at: when the token ends, in seconds since 1970
 *
 * Makes a token from a member and `token_type`, which must be `Bearer` in any case, or missing.
 * %NULL if the answer has no such token. (nullable) (transfer full)
 */
KrSecretToken *
kr_secret_reply_dup_token (const KrSecretReply *self,
                           const char *member,
                           KrSecretTokenKind kind,
                           gint64 issued_at,
                           gint64 expires_at)
{
  g_autoptr (SecretValue) value = kr_secret_reply_dup_secret (self, member);
  g_autofree char *type = kr_secret_reply_dup_string (self, "token_type");

  if (value == NULL)
    return NULL;
  if (type == NULL ? kr_secret_reply_has (self, "token_type")
                   : g_ascii_strcasecmp (type, "Bearer") != 0)
    return NULL;
  return kr_secret_token_new (value, type, kind, issued_at, expires_at);
}

static const KrSecretCode *
find_code (const KrSecretCode *codes, const char *code)
{
  for (; code != NULL && codes->code != NULL; codes++)
    if (g_str_equal (codes->code, code))
      return codes;
  return NULL;
}

/**
 * kr_secret_reply_judge: (skip)
 * @codes: (array zero-terminated=1): the broker's codes
 * @code: (nullable): the code in the answer
 * @unauthorized: what HTTP 401 means to this broker if the code is not known
 *
 * Judges an answer to a normal call or a revoke, by its code, or by the HTTP status if the code is
 * not known: 429 is rate limited, 5xx unavailable, 403 refused, and the rest fine.
 */
KrSecretVerdict
kr_secret_reply_judge (const KrSecretReply *self,
                       const KrSecretCode *codes,
                       const char *code,
                       KrSecretVerdict unauthorized)
{
  const KrSecretCode *known;

  g_return_val_if_fail (self != NULL && codes != NULL, KR_SECRET_VERDICT_FINE);

  known = find_code (codes, code);
  if (known != NULL)
    return known->verdict;
  if (self->status == 401)
    return unauthorized;
  if (self->status == 403)
    return KR_SECRET_VERDICT_REFUSED;
  if (self->status == 429)
    return KR_SECRET_VERDICT_RATE_LIMITED;
  return self->status >= 500 ? KR_SECRET_VERDICT_UNAVAILABLE : KR_SECRET_VERDICT_FINE;
}

/* Masks what could be a key or a token in foreign text, as a broker may quote what it was sent:
 * runs of 16 or more of their characters with a digit among them. */
static char *
mask_secrets (const char *text)
{
  GString *out = g_string_new (NULL);

  while (*text != '\0')
    {
      gsize run = 0;
      gboolean digit = FALSE;

      for (; g_ascii_isalnum (text[run]) || (text[run] != '\0' && strchr ("-._~+/=%", text[run]));
           run++)
        digit |= g_ascii_isdigit (text[run]);
      if (run >= 16 && digit)
        g_string_append (out, "…");
      else
        g_string_append_len (out, text, (gssize) MAX (run, 1));
      text += MAX (run, 1);
    }
  return g_string_free (out, FALSE);
}

/**
 * kr_secret_reply_set_error: (skip)
 * @codes: (array zero-terminated=1): the broker's codes
 * @code: (nullable): the code in the answer
 * @text: (nullable): the broker's text
 * @issue_interval: seconds to wait if the broker says "too many" but not how long
 * @error: a place for an error, or %NULL
 *
 * Sets an error from the answer to an issue or a revoke, by its code, or else by the HTTP status:
 * 429 is %KR_SECRET_ERROR_RATE_LIMITED, 5xx %KR_SECRET_ERROR_UNREACHABLE, everything else
 * %KR_SECRET_ERROR_BAD_REPLY. The broker's text is added, without what looks like a secret.
 */
void
kr_secret_reply_set_error (const KrSecretReply *self,
                           const KrSecretCode *codes,
                           const char *code,
                           const char *text,
                           guint issue_interval,
                           GError **error)
{
  const KrSecretCode *known;
  KrSecretError what;
  const char *advice;
  gint64 retry_after;
  g_autofree char *masked_code = NULL;
  g_autofree char *masked_text = NULL;
  g_autofree char *said = NULL;

  g_return_if_fail (self != NULL && codes != NULL);
  g_return_if_fail (error == NULL || *error == NULL);

  known = find_code (codes, code);
  if (known != NULL)
    {
      what = known->error;
      advice = _ (known->advice);
    }
  else if (self->status == 429)
    {
      what = KR_SECRET_ERROR_RATE_LIMITED;
      advice = _ ("the broker was asked too often");
    }
  else if (self->status >= 500)
    {
      what = KR_SECRET_ERROR_UNREACHABLE;
      advice = _ ("the broker's server is out of order");
    }
  else
    {
      what = KR_SECRET_ERROR_BAD_REPLY;
      advice = _ ("the broker's answer could not be understood");
    }

  retry_after = self->retry_after;
  if (what == KR_SECRET_ERROR_RATE_LIMITED && retry_after == 0)
    retry_after = issue_interval;
  masked_code = mask_secrets (code != NULL ? code : "");
  masked_text = mask_secrets (text != NULL ? text : "");
  said = g_strjoin (*masked_code != '\0' && *masked_text != '\0' ? ": " : "", masked_code,
                    masked_text, NULL);
  if (*said != '\0')
    kr_secret_error_set (error, what, retry_after, masked_code,
                         /* Translators: what it means (HTTP status, the broker's own words) */
                         _ ("%s (HTTP %u, %s)"), advice, self->status, said);
  else
    kr_secret_error_set (error, what, retry_after, NULL, _ ("%s (HTTP %u)"), advice, self->status);
}
