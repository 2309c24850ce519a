/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tool.h"

/* NULL after a failure that was reported; its exit status is then in out_status. */
KrSecretClient *lookup_client (Tool *tool);
gboolean lookup_unlock (Tool *tool, KrSecretClient *client, SecretValue *password, GError **error);
gboolean lookup_offer_unlock (Tool *tool, KrSecretClient *client, GError **error);
gboolean lookup_check_keyring (Tool *tool, KrSecretClient *client, GError **error);
gboolean lookup_load (Tool *tool, KrSecretClient *client, int *out_status);
KrSecretAccount *
lookup_named (Tool *tool, KrSecretClient *client, const char *name, int *out_status);
KrSecretAccount *lookup_one (Tool *tool, KrSecretClient *client, char **args, int *out_status);
gboolean lookup_is_broker_id (Tool *tool, const char *id, int *out_status);
KrSecretBroker *lookup_broker_of (KrSecretAccount *account, GError **error);
KrSecretBroker *lookup_broker (Tool *tool, const char *id, int *out_status);
char *lookup_name_for_people (KrSecretAccount *account);
