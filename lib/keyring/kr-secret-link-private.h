/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libsecret/secret.h>

/* The process's one connection to the Secret Service with its one encrypted session. */
typedef struct _KrSecretLink KrSecretLink;

#define KR_SECRET_LINK_SERVICE_PATH "/org/freedesktop/secrets"

KrSecretLink *kr_secret_link_get (gint64 deadline, GCancellable *cancellable, GError **error);
KrSecretLink *kr_secret_link_ref (KrSecretLink *self);
void kr_secret_link_unref (KrSecretLink *self);
gboolean kr_secret_link_is_dead (KrSecretLink *self);

GVariant *kr_secret_link_call (KrSecretLink *self,
                               const char *path,
                               const char *interface,
                               const char *method,
                               GVariant *parameters,
                               const char *reply_type,
                               gint64 deadline,
                               GCancellable *cancellable,
                               GError **error);

/* Runs an operation, which returns NULL if it fails; and once more if it found that the daemon
 * behind the link has been replaced. */
typedef gpointer (*KrSecretLinkOperation) (
    KrSecretLink *link, gpointer data, gint64 deadline, GCancellable *cancellable, GError **error);
gpointer kr_secret_link_with (KrSecretLinkOperation operation,
                              gpointer data,
                              gint64 deadline,
                              GCancellable *cancellable,
                              GError **error);

const char *kr_secret_link_get_service_name (void);
const char *kr_secret_link_get_session_path (KrSecretLink *self);
GVariant *kr_secret_link_encode (KrSecretLink *self, SecretValue *value);
SecretValue *kr_secret_link_decode (KrSecretLink *self, GVariant *encoded);

/* Counts what could have changed an item: what was read under a number is as it was while the
 * number holds. */
guint kr_secret_link_get_generation (void);
gboolean kr_secret_link_is_generation (guint generation);

/* An event descriptor that is counted up at each change. */
void kr_secret_link_add_listener (int event_fd);
void kr_secret_link_remove_listener (int event_fd);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KrSecretLink, kr_secret_link_unref)
