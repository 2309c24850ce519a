/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kr-secret-error.h"

#include "common/kr-text.h"

/* The one error domain: codes that say what to do next, a retry time, the broker's code. */

typedef struct
{
  gint64 retry_after;
  char *broker_code;
} KrSecretErrorPrivate;

static void
kr_secret_error_private_init (KrSecretErrorPrivate *priv)
{
  priv->retry_after = 0;
}

static void
kr_secret_error_private_copy (const KrSecretErrorPrivate *src, KrSecretErrorPrivate *dest)
{
  dest->retry_after = src->retry_after;
  dest->broker_code = g_strdup (src->broker_code);
}

static void
kr_secret_error_private_clear (KrSecretErrorPrivate *priv)
{
  g_free (priv->broker_code);
}

G_DEFINE_EXTENDED_ERROR (KrSecretError, kr_secret_error)

/**
 * kr_secret_error_get_word:
 * @error: an error
 *
 * Gets the stable word for what went wrong, such as `rate-limited`, for logs and scripts. An error
 * of another domain is `failed`.
 *
 * Returns: (transfer none): the word
 * Since: 0.1
 */
const char *
kr_secret_error_get_word (const GError *error)
{
  static const char *const words[] = {
    [KR_SECRET_ERROR_USAGE] = "usage",
    [KR_SECRET_ERROR_NOT_FOUND] = "not-found",
    [KR_SECRET_ERROR_REFUSED] = "refused",
    [KR_SECRET_ERROR_LOCKED] = "locked",
    [KR_SECRET_ERROR_NO_KEYRING] = "no-keyring",
    [KR_SECRET_ERROR_RATE_LIMITED] = "rate-limited",
    [KR_SECRET_ERROR_UNREACHABLE] = "unreachable",
    [KR_SECRET_ERROR_DEADLINE] = "deadline",
    [KR_SECRET_ERROR_DECLINED] = "declined",
    [KR_SECRET_ERROR_PLUGIN] = "plugin",
    [KR_SECRET_ERROR_DAMAGED] = "damaged",
    [KR_SECRET_ERROR_BAD_REPLY] = "bad-reply",
    [KR_SECRET_ERROR_CANCELLED] = "interrupted",
  };
  const guint code = error != NULL && error->domain == KR_SECRET_ERROR ? (guint) error->code : 0;
  const char *word = code < G_N_ELEMENTS (words) ? words[code] : NULL;

  return word != NULL ? word : "failed";
}

/**
 * kr_secret_error_get_retry_after:
 * @error: an error
 *
 * Gets how long to wait before trying again.
 *
 * Returns: seconds; 0 if not known
 * Since: 0.1
 */
gint64
kr_secret_error_get_retry_after (const GError *error)
{
  if (error == NULL || error->domain != KR_SECRET_ERROR)
    return 0;
  return kr_secret_error_get_private (error)->retry_after;
}

/**
 * kr_secret_error_get_broker_code:
 * @error: an error
 *
 * Gets the broker's own code, such as `EGW00133`.
 *
 * Returns: (nullable) (transfer none): the code, printable ASCII
 * Since: 0.1
 */
const char *
kr_secret_error_get_broker_code (const GError *error)
{
  if (error == NULL || error->domain != KR_SECRET_ERROR)
    return NULL;
  return kr_secret_error_get_private (error)->broker_code;
}

/**
 * kr_secret_error_set:
 * @error: (out) (optional): where to put the error
 * @code: what the caller should do
 * @retry_after: seconds to wait, or 0
 * @broker_code: (nullable): the broker's own code
 * @format: the reason, one line, as for printf
 * @...: its arguments
 *
 * Makes an error. Foreign text in the reason and the code is made printable, so that it cannot
 * control a terminal.
 *
 * Since: 0.1
 */
void
kr_secret_error_set (GError **error,
                     KrSecretError code,
                     gint64 retry_after,
                     const char *broker_code,
                     const char *format,
                     ...)
{
  g_autofree char *raw = NULL;
  g_autofree char *text = NULL;
  GError *made;
  KrSecretErrorPrivate *priv;
  va_list args;

  g_return_if_fail (error == NULL || *error == NULL);

  if (error == NULL)
    return;

  va_start (args, format);
  raw = g_strdup_vprintf (format, args);
  va_end (args);
  text = kr_text_one_line (raw, KR_TEXT_MAX_MESSAGE);
  made = g_error_new_literal (KR_SECRET_ERROR, (int) code, text);
  priv = kr_secret_error_get_private (made);
  priv->retry_after = MAX (retry_after, 0);
  if (broker_code != NULL && *broker_code != '\0')
    priv->broker_code = kr_text_one_line (broker_code, KR_TEXT_MAX_CODE);
  *error = made;
}
