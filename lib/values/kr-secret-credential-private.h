/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "kr-secret-credential.h"

char *kr_secret_credential_dup_fingerprint (KrSecretCredential *self);
