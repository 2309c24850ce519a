/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* Texts in the two forms that real brokers use; each is new. */
char *sim_token_text_jwt (const char *appkey, gint64 issued_at, gint64 expires_at);
char *sim_token_text_opaque (void);
