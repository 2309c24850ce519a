/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "krsecret-plugin.h"

/* Whether a file is a plugin that may be loaded, and what it then is may be used. */
gboolean kr_secret_plugin_check_file (int fd, const char *id, const char *symbol, GError **error);
gboolean kr_secret_plugin_check_loaded (const KrSecretPlugin *plugin, GError **error);
