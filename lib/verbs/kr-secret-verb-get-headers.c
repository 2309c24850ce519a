/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "verbs/kr-secret-verb-private.h"

#include "plugin/kr-secret-broker-private.h"

GPtrArray *
kr_secret_verb_get_headers (const char *id,
                            KrSecretBroker *broker,
                            KrSecretToken *token,
                            KrSecretDeadline deadline,
                            GError **error)
{
  g_autoptr (KrSecretCredential) credential = kr_secret_verb_get_credential (id, deadline, error);
  g_autoptr (KrSecretRequest) request = kr_secret_request_new ();

  if (credential == NULL)
    return NULL;
  if (!kr_secret_protocol_authorize (kr_secret_broker_get_plugin (broker), credential, token,
                                     request, error))
    {
      kr_secret_broker_explain_failure (broker, error);
      return NULL;
    }
  return g_ptr_array_ref (kr_secret_request_get_headers (request));
}
