/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "kr-secret-token.h"

/* Characters as in RFC 6750's b64token, and these lengths. Others could be dropped or split on
 * their way through a header. */
#define KR_SECRET_TOKEN_MIN_LENGTH 16
#define KR_SECRET_TOKEN_MAX_LENGTH 4096

/* In seconds. No broker's token lives longer; a reply that says so was misread. */
#define KR_SECRET_TOKEN_MAX_LIFETIME ((gint64) 400 * 24 * 60 * 60)

gboolean kr_secret_token_check (KrSecretToken *self, gint64 now, GError **error);

gboolean kr_secret_token_is_fresh (KrSecretToken *self, guint min_validity, gint64 now);

KrSecretToken *
kr_secret_token_with_times (KrSecretToken *self, gint64 issued_at, gint64 expires_at);
gint64 kr_secret_token_get_broker_expires_at (KrSecretToken *self);
void kr_secret_token_set_broker_expires_at (KrSecretToken *self, gint64 expires_at);
KrSecretToken *
kr_secret_token_with_warning (KrSecretToken *self, const char *warning, gboolean stored);
guint64 kr_secret_token_get_tag (KrSecretToken *self);
gboolean kr_secret_token_is_stored (KrSecretToken *self);
