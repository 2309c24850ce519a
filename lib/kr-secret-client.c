/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kr-secret-client.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "kr-secret-account-private.h"
#include "kr-secret-broker-private.h"
#include "kr-secret-client-private.h"
#include "kr-secret-clock-private.h"
#include "kr-secret-link-private.h"
#include "kr-secret-token-private.h"

/* What an application holds: the accounts, as a list model, and what is known of them.
 *
 * Two views of one set: the accounts that any thread may look up, which change the moment a verb
 * finds something new, and the list model with its signals and the accounts' notifications, which
 * change only in the context the client was made in. */

#define DEFAULT_TIMEOUT_MS (15 * 1000)

/* Shorter beginnings of an id name nothing. */
#define ID_PREFIX_MIN 8

/* A token as it was in the keyring while a generation of the link lasted. */
typedef struct
{
  KrSecretToken *token;
  guint generation;
  gint64 boottime_expires_ms;
} Memory;

struct _KrSecretClient
{
  GObject parent_instance;

  GMainContext *context;
  GThread *thread;  /* that the client was made in; only compared */
  guint timeout_ms; /* atomic */

  GMutex mutex;        /* guards the next four */
  GHashTable *memory;  /* id -> Memory */
  GPtrArray *accounts; /* sorted */
  GHashTable *changed; /* accounts to notify about */
  gboolean flushing;   /* a flush is on its way to the context */

  GPtrArray *listed; /* the list model; only in the context */
};

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

static void
memory_free (gpointer data)
{
  Memory *memory = data;

  kr_secret_token_unref (memory->token);
  g_free (memory);
}

static void
kr_secret_client_finalize (GObject *object)
{
  KrSecretClient *self = KR_SECRET_CLIENT (object);

  g_main_context_unref (self->context);
  g_ptr_array_unref (self->accounts);
  g_hash_table_unref (self->memory);
  g_hash_table_unref (self->changed);
  g_ptr_array_unref (self->listed);
  g_mutex_clear (&self->mutex);
  G_OBJECT_CLASS (kr_secret_client_parent_class)->finalize (object);
}

static void
kr_secret_client_class_init (KrSecretClientClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = kr_secret_client_finalize;
}

static void
kr_secret_client_init (KrSecretClient *self)
{
  self->context = g_main_context_ref_thread_default ();
  self->thread = g_thread_self ();
  self->timeout_ms = DEFAULT_TIMEOUT_MS;
  g_mutex_init (&self->mutex);
  self->memory = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, memory_free);
  self->accounts = g_ptr_array_new_with_free_func (g_object_unref);
  self->changed = g_hash_table_new_full (NULL, NULL, g_object_unref, NULL);
  self->listed = g_ptr_array_new_with_free_func (g_object_unref);
}

/**
 * kr_secret_client_new:
 *
 * Makes a client. It knows no account before [method@Client.load]. Signals come in the
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
 * Sets how long each verb may take from its call on. The default is 15 seconds. Any thread may call
 * it.
 *
 * Since: 0.1
 */
void
kr_secret_client_set_timeout (KrSecretClient *self, guint milliseconds)
{
  g_return_if_fail (KR_SECRET_IS_CLIENT (self));

  g_atomic_int_set (&self->timeout_ms, milliseconds);
}

/**
 * kr_secret_client_get_timeout:
 * @self: a client
 *
 * Gets how long each verb may take.
 *
 * Returns: milliseconds
 * Since: 0.1
 */
guint
kr_secret_client_get_timeout (KrSecretClient *self)
{
  g_return_val_if_fail (KR_SECRET_IS_CLIENT (self), 0);

  return g_atomic_int_get (&self->timeout_ms);
}

/* Brings the list model up to date: what is equal at both ends stays, what is between is replaced.
 */
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

static gpointer
copy_ref (gconstpointer object, gpointer data)
{
  return g_object_ref ((gpointer) object);
}

static void
flush (KrSecretClient *self)
{
  g_autoptr (GPtrArray) accounts = NULL;
  g_autoptr (GHashTable) changed = NULL;
  GHashTableIter iter;
  gpointer account;

  g_mutex_lock (&self->mutex);
  accounts = g_ptr_array_copy (self->accounts, copy_ref, NULL);
  g_ptr_array_set_free_func (accounts, g_object_unref);
  changed = g_steal_pointer (&self->changed);
  self->changed = g_hash_table_new_full (NULL, NULL, g_object_unref, NULL);
  g_mutex_unlock (&self->mutex);

  update_list (self, accounts);
  g_hash_table_iter_init (&iter, changed);
  while (g_hash_table_iter_next (&iter, &account, NULL))
    kr_secret_account_notify (account);
}

static gboolean
flush_later (gpointer data)
{
  KrSecretClient *self = KR_SECRET_CLIENT (data);

  g_mutex_lock (&self->mutex);
  self->flushing = FALSE;
  g_mutex_unlock (&self->mutex);
  flush (self);
  return G_SOURCE_REMOVE;
}

/* In the client's own thread at once; else by its context, and however much changes before that
 * runs, it is told once. */
static void
tell_context (KrSecretClient *self)
{
  g_autoptr (GSource) source = NULL;
  gboolean flushing;

  if (g_thread_self () == self->thread)
    {
      flush (self);
      return;
    }
  g_mutex_lock (&self->mutex);
  flushing = self->flushing;
  self->flushing = TRUE;
  g_mutex_unlock (&self->mutex);
  if (flushing)
    return;
  source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, flush_later, g_object_ref (self), g_object_unref);
  g_source_attach (source, self->context);
}

static KrSecretAccount *
find_by_id (GPtrArray *accounts, const char *id)
{
  for (guint i = 0; i < accounts->len; i++)
    if (g_str_equal (kr_secret_account_get_id (g_ptr_array_index (accounts, i)), id))
      return g_ptr_array_index (accounts, i);
  return NULL;
}

/* The accounts are these now. Objects that are known already live on. */
void
kr_secret_client_set_accounts (KrSecretClient *self, GPtrArray *found)
{
  g_autoptr (GHashTable) known = g_hash_table_new (g_str_hash, g_str_equal);
  GPtrArray *accounts = g_ptr_array_new_with_free_func (g_object_unref);

  g_mutex_lock (&self->mutex);
  for (guint i = 0; i < self->accounts->len; i++)
    {
      KrSecretAccount *account = g_ptr_array_index (self->accounts, i);

      g_hash_table_insert (known, (gpointer) kr_secret_account_get_id (account), account);
    }
  for (guint i = 0; i < found->len; i++)
    {
      KrSecretAccount *fresh = g_ptr_array_index (found, i);
      KrSecretAccount *account = g_hash_table_lookup (known, kr_secret_account_get_id (fresh));

      if (account != NULL && kr_secret_account_take_state (account, fresh))
        g_hash_table_add (self->changed, g_object_ref (account));
      g_ptr_array_add (accounts, g_object_ref (account != NULL ? account : fresh));
    }
  g_hash_table_remove_all (known);
  g_ptr_array_unref (self->accounts);
  self->accounts = accounts;
  g_mutex_unlock (&self->mutex);
  tell_context (self);
}

void
kr_secret_client_insert_account (KrSecretClient *self, KrSecretAccount *account)
{
  g_mutex_lock (&self->mutex);
  if (find_by_id (self->accounts, kr_secret_account_get_id (account)) == NULL)
    {
      g_ptr_array_add (self->accounts, g_object_ref (account));
      g_ptr_array_sort (self->accounts, kr_secret_account_compare);
    }
  g_mutex_unlock (&self->mutex);
  tell_context (self);
}

void
kr_secret_client_drop_account (KrSecretClient *self, KrSecretAccount *account)
{
  g_mutex_lock (&self->mutex);
  g_ptr_array_remove (self->accounts, account);
  g_mutex_unlock (&self->mutex);
  tell_context (self);
}

void
kr_secret_client_remember_token (KrSecretClient *self,
                                 const char *id,
                                 KrSecretToken *token,
                                 guint generation)
{
  Memory *memory = g_new0 (Memory, 1);

  memory->token = kr_secret_token_ref (token);
  memory->generation = generation;
  memory->boottime_expires_ms
      = kr_secret_clock_boottime_ms ()
        + (kr_secret_token_get_expires_at (token) - kr_secret_clock_now ()) * 1000;
  g_mutex_lock (&self->mutex);
  g_hash_table_replace (self->memory, g_strdup (id), memory);
  g_mutex_unlock (&self->mutex);
}

/* Whether a token is fresh by the wall clock and by the one that nobody can set. */
static gboolean
is_fresh (const Memory *memory, guint min_validity)
{
  gint64 left = (memory->boottime_expires_ms - kr_secret_clock_boottime_ms ()) / 1000;
  gint64 expires_at = kr_secret_token_get_expires_at (memory->token);

  return kr_secret_token_is_fresh (memory->token, min_validity,
                                   MAX (kr_secret_clock_now (), expires_at - left));
}

KrSecretToken *
kr_secret_client_recall_token (KrSecretClient *self, KrSecretAccount *account, guint min_validity)
{
  KrSecretToken *token = NULL;
  const Memory *memory;

  g_mutex_lock (&self->mutex);
  memory = g_hash_table_lookup (self->memory, kr_secret_account_get_id (account));
  if (memory != NULL && kr_secret_link_is_generation (memory->generation)
      && is_fresh (memory, min_validity))
    token = kr_secret_token_ref (memory->token);
  g_mutex_unlock (&self->mutex);
  return token;
}

/* The account's access token is this one now, or none. */
void
kr_secret_client_set_token (KrSecretClient *self, KrSecretAccount *account, KrSecretToken *token)
{
  if (token == NULL)
    {
      g_mutex_lock (&self->mutex);
      g_hash_table_remove (self->memory, kr_secret_account_get_id (account));
      g_mutex_unlock (&self->mutex);
    }
  if (!kr_secret_account_set_token (account, token))
    return;
  g_mutex_lock (&self->mutex);
  g_hash_table_add (self->changed, g_object_ref (account));
  g_mutex_unlock (&self->mutex);
  tell_context (self);
}

/**
 * kr_secret_client_dup_accounts:
 * @self: a client
 *
 * Gets the accounts as they were last found. Any thread may call it; in the thread of the client
 * the list model says the same.
 *
 * Returns: (transfer full) (element-type KrSecretAccount): the accounts, sorted by alias
 * Since: 0.1
 */
GPtrArray *
kr_secret_client_dup_accounts (KrSecretClient *self)
{
  GPtrArray *copy;

  g_return_val_if_fail (KR_SECRET_IS_CLIENT (self), NULL);

  g_mutex_lock (&self->mutex);
  copy = g_ptr_array_copy (self->accounts, copy_ref, NULL);
  g_mutex_unlock (&self->mutex);
  g_ptr_array_set_free_func (copy, g_object_unref);
  return copy;
}

/* Whether name, in NFC, names the account: by alias, by BROKER/ALIAS, or by the beginning of its
 * id. */
static gboolean
is_named (KrSecretAccount *account, const char *name)
{
  g_autofree char *alias = kr_secret_account_dup_alias (account);
  const char *broker_id = kr_secret_account_get_broker_id (account);
  const char *slash = strchr (name, '/');

  if (alias != NULL && g_str_equal (alias, name))
    return TRUE;
  if (alias != NULL && slash != NULL && strlen (broker_id) == (gsize) (slash - name)
      && strncmp (broker_id, name, (gsize) (slash - name)) == 0 && g_str_equal (slash + 1, alias))
    return TRUE;
  return strlen (name) >= ID_PREFIX_MIN
         && g_str_has_prefix (kr_secret_account_get_id (account), name);
}

static void
set_ambiguous (GError **error, const char *name, GPtrArray *candidates)
{
  g_autoptr (GString) list = g_string_new (NULL);

  for (guint i = 0; i < candidates->len; i++)
    {
      KrSecretAccount *account = g_ptr_array_index (candidates, i);
      g_autofree char *alias = kr_secret_account_dup_alias (account);

      g_string_append_printf (list, "%s%s (%s)", i > 0 ? ", " : "", alias != NULL ? alias : "?",
                              kr_secret_account_get_id (account));
    }
  kr_secret_error_set (error, KR_SECRET_ERROR_USAGE, 0, NULL, _ ("'%s' names several accounts: %s"),
                       name, list->str);
}

/**
 * kr_secret_client_find_account:
 * @self: a client
 * @name: an alias, `BROKER/ALIAS`, or at least 8 characters of an id
 * @error: (out) (optional): where to put an error
 *
 * Finds one of the accounts that were loaded. Errors: %KR_SECRET_ERROR_NOT_FOUND, or
 * %KR_SECRET_ERROR_USAGE if the name fits several. Any thread may call it.
 *
 * Returns: (transfer full): the account
 * Since: 0.1
 */
KrSecretAccount *
kr_secret_client_find_account (KrSecretClient *self, const char *name, GError **error)
{
  g_autoptr (GPtrArray) accounts = NULL;
  g_autoptr (GPtrArray) candidates = g_ptr_array_new ();
  g_autofree char *normal = NULL;

  g_return_val_if_fail (KR_SECRET_IS_CLIENT (self) && name != NULL, NULL);

  accounts = kr_secret_client_dup_accounts (self);
  normal = g_utf8_validate (name, -1, NULL) ? g_utf8_normalize (name, -1, G_NORMALIZE_NFC) : NULL;
  for (guint i = 0; normal != NULL && i < accounts->len; i++)
    if (is_named (g_ptr_array_index (accounts, i), normal))
      g_ptr_array_add (candidates, g_ptr_array_index (accounts, i));
  if (candidates->len == 1)
    return g_object_ref (g_ptr_array_index (candidates, 0));
  if (candidates->len == 0)
    kr_secret_error_set (error, KR_SECRET_ERROR_NOT_FOUND, 0, NULL, _ ("there is no account '%s'"),
                         name);
  else
    set_ambiguous (error, name, candidates);
  return NULL;
}

/**
 * kr_secret_client_classify_reply:
 * @self: a client
 * @account: the account the call was made for
 * @status: the HTTP status of the answer
 * @body: (nullable): the answer's body
 * @length: its length in bytes, or -1 if it ends with a NUL
 * @out_verdict: (out): what the answer says about the token
 * @error: (out) (optional): where to put an error
 *
 * Judges the answer to a normal call. Errors are those of [func@Broker.find]; any thread may call
 * it.
 *
 * Returns: whether it could be judged
 * Since: 0.1
 */
gboolean
kr_secret_client_classify_reply (KrSecretClient *self,
                                 KrSecretAccount *account,
                                 guint status,
                                 const char *body,
                                 gssize length,
                                 KrSecretVerdict *out_verdict,
                                 GError **error)
{
  g_autoptr (KrSecretBroker) broker = NULL;
  g_autoptr (KrSecretReply) reply = NULL;

  g_return_val_if_fail (
      KR_SECRET_IS_CLIENT (self) && KR_SECRET_IS_ACCOUNT (account) && out_verdict != NULL, FALSE);

  broker = kr_secret_client_find_broker (account, error);
  if (broker == NULL)
    return FALSE;
  if (body == NULL)
    length = 0;
  else if (length < 0)
    length = (gssize) strlen (body);
  reply = kr_secret_reply_new (status, 0, 0, body, (gsize) length);
  *out_verdict = kr_secret_broker_get_plugin (broker)->classify (reply);
  return TRUE;
}

/* The broker of an account. That it has no plugin is a fault of the installation, not of the name.
 */
KrSecretBroker *
kr_secret_client_find_broker (KrSecretAccount *account, GError **error)
{
  const char *broker_id = kr_secret_account_get_broker_id (account);

  if (broker_id != NULL)
    return kr_secret_broker_find_installed (broker_id, error);
  kr_secret_error_set (error, KR_SECRET_ERROR_DAMAGED, 0, NULL,
                       _ ("the account's record is damaged"));
  return NULL;
}
