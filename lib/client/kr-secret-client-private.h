/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "kr-secret-client.h"
#include "client/kr-secret-engine-private.h"
#include "client/kr-secret-follower-private.h"

struct _KrSecretClient
{
  GObject parent_instance;

  KrSecretEngine *engine;
  GMutex mutex;
  KrSecretFollower *follower; /* guarded by the mutex; NULL: nothing is followed or held */

  /* Used only in the client's context. */
  GPtrArray *listed; /* the list model */
  gboolean telling;  /* signals are being emitted */
  gboolean again;    /* news came meanwhile */
};

/* Exported for kr-secret-tool only: accounts as the records they are stored as. */
__attribute__ ((visibility ("default"))) KrSecretRecord *kr_secret_client_get_record (
    KrSecretClient *self, KrSecretAccount *account, GCancellable *cancellable, GError **error);
__attribute__ ((visibility ("default"))) GPtrArray *kr_secret_client_add_records (
    KrSecretClient *self, GPtrArray *records, GCancellable *cancellable, GError **error);
