/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libsecret/secret.h>

#include "base/kr-secret-deadline-private.h"

/* The process's one connection to the Secret Service with its one encrypted session. */
typedef struct _KrSecretConnection KrSecretConnection;

#define KR_SECRET_CONNECTION_SERVICE_PATH "/org/freedesktop/secrets"

KrSecretConnection *kr_secret_connection_get (KrSecretDeadline deadline, GError **error);
KrSecretConnection *kr_secret_connection_ref (KrSecretConnection *self);
void kr_secret_connection_unref (KrSecretConnection *self);
gboolean kr_secret_connection_is_dead (KrSecretConnection *self);

/* A connection for one operation, with its deadline. */
typedef struct
{
  KrSecretConnection *connection;
  KrSecretDeadline deadline;
} KrSecretLease;

GVariant *kr_secret_connection_call (const KrSecretLease *lease,
                                     const char *path,
                                     const char *interface,
                                     const char *method,
                                     GVariant *parameters,
                                     const char *reply_type,
                                     GError **error);
GVariant *kr_secret_connection_get_property (const KrSecretLease *lease,
                                             const char *path,
                                             const char *interface,
                                             const char *property,
                                             GError **error);

/* Runs an operation, which returns NULL on failure; once more if the daemon was replaced. */
typedef gpointer (*KrSecretConnectionOperation) (const KrSecretLease *lease,
                                                 gpointer data,
                                                 GError **error);
gpointer kr_secret_connection_with (KrSecretConnectionOperation operation,
                                    gpointer data,
                                    KrSecretDeadline deadline,
                                    GError **error);

const char *kr_secret_connection_get_service_name (void);
const char *kr_secret_connection_get_session_path (KrSecretConnection *self);
GVariant *kr_secret_connection_encode (KrSecretConnection *self, SecretValue *value);
SecretValue *kr_secret_connection_decode (KrSecretConnection *self, GVariant *encoded);

/* Goes up with whatever may have changed an item: what was read holds while this stays the same. */
guint kr_secret_connection_get_generation (void);
gboolean kr_secret_connection_is_generation (guint generation);

/* Needed to hear that the bus is gone: GDBus reports it only in a context that runs. */
void kr_secret_connection_run_always (void);

/* Adds an event descriptor that is counted up at each change. */
void kr_secret_connection_add_listener (int event_fd);
void kr_secret_connection_remove_listener (int event_fd);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KrSecretConnection, kr_secret_connection_unref)
