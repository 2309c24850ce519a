/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "terminal/tool.h"

/* Compares credentials, and shows as much of an appkey as is safe. */
gboolean credentials_have_same (KrSecretCredential *a, KrSecretCredential *b, const char *name);
gboolean credentials_are_same (KrSecretCredential *a, KrSecretCredential *b);
char *credentials_get_hint (KrSecretCredential *credential);

/* Reads the account's from the keyring. NULL after a failure, which has been reported. */
KrSecretCredential *
credentials_read (Tool *tool, KrSecretClient *client, KrSecretAccount *account, int *out_status);
