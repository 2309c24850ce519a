/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "helper/kr-secret-helper-private.h"

KrSecretReply *transport_send (const char *base_uri,
                               KrSecretRequest *request,
                               gint64 deadline,
                               gboolean *out_sent,
                               GError **error);
