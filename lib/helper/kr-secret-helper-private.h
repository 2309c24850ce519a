/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/kr-secret-deadline-private.h"
#include "issue/kr-secret-ledger-private.h"
#include "krsecret-plugin.h"

/* Sends a request to base_uri and reads the whole reply, within the bounds of kr-secret-reply.h, by
 * the deadline. *out_sent says whether the broker can have seen any of it. */
typedef KrSecretReply *(*KrSecretTransport) (const char *base_uri,
                                             KrSecretRequest *request,
                                             KrSecretDeadline deadline,
                                             gboolean *out_sent,
                                             GError **error);

/* The account of the job, and what its requests need. */
typedef struct
{
  const char *id;
  KrSecretRecord *account;
  KrSecretBroker *broker;
  const KrSecretPlugin *plugin;
  KrSecretCredential *credential;
  char *base_uri;
  KrSecretLedger *ledger;
  KrSecretTransport transport;
} KrSecretHelper;

gboolean kr_secret_helper_find_broker (KrSecretHelper *self, GError **error);
gboolean kr_secret_helper_open (KrSecretHelper *self, GError **error);
void kr_secret_helper_clear (KrSecretHelper *self);

gboolean kr_secret_helper_check_built (KrSecretHelper *self,
                                       gboolean built,
                                       KrSecretRequest *request,
                                       GError **error);
KrSecretReply *kr_secret_helper_send (KrSecretHelper *self,
                                      KrSecretRequest *request,
                                      gboolean *out_sent,
                                      GError **error);

/* The deadline of one call to the keyring. */
KrSecretDeadline kr_secret_helper_get_deadline (void);
gboolean kr_secret_helper_erase_token (KrSecretHelper *self, GError **error);

gboolean kr_secret_helper_issue_token (
    KrSecretHelper *self, const char *kind, gboolean force, KrSecretRecord *answer, GError **error);
gboolean
kr_secret_helper_issue_first (KrSecretHelper *self, KrSecretRecord *answer, GError **error);
gboolean
kr_secret_helper_revoke_token (KrSecretHelper *self, KrSecretRecord *answer, GError **error);
gboolean
kr_secret_helper_revoke_finish (KrSecretHelper *self, KrSecretRecord *stored, GError **error);

/* Exported for kr-secret-helper only, under its own version; may change with every release. */
__attribute__ ((visibility ("default"))) int
kr_secret_helper_main (int argc, char **argv, KrSecretTransport transport);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (KrSecretHelper, kr_secret_helper_clear)
