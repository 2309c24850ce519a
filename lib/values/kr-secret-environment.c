/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kr-secret-environment.h"

/**
 * kr_secret_environment_to_string:
 * @environment: an environment
 *
 * Gets the word for an environment: `real` or `paper`.
 *
 * Returns: (transfer none): the word
 * Since: 0.1
 */
const char *
kr_secret_environment_to_string (KrSecretEnvironment environment)
{
  return environment == KR_SECRET_ENVIRONMENT_PAPER ? "paper" : "real";
}

/**
 * kr_secret_environment_from_string:
 * @text: a word
 * @out_environment: (out): the environment
 *
 * Reads an environment: `real`, also `prod` and 실전; `paper`, also `vps`, `mock` and 모의.
 *
 * Returns: whether the word names one
 * Since: 0.1
 */
gboolean
kr_secret_environment_from_string (const char *text, KrSecretEnvironment *out_environment)
{
  static const struct
  {
    const char *word;
    KrSecretEnvironment environment;
  } words[] = {
    { "real", KR_SECRET_ENVIRONMENT_REAL },  { "prod", KR_SECRET_ENVIRONMENT_REAL },
    { "실전", KR_SECRET_ENVIRONMENT_REAL },  { "paper", KR_SECRET_ENVIRONMENT_PAPER },
    { "vps", KR_SECRET_ENVIRONMENT_PAPER },  { "mock", KR_SECRET_ENVIRONMENT_PAPER },
    { "모의", KR_SECRET_ENVIRONMENT_PAPER },
  };
  g_autofree char *normal = NULL;

  g_return_val_if_fail (text != NULL && out_environment != NULL, FALSE);

  normal = g_utf8_validate (text, -1, NULL) ? g_utf8_normalize (text, -1, G_NORMALIZE_NFC) : NULL;
  for (guint i = 0; normal != NULL && i < G_N_ELEMENTS (words); i++)
    if (g_str_equal (normal, words[i].word))
      {
        *out_environment = words[i].environment;
        return TRUE;
      }
  return FALSE;
}
