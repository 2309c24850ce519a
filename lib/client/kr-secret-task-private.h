/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "client/kr-secret-client-private.h"

/* The two forms of each verb, from one body: blocking in the caller's thread, or in one of ours. */

typedef struct _KrSecretTask KrSecretTask;
typedef gboolean (*KrSecretTaskBody) (KrSecretClient *self,
                                      KrSecretTask *call,
                                      gint64 deadline,
                                      GCancellable *cancellable,
                                      GError **error);

/* The arguments and the result of any verb. */
struct _KrSecretTask
{
  KrSecretTaskBody body;
  gint64 deadline; /* of the asynchronous form */

  KrSecretAccount *account;
  KrSecretBroker *broker;
  KrSecretCredential *credential;
  KrSecretToken *token;
  SecretValue *password;
  char *alias;
  char *endpoint;
  KrSecretEnvironment environment;
  KrSecretTokenKind kind;
  guint min_validity;
  guint flags;
  gpointer data;
  GDestroyNotify free_data;

  gpointer result;
  GDestroyNotify free_result;
  int number;
  GError *error; /* of the asynchronous form */
};

KrSecretTask *
kr_secret_task_new (KrSecretTaskBody body, KrSecretAccount *account, GDestroyNotify free_result);
void kr_secret_task_free (gpointer call);
const char *kr_secret_task_get_id (KrSecretTask *call);

gboolean kr_secret_task_run (KrSecretClient *self,
                             KrSecretTask *call,
                             GCancellable *cancellable,
                             GError **error);
void kr_secret_task_start (KrSecretClient *self,
                           KrSecretTask *call,
                           gpointer tag,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data);
KrSecretTask *kr_secret_task_finish (GAsyncResult *result, gpointer tag, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KrSecretTask, kr_secret_task_free)
