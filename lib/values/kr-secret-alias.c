/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "base/kr-secret-error-private.h"
#include "common/kr-intl.h"
#include "common/kr-text.h"
#include "kr-secret-account.h"

/* In characters. */
#define ALIAS_MAX 64

/**
 * kr_secret_alias_normalize:
 * @text: what a user typed
 * @error: (out) (optional): where to put an error
 *
 * Checks an alias and brings it into the form it is stored in: Unicode NFC, 1 to 64 characters, no
 * control or other invisible characters, no `/`, `=` or `..`, no white space at the ends, and no
 * leading `-`, which would look like an option. Error: %KR_SECRET_ERROR_USAGE.
 *
 * Returns: (transfer full): the alias
 * Since: 0.1
 */
char *
kr_secret_alias_normalize (const char *text, GError **error)
{
  g_autofree char *alias = NULL;
  const char *why = NULL;

  g_return_val_if_fail (text != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  /* Far too long in any form, so not worth normalizing. */
  if (strlen (text) > ALIAS_MAX * 16)
    why = _ ("it is too long");
  else if (!g_utf8_validate (text, -1, NULL)
           || (alias = g_utf8_normalize (text, -1, G_NORMALIZE_NFC)) == NULL)
    why = _ ("it is not valid UTF-8");
  else if (!kr_text_is_plain (alias, -1))
    why = _ ("it has a control or invisible character");
  else if (*alias == '\0')
    why = _ ("it is empty");
  else if (g_utf8_strlen (alias, -1) > ALIAS_MAX)
    why = _ ("it is too long");
  else if (strpbrk (alias, "/=") != NULL || strstr (alias, "..") != NULL)
    why = _ ("it has a '/', a '=' or '..'");
  else if (*alias == '-')
    why = _ ("it begins with '-'");
  else if (g_unichar_isspace (g_utf8_get_char (alias))
           || g_unichar_isspace (g_utf8_get_char (g_utf8_prev_char (alias + strlen (alias)))))
    why = _ ("it begins or ends with white space");
  if (why != NULL)
    return KR_SECRET_FAIL_NULL (
        error, KR_SECRET_ERROR_USAGE,
        _ ("this alias cannot be used: %s; 1 to %d characters are expected"), why, ALIAS_MAX);
  return g_steal_pointer (&alias);
}
