/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/kr-secret-deadline-private.h"
#include "kr-secret-reply.h"
#include "kr-secret-request.h"

KrSecretReply *transport_send (const char *base_uri,
                               KrSecretRequest *request,
                               KrSecretDeadline deadline,
                               gboolean *out_sent,
                               GError **error);
