/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "terminal/tool.h"

/* NULL after a failure, which has been reported; *out_status is then the exit status. */
KrSecretClient *lookup_client (Tool *tool);
gboolean lookup_load (Tool *tool, KrSecretClient *client, int *out_status);
/* The same without an offer to unlock the keyring. */
gboolean lookup_load_quietly (Tool *tool, KrSecretClient *client, int *out_status);
KrSecretAccount *
lookup_named (Tool *tool, KrSecretClient *client, const char *name, int *out_status);
/* The value of KR_SECRET_ACCOUNT, or NULL. */
const char *lookup_get_usual (void);

KrSecretAccount *lookup_one (Tool *tool, KrSecretClient *client, char **args, int *out_status);
gboolean lookup_is_broker_id (Tool *tool, const char *id, int *out_status);
KrSecretBroker *lookup_broker_of (KrSecretAccount *account, GError **error);
KrSecretBroker *lookup_broker (Tool *tool, const char *id, int *out_status);
gboolean lookup_has_alias (GPtrArray *accounts, const char *alias);

char *lookup_name_for_people (KrSecretAccount *account);
