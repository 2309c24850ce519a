/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "values/kr-secret-account-private.h"

#include <string.h>

#include "base/kr-secret-clock-private.h"
#include "base/kr-secret-error-private.h"
#include "common/kr-intl.h"
#include "values/kr-secret-token-private.h"

/* What is known of an account, without secrets. The id never changes; the rest follows the keyring.
 * Only the client, which owns the object, changes it; any thread may read it. */

typedef struct
{
  char *alias;
  const char *broker_id; /* interned */
  KrSecretEnvironment environment;
  char *endpoint;
  const char *problem; /* static */
  gint64 token_issued_at;
  gint64 token_expires_at;
  guint64 token_tag; /* tells tokens apart; 0: no token */
} State;

struct _KrSecretAccount
{
  GObject parent_instance;

  char *id;
  GMutex mutex;
  State state; /* guarded by the mutex */
};

G_DEFINE_FINAL_TYPE (KrSecretAccount, kr_secret_account, G_TYPE_OBJECT)

enum
{
  PROP_ID = 1,
  PROP_ALIAS,
  PROP_BROKER_ID,
  PROP_ENVIRONMENT,
  PROP_ENDPOINT,
  PROP_PROBLEM,
  PROP_TOKEN_STATE,
  PROP_TOKEN_EXPIRES_AT,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static void
kr_secret_account_get_property (GObject *object, guint property, GValue *value, GParamSpec *pspec)
{
  KrSecretAccount *self = KR_SECRET_ACCOUNT (object);

  switch (property)
    {
    case PROP_ID:
      g_value_set_string (value, self->id);
      break;
    case PROP_ALIAS:
      g_value_take_string (value, kr_secret_account_dup_alias (self));
      break;
    case PROP_BROKER_ID:
      g_value_set_string (value, kr_secret_account_get_broker_id (self));
      break;
    case PROP_ENVIRONMENT:
      g_value_set_string (
          value, kr_secret_environment_to_string (kr_secret_account_get_environment (self)));
      break;
    case PROP_ENDPOINT:
      g_value_take_string (value, kr_secret_account_dup_endpoint (self));
      break;
    case PROP_PROBLEM:
      g_value_set_string (value, kr_secret_account_get_problem (self));
      break;
    case PROP_TOKEN_STATE:
      g_value_set_int (value, (int) kr_secret_account_get_token_state (self));
      break;
    case PROP_TOKEN_EXPIRES_AT:
      g_value_set_int64 (value, kr_secret_account_get_token_expires_at (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property, pspec);
    }
}

/* Do not use alias and endpoint of a copy: the account may free them meanwhile. */
static State
get_state (KrSecretAccount *self)
{
  State state;

  g_mutex_lock (&self->mutex);
  state = self->state;
  g_mutex_unlock (&self->mutex);
  return state;
}

static void
kr_secret_account_finalize (GObject *object)
{
  KrSecretAccount *self = KR_SECRET_ACCOUNT (object);

  g_free (self->id);
  g_free (self->state.alias);
  g_free (self->state.endpoint);
  g_mutex_clear (&self->mutex);
  G_OBJECT_CLASS (kr_secret_account_parent_class)->finalize (object);
}

static void
kr_secret_account_class_init (KrSecretAccountClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = kr_secret_account_get_property;
  object_class->finalize = kr_secret_account_finalize;

  /**
   * KrSecretAccount:id:
   *
   * The permanent id of the account, a random UUID.
   *
   * Since: 0.1
   */
  properties[PROP_ID] = g_param_spec_string ("id", NULL, NULL, NULL, flags);
  /**
   * KrSecretAccount:alias:
   *
   * The user's name for the account; unique, and may change. %NULL if the stored record is damaged.
   *
   * Since: 0.1
   */
  properties[PROP_ALIAS] = g_param_spec_string ("alias", NULL, NULL, NULL, flags);
  /**
   * KrSecretAccount:broker-id:
   *
   * The broker's id. %NULL if the stored record is damaged.
   *
   * Since: 0.1
   */
  properties[PROP_BROKER_ID] = g_param_spec_string ("broker-id", NULL, NULL, NULL, flags);
  /**
   * KrSecretAccount:environment:
   *
   * `real` or `paper`.
   *
   * Since: 0.1
   */
  properties[PROP_ENVIRONMENT] = g_param_spec_string ("environment", NULL, NULL, NULL, flags);
  /**
   * KrSecretAccount:endpoint:
   *
   * The account's own test endpoint on this machine, or %NULL for the broker's host.
   *
   * Since: 0.1
   */
  properties[PROP_ENDPOINT] = g_param_spec_string ("endpoint", NULL, NULL, NULL, flags);
  /**
   * KrSecretAccount:problem:
   *
   * A stable word for what is wrong with the account, or %NULL; see [method@Account.get_problem].
   *
   * Since: 0.1
   */
  properties[PROP_PROBLEM] = g_param_spec_string ("problem", NULL, NULL, NULL, flags);
  /**
   * KrSecretAccount:token-state:
   *
   * What is known of the access token, as a [enum@TokenState]. Changes that only time brings are
   * notified while the client follows the keyring.
   *
   * Since: 0.1
   */
  properties[PROP_TOKEN_STATE]
      = g_param_spec_int ("token-state", NULL, NULL, 0, KR_SECRET_TOKEN_STATE_EXPIRED, 0, flags);
  /**
   * KrSecretAccount:token-expires-at:
   *
   * When the access token ends, in seconds since 1970, or 0.
   *
   * Since: 0.1
   */
  properties[PROP_TOKEN_EXPIRES_AT]
      = g_param_spec_int64 ("token-expires-at", NULL, NULL, 0, G_MAXINT64, 0, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
kr_secret_account_init (KrSecretAccount *self)
{
  g_mutex_init (&self->mutex);
}

KrSecretRecord *
kr_secret_account_record_new (const char *id,
                              const char *alias,
                              const char *broker_id,
                              KrSecretEnvironment environment,
                              const char *endpoint,
                              KrSecretCredential *credential)
{
  KrSecretRecord *record = kr_secret_record_new (KR_SECRET_RECORD_ACCOUNT);

  kr_secret_record_set (record, "id", id);
  kr_secret_record_set (record, "alias", alias);
  kr_secret_record_set (record, "broker", broker_id);
  kr_secret_record_set (record, "environment", kr_secret_environment_to_string (environment));
  kr_secret_record_set (record, "endpoint", endpoint);
  kr_secret_record_set_credential (record, credential);
  return record;
}

/* Prepares a record for storing: normalizes alias and endpoint, sets id and time of creation. */
gboolean
kr_secret_account_record_finish (KrSecretRecord *record, GError **error)
{
  const char *id = kr_secret_record_get (record, "id");
  const char *text = kr_secret_record_get (record, "endpoint");
  g_autofree char *new_id = id == NULL ? g_uuid_string_random () : NULL;
  g_autofree char *alias
      = kr_secret_alias_normalize (kr_secret_record_get (record, "alias"), error);
  g_autofree char *endpoint = NULL;

  if (alias == NULL)
    return FALSE;
  if (id != NULL && !g_uuid_string_is_valid (id))
    return KR_SECRET_FAIL (error, KR_SECRET_ERROR_USAGE, _ ("the id of '%s' is not a UUID"), alias);
  if (text != NULL && (endpoint = kr_secret_endpoint_normalize (text, error)) == NULL)
    return FALSE;
  if (new_id != NULL)
    kr_secret_record_set (record, "id", new_id);
  kr_secret_record_set (record, "alias", alias);
  kr_secret_record_set (record, "endpoint", endpoint);
  kr_secret_record_set_int (record, "created_at", kr_secret_clock_now ());
  return TRUE;
}

KrSecretAccount *
kr_secret_account_new_damaged (const char *id)
{
  KrSecretAccount *self = g_object_new (KR_SECRET_TYPE_ACCOUNT, NULL);

  self->id = g_strdup (id);
  self->state.problem = "damaged";
  return self;
}

/* An account from a stored record. If a part is missing, the account is damaged. */
KrSecretAccount *
kr_secret_account_new (const char *id, KrSecretRecord *record)
{
  KrSecretAccount *self = kr_secret_account_new_damaged (id);
  const char *alias = kr_secret_record_get (record, "alias");
  const char *broker_id = kr_secret_record_get (record, "broker");
  const char *environment = kr_secret_record_get (record, "environment");

  if (alias != NULL && broker_id != NULL && environment != NULL
      && kr_secret_environment_from_string (environment, &self->state.environment))
    {
      self->state.alias = g_strdup (alias);
      self->state.broker_id = g_intern_string (broker_id);
      self->state.endpoint = g_strdup (kr_secret_record_get (record, "endpoint"));
      self->state.problem = NULL;
    }
  return self;
}

/* Sets the access token's state (NULL: no token). Returns whether that changed anything. */
gboolean
kr_secret_account_set_token (KrSecretAccount *self, KrSecretToken *token)
{
  gint64 issued_at = token != NULL ? kr_secret_token_get_issued_at (token) : 0;
  gint64 expires_at = token != NULL ? kr_secret_token_get_expires_at (token) : 0;
  guint64 tag = token != NULL ? kr_secret_token_get_tag (token) : 0;
  gboolean changed;

  g_mutex_lock (&self->mutex);
  changed = self->state.token_tag != tag || self->state.token_expires_at != expires_at;
  self->state.token_issued_at = issued_at;
  self->state.token_expires_at = expires_at;
  self->state.token_tag = tag;
  g_mutex_unlock (&self->mutex);
  return changed;
}

/* Returns the token's tag, and its times of issue and end; all 0 if there is no token. */
guint64
kr_secret_account_get_token_times (KrSecretAccount *self,
                                   gint64 *out_issued_at,
                                   gint64 *out_expires_at)
{
  const State state = get_state (self);

  *out_issued_at = state.token_issued_at;
  *out_expires_at = state.token_expires_at;
  return state.token_tag;
}

/* problem must be a static string. */
void
kr_secret_account_set_problem (KrSecretAccount *self, const char *problem)
{
  g_mutex_lock (&self->mutex);
  self->state.problem = problem;
  g_mutex_unlock (&self->mutex);
}

static gboolean
is_revoke_pending (const char *problem)
{
  return g_strcmp0 (problem, "revoke-pending") == 0;
}

/* Takes over what other, which nobody else uses, knows of the account. Returns what changed. */
guint
kr_secret_account_take_state (KrSecretAccount *self, KrSecretAccount *other)
{
  State *new = &other->state;
  State old;
  guint news = 0;

  g_mutex_lock (&self->mutex);
  old = self->state;
  self->state = *new;
  if (g_strcmp0 (old.alias, new->alias) != 0 || g_strcmp0 (old.endpoint, new->endpoint) != 0)
    news |= KR_SECRET_NEWS_ACCOUNT;
  /* Every revoke is pending for a moment. */
  if (old.problem != new->problem)
    news |= is_revoke_pending (old.problem) || is_revoke_pending (new->problem)
                ? KR_SECRET_NEWS_STATE
                : KR_SECRET_NEWS_ACCOUNT;
  if (old.token_expires_at != new->token_expires_at || old.token_tag != new->token_tag)
    news |= KR_SECRET_NEWS_TOKEN;
  *new = old;
  g_mutex_unlock (&self->mutex);
  return news;
}

/* Sets the problem as an error, except a pending revoke, which may just be under way. */
void
kr_secret_account_set_error (KrSecretAccount *self, GError **error)
{
  const char *problem = kr_secret_account_get_problem (self);

  if (g_strcmp0 (problem, "plugin-missing") == 0)
    kr_secret_error_set (error, KR_SECRET_ERROR_PLUGIN, 0, NULL,
                         _ ("there is no plugin for the broker '%s'"),
                         kr_secret_account_get_broker_id (self));
  else if (g_strcmp0 (problem, "damaged") == 0)
    kr_secret_error_set (error, KR_SECRET_ERROR_DAMAGED, 0, NULL,
                         _ ("the account's record is damaged"));
  else if (g_strcmp0 (problem, "token-damaged") == 0)
    kr_secret_error_set (error, KR_SECRET_ERROR_DAMAGED, 0, NULL,
                         _ ("the token's record is damaged"));
}

/* Called in the client's context, after the state has changed. */
void
kr_secret_account_notify (KrSecretAccount *self)
{
  static const guint changing[] = {
    PROP_ALIAS, PROP_ENDPOINT, PROP_PROBLEM, PROP_TOKEN_STATE, PROP_TOKEN_EXPIRES_AT,
  };

  for (guint i = 0; i < G_N_ELEMENTS (changing); i++)
    g_object_notify_by_pspec (G_OBJECT (self), properties[changing[i]]);
}

/* Sorts arrays of accounts by alias, damaged ones last. */
int
kr_secret_account_compare (gconstpointer a, gconstpointer b)
{
  g_autofree char *alias_a = kr_secret_account_dup_alias (*(KrSecretAccount *const *) a);
  g_autofree char *alias_b = kr_secret_account_dup_alias (*(KrSecretAccount *const *) b);

  if (alias_a == NULL || alias_b == NULL)
    return (alias_a == NULL) - (alias_b == NULL);
  return strcmp (alias_a, alias_b);
}

/**
 * kr_secret_account_get_id:
 * @self: an account
 *
 * Gets the permanent id of the account, a random UUID.
 *
 * Returns: (transfer none): the id
 * Since: 0.1
 */
const char *
kr_secret_account_get_id (KrSecretAccount *self)
{
  g_return_val_if_fail (KR_SECRET_IS_ACCOUNT (self), NULL);

  return self->id;
}

/**
 * kr_secret_account_dup_alias:
 * @self: an account
 *
 * Gets the user's name for the account.
 *
 * Returns: (transfer full) (nullable): the alias; %NULL if the stored record is damaged
 * Since: 0.1
 */
char *
kr_secret_account_dup_alias (KrSecretAccount *self)
{
  char *alias;

  g_return_val_if_fail (KR_SECRET_IS_ACCOUNT (self), NULL);

  g_mutex_lock (&self->mutex);
  alias = g_strdup (self->state.alias);
  g_mutex_unlock (&self->mutex);
  return alias;
}

/**
 * kr_secret_account_get_broker_id:
 * @self: an account
 *
 * Gets the id of the account's broker. [func@Broker.find] tells whether there is a plugin for it.
 *
 * Returns: (transfer none) (nullable): the id; %NULL if the stored record is damaged
 * Since: 0.1
 */
const char *
kr_secret_account_get_broker_id (KrSecretAccount *self)
{
  g_return_val_if_fail (KR_SECRET_IS_ACCOUNT (self), NULL);

  return get_state (self).broker_id;
}

/**
 * kr_secret_account_get_environment:
 * @self: an account
 *
 * Gets which of the broker's systems the account belongs to.
 *
 * Returns: the environment
 * Since: 0.1
 */
KrSecretEnvironment
kr_secret_account_get_environment (KrSecretAccount *self)
{
  g_return_val_if_fail (KR_SECRET_IS_ACCOUNT (self), KR_SECRET_ENVIRONMENT_REAL);

  return get_state (self).environment;
}

/**
 * kr_secret_account_dup_endpoint:
 * @self: an account
 *
 * Gets the account's own test endpoint.
 *
 * Returns: (transfer full) (nullable): the endpoint, or %NULL for the broker's host
 * Since: 0.1
 */
char *
kr_secret_account_dup_endpoint (KrSecretAccount *self)
{
  char *endpoint;

  g_return_val_if_fail (KR_SECRET_IS_ACCOUNT (self), NULL);

  g_mutex_lock (&self->mutex);
  endpoint = g_strdup (self->state.endpoint);
  g_mutex_unlock (&self->mutex);
  return endpoint;
}

/**
 * kr_secret_account_get_token_state:
 * @self: an account
 *
 * Gets the current state of the access token. Asks neither the keyring nor the broker.
 *
 * Returns: the state
 * Since: 0.1
 */
KrSecretTokenState
kr_secret_account_get_token_state (KrSecretAccount *self)
{
  gint64 now = kr_secret_clock_now ();
  gint64 left, lifetime;
  State state;

  g_return_val_if_fail (KR_SECRET_IS_ACCOUNT (self), KR_SECRET_TOKEN_STATE_NONE);

  state = get_state (self);
  left = state.token_expires_at - now;
  lifetime = state.token_expires_at - state.token_issued_at;
  if (state.token_expires_at == 0)
    return KR_SECRET_TOKEN_STATE_NONE;
  if (left <= 0)
    return KR_SECRET_TOKEN_STATE_EXPIRED;
  return left < MIN (KR_SECRET_MIN_VALIDITY, lifetime / 2) ? KR_SECRET_TOKEN_STATE_EXPIRING
                                                           : KR_SECRET_TOKEN_STATE_VALID;
}

/**
 * kr_secret_account_get_token_expires_at:
 * @self: an account
 *
 * Gets when the access token ends.
 *
 * Returns: seconds since 1970, or 0 if no token is stored
 * Since: 0.1
 */
gint64
kr_secret_account_get_token_expires_at (KrSecretAccount *self)
{
  g_return_val_if_fail (KR_SECRET_IS_ACCOUNT (self), 0);

  return get_state (self).token_expires_at;
}

/**
 * kr_secret_account_get_problem:
 * @self: an account
 *
 * Gets a stable word for what is wrong with the account: `damaged` if its record cannot be read,
 * `token-damaged` if the token's record cannot, `plugin-missing` if its broker has no plugin,
 * `revoke-pending` if the broker may have been told to revoke the token but did not confirm it.
 *
 * Returns: (transfer none) (nullable): the word, or %NULL if all is well
 * Since: 0.1
 */
const char *
kr_secret_account_get_problem (KrSecretAccount *self)
{
  g_return_val_if_fail (KR_SECRET_IS_ACCOUNT (self), NULL);

  return get_state (self).problem;
}
