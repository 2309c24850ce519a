/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/kr-secret-task-private.h"

#include "plugin/kr-secret-broker-private.h"

/* How many tasks run at once; the others wait. */
#define MAX_THREADS 64

static void
task_free (gpointer data)
{
  KrSecretTask *self = data;

  g_clear_object (&self->account);
  g_clear_pointer (&self->broker, kr_secret_broker_unref);
  g_clear_pointer (&self->credential, kr_secret_credential_unref);
  g_clear_pointer (&self->token, kr_secret_token_unref);
  g_clear_pointer (&self->password, secret_value_unref);
  g_clear_pointer (&self->records, g_ptr_array_unref);
  g_free (self->alias);
  g_free (self->endpoint);
  g_free (self);
}

static void
return_result (KrSecretTask *self)
{
  if (self->result != NULL)
    g_task_return_pointer (self->task, self->result, self->free_result);
  else
    g_task_return_error (self->task, g_steal_pointer (&self->error));
}

/* Runs in the task's context, which may drop the last reference to it and to the client. */
static gboolean
on_idle (gpointer data)
{
  return_result (g_task_get_task_data (data));
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
  KrSecretTask *self = data;
  GTask *task = self->task;
  /* After the attach the caller may end its context, which dropping the source looks into. */
  g_autoptr (GMainContext) context = dup_context (task);
  g_autoptr (GSource) source = g_idle_source_new ();

  self->result = self->body (self, &self->error);
  g_source_set_priority (source, g_task_get_priority (task));
  g_source_set_callback (source, on_idle, task, g_object_unref);
  g_source_attach (source, context);
}

/* Not GTask's few threads, which are the host's too: a task may wait for another program. */
static GThreadPool *
get_pool (void)
{
  static GThreadPool *pool;

  if (g_once_init_enter (&pool))
    g_once_init_leave (&pool, g_thread_pool_new (run_in_thread, NULL, MAX_THREADS, FALSE, NULL));
  return pool;
}

/* A task that already has its result needs no thread. */
void
kr_secret_task_run (KrSecretClient *client,
                    gpointer tag,
                    KrSecretTaskBody body,
                    const KrSecretTask *given,
                    GCancellable *cancellable,
                    GAsyncReadyCallback callback,
                    gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (client, cancellable, callback, user_data);
  KrSecretTask *self = g_memdup2 (given, sizeof *given);

  self->task = task;
  self->engine = client->engine;
  self->body = body;
  /* Waiting for a thread counts too. */
  self->deadline = kr_secret_engine_get_deadline (client->engine, cancellable);
  g_task_set_source_tag (task, tag);
  /* The body reports a cancellation itself, in the library's own error domain. */
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, self, task_free);
  if (self->result != NULL)
    {
      return_result (self);
      return;
    }
  if (self->account != NULL)
    kr_secret_broker_preload (kr_secret_account_get_broker_id (self->account));
  g_steal_pointer (&task);
  g_thread_pool_push (get_pool (), self, NULL);
}

/* The result, or NULL with the error. */
gpointer
kr_secret_task_finish (KrSecretClient *client, GAsyncResult *result, gpointer tag, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, client) && g_async_result_is_tagged (result, tag),
                        NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

KrSecretTask *
kr_secret_task_get (GAsyncResult *result)
{
  return g_task_get_task_data (G_TASK (result));
}
