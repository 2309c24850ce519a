/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "terminal/tool.h"

/* Two credentials, or an appkey as far as it may be shown. */
gboolean credentials_have_same (KrSecretCredential *a, KrSecretCredential *b, const char *name);
gboolean credentials_are_same (KrSecretCredential *a, KrSecretCredential *b);
char *credentials_get_hint (KrSecretCredential *credential);

/* The account's, out of the keyring; NULL after a failure that was reported. */
KrSecretCredential *
credentials_read (Tool *tool, KrSecretClient *client, KrSecretAccount *account, int *out_status);
