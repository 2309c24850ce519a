/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "terminal/tool.h"

/* NULL after a failure that was reported; its exit status is then in out_status. */
KrSecretClient *lookup_client (Tool *tool);
gboolean lookup_load (Tool *tool, KrSecretClient *client, int *out_status);
/* The same, but nobody is offered to unlock the keyring. */
gboolean lookup_load_quietly (Tool *tool, KrSecretClient *client, int *out_status);
KrSecretAccount *
lookup_named (Tool *tool, KrSecretClient *client, const char *name, int *out_status);
/* The account in KR_SECRET_ACCOUNT; NULL: none is named there. */
const char *lookup_get_usual (void);

KrSecretAccount *lookup_one (Tool *tool, KrSecretClient *client, char **args, int *out_status);
gboolean lookup_is_broker_id (Tool *tool, const char *id, int *out_status);
KrSecretBroker *lookup_broker_of (KrSecretAccount *account, GError **error);
KrSecretBroker *lookup_broker (Tool *tool, const char *id, int *out_status);
/* Whether one of them has this alias. */
gboolean lookup_has_alias (GPtrArray *accounts, const char *alias);

char *lookup_name_for_people (KrSecretAccount *account);
