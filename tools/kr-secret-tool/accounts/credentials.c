/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "accounts/credentials.h"

#include "accounts/lookup.h"
#include "common/kr-sensitive.h"
#include "terminal/report.h"

/* Enough to tell appkeys apart; never more than half of one is shown. */
#define HINT_LENGTH 4

/* Whether both have the field, with the same value. */
gboolean
credentials_have_same (KrSecretCredential *a, KrSecretCredential *b, const char *name)
{
  return kr_sensitive_equal (kr_secret_credential_get (a, name),
                             kr_secret_credential_get (b, name));
}

gboolean
credentials_are_same (KrSecretCredential *a, KrSecretCredential *b)
{
  const char *const *names = kr_secret_credential_get_names (a);

  if (g_strv_length ((char **) names)
      != g_strv_length ((char **) kr_secret_credential_get_names (b)))
    return FALSE;
  for (; *names != NULL; names++)
    if (!credentials_have_same (a, b, *names))
      return FALSE;
  return TRUE;
}

/* The beginning of the appkey, or NULL if there is none or it is not text. */
char *
credentials_get_hint (KrSecretCredential *credential)
{
  SecretValue *appkey = kr_secret_credential_get (credential, "appkey");
  gsize length;
  const char *text;

  if (appkey == NULL)
    return NULL;
  text = secret_value_get (appkey, &length);
  if (!g_utf8_validate_len (text, length, NULL))
    return NULL;
  return g_utf8_substring (text, 0, MIN (HINT_LENGTH, g_utf8_strlen (text, (gssize) length) / 2));
}

KrSecretCredential *
credentials_read (Tool *tool, KrSecretClient *client, KrSecretAccount *account, int *out_status)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *alias = lookup_name_for_people (account);
  KrSecretCredential *credential = kr_secret_client_get_credential (client, account, NULL, &error);

  if (credential == NULL)
    *out_status = report_error (tool, error, NULL, _ ("cannot read the key of '%s'"), alias);
  return credential;
}
