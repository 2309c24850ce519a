/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "krsecret-plugin.h"

/* Check a file before it is loaded, and the plugin in it after. */
gboolean kr_secret_plugin_check_file (int fd, const char *id, const char *symbol, GError **error);
gboolean kr_secret_plugin_check_loaded (const KrSecretPlugin *plugin, GError **error);
