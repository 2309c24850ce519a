/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "values/kr-secret-token-private.h"

#include <string.h>

#include "base/kr-secret-error-private.h"
#include "common/kr-intl.h"
#include "common/kr-sensitive.h"

/* An issued token. Immutable: the client renews it. */

struct _KrSecretToken
{
  gatomicrefcount refs;
  SecretValue *value;
  char *type;
  KrSecretTokenKind kind;
  gint64 issued_at;
  gint64 expires_at;
  gint64 broker_expires_at; /* by the broker's clock */
  char *fingerprint;
  char *warning;
  gboolean stored; /* in the keyring, as far as we know */
};

G_DEFINE_BOXED_TYPE (KrSecretToken, kr_secret_token, kr_secret_token_ref, kr_secret_token_unref)

/**
 * kr_secret_token_new:
 * @value: the token itself
 * @type: (nullable): how it is carried; %NULL is `Bearer`
 * @kind: what it is for
 * @issued_at: when it was issued, in seconds since 1970
 * @expires_at: when it ends, in seconds since 1970
 *
 * Makes a token from a broker's reply. Nothing is checked here; the library checks each token
 * before it stores it.
 *
 * Returns: (transfer full): a new token
 * Since: 0.1
 */
KrSecretToken *
kr_secret_token_new (SecretValue *value,
                     const char *type,
                     KrSecretTokenKind kind,
                     gint64 issued_at,
                     gint64 expires_at)
{
  KrSecretToken *self;
  const char *text;
  gsize length;

  g_return_val_if_fail (value != NULL, NULL);

  self = g_new0 (KrSecretToken, 1);
  g_atomic_ref_count_init (&self->refs);
  self->value = secret_value_ref (value);
  self->type = g_strdup (type != NULL ? type : "Bearer");
  self->kind = kind;
  self->issued_at = issued_at;
  self->expires_at = expires_at;
  self->broker_expires_at = expires_at;
  self->stored = TRUE;
  text = secret_value_get (value, &length);
  self->fingerprint = kr_sensitive_fingerprint (text, length);
  return self;
}

/* A copy with times by the local clock instead of the broker's. */
KrSecretToken *
kr_secret_token_with_times (KrSecretToken *self, gint64 issued_at, gint64 expires_at)
{
  KrSecretToken *copy
      = kr_secret_token_new (self->value, self->type, self->kind, issued_at, expires_at);

  copy->broker_expires_at = self->broker_expires_at;
  return copy;
}

gint64
kr_secret_token_get_broker_expires_at (KrSecretToken *self)
{
  return self->broker_expires_at;
}

/* Only for a token that nobody else has yet. */
void
kr_secret_token_set_broker_expires_at (KrSecretToken *self, gint64 expires_at)
{
  self->broker_expires_at = expires_at;
}

/* A copy with a warning for people, and whether others can find the token. */
KrSecretToken *
kr_secret_token_with_warning (KrSecretToken *self, const char *warning, gboolean stored)
{
  KrSecretToken *copy = kr_secret_token_with_times (self, self->issued_at, self->expires_at);

  copy->warning = g_strdup (warning);
  copy->stored = stored;
  return copy;
}

/* The start of the fingerprint as a nonzero number. */
guint64
kr_secret_token_get_tag (KrSecretToken *self)
{
  g_autofree char *start = g_strndup (self->fingerprint, 16);

  return g_ascii_strtoull (start, NULL, 16) | 1;
}

gboolean
kr_secret_token_is_stored (KrSecretToken *self)
{
  return self->stored;
}

/**
 * kr_secret_token_ref:
 * @self: a token
 *
 * Takes a reference. Any thread may.
 *
 * Returns: (transfer full): @self
 * Since: 0.1
 */
KrSecretToken *
kr_secret_token_ref (KrSecretToken *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

/**
 * kr_secret_token_unref:
 * @self: (transfer full): a token
 *
 * Drops a reference. With the last one the value is wiped.
 *
 * Since: 0.1
 */
void
kr_secret_token_unref (KrSecretToken *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  secret_value_unref (self->value);
  g_free (self->type);
  g_free (self->fingerprint);
  g_free (self->warning);
  g_free (self);
}

/**
 * kr_secret_token_get_value:
 * @self: a token
 *
 * Gets the token itself, in memory that is not swapped out and is wiped when freed.
 *
 * Returns: (transfer none): the value
 * Since: 0.1
 */
SecretValue *
kr_secret_token_get_value (KrSecretToken *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->value;
}

/**
 * kr_secret_token_get_token_type:
 * @self: a token
 *
 * Gets how the token is carried in a call, as the broker wrote it: `Bearer` or `bearer`.
 *
 * Returns: (transfer none): the type
 * Since: 0.1
 */
const char *
kr_secret_token_get_token_type (KrSecretToken *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->type;
}

/**
 * kr_secret_token_get_kind:
 * @self: a token
 *
 * Gets what the token is for.
 *
 * Returns: the kind
 * Since: 0.1
 */
KrSecretTokenKind
kr_secret_token_get_kind (KrSecretToken *self)
{
  g_return_val_if_fail (self != NULL, KR_SECRET_TOKEN_ACCESS);

  return self->kind;
}

/**
 * kr_secret_token_get_issued_at:
 * @self: a token
 *
 * Gets when the token was issued.
 *
 * Returns: seconds since 1970, UTC, by this machine's clock
 * Since: 0.1
 */
gint64
kr_secret_token_get_issued_at (KrSecretToken *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->issued_at;
}

/**
 * kr_secret_token_get_expires_at:
 * @self: a token
 *
 * Gets when the token ends.
 *
 * Returns: seconds since 1970, UTC, by this machine's clock
 * Since: 0.1
 */
gint64
kr_secret_token_get_expires_at (KrSecretToken *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->expires_at;
}

/**
 * kr_secret_token_get_fingerprint:
 * @self: a token
 *
 * Gets a name that is safe to log: it tells tokens apart and reveals nothing else.
 *
 * Returns: (transfer none): 64 hexadecimal digits
 * Since: 0.1
 */
const char *
kr_secret_token_get_fingerprint (KrSecretToken *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->fingerprint;
}

/**
 * kr_secret_token_get_warning:
 * @self: a token
 *
 * Gets a warning about a token that is otherwise good: it could not be stored for the user's other
 * programs, or it ends sooner than asked for because no better one is available.
 *
 * Returns: (nullable) (transfer none): a sentence for people, or %NULL if all is well
 * Since: 0.1
 */
const char *
kr_secret_token_get_warning (KrSecretToken *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->warning;
}

static const char *const kind_names[] = {
  [KR_SECRET_TOKEN_ACCESS] = "access",
  [KR_SECRET_TOKEN_WEBSOCKET] = "websocket",
};

/**
 * kr_secret_token_kind_to_string:
 * @kind: a kind
 *
 * Gets the word for a kind of token: `access` or `websocket`.
 *
 * Returns: (transfer none): the word
 * Since: 0.1
 */
const char *
kr_secret_token_kind_to_string (KrSecretTokenKind kind)
{
  g_return_val_if_fail ((guint) kind < G_N_ELEMENTS (kind_names), NULL);

  return kind_names[kind];
}

/**
 * kr_secret_token_kind_from_string:
 * @text: a word
 * @out_kind: (out): the kind
 *
 * Reads a kind of token.
 *
 * Returns: whether the word names one
 * Since: 0.1
 */
gboolean
kr_secret_token_kind_from_string (const char *text, KrSecretTokenKind *out_kind)
{
  g_return_val_if_fail (text != NULL && out_kind != NULL, FALSE);

  for (guint i = 0; i < G_N_ELEMENTS (kind_names); i++)
    if (g_str_equal (text, kind_names[i]))
      {
        *out_kind = (KrSecretTokenKind) i;
        return TRUE;
      }
  return FALSE;
}

/* Checks a token's characters, length and times before it is stored or handed out. */
gboolean
kr_secret_token_check (KrSecretToken *self, gint64 now, GError **error)
{
  gsize length, body;
  const char *text = secret_value_get (self->value, &length);

  if (length < KR_SECRET_TOKEN_MIN_LENGTH || length > KR_SECRET_TOKEN_MAX_LENGTH)
    return KR_SECRET_FAIL (error, KR_SECRET_ERROR_BAD_REPLY,
                           _ ("the broker sent a token of %zu characters; %d to %d are expected"),
                           length, KR_SECRET_TOKEN_MIN_LENGTH, KR_SECRET_TOKEN_MAX_LENGTH);
  for (body = length; body > 0 && text[body - 1] == '='; body--)
    ;
  for (gsize i = 0; i < MAX (body, 1); i++)
    if (!g_ascii_isalnum (text[i]) && (text[i] == '\0' || strchr ("-._~+/", text[i]) == NULL))
      return KR_SECRET_FAIL (error, KR_SECRET_ERROR_BAD_REPLY,
                             _ ("the broker sent a token with a character no token may have"));
  if (self->expires_at <= now)
    return KR_SECRET_FAIL (error, KR_SECRET_ERROR_BAD_REPLY,
                           _ ("the broker sent a token that has already expired"));
  if (self->expires_at - now > KR_SECRET_TOKEN_MAX_LIFETIME)
    return KR_SECRET_FAIL (error, KR_SECRET_ERROR_BAD_REPLY,
                           _ ("the broker sent a token with an impossible expiry"));
  return TRUE;
}

/* Whether the token is good for min_validity seconds. At most half of its life counts: otherwise
 * some tokens would never do, and each call would be an issue. */
gboolean
kr_secret_token_is_fresh (KrSecretToken *self, guint min_validity, gint64 now)
{
  gint64 lifetime = self->expires_at - self->issued_at;
  gint64 needed = MIN ((gint64) min_validity, MAX (lifetime, 0) / 2);

  return self->expires_at > now && self->expires_at - now >= needed;
}
