/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "verbs/kr-secret-verb-private.h"

#include "verbs/kr-secret-stored-account-private.h"

KrSecretCredential *
kr_secret_verb_get_credential (const char *id, KrSecretDeadline deadline, GError **error)
{
  g_autoptr (KrSecretRecord) record = kr_secret_stored_account_read (id, deadline, error);

  return record != NULL ? kr_secret_record_get_credential (record, error) : NULL;
}
