/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "kr-secret-account.h"
#include "values/kr-secret-record-private.h"

/* What can change about an account. */
typedef enum
{
  KR_SECRET_NEWS_ACCOUNT = 1 << 0,  /* its name, or what is wrong with it */
  KR_SECRET_NEWS_TOKEN = 1 << 1,    /* it has another access token, or none */
  KR_SECRET_NEWS_EXPIRING = 1 << 2, /* its access token ends soon */
  KR_SECRET_NEWS_STATE = 1 << 3,    /* what changes with time; notifies properties only */
} KrSecretNews;

KrSecretAccount *kr_secret_account_new (const char *id, KrSecretRecord *record);
KrSecretAccount *kr_secret_account_new_damaged (const char *id);
guint kr_secret_account_take_state (KrSecretAccount *self, KrSecretAccount *other);
gboolean kr_secret_account_set_token (KrSecretAccount *self, KrSecretToken *token);
guint64 kr_secret_account_get_token_times (KrSecretAccount *self,
                                           gint64 *out_issued_at,
                                           gint64 *out_expires_at);
void kr_secret_account_set_error (KrSecretAccount *self, GError **error);
void kr_secret_account_set_problem (KrSecretAccount *self, const char *problem);
void kr_secret_account_notify (KrSecretAccount *self);
int kr_secret_account_compare (gconstpointer a, gconstpointer b);

/* Everything about an account but its token, as given. id is NULL for a new one. */
KrSecretRecord *kr_secret_account_record_new (const char *id,
                                              const char *alias,
                                              const char *broker_id,
                                              KrSecretEnvironment environment,
                                              const char *endpoint,
                                              KrSecretCredential *credential);
gboolean kr_secret_account_record_finish (KrSecretRecord *record, GError **error);
