/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "helper/kr-secret-helper-private.h"

#include "base/kr-secret-deadline-private.h"
#include "base/kr-secret-error-private.h"
#include "common/kr-intl.h"
#include "issue/kr-secret-issuer-protocol-private.h"
#include "keyring/kr-secret-store-private.h"
#include "plugin/kr-secret-broker-private.h"

#define NETWORK_MS (10 * 1000)
#define KEYRING_MS (5 * 1000)

void
kr_secret_helper_clear (KrSecretHelper *self)
{
  g_clear_pointer (&self->account, kr_secret_record_free);
  g_clear_pointer (&self->broker, kr_secret_broker_unref);
  g_clear_pointer (&self->credential, kr_secret_credential_unref);
  g_clear_pointer (&self->base_uri, g_free);
  g_clear_pointer (&self->ledger, kr_secret_ledger_free);
}

/* Where an account's requests go, from its record. */
gboolean
kr_secret_helper_find_broker (KrSecretHelper *self, GError **error)
{
  const char *endpoint = kr_secret_record_get (self->account, "endpoint");
  const char *broker_id = kr_secret_record_get (self->account, "broker");
  const char *environment_text = kr_secret_record_get (self->account, "environment");
  KrSecretEnvironment environment;

  if (broker_id == NULL || environment_text == NULL
      || !kr_secret_environment_from_string (environment_text, &environment))
    return KR_SECRET_FAIL (error, KR_SECRET_ERROR_DAMAGED, _ ("the account's record is damaged"));
  self->broker = kr_secret_broker_find_installed (broker_id, error);
  if (self->broker == NULL)
    return FALSE;
  self->plugin = kr_secret_broker_get_plugin (self->broker);
  if (endpoint != NULL)
    self->base_uri = kr_secret_endpoint_normalize (endpoint, error);
  else
    self->base_uri = g_strdup (kr_secret_broker_get_uri (self->broker, environment));
  if (self->base_uri == NULL && endpoint == NULL)
    kr_secret_error_set (error, KR_SECRET_ERROR_USAGE, 0, NULL, _ ("%s has no such environment"),
                         kr_secret_broker_get_name_for_people (self->broker));
  return self->base_uri != NULL;
}

/* Everything a request with the key in it needs. */
gboolean
kr_secret_helper_open (KrSecretHelper *self, GError **error)
{
  self->ledger = kr_secret_ledger_adopt (KR_SECRET_ISSUER_LOCK_FD, error);
  if (self->ledger == NULL || !kr_secret_helper_find_broker (self, error))
    return FALSE;
  self->credential = kr_secret_record_get_credential (self->account, error);
  return self->credential != NULL;
}

/* Whether a plugin has built a request with a path. */
gboolean
kr_secret_helper_check_built (KrSecretHelper *self,
                              gboolean built,
                              KrSecretRequest *request,
                              GError **error)
{
  if (built && kr_secret_request_get_path (request) != NULL)
    return TRUE;
  kr_secret_broker_explain_failure (self->broker, error);
  return FALSE;
}

KrSecretReply *
kr_secret_helper_send (KrSecretHelper *self,
                       KrSecretRequest *request,
                       gboolean *out_sent,
                       GError **error)
{
  return self->transport (self->base_uri, request, kr_secret_deadline_in (NETWORK_MS, NULL),
                          out_sent, error);
}

KrSecretDeadline
kr_secret_helper_get_deadline (void)
{
  return kr_secret_deadline_in (KEYRING_MS, NULL);
}

gboolean
kr_secret_helper_erase_token (KrSecretHelper *self, GError **error)
{
  return kr_secret_store_erase (self->id, KR_SECRET_STORE_TOKEN, NULL,
                                kr_secret_helper_get_deadline (), error);
}
