/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/kr-secret-task-private.h"

#include "base/kr-secret-deadline-private.h"
#include "plugin/kr-secret-broker-private.h"

/* Asynchronous calls at work at once; the others wait for their turn. */
#define MAX_THREADS 64

void
kr_secret_task_free (gpointer data)
{
  KrSecretTask *call = data;

  g_clear_object (&call->account);
  g_clear_pointer (&call->broker, kr_secret_broker_unref);
  g_clear_pointer (&call->credential, kr_secret_credential_unref);
  g_clear_pointer (&call->token, kr_secret_token_unref);
  g_clear_pointer (&call->password, secret_value_unref);
  g_clear_error (&call->error);
  g_free (call->alias);
  g_free (call->endpoint);
  if (call->data != NULL)
    call->free_data (call->data);
  if (call->result != NULL)
    call->free_result (call->result);
  g_free (call);
}

KrSecretTask *
kr_secret_task_new (KrSecretTaskBody body, KrSecretAccount *account, GDestroyNotify free_result)
{
  KrSecretTask *call = g_new0 (KrSecretTask, 1);

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
kr_secret_task_run (KrSecretClient *self,
                    KrSecretTask *call,
                    GCancellable *cancellable,
                    GError **error)
{
  return call->body (self, call, get_deadline (self), cancellable, error);
}

/* In the task's context, where then its last reference, and maybe the client's, is dropped. */
static gboolean
return_result (gpointer data)
{
  GTask *task = data;
  KrSecretTask *call = g_task_get_task_data (task);

  if (call->error != NULL)
    g_task_return_error (task, g_steal_pointer (&call->error));
  else
    g_task_return_boolean (task, TRUE);
  return G_SOURCE_REMOVE;
}

static GMainContext *
dup_context (GTask *task)
{
  GMainContext *context = g_task_get_context (task);

  return g_main_context_ref (context != NULL ? context : g_main_context_default ());
}

static void
run_in_thread (gpointer data, gpointer user_data)
{
  GTask *task = data;
  KrSecretTask *call = g_task_get_task_data (task);
  /* Once it is attached the caller may end its context, which dropping the source looks into. */
  g_autoptr (GMainContext) context = dup_context (task);
  g_autoptr (GSource) source = g_idle_source_new ();

  call->body (g_task_get_source_object (task), call, call->deadline, g_task_get_cancellable (task),
              &call->error);
  g_source_set_priority (source, g_task_get_priority (task));
  g_source_set_callback (source, return_result, task, g_object_unref);
  g_source_attach (source, context);
}

/* Of our own: a call may wait for another program's, and GTask's few threads are the host's too. */
static GThreadPool *
get_pool (void)
{
  static GThreadPool *pool;

  if (g_once_init_enter (&pool))
    g_once_init_leave (&pool, g_thread_pool_new (run_in_thread, NULL, MAX_THREADS, FALSE, NULL));
  return pool;
}

/* A call whose result is there already takes no thread. */
void
kr_secret_task_start (KrSecretClient *self,
                      KrSecretTask *call,
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
  g_task_set_task_data (task, call, kr_secret_task_free);
  if (call->result != NULL)
    g_task_return_boolean (task, TRUE);
  else
    {
      if (call->account != NULL)
        kr_secret_broker_preload (kr_secret_account_get_broker_id (call->account));
      g_thread_pool_push (get_pool (), g_object_ref (task), NULL);
    }
}

/* The call of a finished task, or NULL with its error. tag: the function that has begun it. */
KrSecretTask *
kr_secret_task_finish (GAsyncResult *result, gpointer tag, GError **error)
{
  g_return_val_if_fail (g_async_result_is_tagged (result, tag), NULL);

  return g_task_propagate_boolean (G_TASK (result), error) ? g_task_get_task_data (G_TASK (result))
                                                           : NULL;
}

const char *
kr_secret_task_get_id (KrSecretTask *call)
{
  return kr_secret_account_get_id (call->account);
}
