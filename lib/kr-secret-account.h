/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "kr-secret-broker.h"

G_BEGIN_DECLS

/* The default of min_validity, in seconds. */
#define KR_SECRET_MIN_VALIDITY 60

/**
 * KrSecretTokenState:
 * @KR_SECRET_TOKEN_STATE_NONE: no token is stored
 * @KR_SECRET_TOKEN_STATE_VALID: a token is stored and good for a while
 * @KR_SECRET_TOKEN_STATE_EXPIRING: good, but for less than the default minimum validity
 * @KR_SECRET_TOKEN_STATE_EXPIRED: the stored token has expired
 *
 * What is known of an account's access token.
 *
 * Since: 0.1
 */
typedef enum
{
  KR_SECRET_TOKEN_STATE_NONE,
  KR_SECRET_TOKEN_STATE_VALID,
  KR_SECRET_TOKEN_STATE_EXPIRING,
  KR_SECRET_TOKEN_STATE_EXPIRED
} KrSecretTokenState;

#define KR_SECRET_TYPE_ACCOUNT (kr_secret_account_get_type ())

KR_SECRET_AVAILABLE_IN_0_1
G_DECLARE_FINAL_TYPE (KrSecretAccount, kr_secret_account, KR_SECRET, ACCOUNT, GObject)

KR_SECRET_AVAILABLE_IN_0_1
const char *kr_secret_account_get_id (KrSecretAccount *self);

KR_SECRET_AVAILABLE_IN_0_1
char *kr_secret_account_dup_alias (KrSecretAccount *self);

KR_SECRET_AVAILABLE_IN_0_1
const char *kr_secret_account_get_broker_id (KrSecretAccount *self);

KR_SECRET_AVAILABLE_IN_0_1
KrSecretEnvironment kr_secret_account_get_environment (KrSecretAccount *self);

KR_SECRET_AVAILABLE_IN_0_1
char *kr_secret_account_dup_endpoint (KrSecretAccount *self);

KR_SECRET_AVAILABLE_IN_0_1
KrSecretTokenState kr_secret_account_get_token_state (KrSecretAccount *self);

KR_SECRET_AVAILABLE_IN_0_1
gint64 kr_secret_account_get_token_expires_at (KrSecretAccount *self);

KR_SECRET_AVAILABLE_IN_0_1
const char *kr_secret_account_get_problem (KrSecretAccount *self);

KR_SECRET_AVAILABLE_IN_0_1
char *kr_secret_alias_normalize (const char *text, GError **error);

KR_SECRET_AVAILABLE_IN_0_1
char *kr_secret_endpoint_normalize (const char *text, GError **error);

G_END_DECLS
