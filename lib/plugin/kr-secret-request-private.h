/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "kr-secret-request.h"

void kr_secret_request_fetch (KrSecretRequest *self, const char *path);

/* Whether a header may be called so, and its value be, or begin with, a text that is not NULL. */
gboolean kr_secret_request_is_header (const char *name, const char *text);
