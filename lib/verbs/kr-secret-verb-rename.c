/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "verbs/kr-secret-verb-private.h"

#include "keyring/kr-secret-store-private.h"
#include "verbs/kr-secret-account-change-private.h"

gboolean
kr_secret_verb_rename (const char *id, const char *alias, KrSecretDeadline deadline, GError **error)
{
  g_autofree char *own_alias = kr_secret_alias_normalize (alias, error);
  g_auto (KrSecretAccountChange) change = { NULL };

  if (own_alias == NULL || !kr_secret_account_change_begin (&change, id, deadline, error))
    return FALSE;
  kr_secret_record_set (change.record, "alias", own_alias);
  if (!kr_secret_account_change_check (&change, deadline, error))
    return FALSE;
  return kr_secret_store_write_record (id, KR_SECRET_STORE_ACCOUNT, change.record, deadline, error);
}
