/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/kr-secret-accounts-private.h"

#include <sys/eventfd.h>

struct _KrSecretAccounts
{
  GWeakRef client;
  void (*flush) (GObject *client);
  GMainContext *context;
  GThread *thread; /* the one the client was made in */

  GMutex mutex;        /* guards what follows */
  GPtrArray *accounts; /* sorted */
  guint revision;      /* counts changes other than by reading the accounts */
  gboolean loaded;     /* the accounts have been read */
  GHashTable *news;    /* account -> KrSecretAccountNews */
  GError *trouble;     /* not about one account */
  gboolean flushing;   /* a flush is on its way to the context */
  int waker;           /* event descriptor, or -1 */
};

static void
news_free (gpointer data)
{
  KrSecretAccountNews *news = data;

  g_clear_error (&news->trouble);
  g_free (news);
}

static GHashTable *
news_new (void)
{
  return g_hash_table_new_full (NULL, NULL, g_object_unref, news_free);
}

/* Called where signals may be emitted. */
KrSecretAccounts *
kr_secret_accounts_new (GObject *client, void (*flush) (GObject *client))
{
  KrSecretAccounts *self = g_atomic_rc_box_new0 (KrSecretAccounts);

  g_weak_ref_init (&self->client, client);
  self->flush = flush;
  self->context = g_main_context_ref_thread_default ();
  self->thread = g_thread_ref (g_thread_self ());
  g_mutex_init (&self->mutex);
  self->accounts = g_ptr_array_new_with_free_func (g_object_unref);
  self->news = news_new ();
  self->waker = -1;
  return self;
}

KrSecretAccounts *
kr_secret_accounts_ref (KrSecretAccounts *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
accounts_clear (gpointer data)
{
  KrSecretAccounts *self = data;

  g_weak_ref_clear (&self->client);
  g_main_context_unref (self->context);
  g_thread_unref (self->thread);
  g_ptr_array_unref (self->accounts);
  g_hash_table_unref (self->news);
  g_clear_error (&self->trouble);
  g_mutex_clear (&self->mutex);
}

void
kr_secret_accounts_unref (KrSecretAccounts *self)
{
  g_atomic_rc_box_release_full (self, accounts_clear);
}

static gpointer
copy_ref (gconstpointer object, gpointer data)
{
  return g_object_ref ((gpointer) object);
}

/* Called with the mutex held. */
static GPtrArray *
copy_accounts (KrSecretAccounts *self)
{
  GPtrArray *copy = g_ptr_array_copy (self->accounts, copy_ref, NULL);

  g_ptr_array_set_free_func (copy, g_object_unref);
  return copy;
}

GPtrArray *
kr_secret_accounts_dup (KrSecretAccounts *self)
{
  GPtrArray *copy;

  g_mutex_lock (&self->mutex);
  copy = copy_accounts (self);
  g_mutex_unlock (&self->mutex);
  return copy;
}

/* Takes all news that is still to be told. */
void
kr_secret_accounts_take_news (KrSecretAccounts *self,
                              GPtrArray **out_accounts,
                              GHashTable **out_news,
                              GError **out_trouble)
{
  g_mutex_lock (&self->mutex);
  *out_accounts = copy_accounts (self);
  *out_news = self->news;
  *out_trouble = g_steal_pointer (&self->trouble);
  self->news = news_new ();
  g_mutex_unlock (&self->mutex);
}

static void
flush_now (KrSecretAccounts *self)
{
  g_autoptr (GObject) client = g_weak_ref_get (&self->client);

  if (client != NULL)
    self->flush (client);
}

static gboolean
flush_later (gpointer data)
{
  KrSecretAccounts *self = data;

  g_mutex_lock (&self->mutex);
  self->flushing = FALSE;
  g_mutex_unlock (&self->mutex);
  flush_now (self);
  return G_SOURCE_REMOVE;
}

/* At once in the client's own thread, unless another thread runs its context; otherwise from its
 * context, once for all that changes until then. */
static void
tell_context (KrSecretAccounts *self)
{
  g_autoptr (GSource) source = NULL;
  gboolean flushing;

  if (g_thread_self () == self->thread && g_main_context_acquire (self->context))
    {
      flush_now (self);
      g_main_context_release (self->context);
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
  g_source_set_callback (source, flush_later, kr_secret_accounts_ref (self),
                         (GDestroyNotify) kr_secret_accounts_unref);
  g_source_attach (source, self->context);
}

/* Called with the mutex held. */
static KrSecretAccountNews *
get_news (KrSecretAccounts *self, KrSecretAccount *account)
{
  KrSecretAccountNews *news = g_hash_table_lookup (self->news, account);

  if (news == NULL)
    {
      news = g_new0 (KrSecretAccountNews, 1);
      g_hash_table_insert (self->news, g_object_ref (account), news);
    }
  return news;
}

/* Called with the mutex held. */
static void
note (KrSecretAccounts *self, KrSecretAccount *account, guint what, const GError *trouble)
{
  KrSecretAccountNews *news;

  if (what == 0 && trouble == NULL)
    return;
  news = get_news (self, account);
  news->what |= what;
  if (trouble == NULL)
    return;
  g_clear_error (&news->trouble);
  news->trouble = g_error_copy (trouble);
}

/* Notes news of an account, or of the keyring if that is NULL; trouble may be NULL. */
void
kr_secret_accounts_note (KrSecretAccounts *self,
                         KrSecretAccount *account,
                         guint what,
                         const GError *trouble)
{
  g_mutex_lock (&self->mutex);
  if (account != NULL)
    note (self, account, what, trouble);
  else
    {
      g_clear_error (&self->trouble);
      self->trouble = g_error_copy (trouble);
    }
  g_mutex_unlock (&self->mutex);
  tell_context (self);
}

/* Notes that a rate limit is being waited out for an account's token. */
void
kr_secret_accounts_note_delay (KrSecretAccounts *self, KrSecretAccount *account, gint64 seconds)
{
  g_mutex_lock (&self->mutex);
  get_news (self, account)->delay = seconds;
  g_mutex_unlock (&self->mutex);
  tell_context (self);
}

/* Notes a problem just found in an account. Called with the mutex held. */
static void
note_problem (KrSecretAccounts *self, KrSecretAccount *account)
{
  g_autoptr (GError) trouble = NULL;

  kr_secret_account_set_error (account, &trouble);
  note (self, account, 0, trouble);
}

static KrSecretAccount *
find_by_id (GPtrArray *accounts, const char *id)
{
  for (guint i = 0; i < accounts->len; i++)
    if (g_str_equal (kr_secret_account_get_id (g_ptr_array_index (accounts, i)), id))
      return g_ptr_array_index (accounts, i);
  return NULL;
}

/* Drops news of accounts that are gone. Called with the mutex held. */
static void
drop_news (KrSecretAccounts *self)
{
  g_autoptr (GHashTable) known = g_hash_table_new (NULL, NULL);
  GHashTableIter iter;
  gpointer account;

  for (guint i = 0; i < self->accounts->len; i++)
    g_hash_table_add (known, g_ptr_array_index (self->accounts, i));
  g_hash_table_iter_init (&iter, self->news);
  while (g_hash_table_iter_next (&iter, &account, NULL))
    if (!g_hash_table_contains (known, account))
      g_hash_table_iter_remove (&iter);
}

guint
kr_secret_accounts_get_revision (KrSecretAccounts *self)
{
  guint revision;

  g_mutex_lock (&self->mutex);
  revision = self->revision;
  g_mutex_unlock (&self->mutex);
  return revision;
}

/* The object for an account that was found: itself, or the one already known, which takes over what
 * was found. Called with the mutex held. */
static KrSecretAccount *
take_account (KrSecretAccounts *self, KrSecretAccount *known, KrSecretAccount *found)
{
  guint what = known != NULL ? kr_secret_account_take_state (known, found) : 0;
  KrSecretAccount *account = known != NULL ? known : found;

  /* On the first read nothing is news. */
  if (known == NULL && self->loaded
      && kr_secret_account_get_token_state (account) != KR_SECRET_TOKEN_STATE_NONE)
    what |= KR_SECRET_NEWS_TOKEN;
  note (self, account, what, NULL);
  if (known == NULL || (what & KR_SECRET_NEWS_ACCOUNT) != 0)
    note_problem (self, account);
  return account;
}

/* Sets the accounts to those found since a revision. FALSE if that has changed: what was found may
 * be older than what is known. */
gboolean
kr_secret_accounts_set (KrSecretAccounts *self, GPtrArray *found, guint revision)
{
  g_autoptr (GHashTable) known = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) old = NULL;
  GPtrArray *accounts = g_ptr_array_new_with_free_func (g_object_unref);
  gboolean current;

  g_mutex_lock (&self->mutex);
  current = self->revision == revision;
  for (guint i = 0; current && i < self->accounts->len; i++)
    {
      KrSecretAccount *account = g_ptr_array_index (self->accounts, i);

      g_hash_table_insert (known, (gpointer) kr_secret_account_get_id (account), account);
    }
  for (guint i = 0; current && i < found->len; i++)
    {
      KrSecretAccount *account = g_ptr_array_index (found, i);

      account = take_account (self, g_hash_table_lookup (known, kr_secret_account_get_id (account)),
                              account);
      g_ptr_array_add (accounts, g_object_ref (account));
    }
  old = current ? g_steal_pointer (&self->accounts) : accounts;
  if (current)
    {
      self->accounts = accounts;
      self->loaded = TRUE;
      drop_news (self);
    }
  g_mutex_unlock (&self->mutex);
  if (current)
    tell_context (self);
  return current;
}

/* Returns the account's object: this one, or one already known as the keyring's news was faster. */
KrSecretAccount *
kr_secret_accounts_insert (KrSecretAccounts *self, KrSecretAccount *account)
{
  KrSecretAccount *known;

  g_mutex_lock (&self->mutex);
  known = find_by_id (self->accounts, kr_secret_account_get_id (account));
  account = g_object_ref (take_account (self, known, account));
  if (known == NULL)
    {
      g_ptr_array_add (self->accounts, g_object_ref (account));
      g_ptr_array_sort (self->accounts, kr_secret_account_compare);
    }
  self->revision++;
  g_mutex_unlock (&self->mutex);
  tell_context (self);
  return account;
}

void
kr_secret_accounts_drop (KrSecretAccounts *self, KrSecretAccount *account)
{
  g_mutex_lock (&self->mutex);
  g_ptr_array_remove (self->accounts, account);
  self->revision++;
  drop_news (self);
  g_mutex_unlock (&self->mutex);
  tell_context (self);
}
/* Sets the account's access token, or none. */
void
kr_secret_accounts_set_token (KrSecretAccounts *self,
                              KrSecretAccount *account,
                              KrSecretToken *token)
{
  gboolean changed;

  g_mutex_lock (&self->mutex);
  changed = kr_secret_account_set_token (account, token);
  self->revision += changed;
  if (changed && self->waker >= 0)
    eventfd_write (self->waker, 1);
  g_mutex_unlock (&self->mutex);
  if (changed)
    kr_secret_accounts_note (self, account, KR_SECRET_NEWS_TOKEN, NULL);
}

/* Sets an event descriptor to count up when a verb changes a token: the keyring may not tell. */
void
kr_secret_accounts_set_waker (KrSecretAccounts *self, int event_fd)
{
  g_mutex_lock (&self->mutex);
  self->waker = event_fd;
  g_mutex_unlock (&self->mutex);
}
