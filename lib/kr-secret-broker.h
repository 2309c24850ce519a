/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "kr-secret-credential.h"
#include "kr-secret-environment.h"
#include "kr-secret-error.h"
#include "kr-secret-token.h"

G_BEGIN_DECLS

/**
 * KrSecretReissue:
 * @KR_SECRET_REISSUE_SAME_WHILE_VALID: the same token comes back as long as it is valid
 * @KR_SECRET_REISSUE_SAME_WITHIN_WINDOW: the same token comes back for a while
 * @KR_SECRET_REISSUE_NEW_EACH_TIME: a new token comes, the old one lives on
 * @KR_SECRET_REISSUE_NEW_KILLS_OLD: a new token comes, the old one dies; to be assumed if a broker
 * does not say
 *
 * What happens to a valid token when another is issued for the same key.
 *
 * Since: 0.1
 */
typedef enum
{
  KR_SECRET_REISSUE_SAME_WHILE_VALID,
  KR_SECRET_REISSUE_SAME_WITHIN_WINDOW,
  KR_SECRET_REISSUE_NEW_EACH_TIME,
  KR_SECRET_REISSUE_NEW_KILLS_OLD
} KrSecretReissue;

/**
 * KrSecretVerdict:
 * @KR_SECRET_VERDICT_FINE: nothing about the token
 * @KR_SECRET_VERDICT_TOKEN_DEAD: the token is no longer good; a new one is needed
 * @KR_SECRET_VERDICT_RATE_LIMITED: too many calls; the token is good
 * @KR_SECRET_VERDICT_REFUSED: the key, secret or address is refused; a person must act
 * @KR_SECRET_VERDICT_UNAVAILABLE: the broker is out of order
 *
 * What the answer to a normal call says about the token it carried.
 *
 * Since: 0.1
 */
typedef enum
{
  KR_SECRET_VERDICT_FINE,
  KR_SECRET_VERDICT_TOKEN_DEAD,
  KR_SECRET_VERDICT_RATE_LIMITED,
  KR_SECRET_VERDICT_REFUSED,
  KR_SECRET_VERDICT_UNAVAILABLE
} KrSecretVerdict;

/**
 * KrSecretField:
 * @name: the library's name: `appkey`, `appsecret`
 * @broker_name: the broker's own name for it, accepted as well
 * @label: for people, in English
 * @label_ko: for people, in Korean
 * @secret: asked without echo, never shown
 * @usual_length: in characters; another length is worth a warning. 0: not known
 *
 * One value the user is asked for. A list ends with a %NULL name. Applications only read it and
 * never allocate one, as it may grow.
 *
 * Since: 0.1
 */
typedef struct
{
  const char *name;
  const char *broker_name;
  const char *label;
  const char *label_ko;
  gboolean secret;
  guint usual_length;
} KrSecretField;

/**
 * KrSecretTraits:
 * @reissue: what becomes of a valid token when another is issued
 * @issue_interval: the least seconds between two issue requests; 0: no rule is known
 * @same_token_window: with %KR_SECRET_REISSUE_SAME_WITHIN_WINDOW: for how many seconds after an
 * issue the same token comes back
 * @death_time: tokens die daily at this minute of the day in Korea, 1 to 1440; 0: they do not
 * @issue_notifies: the broker sends the user a message for each issue
 * @calls_carry_secret: a normal call carries the appsecret too
 * @websocket: a websocket key can be issued beside the access token
 *
 * Facts about a broker that the library acts on. Applications only read it and never allocate one,
 * as it may grow.
 *
 * Since: 0.1
 */
typedef struct
{
  KrSecretReissue reissue;
  guint issue_interval;
  guint same_token_window;
  guint death_time;
  gboolean issue_notifies;
  gboolean calls_carry_secret;
  gboolean websocket;
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

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KrSecretBroker, kr_secret_broker_unref)

G_END_DECLS
