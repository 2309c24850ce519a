/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "client/kr-secret-state-private.h"

/* A client's thread that follows the keyring and renews what is held. Any thread may call. */
typedef struct _KrSecretKeeper KrSecretKeeper;

KrSecretKeeper *kr_secret_keeper_start (KrSecretState *state);
void kr_secret_keeper_stop (KrSecretKeeper *self);

void kr_secret_keeper_hold (KrSecretKeeper *self, const char *id);
void kr_secret_keeper_release (KrSecretKeeper *self, const char *id);
