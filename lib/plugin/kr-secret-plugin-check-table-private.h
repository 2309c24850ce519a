/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "krsecret-plugin.h"

/* Whether a plugin says all that its functions leave to the table, and nothing that contradicts
 * itself. */
gboolean kr_secret_plugin_check_table (const KrSecretPlugin *plugin, GError **error);
