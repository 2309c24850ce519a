/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

JsonNode *kr_secret_json_parse_object (const char *body, gsize length);
