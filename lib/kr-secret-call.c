/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kr-secret-call-private.h"

#include "kr-secret-clock-private.h"

void
kr_secret_call_free (gpointer data)
{
  KrSecretCall *call = data;

  g_clear_object (&call->account);
  g_clear_pointer (&call->broker, kr_secret_broker_unref);
  g_clear_pointer (&call->credential, kr_secret_credential_unref);
  g_free (call->alias);
  g_free (call->endpoint);
  if (call->result != NULL)
    call->free_result (call->result);
  g_free (call);
}

KrSecretCall *
kr_secret_call_new (KrSecretCallBody body, KrSecretAccount *account, GDestroyNotify free_result)
{
  KrSecretCall *call = g_new0 (KrSecretCall, 1);

  call->body = body;
  call->free_result = free_result;
  if (account != NULL)
    call->account = g_object_ref (account);
  return call;
}

static gint64
get_deadline (KrSecretClient *self)
{
  return kr_secret_deadline_in (kr_secret_client_get_timeout (self));
}

gboolean
kr_secret_call_run (KrSecretClient *self,
                    KrSecretCall *call,
                    GCancellable *cancellable,
                    GError **error)
{
  return call->body (self, call, get_deadline (self), cancellable, error);
}

static void
run_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  KrSecretCall *call = data;
  GError *error = NULL;

  if (call->body (source, call, call->deadline, cancellable, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
kr_secret_call_start (KrSecretClient *self,
                      KrSecretCall *call,
                      gpointer tag,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  /* The time spent waiting for a thread counts. */
  call->deadline = get_deadline (self);
  g_task_set_source_tag (task, tag);
  /* The body reports a cancellation itself, in the library's own error domain. */
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, call, kr_secret_call_free);
  g_task_run_in_thread (task, run_in_thread);
}

/* The call of a finished task, or NULL with its error. */
KrSecretCall *
kr_secret_call_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error) ? g_task_get_task_data (G_TASK (result))
                                                           : NULL;
}

const char *
kr_secret_call_get_id (KrSecretCall *call)
{
  return kr_secret_account_get_id (call->account);
}
