/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/kr-secret-engine-private.h"

#include "base/kr-secret-deadline-private.h"
#include "client/kr-secret-reload-private.h"
#include "keyring/kr-secret-connection-private.h"
#include "plugin/kr-secret-broker-private.h"
#include "values/kr-secret-token-private.h"

#define DEFAULT_TIMEOUT_MS (15 * 1000)

struct _KrSecretEngine
{
  KrSecretAccounts *accounts;
  KrSecretTokenMemory *memory;
  guint timeout_ms; /* atomic */
  int token_wait;   /* seconds; atomic; -1: as far as the timeout reaches */
};

KrSecretEngine *
kr_secret_engine_new (GObject *client, void (*flush) (GObject *client))
{
  KrSecretEngine *self = g_atomic_rc_box_new0 (KrSecretEngine);

  self->accounts = kr_secret_accounts_new (client, flush);
  self->memory = kr_secret_token_memory_new ();
  self->timeout_ms = DEFAULT_TIMEOUT_MS;
  self->token_wait = -1;
  return self;
}

KrSecretEngine *
kr_secret_engine_ref (KrSecretEngine *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
engine_clear (gpointer data)
{
  KrSecretEngine *self = data;

  kr_secret_accounts_unref (self->accounts);
  kr_secret_token_memory_free (self->memory);
}

void
kr_secret_engine_unref (KrSecretEngine *self)
{
  g_atomic_rc_box_release_full (self, engine_clear);
}

KrSecretAccounts *
kr_secret_engine_get_accounts (KrSecretEngine *self)
{
  return self->accounts;
}

void
kr_secret_engine_set_timeout (KrSecretEngine *self, guint milliseconds)
{
  g_atomic_int_set (&self->timeout_ms, milliseconds);
}

guint
kr_secret_engine_get_timeout (KrSecretEngine *self)
{
  return (guint) g_atomic_int_get (&self->timeout_ms);
}

void
kr_secret_engine_set_token_wait (KrSecretEngine *self, guint seconds)
{
  g_atomic_int_set (&self->token_wait, (int) MIN (seconds, G_MAXINT));
}

/* When what begins now has to end. */
gint64
kr_secret_engine_get_deadline (KrSecretEngine *self)
{
  return kr_secret_deadline_in (kr_secret_engine_get_timeout (self));
}

gboolean
kr_secret_engine_load (KrSecretEngine *self,
                       guint *out_generation,
                       gint64 deadline,
                       GCancellable *cancellable,
                       GError **error)
{
  guint ignored;

  return kr_secret_reload (self->accounts, self->memory,
                           out_generation != NULL ? out_generation : &ignored, deadline,
                           cancellable, error);
}

KrSecretAccount *
kr_secret_engine_add (KrSecretEngine *self,
                      KrSecretBroker *broker,
                      const char *alias,
                      KrSecretEnvironment environment,
                      const char *endpoint,
                      KrSecretCredential *credential,
                      KrSecretAddFlags flags,
                      gint64 deadline,
                      GCancellable *cancellable,
                      GError **error)
{
  g_autoptr (KrSecretAccount) account = kr_secret_verb_add (
      broker, alias, environment, endpoint, credential, flags, deadline, cancellable, error);

  return account != NULL ? kr_secret_accounts_insert (self->accounts, account) : NULL;
}

GPtrArray *
kr_secret_engine_add_all (KrSecretEngine *self,
                          GPtrArray *records,
                          gint64 deadline,
                          GCancellable *cancellable,
                          GError **error)
{
  g_autoptr (GPtrArray) accounts = kr_secret_verb_add_all (records, deadline, cancellable, error);
  GPtrArray *known;

  if (accounts == NULL)
    return NULL;
  known = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < accounts->len; i++)
    g_ptr_array_add (known,
                     kr_secret_accounts_insert (self->accounts, g_ptr_array_index (accounts, i)));
  return known;
}

gboolean
kr_secret_engine_edit (KrSecretEngine *self,
                       KrSecretAccount *account,
                       KrSecretCredential *credential,
                       const char *endpoint,
                       gint64 deadline,
                       GCancellable *cancellable,
                       GError **error)
{
  const char *id = kr_secret_account_get_id (account);

  if (!kr_secret_verb_edit (id, credential, endpoint, deadline, cancellable, error))
    return FALSE;
  kr_secret_token_memory_drop (self->memory, id, NULL);
  /* If it cannot be read now, the change was made all the same. */
  kr_secret_engine_load (self, NULL, deadline, cancellable, NULL);
  return TRUE;
}

gboolean
kr_secret_engine_rename (KrSecretEngine *self,
                         KrSecretAccount *account,
                         const char *alias,
                         gint64 deadline,
                         GCancellable *cancellable,
                         GError **error)
{
  if (!kr_secret_verb_rename (kr_secret_account_get_id (account), alias, deadline, cancellable,
                              error))
    return FALSE;
  kr_secret_engine_load (self, NULL, deadline, cancellable, NULL);
  return TRUE;
}

gboolean
kr_secret_engine_remove (KrSecretEngine *self,
                         KrSecretAccount *account,
                         KrSecretRemoveFlags flags,
                         gint64 deadline,
                         GCancellable *cancellable,
                         GError **error)
{
  const char *id = kr_secret_account_get_id (account);
  g_autoptr (KrSecretToken) kept
      = kr_secret_token_memory_recall_unstored (self->memory, id, KR_SECRET_TOKEN_ACCESS);

  if (!kr_secret_verb_remove (id, kept, flags, deadline, cancellable, error))
    return FALSE;
  kr_secret_token_memory_drop (self->memory, id, NULL);
  kr_secret_accounts_drop (self->accounts, account);
  return TRUE;
}

/* *out_kept: one that only this client has, or NULL. The memory is asked once. */
static KrSecretToken *
recall (KrSecretEngine *self,
        const KrSecretWish *wish,
        KrSecretToken **out_kept,
        GCancellable *cancellable)
{
  const char *id = kr_secret_account_get_id (wish->account);

  if ((wish->flags & KR_SECRET_TOKEN_RENEW) == 0 && !g_cancellable_is_cancelled (cancellable))
    return kr_secret_token_memory_recall (self->memory, id, wish->kind, wish->min_validity,
                                          out_kept);
  *out_kept = kr_secret_token_memory_recall_unstored (self->memory, id, wish->kind);
  return NULL;
}

KrSecretToken *
kr_secret_engine_recall_token (KrSecretEngine *self,
                               const KrSecretWish *wish,
                               GCancellable *cancellable)
{
  g_autoptr (KrSecretToken) kept = NULL;

  return recall (self, wish, &kept, cancellable);
}

static void
tell_wait (gpointer data, const KrSecretWish *wish, gint64 seconds)
{
  KrSecretEngine *self = data;

  kr_secret_accounts_note_delay (self->accounts, wish->account, seconds);
}

/* What is remembered is not remembered anew: its end by the boot-time clock was taken when it was
 * read. */
KrSecretToken *
kr_secret_engine_get_token (KrSecretEngine *self,
                            const KrSecretWish *wish,
                            gint64 deadline,
                            GCancellable *cancellable,
                            GError **error)
{
  const KrSecretPatience patience = { g_atomic_int_get (&self->token_wait), tell_wait, self };
  g_autoptr (KrSecretToken) kept = NULL;
  KrSecretToken *token = recall (self, wish, &kept, cancellable);
  guint generation;

  if (token != NULL)
    return token;
  generation = kr_secret_connection_get_generation ();
  token = kr_secret_verb_get_token (wish, kept, &patience, deadline, cancellable, error);
  if (token == NULL)
    return NULL;
  /* One that was issued meanwhile is news, and read from the keyring the next time. */
  if (kr_secret_token_get_warning (token) == NULL || !kr_secret_token_is_stored (token))
    kr_secret_token_memory_keep (self->memory, kr_secret_account_get_id (wish->account), token,
                                 generation);
  if (wish->kind == KR_SECRET_TOKEN_ACCESS)
    kr_secret_accounts_set_token (self->accounts, wish->account, token);
  return token;
}

GPtrArray *
kr_secret_engine_get_headers (KrSecretEngine *self,
                              const KrSecretWish *wish,
                              gint64 deadline,
                              GCancellable *cancellable,
                              GError **error)
{
  g_autoptr (KrSecretBroker) broker
      = kr_secret_broker_find_installed (kr_secret_account_get_broker_id (wish->account), error);
  g_autoptr (KrSecretToken) token
      = broker != NULL ? kr_secret_engine_get_token (self, wish, deadline, cancellable, error)
                       : NULL;

  return token != NULL ? kr_secret_verb_get_headers (kr_secret_account_get_id (wish->account),
                                                     broker, token, deadline, cancellable, error)
                       : NULL;
}

/* The client knows no token of the account any more. */
static void
forget (KrSecretEngine *self, KrSecretAccount *account)
{
  kr_secret_token_memory_drop (self->memory, kr_secret_account_get_id (account), NULL);
  kr_secret_accounts_set_token (self->accounts, account, NULL);
}

gboolean
kr_secret_engine_revoke_token (KrSecretEngine *self,
                               KrSecretAccount *account,
                               KrSecretRevokeResult *out_result,
                               gint64 deadline,
                               GCancellable *cancellable,
                               GError **error)
{
  const char *id = kr_secret_account_get_id (account);
  g_autoptr (KrSecretToken) kept
      = kr_secret_token_memory_recall_unstored (self->memory, id, KR_SECRET_TOKEN_ACCESS);
  KrSecretRevokeResult result = KR_SECRET_REVOKE_NOTHING;

  if (!kr_secret_verb_revoke_token (id, kept, &result, deadline, cancellable, error))
    return FALSE;
  forget (self, account);
  if (out_result != NULL)
    *out_result = result;
  return TRUE;
}

gboolean
kr_secret_engine_forget_token (KrSecretEngine *self,
                               KrSecretAccount *account,
                               gboolean *out_was_there,
                               gint64 deadline,
                               GCancellable *cancellable,
                               GError **error)
{
  gboolean was_there;

  if (!kr_secret_verb_forget_token (kr_secret_account_get_id (account), &was_there, deadline,
                                    cancellable, error))
    return FALSE;
  forget (self, account);
  if (out_was_there != NULL)
    *out_was_there = was_there;
  return TRUE;
}

gboolean
kr_secret_engine_reject_token (KrSecretEngine *self,
                               KrSecretAccount *account,
                               KrSecretToken *token,
                               gboolean *out_was_stored,
                               gint64 deadline,
                               GCancellable *cancellable,
                               GError **error)
{
  const char *id = kr_secret_account_get_id (account);
  const char *fingerprint = kr_secret_token_get_fingerprint (token);
  KrSecretTokenKind kind = kr_secret_token_get_kind (token);
  g_autoptr (KrSecretToken) kept = kr_secret_token_memory_recall_unstored (self->memory, id, kind);
  gboolean was_stored;

  if (!kr_secret_verb_reject_token (id, fingerprint, kept, &was_stored, deadline, cancellable,
                                    error))
    return FALSE;
  kr_secret_token_memory_drop (self->memory, id, fingerprint);
  if (was_stored && kind == KR_SECRET_TOKEN_ACCESS)
    kr_secret_accounts_set_token (self->accounts, account, NULL);
  if (out_was_stored != NULL)
    *out_was_stored = was_stored;
  return TRUE;
}
