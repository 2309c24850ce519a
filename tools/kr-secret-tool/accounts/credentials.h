/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "krsecret.h"

/* Two credentials, or an appkey as far as it may be shown. */
gboolean credentials_have_same (KrSecretCredential *a, KrSecretCredential *b, const char *name);
gboolean credentials_are_same (KrSecretCredential *a, KrSecretCredential *b);
char *credentials_get_hint (KrSecretCredential *credential);
