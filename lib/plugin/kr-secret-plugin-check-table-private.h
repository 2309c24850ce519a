/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "krsecret-plugin.h"

/* Checks that the table has all that it needs beside the functions, and no contradiction. */
gboolean kr_secret_plugin_check_table (const KrSecretPlugin *plugin, GError **error);
