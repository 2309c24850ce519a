/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libsecret/secret.h>

#include "kr-secret-broker.h"
#include "kr-secret-error.h"
#include "kr-secret-macros.h"
#include "kr-secret-token.h"

G_BEGIN_DECLS

/* In bytes, and levels of nesting. Larger replies are not looked into. */
#define KR_SECRET_REPLY_MAX_BODY (64 * 1024)
#define KR_SECRET_REPLY_MAX_DEPTH 16

/* In seconds. A longer Retry-After is not believed. */
#define KR_SECRET_REPLY_MAX_RETRY_AFTER (24 * 60 * 60)

/* A broker's answer: status, the two headers that matter, and a body that is one JSON object or is
 * not understood. Immutable. */
typedef struct _KrSecretReply KrSecretReply;

/* A broker's code and what it means. In the answer to a revoke, a code whose verdict is TOKEN_DEAD
 * counts as done. Lists end with a NULL code. */
typedef struct
{
  const char *code;        /* the broker's own: "EGW00133" */
  KrSecretError error;     /* in the answer to an issue or a revoke */
  KrSecretVerdict verdict; /* in the answer to a normal call */
  const char *advice;      /* for people, marked with N_(): what it means and what to do */
} KrSecretCode;

KR_SECRET_AVAILABLE_IN_0_1
KrSecretReply *
kr_secret_reply_new (guint status, gint64 date, gint64 retry_after, const char *body, gsize length);

KR_SECRET_AVAILABLE_IN_0_1
void kr_secret_reply_free (KrSecretReply *self);

KR_SECRET_AVAILABLE_IN_0_1
guint kr_secret_reply_get_status (const KrSecretReply *self);

KR_SECRET_AVAILABLE_IN_0_1
gint64 kr_secret_reply_get_date (const KrSecretReply *self);

KR_SECRET_AVAILABLE_IN_0_1
gint64 kr_secret_reply_get_retry_after (const KrSecretReply *self);

KR_SECRET_AVAILABLE_IN_0_1
gboolean kr_secret_reply_is_json (const KrSecretReply *self);

KR_SECRET_AVAILABLE_IN_0_1
gboolean kr_secret_reply_has (const KrSecretReply *self, const char *member);

KR_SECRET_AVAILABLE_IN_0_1
char *kr_secret_reply_dup_string (const KrSecretReply *self, const char *member);

KR_SECRET_AVAILABLE_IN_0_1
char *kr_secret_reply_dup_first (const KrSecretReply *self,
                                 const char *member,
                                 ...) G_GNUC_NULL_TERMINATED;

KR_SECRET_AVAILABLE_IN_0_1
gboolean kr_secret_reply_get_int (const KrSecretReply *self, const char *member, gint64 *out_value);

KR_SECRET_AVAILABLE_IN_0_1
SecretValue *kr_secret_reply_dup_secret (const KrSecretReply *self, const char *member);

KR_SECRET_AVAILABLE_IN_0_1
gboolean kr_secret_reply_get_expires_in (const KrSecretReply *self,
                                         const char *member,
                                         gint64 now,
                                         gint64 *out_expires_at);

KR_SECRET_AVAILABLE_IN_0_1
gboolean kr_secret_reply_get_kst (const KrSecretReply *self, const char *member, gint64 *out_time);

KR_SECRET_AVAILABLE_IN_0_1
KrSecretToken *kr_secret_reply_dup_token (const KrSecretReply *self,
                                          const char *member,
                                          KrSecretTokenKind kind,
                                          gint64 issued_at,
                                          gint64 expires_at);

KR_SECRET_AVAILABLE_IN_0_1
KrSecretVerdict kr_secret_reply_judge (const KrSecretReply *self,
                                       const KrSecretCode *codes,
                                       const char *code,
                                       KrSecretVerdict unauthorized);

KR_SECRET_AVAILABLE_IN_0_1
void kr_secret_reply_set_error (const KrSecretReply *self,
                                const KrSecretCode *codes,
                                const char *code,
                                const char *text,
                                guint issue_interval,
                                GError **error);

KR_SECRET_AVAILABLE_IN_0_1
gboolean kr_secret_parse_kst (const char *text, gint64 *out_time);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KrSecretReply, kr_secret_reply_free)

G_END_DECLS
