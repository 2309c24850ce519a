/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plaintext/found.h"

FoundKeys *found_keys_new (const PlaintextBroker *brokers, PlaintextFormat format);
void found_keys_free (FoundKeys *self);
gboolean
found_keys_add (FoundKeys *self, const char *name, const char *value, gsize length, GError **error);
void found_keys_add_number (FoundKeys *self, const char *name);
void found_keys_finish (FoundKeys *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FoundKeys, found_keys_free)
