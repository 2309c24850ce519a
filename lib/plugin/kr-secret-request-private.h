/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "kr-secret-request.h"

void kr_secret_request_fetch (KrSecretRequest *self, const char *path);
