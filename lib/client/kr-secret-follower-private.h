/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "client/kr-secret-engine-private.h"

/* A client's thread that follows the keyring and renews what is held. Any thread may call. */
typedef struct _KrSecretFollower KrSecretFollower;

KrSecretFollower *kr_secret_follower_start (KrSecretEngine *engine);
void kr_secret_follower_stop (KrSecretFollower *self);

void kr_secret_follower_hold (KrSecretFollower *self, const char *id);
void kr_secret_follower_release (KrSecretFollower *self, const char *id);
