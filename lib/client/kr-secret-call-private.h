/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "client/kr-secret-client-private.h"

/* The two forms of each verb, from one body: blocking in the caller's thread, or in one of ours. */

typedef struct _KrSecretCall KrSecretCall;
typedef gboolean (*KrSecretCallBody) (KrSecretClient *self,
                                      KrSecretCall *call,
                                      gint64 deadline,
                                      GCancellable *cancellable,
                                      GError **error);

/* The arguments and the result of any verb. */
struct _KrSecretCall
{
  KrSecretCallBody body;
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

KrSecretCall *
kr_secret_call_new (KrSecretCallBody body, KrSecretAccount *account, GDestroyNotify free_result);
void kr_secret_call_free (gpointer call);
const char *kr_secret_call_get_id (KrSecretCall *call);

gboolean kr_secret_call_run (KrSecretClient *self,
                             KrSecretCall *call,
                             GCancellable *cancellable,
                             GError **error);
void kr_secret_call_start (KrSecretClient *self,
                           KrSecretCall *call,
                           gpointer tag,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data);
KrSecretCall *kr_secret_call_finish (GAsyncResult *result, gpointer tag, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KrSecretCall, kr_secret_call_free)
