/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/kr-secret-engine-private.h"

#include "base/kr-secret-deadline-private.h"
#include "keyring/kr-secret-connection-private.h"
#include "values/kr-secret-token-private.h"

#define DEFAULT_TIMEOUT_MS (15 * 1000)

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

/* The deadline of a verb that begins now. */
KrSecretDeadline
kr_secret_engine_get_deadline (KrSecretEngine *self, GCancellable *cancellable)
{
  return kr_secret_deadline_in ((guint) g_atomic_int_get (&self->timeout_ms), cancellable);
}

/* *out_kept: a token that only this client has, or NULL. Asks the memory once. */
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

/* Does not remember a token anew: its end by the boot-time clock counts from when it was read. */
KrSecretToken *
kr_secret_engine_get_token (KrSecretEngine *self,
                            const KrSecretWish *wish,
                            KrSecretDeadline deadline,
                            GError **error)
{
  KrSecretTokenWait wait = { g_atomic_int_get (&self->token_wait), tell_wait, self };
  g_autoptr (KrSecretToken) kept = NULL;
  KrSecretToken *token = recall (self, wish, &kept, deadline.cancellable);
  guint generation;

  if (token != NULL)
    return token;
  if (deadline.at == 0)
    deadline = kr_secret_engine_get_deadline (self, deadline.cancellable);
  generation = kr_secret_connection_get_generation ();
  token = kr_secret_verb_get_token (wish, kept, &wait, deadline, error);
  if (token == NULL)
    return NULL;
  /* If another was issued meanwhile, that is news, and the next call reads the keyring. */
  if (kr_secret_token_get_warning (token) == NULL || !kr_secret_token_is_stored (token))
    kr_secret_token_memory_keep (self->memory, kr_secret_account_get_id (wish->account), token,
                                 generation);
  if (wish->kind == KR_SECRET_TOKEN_ACCESS)
    kr_secret_accounts_set_token (self->accounts, wish->account, token);
  return token;
}
