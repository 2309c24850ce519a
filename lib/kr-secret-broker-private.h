/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "krsecret-plugin.h"

const KrSecretPlugin *kr_secret_broker_get_plugin (KrSecretBroker *self);
char *kr_secret_endpoint_normalize (const char *text, GError **error);
