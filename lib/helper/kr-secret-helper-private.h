/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "kr-secret-reply.h"
#include "kr-secret-request.h"

/* Sends a request to base_uri and reads the whole reply, within the bounds of kr-secret-reply.h, by
 * the deadline. *out_sent says whether the broker can have seen any of it. */
typedef KrSecretReply *(*KrSecretTransport) (const char *base_uri,
                                             KrSecretRequest *request,
                                             gint64 deadline,
                                             gboolean *out_sent,
                                             GError **error);

/* Exported under a version of its own, for kr-secret-helper alone; it may change with every
 * release. */
__attribute__ ((visibility ("default"))) int
kr_secret_helper_main (int argc, char **argv, KrSecretTransport transport);
