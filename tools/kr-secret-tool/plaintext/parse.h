/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plaintext/bytes.h"
#include "plaintext/found-keys.h"

gboolean parse_is_pickle (const char *data, gsize length);

FoundKeys *parse_bytes (const PlaintextBytes *bytes,
                        PlaintextFormat format,
                        const PlaintextBroker *brokers,
                        GError **error);
