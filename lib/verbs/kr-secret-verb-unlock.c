/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "verbs/kr-secret-verb-private.h"

#include "issue/kr-secret-issuer-private.h"
#include "keyring/kr-secret-keyring-private.h"

gboolean
kr_secret_verb_unlock (SecretValue *password, KrSecretDeadline deadline, GError **error)
{
  g_autofree char *prompt = NULL;

  if (password != NULL)
    return kr_secret_keyring_unlock (password, deadline, error);
  if (!kr_secret_keyring_begin_unlock (&prompt, deadline, error))
    return FALSE;
  return prompt == NULL || kr_secret_issuer_unlock (deadline, error);
}
