/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/kr-secret-deadline-private.h"
#include "client/kr-secret-client-private.h"

/* An asynchronous call: its arguments and its result, while one of our threads calls the engine. */
typedef struct _KrSecretTask KrSecretTask;

/* Runs in the thread. Returns the result, or NULL with the error; TRUE as a pointer will do. */
typedef gpointer (*KrSecretTaskBody) (KrSecretTask *self, GError **error);

struct _KrSecretTask
{
  GTask *task; /* which owns this */
  KrSecretTaskBody body;
  KrSecretEngine *engine;
  KrSecretDeadline deadline;

  KrSecretAccount *account;
  KrSecretBroker *broker;
  KrSecretCredential *credential;
  KrSecretToken *token;
  SecretValue *password;
  GPtrArray *records;
  char *alias;
  char *endpoint;
  KrSecretEnvironment environment;
  guint flags;
  KrSecretWish wish;

  gpointer result;
  GDestroyNotify free_result; /* or NULL */
  GError *error;
  KrSecretRevokeResult revoke_result;
  gboolean was_there;
  gint64 ahead;
};

/* given: the arguments, which it takes over, and the result if it is there already; tag: the
 * function that begins it. */
void kr_secret_task_run (KrSecretClient *client,
                         gpointer tag,
                         KrSecretTaskBody body,
                         const KrSecretTask *given,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data);

gpointer
kr_secret_task_finish (KrSecretClient *client, GAsyncResult *result, gpointer tag, GError **error);
KrSecretTask *kr_secret_task_get (GAsyncResult *result);
