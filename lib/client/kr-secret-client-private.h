/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "kr-secret-client.h"
#include "client/kr-secret-state-private.h"

KrSecretState *kr_secret_client_get_state (KrSecretClient *self);
