/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "kr-secret-request.h"

void kr_secret_request_fetch (KrSecretRequest *self, const char *path);

/* Whether name can name a header, and text, unless NULL, can be in its value. */
gboolean kr_secret_request_is_header (const char *name, const char *text);
