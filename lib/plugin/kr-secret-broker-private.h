/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "krsecret-plugin.h"

const KrSecretPlugin *kr_secret_broker_get_plugin (KrSecretBroker *self);
KrSecretBroker *kr_secret_broker_find_installed (const char *id, GError **error);
void kr_secret_broker_preload (const char *id);

/* The broker's name in the language of messages. */
const char *kr_secret_broker_get_name_for_people (KrSecretBroker *self);

void kr_secret_broker_explain_failure (KrSecretBroker *self, GError **error);
