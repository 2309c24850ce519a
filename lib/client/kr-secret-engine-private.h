/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "kr-secret-client.h"
#include "client/kr-secret-accounts-private.h"

/* Reads all accounts; *out_generation is the link's from when on they were looked for, also if that
 * failed. */
gboolean kr_secret_engine_reload (KrSecretAccounts *self,
                                  guint *out_generation,
                                  gint64 deadline,
                                  GCancellable *cancellable,
                                  GError **error);

/* A token that is remembered; NULL where that will not do, and one has to be obtained. */
KrSecretToken *kr_secret_engine_recall (KrSecretAccounts *self,
                                        KrSecretAccount *account,
                                        KrSecretTokenKind kind,
                                        guint min_validity,
                                        guint flags,
                                        GCancellable *cancellable);

/* Gets a token and remembers it. */
KrSecretToken *kr_secret_engine_obtain (KrSecretAccounts *self,
                                        KrSecretAccount *account,
                                        KrSecretTokenKind kind,
                                        guint min_validity,
                                        guint flags,
                                        gint64 deadline,
                                        GCancellable *cancellable,
                                        GError **error);
