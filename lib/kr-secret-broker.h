/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "kr-secret-credential.h"
#include "kr-secret-error.h"
#include "kr-secret-token.h"

G_BEGIN_DECLS

/* Which of a broker's systems an account belongs to: 실전투자 or 모의투자. */
typedef enum
{
  KR_SECRET_ENVIRONMENT_REAL,
  KR_SECRET_ENVIRONMENT_PAPER
} KrSecretEnvironment;

/* What happens to a valid token when another is issued for the same key. */
typedef enum
{
  KR_SECRET_REISSUE_SAME_WHILE_VALID,
  KR_SECRET_REISSUE_SAME_WITHIN_WINDOW,
  KR_SECRET_REISSUE_NEW_EACH_TIME,
  KR_SECRET_REISSUE_NEW_KILLS_OLD /* build for this one where the broker is silent */
} KrSecretReissue;

/* What the answer to a normal call says about the token it carried. */
typedef enum
{
  KR_SECRET_VERDICT_FINE,
  KR_SECRET_VERDICT_TOKEN_DEAD,
  KR_SECRET_VERDICT_RATE_LIMITED,
  KR_SECRET_VERDICT_REFUSED,
  KR_SECRET_VERDICT_UNAVAILABLE
} KrSecretVerdict;

/* One value the user is asked for. A list of them ends with a NULL name. */
typedef struct
{
  const char *name;        /* the library's name: "appkey", "appsecret" */
  const char *broker_name; /* the broker's own, accepted as well and sent on the wire */
  const char *label;       /* for people, English */
  const char *label_ko;    /* for people, Korean */
  gboolean secret;         /* asked without echo, never shown */
  guint usual_length;      /* in characters; another length is worth a warning. 0: not known */
} KrSecretField;

/* Facts about the broker the library acts on. Times in seconds. */
typedef struct
{
  KrSecretReissue reissue;
  guint issue_interval;    /* at least this long between two issue requests; 0: no rule known */
  guint same_token_window; /* REISSUE_SAME_WITHIN_WINDOW: how long after an issue the same token
                              returns */
  int death_time;          /* tokens die daily at this minute after midnight KST; -1: they do not */
  gboolean issue_notifies; /* the broker sends the user a message for each issue */
  gboolean calls_carry_secret; /* a normal call carries the appsecret too */
  gboolean websocket;          /* a websocket key can be issued beside the access token */
} KrSecretTraits;

/**
 * KrSecretBrokerFailure:
 * @path: the file
 * @reason: what was found and what was expected, one line
 *
 * A plugin that was not loaded.
 *
 * Since: 0.1
 */
typedef struct
{
  char *path;
  char *reason;
} KrSecretBrokerFailure;

KR_SECRET_AVAILABLE_IN_0_1
void kr_secret_broker_failure_free (KrSecretBrokerFailure *self);

#define KR_SECRET_TYPE_BROKER (kr_secret_broker_get_type ())

typedef struct _KrSecretBroker KrSecretBroker;

KR_SECRET_AVAILABLE_IN_0_1
GType kr_secret_broker_get_type (void) G_GNUC_CONST;

KR_SECRET_AVAILABLE_IN_0_1
KrSecretBroker *kr_secret_broker_find (const char *id, GError **error);

KR_SECRET_AVAILABLE_IN_0_1
GPtrArray *kr_secret_broker_list (GPtrArray **out_failed);

KR_SECRET_AVAILABLE_IN_0_1
KrSecretBroker *kr_secret_broker_ref (KrSecretBroker *self);

KR_SECRET_AVAILABLE_IN_0_1
void kr_secret_broker_unref (KrSecretBroker *self);

KR_SECRET_AVAILABLE_IN_0_1
const char *kr_secret_broker_get_id (KrSecretBroker *self);

KR_SECRET_AVAILABLE_IN_0_1
const char *kr_secret_broker_get_name (KrSecretBroker *self);

KR_SECRET_AVAILABLE_IN_0_1
const char *kr_secret_broker_get_name_ko (KrSecretBroker *self);

KR_SECRET_AVAILABLE_IN_0_1
const char *kr_secret_broker_get_path (KrSecretBroker *self);

KR_SECRET_AVAILABLE_IN_0_1
const KrSecretField *kr_secret_broker_get_fields (KrSecretBroker *self);

KR_SECRET_AVAILABLE_IN_0_1
const KrSecretTraits *kr_secret_broker_get_traits (KrSecretBroker *self);

KR_SECRET_AVAILABLE_IN_0_1
const char *kr_secret_broker_get_uri (KrSecretBroker *self, KrSecretEnvironment environment);

KR_SECRET_AVAILABLE_IN_0_1
gboolean kr_secret_broker_can_revoke (KrSecretBroker *self);

KR_SECRET_AVAILABLE_IN_0_1
const KrSecretField *kr_secret_broker_find_field (KrSecretBroker *self, const char *name);

KR_SECRET_AVAILABLE_IN_0_1
KrSecretCredential *kr_secret_broker_make_credential (KrSecretBroker *self,
                                                      const char *const *names,
                                                      SecretValue *const *values,
                                                      char ***out_warnings,
                                                      GError **error);

KR_SECRET_AVAILABLE_IN_0_1
const char *kr_secret_environment_to_string (KrSecretEnvironment environment);

KR_SECRET_AVAILABLE_IN_0_1
gboolean kr_secret_environment_from_string (const char *text, KrSecretEnvironment *out_environment);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KrSecretBroker, kr_secret_broker_unref)

G_END_DECLS
