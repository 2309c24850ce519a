/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plaintext/found.h"

/* Readers of the formats, in yaml.c, json.c and env.c. Pure: bytes in, keys or an error out. */
gboolean plaintext_yaml_read (FoundKeys *found, const char *data, gsize length, GError **error);
gboolean plaintext_json_read (FoundKeys *found, const char *data, gsize length, GError **error);
gboolean plaintext_env_read (FoundKeys *found, const char *data, gsize length, GError **error);
