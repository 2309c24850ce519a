/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "krsecret-plugin.h"

/* Finds, checks and loads plugins. What is loaded stays loaded. Any thread may call. */
const KrSecretPlugin *kr_secret_registry_find (const char *id, char **out_path, GError **error);
GPtrArray *kr_secret_registry_list_ids (void);
char *kr_secret_registry_get_path (const char *id);

/* Exported for kr-secret-tool only. */
__attribute__ ((visibility ("default"))) const char *kr_secret_registry_get_directory (void);
