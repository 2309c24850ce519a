/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/kr-secret-client-private.h"

#include <string.h>

#include "client/kr-secret-follower-private.h"
#include "plugin/kr-secret-broker-private.h"
#include "values/kr-secret-account-private.h"

/* What an application holds: two views of one set of accounts. The engine's changes the moment
 * something is found, and any thread may look there. The list model, the signals and the accounts'
 * notifications follow in the context that the client was made in. */

static void kr_secret_client_list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (KrSecretClient,
                               kr_secret_client,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL,
                                                      kr_secret_client_list_model_init))

static GType
kr_secret_client_get_item_type (GListModel *model)
{
  return KR_SECRET_TYPE_ACCOUNT;
}

static guint
kr_secret_client_get_n_items (GListModel *model)
{
  return KR_SECRET_CLIENT (model)->listed->len;
}

static gpointer
kr_secret_client_get_item (GListModel *model, guint position)
{
  GPtrArray *listed = KR_SECRET_CLIENT (model)->listed;

  return position < listed->len ? g_object_ref (g_ptr_array_index (listed, position)) : NULL;
}

static void
kr_secret_client_list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = kr_secret_client_get_item_type;
  iface->get_n_items = kr_secret_client_get_n_items;
  iface->get_item = kr_secret_client_get_item;
}

enum
{
  ACCOUNT_ADDED,
  ACCOUNT_CHANGED,
  ACCOUNT_REMOVED,
  TOKEN_CHANGED,
  TOKEN_EXPIRING,
  TOKEN_DELAYED,
  ATTENTION,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void
kr_secret_client_finalize (GObject *object)
{
  KrSecretClient *self = KR_SECRET_CLIENT (object);

  if (self->follower != NULL)
    kr_secret_follower_stop (self->follower);
  kr_secret_engine_unref (self->engine);
  g_ptr_array_unref (self->listed);
  g_mutex_clear (&self->mutex);
  G_OBJECT_CLASS (kr_secret_client_parent_class)->finalize (object);
}

/* Updates the list model: keeps what is equal at both ends, replaces the rest. */
static void
update_list (KrSecretClient *self, GPtrArray *accounts)
{
  g_autoptr (GPtrArray) old = self->listed;
  guint start = 0, end = 0;

  self->listed = g_ptr_array_ref (accounts);
  while (start < MIN (old->len, accounts->len)
         && g_ptr_array_index (old, start) == g_ptr_array_index (accounts, start))
    start++;
  while (end < MIN (old->len, accounts->len) - start
         && g_ptr_array_index (old, old->len - 1 - end)
                == g_ptr_array_index (accounts, accounts->len - 1 - end))
    end++;
  if (old->len - start - end > 0 || accounts->len - start - end > 0)
    g_list_model_items_changed (G_LIST_MODEL (self), start, old->len - start - end,
                                accounts->len - start - end);
}

/* Emits a signal for each account that is not among the others. */
static void
emit_difference (KrSecretClient *self, guint signal, GPtrArray *accounts, GPtrArray *others)
{
  g_autoptr (GHashTable) known = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < others->len; i++)
    g_hash_table_add (known, g_ptr_array_index (others, i));
  for (guint i = 0; i < accounts->len; i++)
    if (!g_hash_table_contains (known, g_ptr_array_index (accounts, i)))
      g_signal_emit (self, signals[signal], 0, g_ptr_array_index (accounts, i));
}

static void
emit_news (KrSecretClient *self, KrSecretAccount *account, const KrSecretAccountNews *news)
{
  kr_secret_account_notify (account);
  if ((news->what & KR_SECRET_NEWS_ACCOUNT) != 0)
    g_signal_emit (self, signals[ACCOUNT_CHANGED], 0, account);
  if ((news->what & KR_SECRET_NEWS_TOKEN) != 0)
    g_signal_emit (self, signals[TOKEN_CHANGED], 0, account);
  if ((news->what & KR_SECRET_NEWS_EXPIRING) != 0)
    g_signal_emit (self, signals[TOKEN_EXPIRING], 0, account);
  if (news->delay != 0)
    g_signal_emit (self, signals[TOKEN_DELAYED], 0, account, (guint) news->delay);
  if (news->trouble != NULL)
    g_signal_emit (self, signals[ATTENTION], 0, account, news->trouble);
}

static void
tell (KrSecretClient *self)
{
  g_autoptr (GPtrArray) old = g_ptr_array_ref (self->listed);
  g_autoptr (GPtrArray) accounts = NULL;
  g_autoptr (GHashTable) all_news = NULL;
  g_autoptr (GError) trouble = NULL;
  GHashTableIter iter;
  gpointer account, news;

  kr_secret_accounts_take_news (self->engine->accounts, &accounts, &all_news, &trouble);
  update_list (self, accounts);
  emit_difference (self, ACCOUNT_REMOVED, old, accounts);
  emit_difference (self, ACCOUNT_ADDED, accounts, old);
  g_hash_table_iter_init (&iter, all_news);
  while (g_hash_table_iter_next (&iter, &account, &news))
    emit_news (self, account, news);
  if (trouble != NULL)
    g_signal_emit (self, signals[ATTENTION], 0, NULL, trouble);
}

/* Tells the news, in the client's context and with a reference. News from handlers comes after. */
static void
flush (GObject *object)
{
  KrSecretClient *self = KR_SECRET_CLIENT (object);

  self->again = TRUE;
  if (self->telling)
    return;
  self->telling = TRUE;
  while (self->again)
    {
      self->again = FALSE;
      tell (self);
    }
  self->telling = FALSE;
}

static guint
add_account_signal (const char *name)
{
  return g_signal_new (name, KR_SECRET_TYPE_CLIENT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                       G_TYPE_NONE, 1, KR_SECRET_TYPE_ACCOUNT);
}

static void
kr_secret_client_class_init (KrSecretClientClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = kr_secret_client_finalize;

  /**
   * KrSecretClient::account-added:
   * @self: the client
   * @account: the account
   *
   * An account was added. Like all signals of a client, it is emitted in the main context that the
   * client was made in, after the list model has changed. Changes by other programs are signalled
   * only while the client follows the keyring; see [method@Client.follow].
   *
   * Since: 0.1
   */
  signals[ACCOUNT_ADDED] = add_account_signal ("account-added");
  /**
   * KrSecretClient::account-changed:
   * @self: the client
   * @account: the account
   *
   * An account's alias, endpoint or problem has changed.
   *
   * Since: 0.1
   */
  signals[ACCOUNT_CHANGED] = add_account_signal ("account-changed");
  /**
   * KrSecretClient::account-removed:
   * @self: the client
   * @account: the account
   *
   * An account was removed.
   *
   * Since: 0.1
   */
  signals[ACCOUNT_REMOVED] = add_account_signal ("account-removed");
  /**
   * KrSecretClient::token-changed:
   * @self: the client
   * @account: the account
   *
   * The account has another access token, or none any more; see [method@Account.get_token_state]. A
   * program that keeps a token of its own should get the new one.
   *
   * Since: 0.1
   */
  signals[TOKEN_CHANGED] = add_account_signal ("token-changed");
  /**
   * KrSecretClient::token-expiring:
   * @self: the client
   * @account: the account
   *
   * The account's access token will end soon and has not been renewed. Emitted only while the
   * client follows the keyring.
   *
   * Since: 0.1
   */
  signals[TOKEN_EXPIRING] = add_account_signal ("token-expiring");
  /**
   * KrSecretClient::token-delayed:
   * @self: the client
   * @account: the account
   * @seconds: how long at most
   *
   * [method@Client.get_token] waits for the broker's rate limit to pass, because of
   * %KR_SECRET_TOKEN_WAIT. Another program that brings a token ends the wait.
   *
   * Since: 0.2
   */
  signals[TOKEN_DELAYED]
      = g_signal_new ("token-delayed", KR_SECRET_TYPE_CLIENT, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                      NULL, G_TYPE_NONE, 2, KR_SECRET_TYPE_ACCOUNT, G_TYPE_UINT);
  /**
   * KrSecretClient::attention:
   * @self: the client
   * @account: (nullable): the account, or %NULL if it is about the keyring as a whole
   * @error: what it is, in the domain %KR_SECRET_ERROR
   *
   * Something a person should know: a held token cannot be renewed, the keyring is locked or gone,
   * or an account is damaged. Emitted once for each trouble, not for each attempt.
   *
   * Since: 0.1
   */
  signals[ATTENTION]
      = g_signal_new ("attention", KR_SECRET_TYPE_CLIENT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                      G_TYPE_NONE, 2, KR_SECRET_TYPE_ACCOUNT, G_TYPE_ERROR);
}

static void
kr_secret_client_init (KrSecretClient *self)
{
  self->engine = kr_secret_engine_new (G_OBJECT (self), flush);
  g_mutex_init (&self->mutex);
  self->listed = g_ptr_array_new_with_free_func (g_object_unref);
}

/**
 * kr_secret_client_new:
 *
 * Makes a client. It knows no accounts until [method@Client.load]. Signals come in the
 * thread-default main context of the calling thread.
 *
 * Returns: (transfer full): a new client
 * Since: 0.1
 */
KrSecretClient *
kr_secret_client_new (void)
{
  return g_object_new (KR_SECRET_TYPE_CLIENT, NULL);
}

/**
 * kr_secret_client_set_timeout:
 * @self: a client
 * @milliseconds: the time a verb may take
 *
 * Sets how long a verb may take, from its call. The default is 15 seconds. Any thread may call it.
 *
 * Since: 0.1
 */
void
kr_secret_client_set_timeout (KrSecretClient *self, guint milliseconds)
{
  g_return_if_fail (KR_SECRET_IS_CLIENT (self));

  g_atomic_int_set (&self->engine->timeout_ms, milliseconds);
}

/**
 * kr_secret_client_get_timeout:
 * @self: a client
 *
 * Gets how long a verb may take.
 *
 * Returns: milliseconds
 * Since: 0.1
 */
guint
kr_secret_client_get_timeout (KrSecretClient *self)
{
  g_return_val_if_fail (KR_SECRET_IS_CLIENT (self), 0);

  return (guint) g_atomic_int_get (&self->engine->timeout_ms);
}

/**
 * kr_secret_client_set_token_wait:
 * @self: a client
 * @seconds: how long a rate limit may be waited out; 0: not at all
 *
 * Sets how long [method@Client.get_token] and [method@Client.get_headers] wait for a broker's rate
 * limit to pass if their flags have %KR_SECRET_TOKEN_WAIT. The wait is not part of the timeout; see
 * [method@Client.set_timeout]. A longer limit is an error at once. Until this is called, they wait
 * as long as the timeout allows. Any thread may call it.
 *
 * Since: 0.2
 */
void
kr_secret_client_set_token_wait (KrSecretClient *self, guint seconds)
{
  g_return_if_fail (KR_SECRET_IS_CLIENT (self));

  g_atomic_int_set (&self->engine->token_wait, (int) MIN (seconds, G_MAXINT));
}

static KrSecretFollower *
get_follower (KrSecretClient *self)
{
  KrSecretFollower *follower;

  g_mutex_lock (&self->mutex);
  if (self->follower == NULL)
    self->follower = kr_secret_follower_start (self->engine);
  follower = self->follower;
  g_mutex_unlock (&self->mutex);
  return follower;
}

/**
 * kr_secret_client_follow:
 * @self: a client
 *
 * Follows the keyring from now on: what this or another program adds, changes, issues or forgets
 * shows within a moment in the list model, the accounts' properties and the client's signals. Any
 * thread may call it. It uses a thread of the library's own; the host needs a main loop only for
 * the signals. Trouble with the keyring, which may be locked now, comes as
 * [signal@Client::attention].
 *
 * [method@Client.get_token] never returns an outdated token, whether the client follows or not.
 *
 * Since: 0.1
 */
void
kr_secret_client_follow (KrSecretClient *self)
{
  g_return_if_fail (KR_SECRET_IS_CLIENT (self));

  get_follower (self);
}

/**
 * kr_secret_client_hold:
 * @self: a client
 * @account: one of the client's accounts
 *
 * Keeps the account's access token fresh from now on: issues one if there is none, and renews it in
 * good time, but not before the broker has a better one to give. However many programs hold an
 * account, one of them renews it. The client follows the keyring; see [method@Client.follow].
 * [signal@Client::token-changed] and [signal@Client::attention] tell what comes of it.
 *
 * This goes on after a revoke: to get no new token, release the account first.
 *
 * The broker's plugin is loaded here, in the calling thread, if it was not before.
 *
 * Network trouble is tried again after longer and longer pauses; a machine that was asleep catches
 * up when it wakes. Each call holds until its own [method@Client.release] or the client's end.
 *
 * Since: 0.1
 */
void
kr_secret_client_hold (KrSecretClient *self, KrSecretAccount *account)
{
  g_return_if_fail (KR_SECRET_IS_CLIENT (self) && KR_SECRET_IS_ACCOUNT (account));

  kr_secret_broker_preload (kr_secret_account_get_broker_id (account));
  kr_secret_follower_hold (get_follower (self), kr_secret_account_get_id (account));
}

/**
 * kr_secret_client_release:
 * @self: a client
 * @account: an account that is held
 *
 * Takes back one [method@Client.hold]. The token stays.
 *
 * Since: 0.1
 */
void
kr_secret_client_release (KrSecretClient *self, KrSecretAccount *account)
{
  g_return_if_fail (KR_SECRET_IS_CLIENT (self) && KR_SECRET_IS_ACCOUNT (account));

  g_mutex_lock (&self->mutex);
  if (self->follower != NULL)
    kr_secret_follower_release (self->follower, kr_secret_account_get_id (account));
  g_mutex_unlock (&self->mutex);
}
